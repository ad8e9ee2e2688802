"""What development files have in common: who may need them at run time."""

import re

from tare.slim.python.environment import environment_of
from tare.slim.view import View

RUNTIME_COMPILERS = frozenset(
    [
        "cupy",
        "cupy_backends",
        "cupyx",
        "numba",
        "numba_cuda",
        "pycuda",
        "pyopencl",
        "taichi",
        "tilelang",
        "tvm",
        "warp",
        "cutlass",
        "nvidia_cutlass_dsl",
        "flashinfer",
        "deep_gemm",
        "triton",
        "pythran",
        "theano",
        "aesara",
        "pytensor",
        "jax_triton",
        "cffi",
        "cppyy",
        "cppyy_backend",
        "cling",
        "llvmlite",
        "halide",
        "mlir",
    ]
)
"""Packages that compile at run time, some without a compiler of the image (NVRTC, libclang): their files stay."""
_CUDA = re.compile(r"nvidia(?:/.*)?")


def top_package(view: View, path: str) -> str | None:
    """The top-level directory in site-packages that a path is in; None outside of site-packages."""
    environment = environment_of(view.files)
    root = environment.root_of(path)
    if root is None or root not in environment.sites:
        return None
    return path[len(root) + 1 :].partition("/")[0]


def compiles_at_run_time(view: View, top: str) -> bool:
    """Whether the files of a top-level directory may be handed to a compiler later."""
    if top in RUNTIME_COMPILERS:
        return True
    if top == "nvidia":  # CUDA's headers serve those who call NVRTC
        environment = environment_of(view.files)
        return any(name in environment.modules for name in RUNTIME_COMPILERS - {"triton", "cffi", "llvmlite"})
    return False


def compiler_note(view: View, what: str) -> None:
    """Say once why development files stay."""
    note = f"{what} stay: the image has a compiler, which may need them"
    if note not in view.notes:
        view.notes.append(note)
