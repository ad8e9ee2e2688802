"""What the final image starts: the programs and scripts of CMD, ENTRYPOINT and HEALTHCHECK, and the Python they use."""

import posixpath
import re
from collections.abc import Mapping

from packaging.utils import canonicalize_name

from tare.context.distributions import programs_of
from tare.dockerfile import Dockerfile, Instruction, Stage
from tare.dockerfile.commands import PipCommand, UvCommand
from tare.dockerfile.shell import parse_run
from tare.dockerfile.stages import effective
from tare.knowledge.bases import base_facts
from tare.knowledge.debian_tools import COMMANDS, DEBUG_TOOLS, NETWORK_TOOLS, VCS
from tare.rewrite.anatomy import run_steps, shell_at, workdir_at
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


def entry_files(document: Dockerfile, files: frozenset[str]) -> frozenset[str]:
    """The project's Python files that the final image starts, where `COPY . DEST` brings the project; nothing where one of
    the commands that start is not understood."""
    stage = document.final
    state = effective(document, stage)
    root = _project_root(stage)
    if root is None:
        return frozenset()
    cwd = state.workdir or "/"
    found: set[str] = set()
    nodes = started(stage)
    commands = start_words(stage)
    if len(nodes) == 2 and all(node.json is not None for node in nodes):
        commands = ((*(state.entrypoint or ()), *(state.cmd or ())),)
    for words in commands:
        entry = _entry(words, state.env)
        if entry is None:
            continue
        found.update(place for word in words if (place := _place(cwd, word, root)) in files)
        places = [_place(cwd, name, root) for name in entry]
        existing = [place for place in places if place in files]
        if not existing:
            return frozenset()
        found.update(existing)
    for node in stage.instructions:
        if node.keyword == "HEALTHCHECK":
            found.update(
                place
                for word in re.findall(r"[\w./-]+", node.value)
                if (place := _place(cwd, word, root)) in files
            )
    return frozenset(found)


def _place(cwd: str, name: str, root: str) -> str:
    return posixpath.relpath(posixpath.join(cwd, name), root)


def _project_root(stage: Stage) -> str | None:
    for node in stage.instructions:
        if node.keyword in ("COPY", "ADD") and node.flag("from") is None:
            copy = node.as_copy()
            cwd = workdir_at(stage, node)
            if copy.sources == (".",) or copy.sources == ("./",):
                return posixpath.normpath(posixpath.join(cwd, copy.dest)) if cwd is not None else None
    return None


def _entry(words: tuple[str, ...], env: Mapping[str, str]) -> list[str] | None:
    """Paths that may be the file which a command starts; None for words that are only arguments of another command."""
    words = tuple(word for word in words if posixpath.basename(word) not in WRAPPERS)
    if words[:2] in (("uv", "run"), ("poetry", "run"), ("pipenv", "run")):
        words = words[2:]
    if len(words) > 1 and words[0].endswith((".sh", ".bash")):
        words = words[1:]  # a script that ends with `exec "$@"`; what it names itself is found by its text
    while words and words[0].startswith("-") and not words[0].endswith(".py"):
        words = words[1:]
    if not words:
        return None
    name = posixpath.basename(words[0])
    named = [word for word in words if word.endswith(".py")]
    if INTERPRETER.match(name) and "-m" in words[:4]:
        module = words[words.index("-m") + 1 : words.index("-m") + 2]
        rest = words[words.index("-m") + 2 :]
        if module and module[0] in FROM_PYTHON:
            return _entry((module[0], *rest), env)
        return [*_module(module[0]), f"{module[0].replace('.', '/')}/__main__.py"] if module else []
    if INTERPRETER.match(name) or name == "fastapi":
        return named[:1]
    if name == "streamlit":
        return []  # it finds further pages by itself
    if name == "flask":
        chosen = env.get("FLASK_APP", "app").partition(":")[0].removesuffix(".py")
        return _module(chosen) + ([] if "FLASK_APP" in env else ["wsgi.py"])
    if name in FROM_PYTHON:
        modules = [word.partition(":")[0] for word in words[1:] if re.fullmatch(r"[\w.]+:[\w.()]+", word)]
        if name == "celery":
            modules = [words[i + 1] for i, word in enumerate(words[:-1]) if word in ("-A", "--app")]
        return [path for module in modules[-1:] for path in _module(module)]
    return named[:1] if words[0].endswith(".py") else []


def _module(name: str) -> list[str]:
    path = name.replace(".", "/")
    return [f"{path}.py", f"{path}/__init__.py", f"src/{path}.py"]
