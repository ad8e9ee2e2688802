"""A project's dependencies from its manifest and lock, installed before its source is copied."""

import posixpath
import re
from dataclasses import dataclass

from tare.core.text import Edit
from tare.dockerfile import Dockerfile, Instruction, Stage
from tare.dockerfile.commands import PackageCommand, PipCommand, PoetryCommand, UvCommand
from tare.dockerfile.shell import Command
from tare.knowledge.bases import base_facts
from tare.rewrite.anatomy import DEPENDENCIES, LITERAL, Part, RunStep, run_step, workdir_at
from tare.rewrite.facts import Facts, Manifest
from tare.rewrite.layout import block_text, insert_after, insert_before, remove, run
from tare.rewrite.transform import Example, Outcome, Proposal, Refusal, Transform
from tare.schema.finding import Applicability

WHOLE = frozenset({".", "./", "/"})
PASSED = frozenset(
    {"ENV", "ARG", "LABEL", "EXPOSE", "SHELL", "VOLUME", "STOPSIGNAL", "HEALTHCHECK", "CMD", "ENTRYPOINT"}
)
EXTRAS = re.compile(r"^(?:\.|\./)(?:\[([\w,\s.-]+)\])?$")
TOMLLIB = (3, 11)


@dataclass(frozen=True, slots=True)
class Split:
    """`files`: what the dependencies' step reads, relative to the project; `commands`: what it runs. `complete`: nothing
    is left for the original step."""

    files: tuple[str, ...]
    commands: tuple[str, ...]
    complete: bool = False


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Put the manifest's copy and an install without the project above the first COPY of everything."""
    edits: list[Edit] = []
    reason = ""
    refusal: Refusal | None = None
    for stage in document.stages:
        for node in stage.instructions:
            if node.keyword in ("COPY", "ADD") and _is_whole(node):
                outcome = _split(document, stage, node, facts)
                if isinstance(outcome, Proposal):
                    edits += outcome.edits
                    reason = reason or outcome.reason
                else:
                    refusal = refusal or outcome
                break
    if not edits:
        return refusal
    return Proposal(tuple(edits), reason, Applicability.UNSAFE)


def _is_whole(node: Instruction) -> bool:
    copy = node.as_copy()
    return (
        copy.from_ is None
        and not copy.heredocs
        and len(copy.sources) == 1
        and copy.sources[0] in WHOLE
        and not copy.exclude
    )


def _split(document: Dockerfile, stage: Stage, node: Instruction, facts: Facts) -> Proposal | Refusal | None:
    copy = node.as_copy()
    cwd = workdir_at(stage, node)
    if cwd is None or not LITERAL.match(copy.dest):
        return None
    root = posixpath.normpath(posixpath.join(cwd, copy.dest))
    step = _installing(stage, node, root)
    if step is None or step.script is None:
        return None
    found = _commands(document, stage, step, facts)
    if found is None or isinstance(found, Refusal):
        return found
    above = stage.instructions[: stage.instructions.index(node)]
    if any(_brings_manifest(other) for other in above):
        return None
    if facts.files is not None:
        missing = [name for name in found.files if "*" not in name and name not in facts.files]
        if missing:
            return Refusal(
                f"{missing[0]} is not in the build context, and without it the versions are not known"
            )
    local = [name for name in found.files if name in facts.local_requirements]
    if local:
        return Refusal(f"{local[0]} installs directories of the project, which need their source")
    place = root.rstrip("/") + "/"
    dest = place if copy.dest.startswith("/") else "./" if root == cwd else copy.dest.rstrip("/") + "/"
    flags = [flag.span.of(document.text) for flag in step.instruction.flags]
    install = run(found.commands, flags)
    source = block_text(document, node).rstrip("\r\n")
    files = " ".join(found.files)
    edits = [insert_before(document, node, f"COPY {files} {dest}"), remove(document, node)]
    if found.complete:
        edits.append(insert_after(document, step.instruction, source))
    else:
        edits.append(insert_before(document, step.instruction, f"{install}\n{source}"))
    return Proposal(
        tuple(edits),
        f"{' and '.join(name.rstrip('*') for name in found.files)} alone decide what is installed: a change of the source "
        "installs the project again, and nothing else",
        Applicability.UNSAFE,
    )


def _installing(stage: Stage, node: Instruction, root: str) -> RunStep | None:
    """The RUN below a COPY that installs the project where it was copied to, with only settings in between."""
    relative = not node.as_copy().dest.startswith("/")
    for other in stage.instructions[stage.instructions.index(node) + 1 :]:
        if other.keyword in PASSED:
            continue
        if other.keyword == "WORKDIR" and not relative:
            continue
        if other.keyword == "RUN" and workdir_at(stage, other) == root:
            return run_step(stage, other)
        return None
    return None


