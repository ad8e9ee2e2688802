"""Which distribution brings an importable name, where the two are spelt differently.

Facts taken from the distributions' own top-level names; everything not here is assumed to be named alike.
"""

from collections.abc import Iterable

from packaging.utils import canonicalize_name

DISTRIBUTIONS: dict[str, tuple[str, ...]] = {
    "Crypto": ("pycryptodome", "pycrypto"),
    "Cryptodome": ("pycryptodomex",),
    "Levenshtein": ("levenshtein", "python-levenshtein"),
    "MySQLdb": ("mysqlclient",),
    "OpenSSL": ("pyopenssl",),
    "PIL": ("pillow", "pillow-simd"),
    "absl": ("absl-py",),
    "apt": ("python-apt",),
    "attr": ("attrs",),
    "bs4": ("beautifulsoup4",),
    "catboost": ("catboost",),
    "charset_normalizer": ("charset-normalizer",),
    "clip": ("openai-clip", "clip"),
    "corsheaders": ("django-cors-headers",),
    "cv2": (
        "opencv-python",
        "opencv-python-headless",
        "opencv-contrib-python",
        "opencv-contrib-python-headless",
    ),
    "dateutil": ("python-dateutil",),
    "decouple": ("python-decouple",),
    "django_filters": ("django-filter",),
    "docx": ("python-docx",),
    "dotenv": ("python-dotenv",),
    "environ": ("django-environ",),
    "faiss": ("faiss-cpu", "faiss-gpu"),
    "fitz": ("pymupdf",),
    "flask_cors": ("flask-cors",),
    "flask_sqlalchemy": ("flask-sqlalchemy",),
    "git": ("gitpython",),
    "google.protobuf": ("protobuf",),
    "grpc": ("grpcio",),
    "h5py": ("h5py",),
    "hydra": ("hydra-core",),
    "jose": ("python-jose",),
    "jwt": ("pyjwt",),
    "kafka": ("kafka-python", "kafka-python-ng"),
    "lightgbm": ("lightgbm",),
    "llama_cpp": ("llama-cpp-python",),
    "magic": ("python-magic",),
    "markdown": ("markdown",),
    "mpl_toolkits": ("matplotlib",),
    "msgpack": ("msgpack",),
    "multipart": ("python-multipart",),
    "mysql": ("mysql-connector-python",),
    "onnxruntime": ("onnxruntime", "onnxruntime-gpu"),
    "pkg_resources": ("setuptools",),
    "pptx": ("python-pptx",),
    "psycopg2": ("psycopg2", "psycopg2-binary"),
    "pydantic_settings": ("pydantic-settings",),
    "pylab": ("matplotlib",),
    "pytorch_lightning": ("pytorch-lightning",),
    "pywt": ("pywavelets",),
    "rest_framework": ("djangorestframework",),
    "ruamel": ("ruamel-yaml",),
    "sentence_transformers": ("sentence-transformers",),
    "serial": ("pyserial",),
    "setuptools": ("setuptools",),
    "skimage": ("scikit-image",),
    "sklearn": ("scikit-learn", "scikit-learn-intelex"),
    "skopt": ("scikit-optimize",),
    "slugify": ("python-slugify",),
    "socketio": ("python-socketio",),
    "sqlalchemy": ("sqlalchemy",),
    "telegram": ("python-telegram-bot",),
    "tensorflow": ("tensorflow", "tensorflow-cpu", "tensorflow-gpu"),
    "tf_keras": ("tf-keras",),
    "torch_geometric": ("torch-geometric",),
    "usb": ("pyusb",),
    "whitenoise": ("whitenoise",),
    "whisper": ("openai-whisper",),
    "win32api": ("pywin32",),
    "xgboost": ("xgboost", "xgboost-cpu"),
    "yaml": ("pyyaml",),
    "zmq": ("pyzmq",),
}

PROGRAMS: dict[str, tuple[str, ...]] = {
    "deepspeed": ("gcc", "g++", "ninja"),
    "dvc": ("git",),
    "ffmpeg": ("ffmpeg",),
    "git": ("git",),
    "graphviz": ("dot",),
    "pdf2image": ("pdftoppm", "pdfinfo"),
    "pdfkit": ("wkhtmltopdf",),
    "pydub": ("ffmpeg",),
    "pypandoc": ("pandoc",),
    "pytesseract": ("tesseract",),
    "selenium": ("chromedriver",),
    "triton": ("gcc",),
    "vllm": ("gcc",),
    "whisper": ("ffmpeg",),
}
"""Programs that an imported module starts by itself."""


def programs_of(distributions: Iterable[str]) -> frozenset[str]:
    """Programs that these distributions (normalised names) start by themselves."""
    asked = set(distributions)
    return frozenset(
        program
        for module, programs in PROGRAMS.items()
        if asked.intersection(distributions_of(module))
        for program in programs
    )


def distributions_of(module: str) -> tuple[str, ...]:
    """Normalised names of the distributions that may bring a top-level module, likeliest first."""
    return DISTRIBUTIONS.get(module, (canonicalize_name(module),))


def distribution_of(module: str, wanted: Iterable[str] = ()) -> str:
    """The distribution that brings a module: one of those `wanted` (normalised names) when any fits."""
    candidates = distributions_of(module)
    asked = set(wanted)
    return next((name for name in candidates if name in asked), candidates[0])
