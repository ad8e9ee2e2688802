import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from tare.knowledge import cuda


def test_the_cpu_build_sorts_above_the_plain_version() -> None:
    assert Version("2.1.0+cpu") > Version("2.1.0")
    assert Version("2.1.0+cpu") < Version("2.1.0+cu118")
    assert Version("2.1.0+cpu") in SpecifierSet("==2.1.0")


def test_torch_comes_from_an_extra_index() -> None:
    variant = cuda.cpu_variant("Torch")
    assert variant is not None
    assert (variant.way, variant.index_url) == ("extra-index", cuda.PYTORCH_CPU_INDEX)


def test_renamed_variants() -> None:
    for name, other in (
        ("tensorflow", "tensorflow-cpu"),
        ("onnxruntime-gpu", "onnxruntime"),
        ("faiss_gpu", "faiss-cpu"),
    ):
        variant = cuda.cpu_variant(name)
        assert variant is not None
        assert (variant.way, variant.replacement) == ("rename", other)
    assert cuda.cpu_variant("numpy") is None


@pytest.mark.parametrize(
    "name", ["nvidia-cublas-cu12", "nvidia_cudnn_cu11", "triton", "cupy-cuda12x", "flash-attn"]
)
def test_names_that_mean_cuda(name: str) -> None:
    assert cuda.carries_cuda(name)


@pytest.mark.parametrize("name", ["numpy", "torch", "nvidia", "cudagraph-viewer", "tritonclient"])
def test_names_that_do_not(name: str) -> None:
    assert not cuda.carries_cuda(name)


def test_a_pinned_gpu_build_is_a_wish() -> None:
    assert cuda.asks_for_gpu_build("2.1.0+cu118")
    assert cuda.asks_for_gpu_build("2.4.0+rocm6.0")
    assert not cuda.asks_for_gpu_build("2.1.0+cpu")
    assert not cuda.asks_for_gpu_build("2.1.0")
