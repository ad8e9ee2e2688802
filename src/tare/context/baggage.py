"""What lies in project directories and has no business in an image: names, why, and how sure that is."""

import posixpath
import re
from dataclasses import dataclass
from typing import Literal

Category = Literal[
    "secret",
    "vcs",
    "cache",
    "environment",
    "data",
    "model",
    "notebook",
    "test",
    "docs",
    "build-file",
    "editor",
]


@dataclass(frozen=True, slots=True)
class Baggage:
    """A kind of thing to leave behind.

    `pattern` is the ignore pattern that covers it everywhere. `junk`: never wanted, even inside a directory that a
    COPY names; what is not junk is left alone there.
    """

    pattern: str
    category: Category
    reason: str
    junk: bool = True


BAGGAGE: tuple[Baggage, ...] = (
    Baggage("**/.env", "secret", "environment file: secrets would be baked into a layer"),
    Baggage("**/.env.*", "secret", "environment file: secrets would be baked into a layer"),
    Baggage("**/*.pem", "secret", "key or certificate: whoever pulls the image could read it"),
    Baggage("**/*.key", "secret", "private key: whoever pulls the image could read it"),
    Baggage("**/*.p12", "secret", "key store: whoever pulls the image could read it"),
    Baggage("**/*.pfx", "secret", "key store: whoever pulls the image could read it"),
    Baggage("**/id_rsa", "secret", "SSH private key"),
    Baggage("**/id_dsa", "secret", "SSH private key"),
    Baggage("**/id_ecdsa", "secret", "SSH private key"),
    Baggage("**/id_ed25519", "secret", "SSH private key"),
    Baggage("**/.ssh", "secret", "SSH keys and configuration"),
    Baggage("**/.aws", "secret", "AWS credentials"),
    Baggage("**/.azure", "secret", "Azure credentials"),
    Baggage("**/.gcloud", "secret", "Google Cloud credentials"),
    Baggage("**/.kube", "secret", "Kubernetes credentials"),
    Baggage("**/.docker", "secret", "registry credentials"),
    Baggage("**/credentials.json", "secret", "cloud credentials"),
    Baggage("**/service-account*.json", "secret", "cloud credentials"),
    Baggage("**/service_account*.json", "secret", "cloud credentials"),
    Baggage("**/kaggle.json", "secret", "Kaggle token"),
    Baggage("**/.netrc", "secret", "passwords of hosts"),
    Baggage("**/.pypirc", "secret", "package index token"),
    Baggage("**/.git-credentials", "secret", "Git passwords"),
    Baggage("**/.htpasswd", "secret", "password hashes"),
    Baggage("**/secrets.toml", "secret", "secrets file"),
    Baggage("**/terraform.tfstate*", "secret", "Terraform state holds secrets in plain text"),
    Baggage(
        "**/.git", "vcs", "version history: large, and a change to it invalidates every COPY of the directory"
    ),
    Baggage("**/.hg", "vcs", "version history"),
    Baggage("**/.svn", "vcs", "version history"),
    Baggage("**/.dvc/cache", "cache", "DVC's cache of data sets"),
    Baggage("**/__pycache__", "cache", "bytecode of another interpreter run"),
    Baggage("**/*.py[co]", "cache", "bytecode of another interpreter run"),
    Baggage("**/.mypy_cache", "cache", "type checker cache"),
    Baggage("**/.pytest_cache", "cache", "test runner cache"),
    Baggage("**/.ruff_cache", "cache", "linter cache"),
    Baggage("**/.hypothesis", "cache", "test data cache"),
    Baggage("**/.cache", "cache", "cache directory"),
    Baggage("**/.ipynb_checkpoints", "cache", "notebook autosaves"),
    Baggage("**/.tox", "environment", "environments of test runs"),
    Baggage("**/.nox", "environment", "environments of test runs"),
    Baggage("**/.eggs", "cache", "build leftovers"),
    Baggage("**/*.egg-info", "cache", "build leftovers of a local installation"),
    Baggage("**/.coverage*", "cache", "coverage data"),
    Baggage("**/htmlcov", "cache", "coverage report"),
    Baggage("**/.DS_Store", "editor", "file manager leftovers"),
    Baggage("**/.idea", "editor", "editor settings"),
    Baggage("**/.vscode", "editor", "editor settings"),
    Baggage("**/*.sw[op]", "editor", "editor leftovers"),
    Baggage("**/*.log", "cache", "logs", junk=False),
    Baggage("**/mlruns", "data", "experiment tracking runs", junk=False),
    Baggage("**/wandb", "data", "experiment tracking runs", junk=False),
    Baggage("**/lightning_logs", "data", "experiment tracking runs", junk=False),
    Baggage("**/node_modules", "environment", "JavaScript packages that nothing here uses", junk=False),
    Baggage("**/*.ipynb", "notebook", "notebook: not part of the application", junk=False),
    Baggage(".github", "build-file", "continuous integration settings", junk=False),
    Baggage(".gitlab-ci.yml", "build-file", "continuous integration settings", junk=False),
    Baggage(".pre-commit-config.yaml", "build-file", "development settings", junk=False),
    Baggage(
        "Dockerfile*",
        "build-file",
        "the engine reads it by itself; as part of the context it invalidates the cache",
        junk=False,
    ),
    Baggage(
        "*.Dockerfile",
        "build-file",
        "the engine reads it by itself; as part of the context it invalidates the cache",
        junk=False,
    ),
    Baggage(".dockerignore", "build-file", "the engine reads it by itself", junk=False),
    Baggage("docker-compose*.y*ml", "build-file", "describes deployment, not the image", junk=False),
    Baggage("compose.y*ml", "build-file", "describes deployment, not the image", junk=False),
    Baggage("compose.*.y*ml", "build-file", "describes deployment, not the image", junk=False),
    Baggage("tests", "test", "tests: not part of the application", junk=False),
    Baggage("test", "test", "tests: not part of the application", junk=False),
    Baggage("**/conftest.py", "test", "tests: not part of the application", junk=False),
    Baggage("**/test_*.py", "test", "tests: not part of the application", junk=False),
    Baggage("docs", "docs", "documentation: not part of the application", junk=False),
    Baggage("doc", "docs", "documentation: not part of the application", junk=False),
)

