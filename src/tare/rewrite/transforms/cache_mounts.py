"""Package caches in cache mounts: kept between builds, never part of a layer."""

from tare.core.text import Edit, Span
from tare.dockerfile import Dockerfile, Stage
from tare.dockerfile.commands import AptCommand, PipCommand, UvCommand
from tare.dockerfile.shell import Command
from tare.rewrite.anatomy import RunStep, is_python_install, run_steps
from tare.rewrite.facts import Facts
from tare.rewrite.layout import remove
from tare.rewrite.script_edits import removals
from tare.rewrite.transform import Example, Outcome, Proposal, Refusal, Transform
from tare.schema.finding import Applicability

LOCK = ",sharing=locked"
APT = (
    f"--mount=type=cache,target=/var/cache/apt{LOCK}",
    f"--mount=type=cache,target=/var/lib/apt/lists{LOCK}",
)
APT_TARGETS = frozenset({"/var/cache/apt", "/var/lib/apt/lists", "/var/lib/apt"})
PIP_CACHE = "/root/.cache/pip"
UV_CACHE = "/root/.cache/uv"
PIP = (f"--mount=type=cache,target={PIP_CACHE}",)
UV = (f"--mount=type=cache,target={UV_CACHE}",)
NO_CACHE = "PIP_NO_CACHE_DIR"
KEEP_DOWNLOADS = "rm -f /etc/apt/apt.conf.d/docker-clean"
ROOT = frozenset({"root", "0", "root:root", "0:0"})


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Mount the caches of apt, pip and uv, and take away what would empty or bypass them."""
    if not facts.settings.cache_mounts:
        return Refusal("the builder at hand has no cache mounts")
    edits: list[Edit] = []
    for stage in document.stages:
        edits += _stage(document, stage, locks=facts.settings.cache_locks)
    if not edits:
        return None
    return Proposal(
        tuple(edits),
        "downloads are kept between builds and are in no layer: an added package no longer fetches all the others",
        Applicability.SAFE,
    )


def _stage(document: Dockerfile, stage: Stage, *, locks: bool) -> list[Edit]:
    edits: list[Edit] = []
    root = True
    steps = {id(step.instruction): step for step in run_steps(stage)}
    cached = False
    for node in stage.instructions:
        if node.keyword == "USER":
            root = node.value.strip() in ROOT
        step = steps.get(id(node))
        if step is not None and root:
            found = _step(document, step, locks=locks)
            edits += found
            cached = cached or any(PIP_CACHE in edit.replacement for edit in found)
    if cached:
        edits += _enabled(document, stage)
    return edits


def _step(document: Dockerfile, step: RunStep, *, locks: bool) -> list[Edit]:
    if step.script is None or step.script.form == "exec" or not step.flat:
        return []
    mounts: list[str] = []
    edits: list[Edit] = []
    taken = {target for value in step.instruction.flag_values("mount") for target in _targets(value)}
    if any(apt.action == "install" for apt in step.apt) and not taken & APT_TARGETS:
        cleaned = _stop_cleaning(document, step)
        if cleaned is not None:
            edits += cleaned
            mounts += [mount if locks else mount.removesuffix(LOCK) for mount in APT]
    pips = [typed for typed in step.typed if isinstance(typed, PipCommand) and _downloads(typed)]
    if pips and PIP_CACHE not in taken:
        for pip in pips:
            edits += _without(pip, "--no-cache-dir")
        mounts += PIP
    uvs = [typed for typed in step.typed if isinstance(typed, UvCommand) and is_python_install(typed)]
    if uvs and UV_CACHE not in taken:
        for uv in uvs:
            edits += _without(uv, "--no-cache")
        mounts += UV
    if not mounts:
        return []
    at = step.instruction.keyword_span.end
    if step.instruction.flags:
        at = max(flag.span.end for flag in step.instruction.flags)
        return [Edit(Span(at, at), "".join(f" \\\n    {mount}" for mount in mounts)), *edits]
    return [Edit(Span(at, at), " " + " \\\n    ".join(mounts) + " \\\n   "), *edits]


def _targets(mount: str) -> list[str]:
    fields = dict(part.partition("=")[::2] for part in mount.split(","))
    return [fields[key].rstrip("/") for key in ("target", "dst", "destination") if key in fields]


def _downloads(typed: PipCommand) -> bool:
    return typed.action in ("install", "wheel", "download")


def _without(typed: PipCommand | UvCommand, name: str) -> list[Edit]:
    found = [typed.without(option) for option in typed.options if option.name == name]
    return [edit for edit in found if edit is not None]


def _enabled(document: Dockerfile, stage: Stage) -> list[Edit]:
    """Edits that take `PIP_NO_CACHE_DIR` out of ENV: any value of it, also 0 and off, turns pip's cache off."""
    edits: list[Edit] = []
    for node in stage.instructions:
        if node.keyword != "ENV":
            continue
        pairs = node.env_pairs()
        own = [index for index, (key, _) in enumerate(pairs) if key == NO_CACHE]
        if len(own) == len(pairs):
            edits.append(remove(document, node))
            continue
        for index in own:
            key, value = node.arguments[2 * index], node.arguments[2 * index + 1]
            if index:
                edits.append(Edit(Span(node.arguments[2 * index - 1].span.end, value.span.end), ""))
            else:
                edits.append(Edit(Span(key.span.start, node.arguments[2].span.start), ""))
    return edits


