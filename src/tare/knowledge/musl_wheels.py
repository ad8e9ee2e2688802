"""Data: Python distributions whose Linux wheels need glibc, so that Alpine (musl) compiles them or cannot have them.

Provenance: the file lists of pypi.org, read on 2026-11-24. A distribution that is not here is not known to be a
problem: pure Python has none, and most compiled ones have musllinux wheels by now.
"""

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

RECORDED_ON = "2026-11-24"

# No release has a musllinux wheel.
_WITHOUT = """
    bitsandbytes catboost confluent-kafka ctranslate2 dm-tree fiona gensim jaxlib lightgbm llvmlite mediapipe
    ml-dtypes numba onnxruntime onnxruntime-gpu open3d opencv-contrib-python opencv-python opencv-python-headless
    paddlepaddle rasterio ray scikit-learn sentencepiece tables tensorflow tensorflow-cpu tensorstore torch
    torchaudio torchvision triton vllm xformers xgboost
"""
WITHOUT = frozenset(_WITHOUT.split())
# First release with one; versions before it compile.
FIRST = {
    "cryptography": "3.4.8",
    "faiss-cpu": "1.11.0.post1",
    "grpcio": "1.45.0",
    "h5py": "3.15.0",
    "lxml": "4.6.4",
    "matplotlib": "3.8.0",
    "numexpr": "2.8.0",
    "numpy": "1.25.0",
    "pandas": "2.1.0",
    "pillow": "9.1.0",
    "psycopg2-binary": "2.9.3",
    "pyarrow": "20.0.0",
    "pyproj": "3.7.1",
    "safetensors": "0.4.0",
    "scikit-image": "0.26.0",
    "scipy": "1.11.0",
    "shapely": "2.1.0",
    "spacy": "3.8.2",
    "statsmodels": "0.14.0",
    "thinc": "8.3.0",
    "tokenizers": "0.14.0",
}
# What brings one of them along.
BRINGS = {
    "jax": "jaxlib",
    "sentence-transformers": "torch",
    "ultralytics": "torch",
    "keras-hub": "tensorflow",
}


def lacks_musl_wheel(distribution: str, version: str | None = None) -> str | None:
    """Why Alpine cannot install a wheel of it, as the end of a sentence; None where nothing is known against it."""
    name = canonicalize_name(distribution)
    if name in BRINGS:
        return f"needs {BRINGS[name]}, which has no musllinux wheel"
    if name in WITHOUT:
        return "has no musllinux wheel"
    if name not in FIRST or version is None:
        return None
    try:
        old = Version(version) < Version(FIRST[name])
    except InvalidVersion:
        return None
    return f"has musllinux wheels from {FIRST[name]} on" if old else None