STANDING: tuple[Baggage, ...] = (
    Baggage("**/.git", "vcs", "absent here; where it is not, it is no part of the application"),
    Baggage("**/.venv", "environment", "absent here; where it is not, it is no part of the application"),
    Baggage("**/__pycache__", "cache", "absent here; where it is not, it is no part of the application"),
    Baggage("**/*.py[co]", "cache", "absent here; where it is not, it is no part of the application"),
    Baggage(".dockerignore", "build-file", "the engine reads it by itself"),
)
"""What a new ignore file names even where nothing of it is there today: another checkout has it."""

MODEL_SUFFIXES = (
    ".pt", ".pth", ".ckpt", ".safetensors", ".onnx", ".h5", ".hdf5", ".keras", ".pb", ".tflite", ".joblib", ".pkl",
    ".pickle", ".gguf", ".ggml", ".bin", ".caffemodel", ".mar",
)  # fmt: skip
DATA_SUFFIXES = (
    ".csv", ".tsv", ".parquet", ".feather", ".arrow", ".npy", ".npz", ".jsonl", ".ndjson", ".tfrecord", ".lmdb",
    ".sqlite", ".sqlite3", ".db", ".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".mat", ".sas7bdat",
    ".xlsx", ".avro", ".orc", ".wav", ".mp4", ".avi", ".tif", ".tiff",
)  # fmt: skip
HARMLESS_SECRETS = re.compile(
    r"\.env\.(example|sample|template|dist|defaults?)$|(^|/)(ca|cacert|ca-bundle)[^/]*\.pem$", re.I
)
SMALLEST_DATA_BYTES = 64 * 1024


def heavy_kind(path: str, size_bytes: int) -> Literal["data", "model"] | None:
    """Whether a file looks like a data set or model weights worth leaving out, by suffix and size."""
    suffix = posixpath.splitext(path)[1].lower()
    if size_bytes < SMALLEST_DATA_BYTES:
        return None
    if suffix in MODEL_SUFFIXES:
        return "model"
    return "data" if suffix in DATA_SUFFIXES else None
