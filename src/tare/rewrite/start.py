"""What the final image starts: the programs and scripts of CMD, ENTRYPOINT and HEALTHCHECK, and the Python they use."""

import posixpath
import re

from packaging.utils import canonicalize_name

from tare.context.distributions import programs_of
from tare.dockerfile import Dockerfile, Instruction, Stage
from tare.dockerfile.commands import PipCommand, UvCommand
from tare.dockerfile.shell import parse_run
from tare.knowledge.bases import base_facts
from tare.knowledge.debian_tools import COMMANDS, DEBUG_TOOLS, NETWORK_TOOLS, VCS
from tare.rewrite.anatomy import run_steps, shell_at
from tare.rewrite.facts import Facts

STARTS = frozenset({"CMD", "ENTRYPOINT"})
SHELLS = frozenset({"sh", "bash", "dash", "ash"})
INTERPRETER = re.compile(r"^(?:python|pypy)\d*(?:\.\d+)?$")
FROM_PYTHON = frozenset(
    {"uvicorn", "gunicorn", "hypercorn", "daphne", "flask", "fastapi", "streamlit", "celery", "django-admin"}
)
WRAPPERS = frozenset({"tini", "dumb-init", "exec", "env", "nice", "time", "--"})


def started(stage: Stage) -> tuple[Instruction, ...]:
    """The last CMD and ENTRYPOINT of a stage, which are those that count."""
    last = {node.keyword: node for node in stage.instructions if node.keyword in STARTS}
    return tuple(last.values())


def start_words(stage: Stage) -> tuple[tuple[str, ...], ...]:
    """The words of each command that starts: of CMD and ENTRYPOINT, shell form taken apart."""
    found: list[tuple[str, ...]] = []
    for node in started(stage):
        if node.json is not None:
            words = tuple(node.json)
            if len(words) == 3 and posixpath.basename(words[0]) in SHELLS and words[1].endswith("c"):
                words = tuple(words[2].split())
            found.append(words)
            continue
        script = parse_run(node, shell_at(stage, node))
        if script is None:
            found.append(tuple(node.value.split()))
        else:
            found += [tuple(word.text for word in command.effective_argv) for command in script.commands]
    return tuple(found)


def start_programs(stage: Stage) -> frozenset[str]:
    """Names of the programs that start, wrappers such as tini seen through."""
    found: set[str] = set()
    for words in start_words(stage):
        for word in words:
            name = posixpath.basename(word)
            found.add(name)
            if name not in WRAPPERS and not word.startswith("-"):
                break
    return frozenset(found)


def start_scripts(stage: Stage) -> frozenset[str]:
    """File names of scripts among the words that start: `*.sh`, and programs that the stage copies in itself."""
    copied = {
        posixpath.basename(path.rstrip("/"))
        for node in stage.instructions
        if node.keyword in ("COPY", "ADD") and node.flag("from") is None
        for path in (*node.as_copy().sources, node.as_copy().dest)
    }
    found: set[str] = set()
    for words in start_words(stage):
        for index, word in enumerate(words):
            name = posixpath.basename(word)
            python = INTERPRETER.match(name) is not None
            local = index == 0 and not python and (word.startswith(("./", "../")) or name in copied)
            entry = index == 0 and re.search(r"entry-?point|^(?:start|run|boot|launch)\b", name) is not None
            if word.endswith((".sh", ".bash")) or local or entry:
                found.add(name)
    return frozenset(found)


def possible_programs(stage: Stage, facts: Facts) -> frozenset[str]:
    """Tools that a start script may call, as long as it was not read: none that only builds, none that only edits."""
    if facts.start_programs is not None or not start_scripts(stage):
        return frozenset()
    packages = NETWORK_TOOLS | VCS | DEBUG_TOOLS
    return frozenset(program for package in packages for program in (package, *COMMANDS.get(package, ())))


def implied_programs(stage: Stage, facts: Facts) -> frozenset[str]:
    """Programs that installed distributions start by themselves, such as git for GitPython."""
    named = {
        canonicalize_name(re.split(r"[\[=<>~!@; ]", word.text)[0])
        for step in run_steps(stage)
        for typed in step.typed
        if isinstance(typed, PipCommand | UvCommand)
        for word in typed.requirements
    }
    return programs_of(named | facts.distributions)


def python_of(document: Dockerfile, stage: Stage) -> str | None:
    """The name under which Python is found in a stage; None where that is not known."""
    words = [word for command in start_words(stage) for word in command]
    called = [posixpath.basename(word) for word in words if INTERPRETER.match(posixpath.basename(word))]
    if "python" in called:
        return "python"
    root = stage
    while root.parent is not None:
        root = document.stages[root.parent]
    base = base_facts(root.base)
    if base is not None and base.python_path is not None:
        return posixpath.basename(base.python_path)
    paths = [
        value or ""
        for node in stage.instructions
        if node.keyword == "ENV"
        for key, value in node.env_pairs()
        if key == "PATH"
    ]
    if any("venv" in path for path in paths):
        return "python"
    if called:
        return called[0]
    text = " ".join(node.value for node in stage.instructions if node.keyword == "RUN")
    if base is not None and re.search(r"\bpython3\b", text):
        return "python3"
    return "python" if FROM_PYTHON & start_programs(stage) and base is None else None
