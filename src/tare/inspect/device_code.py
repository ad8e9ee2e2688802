"""CUDA libraries by component, and the GPU architectures that their fat binaries hold code for.

Only libraries that look like CUDA's by name are opened. Device code sits in ELF sections of its own (`.nv_fatbin`,
`__nv_relfatbin`); an unknown form counts as device code of an unknown architecture, never as none.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import partial

from tare.image.analysis import Analysis
from tare.image.attribute import PathClass, classify
from tare.image.contents import Contents
from tare.image.tarhead import FILE
from tare.image.tree import Inode, Node
from tare.schema.inspect import CudaLibrary
from tare.slim.elf.fatbin import CUBIN, SECTIONS, containers
from tare.slim.elf.headers import ElfError, Section, read_elf

UNKNOWN = "unknown"
_LIBRARY = re.compile(r".*\.so(?:\.\d+)*", re.DOTALL)
_LIKELY = re.compile(
    r"(?:cuda|cudnn|cublas|nccl|nvidia|gpu|triton|torch|bitsandbytes|xformers|flash)", re.IGNORECASE
)
_COMPONENTS = (
    (r"libcudnn.*", "cudnn"),
    (r"libcublasLt.*", "cublasLt"),
    (r"libcublas.*|libnvblas.*", "cublas"),
    (r"libcufftw?.*", "cufft"),
    (r"libcurand.*", "curand"),
    (r"libcusolver.*", "cusolver"),
    (r"libcusparseLt.*", "cusparseLt"),
    (r"libcusparse.*", "cusparse"),
    (r"libnccl.*", "nccl"),
    (r"libnvrtc.*", "nvrtc"),
    (r"libnvJitLink.*", "nvjitlink"),
    (r"libnvshmem.*|nvshmem.*", "nvshmem"),
    (r"libcudart.*", "cudart"),
    (r"libcupti.*|libnvperf.*|libnvToolsExt.*", "cupti"),
    (r"libcufile.*", "cufile"),
    (r"libnpp.*", "npp"),
    (r"libnvjpeg.*", "nvjpeg"),
    (r"libtorch.*|libc10.*|libshm.*", "torch"),
    (r"libtriton.*", "triton"),
    (r"libonnxruntime.*", "onnxruntime"),
)
_NAMES = tuple((re.compile(pattern, re.DOTALL), component) for pattern, component in _COMPONENTS)
_SMALL = 1 << 16


def component_of(path: str) -> str:
    """The part of CUDA, or the framework, that a library belongs to; its site-packages directory where none is known."""
    name = path.rpartition("/")[2]
    for pattern, component in _NAMES:
        if pattern.fullmatch(name):
            return component
    match = re.search(r"(?:site|dist)-packages/([^/]+)", path)
    return match[1] if match else "other"


def candidates(analysis: Analysis) -> tuple[Node, ...]:
    """Libraries that may hold device code, by their names and sizes."""
    found: dict[Inode, Node] = {}
    for node in analysis.tree.walk():
        entry = node.inode.entry
        if entry.kind is not FILE or entry.size_bytes < _SMALL or entry.sparse is not None:
            continue
        if _LIBRARY.fullmatch(node.path) and (
            classify(node.path) is PathClass.CUDA or _LIKELY.search(node.path)
        ):
            found.setdefault(node.inode, node)
    return tuple(found.values())


def cuda_libraries(nodes: tuple[Node, ...], contents: Contents) -> tuple[CudaLibrary, ...]:
    """Those of the candidates that are CUDA's or hold device code, the largest first."""
    found = []
    for node in nodes:
        architectures = dict(_architectures(node.inode, contents))
        if architectures or classify(node.path) is PathClass.CUDA:
            ordered = dict(sorted(architectures.items(), key=lambda one: (-one[1], one[0])))
            found.append(
                CudaLibrary(
                    node.path,
                    component_of(node.path),
                    node.inode.entry.size_bytes,
                    sum(architectures.values()),
                    ordered,
                )
            )
    return tuple(sorted(found, key=lambda one: (-one.size_bytes, one.path)))


def _architectures(inode: Inode, contents: Contents) -> Iterator[tuple[str, int]]:
    read = partial(contents.read, inode)
    try:
        sections = [one for one in read_elf(read, inode.entry.size_bytes).sections if one.name in SECTIONS]
    except ElfError:
        return
    totals: dict[str, int] = defaultdict(int)
    for section in sections:
        for name, size in _section(read, section):
            totals[name] += size
    yield from totals.items()


def _section(read: "partial[bytes]", section: Section) -> Iterator[tuple[str, int]]:
    seen = 0
    try:
        for codes in containers(read, section.offset, section.size):
            for code in codes:
                seen += code.size
                yield f"{'sm' if code.kind == CUBIN else 'ptx'}_{code.architecture}", code.size
    except ElfError:
        yield UNKNOWN, section.size - seen