def _brings_manifest(node: Instruction) -> bool:
    """Whether the file splits its installation already."""
    text = node.original
    return node.keyword in ("COPY", "ADD", "RUN") and bool(
        re.search(r"pyproject\.toml|poetry\.lock|uv\.lock|Pipfile|requirements[\w.-]*\.txt", text)
    )


def _commands(document: Dockerfile, stage: Stage, step: RunStep, facts: Facts) -> Split | Refusal | None:
    """The commands of the step up to its installation of the project, that one without the project."""
    assert step.script is not None
    line = step.instruction.line
    before: list[str] = []
    for index, (command, typed) in enumerate(zip(step.script.commands, step.typed, strict=True)):
        found = _without_project(stage, command, typed, facts, document)
        if isinstance(found, Refusal):
            return found
        text = document.text[command.span.start : command.span.end]
        if found is not None:
            if not step.flat or step.script.form != "shell" or "\n" in text:
                return Refusal(f"the step in line {line} is too involved to be told apart")
            if step.instruction.flag_values("mount") and "type=bind" in step.instruction.original:
                return None
            last = index == len(step.script.commands) - 1
            return Split(found.files, (*before, *found.commands), found.complete and last)
        if step.parts[index] is Part.OTHER:
            return None
        before.append(text)
    return None


def _without_project(
    stage: Stage, command: Command, typed: PackageCommand | None, facts: Facts, document: Dockerfile
) -> Split | Refusal | None:
    words = [word.raw for word in command.argv]
    if isinstance(typed, UvCommand) and typed.action == "sync":
        return _uv(typed, words, facts)
    if isinstance(typed, PoetryCommand) and typed.action in ("install", "sync"):
        if typed.has("--only-root") or typed.has("--directory", "--project"):
            return None
        lock = "poetry.lock" if facts.files is not None else "poetry.lock*"
        complete = typed.no_root
        return Split(
            ("pyproject.toml", lock), (" ".join(words if complete else [*words, "--no-root"]),), complete
        )
    if command.name == "pipenv":
        actions = [word.text for word in command.arguments if not word.text.startswith("-")]
        options = {word.text for word in command.arguments}
        locked = actions == ["sync"] or (
            actions == ["install"] and options & {"--deploy", "--ignore-pipfile"}
        )
        return Split(("Pipfile", "Pipfile.lock"), (" ".join(words),), True) if locked else None
    if isinstance(typed, PipCommand) and typed.action == "install":
        return _pip(stage, typed, facts, document)
    return None


def _uv(typed: UvCommand, words: list[str], facts: Facts) -> Split | Refusal | None:
    if typed.has("--no-install-project", "--no-install-workspace", "--directory", "--project", "--package"):
        return None
    if facts.files is None and not typed.has("--frozen", "--locked"):
        return Refusal("whether there is a uv.lock is not known")
    if facts.files is not None and any(path.startswith(".venv/") for path in facts.files):
        return Refusal("the context brings a .venv of its own, which would replace the installed one")
    kept = [word for word in words if word != "--locked"]
    options = [*([] if "--frozen" in kept else ["--frozen"]), "--no-install-project"]
    return Split(("pyproject.toml", "uv.lock"), (" ".join([*kept, *options]),))


def _pip(stage: Stage, typed: PipCommand, facts: Facts, document: Dockerfile) -> Split | Refusal | None:
    targets = [*typed.requirements, *typed.editable]
    if len(targets) != 1 or typed.requirement_files or typed.has("--no-deps"):
        return None
    match = EXTRAS.match(targets[0].text)
    if match is None:
        return None
    manifest = next((one for one in facts.manifests if one.path == "pyproject.toml"), None)
    if manifest is None:
        why = "is not known" if facts.files is None else "stands in no pyproject.toml"
        return Refusal(f"what the project depends on {why}")
    if manifest.dependencies is None:
        return Refusal(manifest.obstacle)
    extras = [part.strip() for part in (match[1] or "").split(",") if part.strip()]
    unknown = [name for name in extras if name not in manifest.extras]
    if unknown:
        return Refusal(f"pyproject.toml has no extra {unknown[0]}")
    if not manifest.dependencies and not extras:
        return None
    words = [
        word.raw
        for word in typed.command.argv
        if word is not targets[0] and word.text not in ("-e", "--editable")
    ]
    return Split(
        ("pyproject.toml",), (_listing(stage, extras, document), " ".join([*words, "-r", DEPENDENCIES]))
    )


