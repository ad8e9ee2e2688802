"""What a user without rights must own, and what it could not reach: root's home, caches filled at build time."""

import posixpath
import re

from tare.core.text import Edit, Span
from tare.dockerfile import Dockerfile, Instruction, Stage
from tare.dockerfile.commands import PipCommand, PipenvCommand, PoetryCommand, UvCommand
from tare.dockerfile.shell import Command
from tare.knowledge.bases import base_facts
from tare.rewrite.anatomy import LITERAL, RunStep, run_steps, workdir_at, writes_dependencies
from tare.rewrite.facts import Facts
from tare.rewrite.script_edits import append
from tare.rewrite.start import possible_programs, start_programs, start_words

HOME = "/home/app"
PLACE = re.compile(r"(?:/[\w.-]+)+")
SYSTEM = re.compile(r"^/(?:etc|bin|sbin|lib\w*|boot|dev|proc|sys|run|root|tmp|usr(?!/src(?:/|$)))(?:/|$)|^/$")
DIRECTORY = re.compile(r"(?:^|_)(?:DIR|DIRECTORY|FOLDER|CACHE)$")
"""Variables that name a directory of the application's, which it may write to (`MODEL_DIR=/models`)."""
CACHES = frozenset(
    {
        "HF_HOME",
        "HF_HUB_CACHE",
        "HUGGINGFACE_HUB_CACHE",
        "TRANSFORMERS_CACHE",
        "SENTENCE_TRANSFORMERS_HOME",
        "HF_DATASETS_CACHE",
        "TORCH_HOME",
        "TFHUB_CACHE_DIR",
        "KERAS_HOME",
        "NLTK_DATA",
        "MPLCONFIGDIR",
        "NUMBA_CACHE_DIR",
        "JOBLIB_TEMP_FOLDER",
        "XDG_CACHE_HOME",
        "XDG_DATA_HOME",
        "XDG_CONFIG_HOME",
        "PLAYWRIGHT_BROWSERS_PATH",
        "WHISPER_CACHE",
        "EASYOCR_MODULE_PATH",
        "GRADIO_TEMP_DIR",
        "STREAMLIT_CONFIG_DIR",
        "MLFLOW_TRACKING_DIR",
        "PROMETHEUS_MULTIPROC_DIR",
    }
)
NEEDS_ROOT = frozenset(
    {
        "cron",
        "crond",
        "supervisord",
        "nginx",
        "apache2",
        "apache2ctl",
        "apachectl",
        "httpd",
        "sshd",
        "service",
        "systemctl",
        "init",
        "s6-svscan",
        "runsvdir",
        "gosu",
        "su-exec",
        "setpriv",
        "runuser",
        "su",
        "sudo",
        "chroot",
        "chown",
        "mount",
        "dockerd",
        "tailscaled",
        "useradd",
        "usermod",
        "groupmod",
    }
)
FETCHERS = frozenset({"huggingface-cli", "hf", "nltk", "playwright", "whisper", "camoufox", "gdown"})
NOT_FETCHING = frozenset(
    {"pip", "venv", "ensurepip", "compileall", "virtualenv", "pytest", "unittest", "spacy"}
)
DOWNLOAD = re.compile(r"from_pretrained|download|snapshot_|load_model|torch\.hub|SentenceTransformer")
PRIVATE = re.compile(r"^/root(?:/|$)")
FORGOTTEN = re.compile(
    r"^/root/?(?:\.netrc|\.ssh|\.pip|\.config|\.cache|\.pypirc|\.aws|\.docker|\.npmrc|\.git)"
)
LOCAL = "/root/.local"


def obstacle(document: Dockerfile, stage: Stage, facts: Facts) -> str | None:
    """Why the application could not work as another user than root, None when nothing shows that."""
    if any(node.keyword == "ONBUILD" for node in document.instructions):
        return "ONBUILD steps would run without rights in the images that are built from this one"
    programs = start_programs(stage) | (facts.start_programs or frozenset())
    privileged = sorted(programs & NEEDS_ROOT)
    if privileged:
        return f"{privileged[0]}, which the container starts, is made to begin as root"
    packages = {word.text for step in run_steps(stage) for apt in step.apt for word in apt.packages}
    if possible_programs(stage, facts) and packages & {"gosu", "su-exec", "sudo", "cron", "nginx"}:
        tool = sorted(packages & {"gosu", "su-exec", "sudo", "cron", "nginx"})[0]
        return f"a script starts the container, and {tool} is installed: it seems to begin as root on purpose"
    return _low_port(stage, facts) or _in_roots_home(document, stage)


