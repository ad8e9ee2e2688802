"""What RUN steps install for Python: distributions with their versions, from words and from requirement files at hand."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tare.dockerfile.commands import CondaCommand, PipCommand, UvCommand
from tare.dockerfile.shell import Command, Word
from tare.rules.document import Document, Step
from tare.rules.surroundings import read_file
from tare.rules.typed import Typed, every_command
from tare.rules.unwanted import settings_of

_REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[(?P<extras>[^\]]*)\])?\s*(?P<rest>[<>=!~;@ ].*)?"
)
_PIN = re.compile(r"={2,3}\s*([^\s,;*]+)(?=\s*(?:;|$))")
_MOST_FILES = 20
_CONDA_NAMES = {"pytorch": "torch", "pytorch-cuda": "torch", "tensorflow-gpu": "tensorflow"}
INSTALLERS = frozenset(
    {"pip", "setuptools", "wheel", "uv", "poetry", "pipenv", "pdm", "hatch", "virtualenv", "build"}
)
"""Distributions that install others; they are no part of an application."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One requirement. `name` is normalised; `version` the one that `==` allows; `word` where it stands, None when it
    comes from `file`."""

    name: str
    version: str | None
    extras: frozenset[str]
    word: Word | None = None
    file: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Install:
    """An installing command. `indexes` are all the addresses that it names; `main_index` replaces the default one.

    `complete` is False when a requirement file could not be read, or the project itself is installed.
    """

    entry: Typed
    command: PipCommand | UvCommand | CondaCommand
    wanted: tuple[Wanted, ...]
    indexes: tuple[str, ...]
    complete: bool

    @property
    def step(self) -> Step:
        """The RUN."""
        return self.entry.step

    @property
    def shell_command(self) -> Command:
        """The command."""
        return self.entry.command

    @property
    def names(self) -> frozenset[str]:
        """Names of everything asked for."""
        return frozenset(wanted.name for wanted in self.wanted)


def python_installs(document: Document) -> tuple[Install, ...]:
    """Every `pip install`, `uv pip install`, `uv add` and `conda install`, in order."""
    return document.once(_python_installs)


def _python_installs(document: Document) -> tuple[Install, ...]:
    return tuple(
        install for entry in every_command(document) if (install := _install(document, entry)) is not None
    )


def _install(document: Document, entry: Typed) -> Install | None:
    typed = entry.typed
    if isinstance(typed, CondaCommand):
        if typed.action not in ("install", "create", "update"):
            return None
        found = [one for word in typed.packages if (one := _conda(word)) is not None]
        return Install(entry, typed, tuple(found), (), not typed.files)
    if isinstance(typed, PipCommand) and typed.action != "install":
        return None
    if isinstance(typed, UvCommand) and typed.action not in ("pip install", "pip sync", "add"):
        return None
    if not isinstance(typed, PipCommand | UvCommand):
        return None
    wanted = [one for word in typed.requirements if (one := parse(word.text, word=word)) is not None]
    complete = not typed.editable and not typed.local_paths
    indexes = [word.text for word in (*typed.extra_index_urls, *typed.find_links)]
    indexes += [typed.index_url.text] if typed.index_url else []
    for file in typed.requirement_files:
        read = _read(document, entry.step, file.text)
        if read is None:
            complete = False
            continue
        wanted += read[0]
        indexes += read[1]
    return Install(entry, typed, tuple(wanted), tuple(indexes), complete)


def parse(text: str, *, word: Word | None = None, file: str = "") -> Wanted | None:
    """A requirement such as `torch==2.1.0+cpu` or `jax[cuda12]>=0.4`; None for a path, an address or an option."""
    match = _REQUIREMENT.fullmatch(text.strip())
    if match is None or "/" in match["name"] or text.endswith((".whl", ".tar.gz", ".zip")):
        return None
    pin = _PIN.search(match["rest"] or "")
    extras = frozenset(normal(extra.strip()) for extra in (match["extras"] or "").split(",") if extra.strip())
    return Wanted(normal(match["name"]), pin[1] if pin else None, extras, word, file)


def normal(name: str) -> str:
    """A distribution's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _conda(word: Word) -> Wanted | None:
    name, _, rest = word.text.rpartition("::")[2].partition("=")
    plain = re.split(r"[<>!~ ]", name)[0]
    version = re.fullmatch(r"=?([0-9][\w.+]*)(?:=.*)?", rest)
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", plain):
        return None
    known = _CONDA_NAMES.get(plain.lower(), normal(plain))
    return Wanted(known, version[1] if version else None, frozenset(), word)


