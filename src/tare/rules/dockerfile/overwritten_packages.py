"""TR6010: a package that a later layer installs again."""

from collections.abc import Iterable

from tare.knowledge.gpu_savings import TORCH_CUDA
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.python_installs import INSTALLERS, Install, Wanted, python_installs
from tare.rules.shipped import shipped_stages
from tare.schema.lint import Severity

_TORCH = frozenset({"torch", "torchvision", "torchaudio"})


def _cpu(install: Install, wanted: Wanted) -> bool:
    return bool(wanted.version and wanted.version.endswith("+cpu")) or any(
        index.rstrip("/").endswith("/whl/cpu") for index in install.indexes
    )


def _replaces(first: tuple[Install, Wanted], second: tuple[Install, Wanted]) -> bool:
    """Whether the second install surely puts another build in the place of the first."""
    (one, old), (two, new) = first, second
    if two.command.has("--force-reinstall", "--ignore-installed", "--reinstall"):
        return True
    if old.version and new.version and old.version != new.version:
        return True
    conda = "conda" in one.shell_command.name
    if conda != ("conda" in two.shell_command.name):
        return new.version is not None and old.version != new.version
    return (
        new.name in _TORCH and bool(two.indexes) and _cpu(*first) != _cpu(*second) and new.version is not None
    )


def check(document: Document) -> Iterable[Problem]:
    """A distribution that two RUN steps of the shipped image install in different versions or from different places."""
    before: dict[str, tuple[Install, Wanted]] = {}
    for install in python_installs(document):
        if install.step.stage not in shipped_stages(document) or install.command.value(
            "--target", "--prefix", "--name"
        ):
            continue
        for wanted in install.wanted:
            if wanted.name in INSTALLERS:
                continue
            first = before.get(wanted.name)
            if (
                first is not None
                and first[0].step is not install.step
                and _replaces(first, (install, wanted))
            ):
                where = wanted.word.span if wanted.word else install.shell_command.span
                message = f"{wanted.name} replaces what line {first[0].step.outer.line} installed: both copies are in the image"
                saving = TORCH_CUDA if wanted.name == "torch" and not _cpu(first[0], first[1]) else None
                yield Problem(message, where, install.step.outer, None, saving)
            before[wanted.name] = (install, wanted)


RULE = Rule(
    code="TR6010",
    name="overwritten-packages",
    title="Install each package once, in the version that is wanted.",
    why=(
        "pip removes the first copy only in the new layer; the layer below keeps it. A torch that is installed "
        "twice costs its 0.75 to 5.7 GB twice. One install with all requirements, or a constraints file, "
        "resolves them together."
    ),
    severity=Severity.WARNING,
    category="size",
    check=check,
    examples=(
        Example(
            "FROM python:3.12-slim\nRUN pip install --no-cache-dir torch==2.4.0\n"
            "RUN pip install --no-cache-dir torch==2.4.0 --index-url "
            "https://download.pytorch.org/whl/cpu\n"
        ),
        Example(
            "FROM python:3.12-slim\nRUN pip install --no-cache-dir numpy==2.0.0\n"
            "RUN pip install --no-cache-dir numpy==1.26.4\n"
        ),
    ),
    clean=(
        "FROM python:3.12-slim\nRUN pip install numpy==1.26.4\nRUN pip install numpy\n",
        "FROM python:3.12-slim\nRUN pip install numpy==2.0.0 && pip install numpy==1.26.4\n",
    ),
)
