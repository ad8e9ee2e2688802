"""Every class that a path may have, by names that real images have."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tare.image.attribute import PathClass, _by_rules, classify

SITE = "usr/local/lib/python3.11/site-packages"
EXAMPLES = {
    PathClass.PACKAGE_CACHE: [
        "var/lib/apt/lists/deb.debian.org_Packages.lz4", "var/cache/apt/pkgcache.bin", "root/.cache/pip/http/a",
        "home/app/.cache/uv/x", "opt/conda/pkgs/numpy.conda", "root/miniconda3/pkgs/x/y", "root/.npm/_cacache/a",
    ],
    PathClass.VCS: ["app/.git/objects/ab/cd", ".git/HEAD"],
    PathClass.BYTECODE: [f"{SITE}/numpy/__pycache__/a.cpython-311.pyc"],
    PathClass.TESTS: [f"{SITE}/numpy/tests/test_a.py", "usr/local/lib/python3.11/test/test_os.py"],
    PathClass.CUDA: [
        f"{SITE}/nvidia/cudnn/lib/libcudnn.so.9", "usr/local/cuda-12.4/lib64/libcublas.so.12", "usr/lib/libnccl.so.2",
    ],
    PathClass.HEADERS: ["usr/include/stdio.h", "usr/lib/x86_64-linux-gnu/libc.a", f"{SITE}/torch/include/a.cuh"],
    PathClass.DEBUG: ["usr/lib/debug/.build-id/aa/b.debug"],
    PathClass.DOCUMENTATION: ["usr/share/doc/git/README", "usr/share/locale/de/LC_MESSAGES/git.mo"],
    PathClass.NOTEBOOKS: ["app/train.ipynb"],
    PathClass.MODELS: [
        "models/bert.safetensors", "app/pytorch_model-00001-of-00002.bin", "root/.cache/huggingface/hub/x", "m/weights.pth",
        "data/train.parquet", "root/nltk_data/corpora/a.zip",
    ],
    PathClass.SECRETS: [
        "app/.env", "app/.env.production", "root/.aws/credentials", "root/.ssh/id_ed25519", "app/tls/server.key",
        "root/.cache/huggingface/token", "root/.kube/config", "app/cert.p12",
    ],
    PathClass.LOGS: ["var/log/dpkg.log", "tmp/x"],
    PathClass.OTHER: [
        "usr/bin/python3", f"{SITE}/distutils-precedence.pth", "app/.env.example", f"{SITE}/certifi/cacert.pem",
        f"{SITE}/x/example.key", "usr/share/x/a.key", "app/firmware.bin", "etc/passwd",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "path"), [(kind, path) for kind, paths in EXAMPLES.items() for path in paths]
)
def test_classes(kind: PathClass, path: str) -> None:
    assert classify(path) is kind


def test_every_class_has_an_example() -> None:
    assert set(EXAMPLES) == set(PathClass)


WORDS = [
    ".env", ".env.x", ".netrc", ".git", ".cache", "pip", "torch", "huggingface", "site-packages", "tests", "test",
    "nvidia", "lib", "libcudnn.so.9", "libcudnn.so.9.py", "usr", "share", "doc", "local", "cuda-12", "python3.11",
    "pytorch_model.0.bin", "a.bin", "id_rsa", "id_rsa.py", "token", "credentials", "credentials.json", "x.json",
    ".aws", ".kube", "config", "a.py", "b.pyc", "c.pth", "d.key", "e.h", "f.debug", "g.ipynb", ".ipynb_checkpoints",
    "h.safetensors", "i.", ".j", "..k", "l.m.n", "a\nb.pyc", "tmp", "var", "log", "opt", "conda", "pkgs",
    "model.onnx", "model.x.bin", "o.jks", "kaggle.json", "", "libx.a", "x.so.1",
]  # fmt: skip


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6))
def test_files_of_one_directory_and_suffix_are_asked_about_once(words: list[str]) -> None:
    """The short way gives what the rules say of the whole path."""
    path = "/".join(words)
    assert classify(path) is _by_rules(path)
