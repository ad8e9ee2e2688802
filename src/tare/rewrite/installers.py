"""Tools that install a project and manage its environment (Poetry, PDM, Pipenv, uv): how they come into a stage, where
they install to, and how what they start is started without them."""

import re
from collections.abc import Mapping, Sequence

from tare.core.text import Edit, Span
from tare.dockerfile import Instruction
from tare.dockerfile.commands import (
    PackageCommand,
    PdmCommand,
    PipCommand,
    PipenvCommand,
    PoetryCommand,
    UvCommand,
)
from tare.rewrite.anatomy import RunStep
from tare.rewrite.start import FROM_PYTHON

RUNNERS = frozenset({"poetry", "pdm", "pipenv", "uv"})
TOOLS = frozenset(
    {"pip", "setuptools", "wheel", "pip-tools", "poetry", "poetry-core", "poetry-plugin-export", "pdm", "pipenv", "uv"}
    | {"hatch", "hatchling", "flit", "build", "virtualenv", "poetry-dynamic-versioning", "poetry-plugin-bundle"}
)  # fmt: skip
MANAGERS = TOOLS - {"pip", "setuptools", "wheel", "hatchling", "build"}
HARMLESS = frozenset(
    {
        "--frozen",
        "--locked",
        "--no-sync",
        "--no-dev",
        "--active",
        "--",
        "-q",
        "--quiet",
        "-n",
        "--no-interaction",
    }
)
SCRIPTS = re.compile(
    r"install\.python-poetry\.org|astral\.sh/uv/|pdm-project\.org/install|raw\.githubusercontent\.com/(?:python-poetry|pdm-project)/"
)
TRUE = frozenset({"1", "true", "yes", "on"})
IN_PROJECT = {
    "poetry": ("POETRY_VIRTUALENVS_IN_PROJECT", re.compile(r"virtualenvs\.in-project[ =]+[\"']?(?:true|1)")),
    "pipenv": ("PIPENV_VENV_IN_PROJECT", re.compile(r"(?!)")),
}


def names_of(typed: PackageCommand | None) -> frozenset[str]:
    """The distributions that pip or uv is told to install by name."""
    if not isinstance(typed, PipCommand | UvCommand):
        return frozenset()
    return frozenset(re.split(r"[\[=<>~!@; ]", word.text)[0].lower() for word in typed.requirements)


def are_tools(names: frozenset[str]) -> bool:
    """Whether what is installed by name only installs other things: tools alone, or a manager with plug-ins of its own."""
    return bool(names) and (names <= TOOLS or (bool(names & MANAGERS) and not names & FROM_PYTHON))


def only_tools(step: RunStep) -> bool:
    """Whether the step installs nothing but tools that install."""
    pips = [typed for typed in step.typed if typed is not None and _installs(typed)]
    named = all(isinstance(t, PipCommand) and not (t.requirement_files or t.editable) for t in pips)
    return named and are_tools(frozenset().union(*map(names_of, pips)))


def brings_manager(step: RunStep) -> bool:
    """Whether a step does nothing for the environment but bring the tool that fills it."""
    if SCRIPTS.search(step.instruction.value):
        return True
    return only_tools(step) and any(names_of(typed) & MANAGERS for typed in step.typed)


def _installs(typed: PackageCommand) -> bool:
    if isinstance(typed, PdmCommand | PipenvCommand):
        return typed.installs
    return typed.action in ("install", "sync", "pip install", "pip sync") and isinstance(
        typed, PipCommand | UvCommand | PoetryCommand
    )


def in_project(steps: Sequence[RunStep], variables: Mapping[str, str]) -> bool:
    """Whether a tool makes the environment as `.venv` in the project's directory."""
    text = " ".join(step.instruction.value for step in steps)
    for step in steps:
        for typed in step.typed:
            if isinstance(typed, UvCommand) and typed.action == "sync":
                return True
            if isinstance(typed, PdmCommand) and typed.installs:
                return True
            name = next(
                (n for n, kind in (("poetry", PoetryCommand), ("pipenv", PipenvCommand)) if isinstance(typed, kind)), None
            )  # fmt: skip
            if name is not None:
                variable, setting = IN_PROJECT[name]
                if variables.get(variable, "").strip("\"'").lower() in TRUE or setting.search(text):
                    return True
    return False


def started_words(words: Sequence[str]) -> list[str] | None:
    """What `poetry run X`, `uv run X` and the like start; None where the words are no such thing, or say more."""
    if len(words) < 3 or words[0] not in RUNNERS or words[1] != "run":
        return None
    rest = list(words[2:])
    while rest and rest[0] in HARMLESS:
        rest = rest[1:]
    if not rest or (rest[0].startswith("-") and rest[0] not in ("-m", "--module")):
        return None
    return _through_python(rest)


def _through_python(words: list[str]) -> list[str]:
    if words[0] in ("-m", "--module"):
        return ["python", "-m", *words[1:]]
    return ["python", *words] if words[0].endswith(".py") else words


def run_edits(step: RunStep) -> list[Edit]:
    """Edits that start what a step runs through a tool without the tool."""
    edits: list[Edit] = []
    for typed in step.typed:
        if typed is None or typed.action != "run" or typed.program not in RUNNERS or not typed.operands:
            continue
        if any(option.name not in HARMLESS for option in typed.options):
            continue
        first = typed.operands[0]
        start = typed.command.effective_argv[0].span.start
        prefix = "python " if first.text.endswith(".py") else ""
        edits.append(Edit(Span(start, first.span.start), prefix))
    return edits


def copies_tool(node: Instruction) -> bool:
    """Whether a COPY brings uv from its own image."""
    origin = node.flag("from") if node.keyword == "COPY" else None
    return origin is not None and re.search(r"(?:^|/)astral-sh/uv\b", origin) is not None