def _low_port(stage: Stage, facts: Facts) -> str | None:
    ports = [facts.port] if facts.port is not None else []
    if not ports:
        words = [word.partition("/")[0] for node in stage.instructions for word in _exposed(node)]
        ports = [int(word) for word in words if word.isdecimal()]
    low = [port for port in ports if port is not None and port < 1024]
    if low:
        return f"port {low[0]} is below 1024, which many clusters keep for root: move it up first"
    return None


def _exposed(node: Instruction) -> tuple[str, ...]:
    return node.args if node.keyword == "EXPOSE" else ()


def _in_roots_home(document: Dockerfile, stage: Stage) -> str | None:
    """What only root can read, where it stands in root's home."""
    for node in stage.instructions:
        if node.keyword in ("COPY", "ADD"):
            dest = node.as_copy().dest
            if PRIVATE.match(dest) and not FORGOTTEN.match(dest) and dest.rstrip("/") != LOCAL:
                return f"line {node.line} copies to root's home, which nobody else can read"
        if node.keyword == "WORKDIR" and PRIVATE.match(node.value.strip()):
            return f"line {node.line} works in root's home, which nobody else can read"
    for words in start_words(stage):
        if words and PRIVATE.match(words[0]):
            return "the program that starts stands in root's home, which nobody else can read"
    return _private_environment(document, stage)


def _private_environment(document: Dockerfile, stage: Stage) -> str | None:
    root = stage
    while root.parent is not None:
        root = document.stages[root.parent]
    base = base_facts(root.base)
    text = " ".join(node.value for node in stage.instructions if node.keyword in ("ENV", "RUN", "ARG"))
    for step in run_steps(stage):
        line = step.instruction.line
        if step.script is None and DOWNLOAD.search(step.instruction.original):
            return f"line {line} seems to fetch data into root's home in a way that cannot be changed"
        for typed in step.typed:
            if isinstance(typed, PipCommand) and typed.action == "install" and typed.has("--user"):
                return f"line {line} installs into root's home, which nobody else can read"
            if isinstance(typed, PoetryCommand) and typed.action in ("install", "sync"):
                words = text.lower()
                if not re.search(
                    r"virtualenvs.(?:create[ =]+[\"']?(?:false|0)|in-project[ =]+[\"']?(?:true|1))", words
                ):
                    return f"line {line} lets poetry make its environment in root's home"
            own = isinstance(typed, PipenvCommand) and typed.installs and not typed.system
            if own and "PIPENV_VENV_IN_PROJECT" not in text:
                return f"line {line} lets pipenv make its environment in root's home"
            if isinstance(typed, UvCommand) and typed.action in ("sync", "venv", "python install"):
                managed = base is not None and base.python_path is None
                if (managed or typed.action == "python install") and "UV_PYTHON_INSTALL_DIR" not in text:
                    return f"line {line} lets uv put a Python into root's home, which nobody else can read"
    return None


def owned_places(stage: Stage) -> tuple[str, ...]:
    """Directories that the user owns from the start: the last working directory, volumes, caches, and directories that
    variables name."""
    owned: set[str] = set()
    workdirs = [node.value.strip().rstrip("/") for node in stage.instructions if node.keyword == "WORKDIR"]
    if workdirs:
        owned.add(workdirs[-1])
    for node in stage.instructions:
        if node.keyword == "VOLUME":
            owned.update(node.json if node.json is not None else node.args)
        if node.keyword == "ENV":
            owned.update(
                (value or "").strip("\"'")
                for key, value in node.env_pairs()
                if key in CACHES
                or (DIRECTORY.search(key) and not (value or "").strip("\"'").startswith("/opt/"))
            )
    made = {path for step in run_steps(stage) for path in _made_bluntly(stage, step)}
    return tuple(
        sorted(
            path for path in owned if PLACE.fullmatch(path) and not SYSTEM.match(path) and path not in made
        )
    )


