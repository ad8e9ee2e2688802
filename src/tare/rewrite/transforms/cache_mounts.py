"""Package caches in cache mounts: kept between builds, never part of a layer."""

from tare.core.text import Edit, Span
from tare.dockerfile import Dockerfile, Stage
from tare.dockerfile.commands import AptCommand, PipCommand, UvCommand
from tare.rewrite.anatomy import RunStep, is_python_install, run_steps
from tare.rewrite.facts import Facts
from tare.rewrite.transform import Example, Outcome, Proposal, Refusal, Transform
from tare.schema.finding import Applicability

LOCK = ",sharing=locked"
APT = (
    f"--mount=type=cache,target=/var/cache/apt{LOCK}",
    f"--mount=type=cache,target=/var/lib/apt/lists{LOCK}",
)
PIP = ("--mount=type=cache,target=/root/.cache/pip",)
UV = ("--mount=type=cache,target=/root/.cache/uv",)
KEEP_DOWNLOADS = "rm -f /etc/apt/apt.conf.d/docker-clean"
ROOT = frozenset({"root", "0", "root:root", "0:0"})


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Mount the caches of apt, pip and uv, and take away what would empty or bypass them."""
    if not facts.settings.cache_mounts:
        return Refusal("the builder at hand has no cache mounts")
    edits: list[Edit] = []
    for stage in document.stages:
        edits += _stage(stage, locks=facts.settings.cache_locks)
    if not edits:
        return None
    return Proposal(
        tuple(edits),
        "downloads are kept between builds and are in no layer: an added package no longer fetches all the others",
        Applicability.SAFE,
    )


def _stage(stage: Stage, *, locks: bool) -> list[Edit]:
    edits: list[Edit] = []
    root = True
    steps = {id(step.instruction): step for step in run_steps(stage)}
    disabled = {
        key
        for node in stage.instructions
        if node.keyword == "ENV"
        for key, _ in node.env_pairs()
        if key == "PIP_NO_CACHE_DIR"
    }
    for node in stage.instructions:
        if node.keyword == "USER":
            root = node.value.strip() in ROOT
        step = steps.get(id(node))
        if step is not None and root and not node.flag_values("mount"):
            edits += _step(step, pip_disabled=bool(disabled), locks=locks)
    return edits


def _step(step: RunStep, *, pip_disabled: bool, locks: bool) -> list[Edit]:
    if step.script is None or step.script.form == "exec" or not step.flat:
        return []
    mounts: list[str] = []
    edits: list[Edit] = []
    if any(apt.action == "install" for apt in step.apt):
        cleaned = _stop_cleaning(step)
        if cleaned is not None:
            edits += cleaned
            mounts += [mount if locks else mount.removesuffix(LOCK) for mount in APT]
    pips = [typed for typed in step.typed if isinstance(typed, PipCommand) and is_python_install(typed)]
    if pips and not pip_disabled:
        for pip in pips:
            edits += _without(pip, "--no-cache-dir")
        mounts += PIP
    uvs = [typed for typed in step.typed if isinstance(typed, UvCommand) and is_python_install(typed)]
    if uvs:
        for uv in uvs:
            edits += [*_without(uv, "--no-cache"), *_without(uv, "-n")]
        mounts += UV
    if not mounts:
        return []
    at = step.instruction.keyword_span.end
    layout = " " + " \\\n    ".join(mounts) + " \\\n   "
    return [Edit(Span(at, at), layout), *edits]


def _without(typed: PipCommand | UvCommand, option: str) -> list[Edit]:
    words = [word for word in typed.command.argv if word.text == option]
    spans = [typed.command.removal_span(word) for word in words]
    return [Edit(span, "") for span in spans if span is not None]


def _stop_cleaning(step: RunStep) -> list[Edit] | None:
    """Edits that keep apt's cache; None when a cleaning command cannot be taken out."""
    assert step.script is not None
    edits: list[Edit] = []
    for command, typed in zip(step.script.commands, step.typed, strict=True):
        cleans = isinstance(typed, AptCommand) and typed.action in ("clean", "autoclean")
        targets = [word.text for word in command.arguments if not word.text.startswith("-")]
        apt_only = (
            command.name == "rm"
            and targets
            and all(text.startswith(("/var/lib/apt/lists", "/var/cache/apt")) for text in targets)
        )
        if not cleans and not apt_only:
            if command.name == "rm" and any("/apt" in text for text in targets):
                return None
            continue
        span = step.script.removal_span(command)
        if span is None:
            return None
        edits.append(Edit(span, ""))
    first = next(
        command
        for command, typed in zip(step.script.commands, step.typed, strict=True)
        if isinstance(typed, AptCommand)
    )
    joint = "\n" if step.script.form == "heredoc" else " \\\n && "
    edits.insert(0, Edit(Span(first.span.start, first.span.start), KEEP_DOWNLOADS + joint))
    return edits


TRANSFORM = Transform(
    name="cache-mounts",
    title="Keep package caches between builds, outside the layers",
    guide=(
        "A cache mount lives beside the builds: what was downloaded once is there the next time, and no byte of it is in the "
        "image. `--no-cache-dir` and cleaning commands would defeat it and go. Debian images delete apt's downloads after "
        "each install by a setting of their own (`docker-clean`), which goes too."
    ),
    plan=plan,
    examples=(
        Example(
            "FROM python:3.11\nRUN pip install --no-cache-dir -r requirements.txt\n",
            "FROM python:3.11\nRUN --mount=type=cache,target=/root/.cache/pip \\\n    pip install -r requirements.txt\n",
        ),
        Example(
            "FROM python:3.11\nRUN apt-get update \\\n && apt-get install -y libgl1 \\\n && rm -rf /var/lib/apt/lists/*\n",
            "FROM python:3.11\nRUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
            "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
            "    rm -f /etc/apt/apt.conf.d/docker-clean \\\n && apt-get update \\\n && apt-get install -y libgl1\n",
        ),
        Example(
            "FROM python:3.11\nUSER app\nRUN pip install flask\n",
            "FROM python:3.11\nUSER app\nRUN pip install flask\n",
            "root's cache is not this user's",
        ),
    ),
)
