"""Data and rules: which distributions carry CUDA, and their CPU variants.

Provenance: PyTorch's, TensorFlow's, ONNX Runtime's, JAX's and Faiss's installation guides and the
dependency lists of their wheels, as of 2025-10; sizes in shared measurements were taken on torch
2.13.0+cpu and torch 2.14.1.

PEP 440 sorts `X+cpu` above `X`, so with PyTorch's CPU index as an *extra* index pip takes the CPU build
of the very same version and everything else from the main index. Older torch releases that PyPI no
longer pairs with a `+cpu` build on that index are left as they are by the same rule: nothing sorts above
them.
"""

import re
from dataclasses import dataclass
from typing import Literal

from packaging.utils import canonicalize_name
from packaging.version import Version

RECORDED_ON = "2025-10"
PYTORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"

Way = Literal["extra-index", "rename", "drop-extra"]


@dataclass(frozen=True, slots=True)
class CpuVariant:
    """How to get a distribution without CUDA.

    `extra-index`: the same name and version, from `index_url` beside the main index. `rename`: the
    distribution `replacement`, same import name. `drop-extra`: the same distribution without the extras
    in `extras`. `note` is what a reader must know; `complete` says whether the variant has every release
    of the original.
    """

    name: str
    way: Way
    replacement: str
    note: str
    index_url: str | None = None
    extras: frozenset[str] = frozenset()
    complete: bool = True


_JAX_EXTRAS = frozenset({"cuda", "cuda12", "cuda12-local", "cuda12-pip", "cuda13", "cuda13-local"})

CPU_VARIANTS: dict[str, CpuVariant] = {
    variant.name: variant
    for variant in (
        CpuVariant(
            "torch", "extra-index", "torch",
            "Linux wheels on PyPI carry CUDA from 1.13 on; the +cpu build has the same API without it",
            PYTORCH_CPU_INDEX,
        ),
        CpuVariant(
            "torchvision", "extra-index", "torchvision",
            "must come from the same index as torch: its operators are compiled against that build",
            PYTORCH_CPU_INDEX,
        ),
        CpuVariant(
            "torchaudio", "extra-index", "torchaudio",
            "must come from the same index as torch: its operators are compiled against that build",
            PYTORCH_CPU_INDEX,
        ),
        CpuVariant(
            "tensorflow", "rename", "tensorflow-cpu",
            "the same import name; on arm64 plain tensorflow has no CUDA anyway", complete=False,
        ),
        CpuVariant(
            "tensorflow-gpu", "rename", "tensorflow-cpu",
            "tensorflow-gpu was withdrawn after 2.12", complete=False,
        ),
        CpuVariant(
            "onnxruntime-gpu", "rename", "onnxruntime",
            "the same import name; remove CUDAExecutionProvider where it is demanded",
        ),
        CpuVariant(
            "faiss-gpu", "rename", "faiss-cpu", "the same import name without the Gpu indexes", complete=False
        ),
        CpuVariant(
            "faiss-gpu-cu12", "rename", "faiss-cpu", "the same import name without the Gpu indexes",
            complete=False
        ),
        CpuVariant(
            "xgboost", "rename", "xgboost-cpu",
            "Linux wheels of xgboost need nvidia-nccl-cu12 from 2.1 on; xgboost-cpu exists from 3.0 on",
            complete=False,
        ),
        CpuVariant(
            "jax", "drop-extra", "jax", "plain jax takes the CPU jaxlib; only the cuda extras bring CUDA",
            extras=_JAX_EXTRAS,
        ),
        CpuVariant(
            "paddlepaddle-gpu", "rename", "paddlepaddle", "the same import name", complete=False
        ),
        CpuVariant("mxnet-cu112", "rename", "mxnet", "the same import name", complete=False),
        CpuVariant("spacy", "drop-extra", "spacy", "the cuda extras bring cupy",
                   extras=frozenset({"cuda", "cuda11x", "cuda12x", "cuda-autodetect"})),
    )
}  # fmt: skip
"""Normalised distribution name → its variant without CUDA."""

# What wheels with CUDA depend on, and distributions that make no sense without a GPU.
_CUDA_ONLY = re.compile(
    r"nvidia-.+|cuda-.+|triton|pytorch-triton(-rocm)?|cupy(-cuda\w+)?|pycuda|jax-cuda\d+-.+|cudf-.+|cuml-.+|"
    r"flash-attn|tensorrt(-.+)?|torch-tensorrt|onnxruntime-gpu|tensorflow-gpu|faiss-gpu(-cu\d+)?|"
    r"bitsandbytes|xformers|vllm|auto-gptq|autoawq|apex|deepspeed|numba-cuda"
)


def carries_cuda(distribution: str) -> bool:
    """Whether a distribution is part of CUDA, or of no use without a GPU."""
    return _CUDA_ONLY.fullmatch(canonicalize_name(distribution)) is not None


def is_cuda_library(distribution: str) -> bool:
    """Whether a distribution is one of NVIDIA's library wheels (`nvidia-cublas-cu12`) or torch's GPU
    compiler."""
    return re.fullmatch(r"nvidia-.+|cuda-.+|triton", canonicalize_name(distribution)) is not None


def cpu_variant(distribution: str) -> CpuVariant | None:
    """How to get the distribution without CUDA, None where no such variant is known."""
    return CPU_VARIANTS.get(canonicalize_name(distribution))


def local_label(version: str) -> str | None:
    """The build of a torch version: `cpu`, `cu121`, `rocm6.0`; None for a plain version."""
    return Version(version).local


def asks_for_gpu_build(version: str) -> bool:
    """Whether a pin names a GPU build (`2.1.0+cu118`), which nothing may replace silently."""
    label = local_label(version)
    return label is not None and re.match(r"cu\d|rocm|xpu", label) is not None


def has_pypi_cuda(version: str) -> bool:
    """Whether PyPI's Linux wheel of this torch version carries CUDA (every one since 1.0; since 1.13
    partly as nvidia-* dependencies)."""
    return local_label(version) is None