def _read(document: Document, step: Step, path: str) -> tuple[list[Wanted], list[str]] | None:
    """Requirements and index addresses of a file with those that it includes; None when one cannot be read."""
    wanted: list[Wanted] = []
    indexes: list[str] = []
    waiting = [path]
    for done, name in enumerate(waiting):
        data = _find(document, step, name) if done < _MOST_FILES else None
        if data is None:
            return None
        for line in _lines(data):
            option = re.match(
                r"(-r|--requirement|-c|--constraint|-i|--\S*index-url|-f|--find-links)[ =]+(\S+)", line
            )
            if option and option[1] in ("-r", "--requirement"):
                waiting.append(posixpath.join(posixpath.dirname(name), option[2]))
            elif option and option[1] not in ("-c", "--constraint"):
                indexes.append(option[2])
            elif not line.startswith("-") and (one := parse(line, file=posixpath.basename(name))) is not None:
                wanted.append(one)
    return wanted, indexes


def _lines(data: bytes) -> Iterator[str]:
    for line in data.decode("utf-8", "replace").removeprefix("\ufeff").splitlines():
        text = re.sub(r"(?:^|\s)#.*", "", line).split(" --hash")[0].rstrip("\\ ").strip()
        if text:
            yield text


def _find(document: Document, step: Step, path: str) -> bytes | None:
    """A file by the path that a step uses: as a COPY of the stage names it, else by its own path in the context."""
    name = posixpath.basename(path)
    for other in document.of("COPY", "ADD"):
        if (
            other.stage != step.stage
            or len(other.inner.arguments) < 2
            or other.inner.flag("from") is not None
        ):
            continue
        for source in other.inner.as_copy().sources:
            if posixpath.basename(source) == name and (data := read_file(document, source)) is not None:
                return data
    return read_file(document, path) or read_file(document, name)


GPU_BASE = re.compile(r"nvidia|cuda|rocm|nvcr\.io|pytorch/pytorch|-gpu\b|\bgpu\b", re.IGNORECASE)
"""Base images that are made for a GPU."""
_GPU_INDEX = re.compile(
    r"/whl/(?:nightly/)?(?:cu\d|rocm|xpu)|jax_cuda|pypi\.nvidia\.com|pypi\.ngc\.nvidia\.com"
)
_GPU_VARIABLE = re.compile(r"NVIDIA_|CUDA_|NV_|HIP_|ROCR?_|TORCH_CUDA|FORCE_CUDA|UV_TORCH_BACKEND")
_GPU_ONLY = re.compile(
    r"nvidia-.+|cuda-.+|cupy(?:-.+)?|pycuda|cudf.*|cuml.*|flash-attn|tensorrt.*|torch-tensorrt|onnxruntime-gpu|tensorflow-gpu"
    r"|faiss-gpu.*|bitsandbytes|xformers|vllm|auto-gptq|autoawq|apex|deepspeed|numba-cuda|jax-cuda.+|paddlepaddle-gpu|triton"
    r"|sglang|mamba-ssm|causal-conv1d|nvitop|pynvml"
)


def gpu_hint(document: Document) -> str | None:
    """What in the file shows that a GPU is meant; None when nothing does."""
    return document.once(_gpu_hint)


def _gpu_hint(document: Document) -> str | None:
    for stage in document.stages:
        if stage.parent is None and GPU_BASE.search(stage.base):
            return f"the base image {stage.base}"
    for setting in settings_of(document):
        if _GPU_VARIABLE.match(setting.name):
            return f"the variable {setting.name}"
    for install in python_installs(document):
        for wanted in install.wanted:
            if _GPU_ONLY.fullmatch(wanted.name) or any("cuda" in extra for extra in wanted.extras):
                return f"{wanted.name} in line {install.step.outer.line}"
            if wanted.version and re.search(r"\+(?:cu\d|rocm|xpu)", wanted.version):
                return f"{wanted.name} {wanted.version}"
        if any(_GPU_INDEX.search(index) for index in install.indexes):
            return f"the index in line {install.step.outer.line}"
    for word in ("nvidia", "--gpus", "cuda", "rocm"):
        if word in document.haystack:
            return f"the word {word}"
    return None