def _made_bluntly(stage: Stage, step: RunStep) -> list[str]:
    """What a `mkdir` without `-p` makes, which must not be there before."""
    return [
        path
        for command in step.script or ()
        if command.name == "mkdir" and not any(word.text.startswith("-") for word in command.arguments)
        for path in _targets(stage, step, command)
    ]


def _targets(stage: Stage, step: RunStep, command: Command) -> list[str]:
    """The paths that a command names, outside the system's own directories."""
    cwd = workdir_at(stage, step.instruction)
    found: list[str] = []
    for word in command.arguments:
        if word.text.startswith("-") or not word.literal or word.glob or not LITERAL.match(word.text):
            continue
        if not word.text.startswith("/") and cwd is None:
            continue
        path = posixpath.normpath(posixpath.join(cwd or "/", word.text))
        if not SYSTEM.match(path):
            found.append(path)
    return found


def step_edits(stage: Stage, step: RunStep, chown: str) -> list[Edit]:
    """Edits so that what a root's step leaves behind can be used by the owner: directories that it makes, models and
    data that it fetches. `chown` stands in the same step, so that no byte is stored twice."""
    if step.script is None or step.script.form == "exec" or not step.flat:
        return []
    edits: list[Edit] = []
    places: list[str] = []
    for command in step.script.commands:
        if command.name in ("mkdir", "touch"):
            places += _targets(stage, step, command)
        elif (
            _fetches(command)
            and not writes_dependencies(command)
            and not any(part.name == "HOME" for part in command.assignments)
        ):
            at = min([command.span.start, *(part.span.start for part in command.assignments)])
            edits.append(Edit(Span(at, at), f"HOME={HOME} "))
            places += [HOME, *caches_of(stage)]
    if not places:
        return []
    chosen = [place for place in dict.fromkeys(places) if not any(_inside(place, other) for other in places)]
    return [*edits, append(step, f"{chown} {' '.join(chosen)}")]


def caches_of(stage: Stage) -> list[str]:
    """Cache directories that the stage names in variables."""
    values = [
        (value or "").strip("\"'")
        for node in stage.instructions
        if node.keyword == "ENV"
        for key, value in node.env_pairs()
        if key in CACHES
    ]
    return [value for value in dict.fromkeys(values) if PLACE.fullmatch(value) and not SYSTEM.match(value)]


def _inside(path: str, other: str) -> bool:
    return path != other and path.startswith(other + "/")


def _fetches(command: Command) -> bool:
    """Whether a command runs Python code of its own, which may fill caches below the home directory."""
    words = [word.text for word in command.arguments]
    if command.name in FETCHERS:
        return True
    if not re.fullmatch(r"python\d*(?:\.\d+)?", command.name):
        return False
    if "-m" in words[:3]:
        module = words[words.index("-m") + 1 : words.index("-m") + 2]
        return not module or module[0].partition(".")[0] not in NOT_FETCHING
    if words[:1] in (["setup.py"], ["-V"], ["--version"], ["-"]) or words[:1] == ["manage.py"]:
        return False
    return bool(words)


def relocations(document: Dockerfile, stage: Stage) -> list[Edit]:
    """Edits that move what `pip install --user` made from root's home to the user's."""
    edits: list[Edit] = []
    for node in stage.instructions:
        if node.keyword == "COPY" and node.as_copy().dest.rstrip("/") == LOCAL:
            span = node.as_copy().dest_span
            edits.append(Edit(span, HOME + "/.local" + ("/" if node.as_copy().dest.endswith("/") else "")))
    if not edits:
        return []
    for node in stage.instructions:
        if node.keyword == "ENV":
            for match in re.finditer(re.escape(LOCAL), node.span.of(document.text)):
                start = node.span.start + match.start()
                edits.append(Edit(Span(start, start + len(LOCAL)), HOME + "/.local"))
    return edits


def copied_to_system(stage: Stage, node: Instruction) -> bool:
    """Whether a COPY goes where the system keeps its own files, which must stay root's."""
    dest = node.as_copy().dest
    cwd = workdir_at(stage, node) if not dest.startswith("/") else "/"
    if cwd is None or not LITERAL.match(dest):
        return False
    path = posixpath.normpath(posixpath.join(cwd, dest))
    return path != "/" and SYSTEM.match(path) is not None