def _listing(stage: Stage, extras: list[str], document: Dockerfile) -> str:
    """The command that writes the requirements of a pyproject into a file."""
    root = stage
    while root.parent is not None:
        root = document.stages[root.parent]
    base = base_facts(root.base)
    version = base.python_version if base is not None else None
    old = version is not None and tuple(int(part) for part in version.split(".")[:2]) < TOMLLIB
    module = "from pip._vendor import tomli as t" if old else "import tomllib as t"
    wanted = "p['dependencies']" + "".join(f" + p['optional-dependencies']['{name}']" for name in extras)
    code = f"{module}; p = t.load(open('pyproject.toml', 'rb'))['project']; print(*{wanted}, sep='\\n')"
    return f'python -c "{code}" > {DEPENDENCIES}'


_POETRY = 'FROM python:3.11-slim\nRUN pip install poetry\nWORKDIR /app\n{}CMD ["python", "app.py"]\n'
_PYPROJECT = Facts(
    files=frozenset({"pyproject.toml", "app.py"}),
    manifests=(Manifest("pyproject.toml", ("flask>=3",), frozenset({"server"})),),
)

TRANSFORM = Transform(
    name="project-dependencies",
    title="Install a project's dependencies before its source",
    guide=(
        "`uv sync`, `poetry install` and `pip install .` install two things: what others wrote, which changes with the lock "
        "or manifest, and the project itself, which changes with every saved file. In two steps, the long one is kept."
    ),
    plan=plan,
    examples=(
        Example(
            "FROM python:3.11\nWORKDIR /app\nCOPY . .\nRUN uv sync --locked --no-dev\n",
            "FROM python:3.11\nWORKDIR /app\nCOPY pyproject.toml uv.lock ./\n"
            "RUN uv sync --no-dev --frozen --no-install-project\nCOPY . .\nRUN uv sync --locked --no-dev\n",
        ),
        Example(
            _POETRY.format(
                "COPY . /app\nRUN poetry config virtualenvs.create false && poetry install --only main\n"
            ),
            _POETRY.format(
                "COPY pyproject.toml poetry.lock* /app/\n"
                "RUN poetry config virtualenvs.create false \\\n && poetry install --only main --no-root\n"
                "COPY . /app\nRUN poetry config virtualenvs.create false && poetry install --only main\n"
            ),
        ),
        Example(
            _POETRY.format("COPY . .\nRUN poetry install --no-root\n"),
            _POETRY.format("COPY pyproject.toml poetry.lock* ./\nRUN poetry install --no-root\nCOPY . .\n"),
            "the project itself is not installed at all",
        ),
        Example(
            "FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pipenv install --system --deploy\n",
            "FROM python:3.12\nWORKDIR /app\nCOPY Pipfile Pipfile.lock ./\nRUN pipenv install --system --deploy\nCOPY . .\n",
        ),
        Example(
            'FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pip install --no-cache-dir ".[server]"\n',
            "FROM python:3.12\nWORKDIR /app\nCOPY pyproject.toml ./\n"
            "RUN python -c \"import tomllib as t; p = t.load(open('pyproject.toml', 'rb'))['project']; "
            "print(*p['dependencies'] + p['optional-dependencies']['server'], sep='\\n')\" > /tmp/dependencies.txt \\\n"
            " && pip install --no-cache-dir -r /tmp/dependencies.txt\nCOPY . .\n"
            'RUN pip install --no-cache-dir ".[server]"\n',
            "requirements as the manifest lists them",
            _PYPROJECT,
        ),
        Example(
            "FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pip install .\n",
            "FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pip install .\n",
            "what only the build knows cannot be installed before it",
            Facts(
                files=frozenset({"pyproject.toml"}),
                manifests=(Manifest("pyproject.toml", None, obstacle="pyproject.toml is dynamic"),),
            ),
        ),
        Example(
            "FROM python:3.11\nWORKDIR /app\nCOPY pyproject.toml uv.lock ./\nRUN uv sync --frozen --no-install-project\n"
            "COPY . .\nRUN uv sync --frozen\n",
            "FROM python:3.11\nWORKDIR /app\nCOPY pyproject.toml uv.lock ./\nRUN uv sync --frozen --no-install-project\n"
            "COPY . .\nRUN uv sync --frozen\n",
            "in two steps already",
        ),
    ),
)