def _stop_cleaning(document: Dockerfile, step: RunStep) -> list[Edit] | None:
    """Edits that keep apt's cache; None when a cleaning command cannot be taken out."""
    assert step.script is not None
    unwanted: list[Command] = []
    for command, typed in zip(step.script.commands, step.typed, strict=True):
        cleans = isinstance(typed, AptCommand) and typed.action in ("clean", "autoclean", "distclean")
        targets = [word.text for word in command.arguments if not word.text.startswith("-")]
        apt_only = (
            command.name == "rm"
            and targets
            and all(text.startswith(("/var/lib/apt/lists", "/var/cache/apt")) for text in targets)
        )
        if cleans or apt_only:
            unwanted.append(command)
        elif command.name == "rm" and any("/apt" in text for text in targets):
            return None
    edits = removals(document, step, unwanted)
    if edits is None:
        return None
    first = next(
        command
        for command, typed in zip(step.script.commands, step.typed, strict=True)
        if isinstance(typed, AptCommand) and not any(command is one for one in unwanted)
    )
    start = min([first.span.start, *(part.span.start for part in first.assignments)])
    joint = "\n" if step.script.form == "heredoc" else " \\\n && "
    edits.insert(0, Edit(Span(start, start), KEEP_DOWNLOADS + joint))
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
            "FROM python:3.11\nENV PIP_NO_CACHE_DIR=off A=1\nRUN apt-get update && apt-get install -y git && apt-get clean "
            "&& rm -rf /var/lib/apt/lists/*\nRUN pip install --no-cache flask\n",
            "FROM python:3.11\nENV A=1\nRUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\\n"
            "    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \\\n"
            "    rm -f /etc/apt/apt.conf.d/docker-clean \\\n && apt-get update && apt-get install -y git\n"
            "RUN --mount=type=cache,target=/root/.cache/pip \\\n    pip install flask\n",
            "any value of the variable turns the cache off, also off",
        ),
        Example(
            "FROM python:3.11\nRUN --mount=type=bind,source=r.txt,target=/r.txt \\\n    pip install -r /r.txt\n",
            "FROM python:3.11\nRUN --mount=type=bind,source=r.txt,target=/r.txt \\\n"
            "    --mount=type=cache,target=/root/.cache/pip \\\n    pip install -r /r.txt\n",
            "beside other mounts",
        ),
        Example(
            "FROM python:3.11\nUSER app\nRUN pip install flask\n",
            "FROM python:3.11\nUSER app\nRUN pip install flask\n",
            "root's cache is not this user's",
        ),
    ),
)
