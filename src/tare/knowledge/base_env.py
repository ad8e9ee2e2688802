"""Data: which environment variables the usual base images set, for checks of variables that nobody defines.

Provenance: the Dockerfiles of docker-library, NVIDIA's `nvidia/cuda`, Jupyter's docker-stacks, conda-forge's and
Anaconda's images, as of 2025-10. Names only: values change with every release.
"""

from tare.knowledge.bases import base_facts

_NOTHING_ELSE = frozenset({"PATH"})
_PYTHON = "PATH LANG GPG_KEY PYTHON_VERSION PYTHON_SHA256 PYTHON_PIP_VERSION PYTHON_SETUPTOOLS_VERSION"
_PYTHON += " PYTHON_GET_PIP_URL PYTHON_GET_PIP_SHA256"
_CUDA = """
    PATH LD_LIBRARY_PATH LIBRARY_PATH CUDA_VERSION NVARCH NVIDIA_VISIBLE_DEVICES NVIDIA_DRIVER_CAPABILITIES
    NVIDIA_REQUIRE_CUDA NVIDIA_PRODUCT_NAME
"""
_JUPYTER = """
    PATH CONDA_DIR SHELL NB_USER NB_UID NB_GID LC_ALL LANG LANGUAGE HOME DEBIAN_FRONTEND JUPYTER_PORT XDG_CACHE_HOME
"""
_BY_IMAGE = {
    "python": _PYTHON,
    "debian": "PATH",
    "ubuntu": "PATH",
    "alpine": "PATH",
    "buildpack-deps": "PATH",
    "node": "PATH NODE_VERSION YARN_VERSION",
    "nvidia/cuda": _CUDA,
    "pytorch/pytorch": "PATH NVIDIA_VISIBLE_DEVICES NVIDIA_DRIVER_CAPABILITIES LD_LIBRARY_PATH PYTORCH_VERSION",
    "continuumio/miniconda3": "PATH LANG LC_ALL",
    "continuumio/anaconda3": "PATH LANG LC_ALL",
    "condaforge/mambaforge": "PATH LANG LC_ALL CONDA_DIR",
    "condaforge/miniforge3": "PATH LANG LC_ALL CONDA_DIR",
    "jupyter/base-notebook": _JUPYTER,
    "jupyter/minimal-notebook": _JUPYTER,
    "jupyter/scipy-notebook": _JUPYTER,
}
_PLAIN = frozenset({"scratch", "busybox", "alpine", "debian", "ubuntu", "fedora", "rockylinux", "almalinux"})
_NAMES = {image: frozenset(names.split()) for image, names in _BY_IMAGE.items()}


def base_variables(reference: str) -> frozenset[str] | None:
    """The variables that an image sets, `PATH` included (a builder sets it where the image does not).

    None: nothing is known of the image, it may set any. NVIDIA's images set `NV_*` variables besides.
    """
    name = reference.partition("@")[0].rpartition("/")[2].partition(":")[0]
    if reference == "scratch" or (name in _PLAIN and reference.count("/") == 0):
        return _NOTHING_ELSE
    facts = base_facts(reference)
    return None if facts is None else _NAMES.get(facts.image)
