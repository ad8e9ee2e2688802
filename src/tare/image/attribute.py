"""Every path belongs to a layer, an instruction, and a package or a class."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from tare.image.analysis import Analysis
from tare.image.catalog import Package
from tare.image.model import Layer
from tare.image.tarhead import FILE
from tare.image.tree import Inode, Node


class PathClass(StrEnum):
    """What a file is, told by its path; the first that fits."""

    PACKAGE_CACHE = "package-manager cache"
    VCS = "version control"
    BYTECODE = "bytecode"
    TESTS = "tests"
    CUDA = "CUDA libraries"
    HEADERS = "headers and static libraries"
    DEBUG = "debug symbols"
    DOCUMENTATION = "documentation and locales"
    NOTEBOOKS = "notebooks"
    MODELS = "model weights and data sets"
    SECRETS = "secrets-like files"
    LOGS = "logs and temporary files"
    OTHER = "other"


_RULES: tuple[tuple[PathClass, str], ...] = (
    (
        PathClass.PACKAGE_CACHE,
        r"var/(?:lib/apt/lists|cache/(?:apt|debconf|apk|dnf|yum|libdnf5|zypp|ldconfig))/.*|(?:.*/)?\.cache/(?:pip|uv|pypoetry|conda"
        r"|huggingface/xet|yarn)/.*|(?:.*/)?\.(?:npm|cargo/registry)/.*|(?:opt|root|home/[^/]+)/(?:conda|mamba|(?:mini|micro)(?:conda|forge|mamba)3?|anaconda3)/pkgs/.*|etc/apk/cache/.*",
    ),
    (
        PathClass.SECRETS,
        r"(?:.*/)?(?:\.env(?:\.(?!example|sample|template)[^/]+)?|\.netrc|\.pypirc|\.git-credentials|\.dockercfg|\.boto|\.s3cfg"
        r"|id_(?:rsa|dsa|ecdsa|ed25519)|\.aws/credentials|\.docker/config\.json|\.kube/config|kaggle\.json|credentials\.json"
        r"|application_default_credentials\.json|\.(?:cache/)?huggingface/(?:stored_)?tokens?|[^/]+\.(?:p12|pfx|jks|keystore))"
        r"|(?!usr/(?:share|lib)/)(?!.*(?:site|dist)-packages/)(?:.*/)?[^/]+\.key",
    ),
    (PathClass.VCS, r"(?:.*/)?\.(?:git|hg|svn)/.*"),
    (PathClass.BYTECODE, r".*\.py[co]"),
    (
        PathClass.TESTS,
        r"(?:.*/)?(?:site|dist)-packages/(?:.*/)?tests?/.*|(?:.*/)?python3\.\d+/(?:.*/)?tests?/.*",
    ),
    (
        PathClass.CUDA,
        r"(?:.*/)?(?:site|dist)-packages/(?:nvidia|triton)/.*|usr/local/cuda[^/]*/.*"
        r"|(?:.*/)?lib(?:cudnn|cublas|cufft|curand|cusolver|cusparse|nccl|nvrtc|torch_cuda|cudart)[^/]*\.so[^/]*",
    ),
    (PathClass.HEADERS, r".*\.(?:h|hh|hpp|hxx|cuh|a|la|cmake|pxd)|(?:.*/)?(?:pkgconfig)/.*"),
    (PathClass.DEBUG, r"(?:.*/)?usr/lib/debug/.*|.*\.(?:debug|dwo|pdb)"),
    (PathClass.DOCUMENTATION, r"(?:usr|usr/local|opt/[^/]+)/share/(?:doc|man|info|locale|gtk-doc|help)/.*"),
    (PathClass.NOTEBOOKS, r".*\.ipynb|(?:.*/)?\.ipynb_checkpoints/.*"),
    (
        PathClass.MODELS,
        r"(?!.*(?:site|dist)-packages/[^/]+\.pth$).*\.(?:safetensors|ckpt|pth|pt|onnx|gguf|ggml|h5|hdf5|tflite|keras|pb|joblib"
        r"|mar|nemo|llamafile|engine|npz|npy|parquet|feather|arrow|tfrecords?|lmdb)"
        r"|(?:.*/)?(?:pytorch_model|model|adapter_model|diffusion_pytorch_model)[^/]*\.bin"
        r"|(?:.*/)?\.cache/(?:huggingface|torch|keras|whisper)/.*|(?:.*/)?(?:nltk_data|\.keras/(?:models|datasets))/.*",
    ),
    (PathClass.LOGS, r"(?:var/log|tmp|var/tmp)/.*"),
)
_ANY = re.compile("|".join(f"({pattern})" for _, pattern in _RULES), re.DOTALL)
_GROUPS: dict[int, PathClass] = {place + 1: kind for place, (kind, _) in enumerate(_RULES)}


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who brought a visible file. `layer` wrote its content; `package` claims its path."""

    path: str
    size_bytes: int
    layer: Layer
    package: Package | None
    path_class: PathClass


def classify(path: str) -> PathClass:
    """What a file is, by its path from the root.

    Most files share directory and suffix with others and have the class of those: the rules are asked once for them all.
    """
    folder, slash, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    if not dot or not stem or name[0] == "." or suffix in _BY_STEM or name.startswith("lib"):
        return _by_rules(path)
    return _by_suffix(folder + slash, suffix)


_BY_STEM = frozenset({"bin", "json"})
"""Suffixes whose files the rules tell apart by the whole name, as they do those of libraries, of hidden files, and of
files without a suffix."""


@lru_cache(1 << 15)
def _by_suffix(folder: str, suffix: str) -> PathClass:
    return _by_rules(f"{folder}x.{suffix}")


def _by_rules(path: str) -> PathClass:
    match = _ANY.fullmatch(path)
    return _GROUPS[match.lastindex] if match and match.lastindex else PathClass.OTHER


class Attributor:
    """Answers for one analysed image; the owners of all files are looked up once."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._owners: dict[Inode, Package] = {}
        for package in analysis.packages:
            for path in package.files:
                node = analysis.tree.resolve(path)
                if node is not None and node.children is None:
                    self._owners.setdefault(node.inode, package)

    def node(self, node: Node) -> Attribution:
        """The attribution of a node of the tree."""
        inode = node.inode
        return Attribution(
            path=node.path,
            size_bytes=inode.entry.size_bytes,
            layer=self._analysis.image.layers[inode.layer],
            package=self._owners.get(inode) or self._source_owner(node),
            path_class=classify(node.path),
        )

    def _source_owner(self, node: Node) -> Package | None:
        """The owner of the module that a `__pycache__` file was compiled from."""
        folder, _, name = node.path.rpartition("/")
        if not (name.endswith(".pyc") and folder.endswith("__pycache__")):
            return None
        module = self._analysis.tree.get(f"{folder.removesuffix('__pycache__')}{name.partition('.')[0]}.py")
        return self._owners.get(module.inode) if module is not None else None

    def path(self, path: str) -> Attribution | None:
        """The attribution of a path; links among its directories are followed. None where nothing is there."""
        node = self._analysis.tree.resolve(path.strip("/"))
        return None if node is None else self.node(node)

    def files(self) -> Iterator[Attribution]:
        """Every visible file once: a hard link's further names are left out, so that sizes add up."""
        seen: set[Inode] = set()
        for node in self._analysis.tree.walk():
            if node.inode.entry.kind is FILE and node.inode not in seen:
                seen.add(node.inode)
                yield self.node(node)

    def totals(self) -> tuple[dict[PathClass, int], dict[Package | None, int]]:
        """Visible bytes by class and by package (None: no package); each adds up to all visible bytes."""
        classes: dict[PathClass, int] = defaultdict(int)
        packages: dict[Package | None, int] = defaultdict(int)
        for found in self.files():
            classes[found.path_class] += found.size_bytes
            packages[found.package] += found.size_bytes
        return dict(classes), dict(packages)
