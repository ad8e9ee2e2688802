"""The key under which a builder looks up each step, as a value that can be compared between two states of a project.

A step is served from the cache when its key was there before. What goes into a key is what the builders were observed
to look at (`tests/e2e/test_cache.py` holds every experiment): BuildKit by content and by graph, Buildah and Docker's
classic builder by the text of the history and its parent.
"""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tare.context.usage import Use, find_uses
from tare.dockerfile import Dockerfile, Instruction, Stage
from tare.dockerfile.expand import expand_known
from tare.dockerfile.flags import mount_fields
from tare.dockerfile.graph import global_values, needed_stages
from tare.dockerfile.shell.script_text import instruction_script
from tare.dockerfile.stages import StageState, effective

Rules = Literal["buildkit", "buildah", "classic"]
Key = tuple[object, ...]
LAYERS = frozenset({"RUN", "COPY", "ADD", "WORKDIR"})


@dataclass(frozen=True, slots=True)
class FileState:
    """What a builder looks at of one file of the context; `content` is any value that differs when the content does."""

    kind: str
    mode: int
    content: str


@dataclass(frozen=True, slots=True)
class BuildState:
    """Everything that a build starts from: the files that are sent, build arguments, and what each base image is
    (`layers` and `env` are any values that differ when those do)."""

    document: Dockerfile
    files: Mapping[str, FileState]
    build_args: Mapping[str, str] = field(default_factory=dict)
    bases: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Origin:
    """A part of a step's key that stands for files of another stage: `path` out of the stage that ended as `end`."""

    end: "StageEnd"
    path: str


@dataclass(frozen=True, slots=True)
class StepKey:
    """The key of one step. `own` is what it looks at itself, `parent` the key of the step before; `origins` are files of
    other stages, which are compared by content. A step that makes no layer has no key of its own."""

    stage: Stage
    instruction: Instruction
    parent: Key
    own: Key
    origins: tuple[Origin, ...]
    layer: bool

    @property
    def key(self) -> Key:
        """What the step after it has as its parent."""
        return (self.parent, self.own, self.origins) if self.layer else self.parent


@dataclass(frozen=True, slots=True)
class StageEnd:
    """The steps of a finished stage, for those that copy out of it."""

    base: Key
    steps: tuple[StepKey, ...]
    destinations: tuple[tuple[str, Key], ...]
    """Where each COPY of the context put what."""


def step_keys(state: BuildState, rules: Rules, target: int | None = None) -> tuple[StepKey, ...]:
    """The keys of all instructions in the stages that a build of `target` needs, in order."""
    last = len(state.document.stages) - 1 if target is None else target
    every = rules == "classic"  # it carries out every stage above the one that is wanted
    needed = frozenset(range(last + 1)) if every else needed_stages(state.document, target)
    uses = find_uses(state.document, state.build_args)
    ends: dict[int, StageEnd] = {}
    found: list[StepKey] = []
    for stage in state.document.stages:
        if stage.index in needed:
            ends[stage.index] = _stage(state, stage, uses, ends, rules)
            found += ends[stage.index].steps
    return tuple(found)


def _stage(
    state: BuildState, stage: Stage, uses: tuple[Use, ...], ends: Mapping[int, StageEnd], rules: Rules
) -> StageEnd:
    base = _base(state, stage, ends, rules)
    first = StepKey(stage, stage.from_, (), base, (), True)
    steps = [first]
    below = None if stage.parent is None else ends.get(stage.parent)
    destinations = [] if below is None else list(below.destinations)
    for node in stage.instructions[1:]:
        here = effective(state.document, stage, before=node, build_args=state.build_args)
        parent = steps[-1].key
        own, origins = _own(state, stage, node, here, uses, ends, rules)
        layer = node.keyword in LAYERS or rules != "buildkit"
        if (
            node.keyword in ("COPY", "ADD")
            and node.flag("link") not in (None, "false")
            and rules == "buildkit"
        ):
            parent = ("link",)
        steps.append(StepKey(stage, node, parent, own, origins, layer))
        if node.keyword in ("COPY", "ADD"):
            destinations.append((_destination(node, here, state), own))
    return StageEnd(base, tuple(steps), tuple(destinations))


def _base(state: BuildState, stage: Stage, ends: Mapping[int, StageEnd], rules: Rules) -> Key:
    if stage.parent is not None and stage.parent in ends:
        return ("stage", ends[stage.parent].steps[-1].key)
    values = global_values(state.document.global_args, state.document.escape, state.build_args)
    name = expand_known(stage.base_raw, values, state.document.escape)
    known = state.bases.get(name, ("", ""))
    return ("image", name, known if rules == "classic" else known[0])


def _own(
    state: BuildState,
    stage: Stage,
    node: Instruction,
    here: StageState,
    uses: tuple[Use, ...],
    ends: Mapping[int, StageEnd],
    rules: Rules,
) -> tuple[Key, tuple[Origin, ...]]:
    match node.keyword:
        case "RUN":
            return _run(state, stage, node, here, uses, ends, rules)
        case "COPY" | "ADD":
            return _copy(state, node, here, uses, ends, rules)
        case "WORKDIR" if rules != "buildah":
            after = effective(state.document, stage, build_args=state.build_args, before=_next(stage, node))
            return ("WORKDIR", after.workdir), ()
    if rules == "classic":
        return (node.keyword, _said(node, here, state)), ()
    # Buildah's history has the text as it stands, variables and all.
    return (node.keyword, node.value if rules == "buildah" else ""), ()


def _said(node: Instruction, here: StageState, state: BuildState) -> Key:
    """What the classic builder notes of an instruction that runs nothing: its words, with the values of variables."""
    if node.keyword in ("ENV", "LABEL"):
        return tuple((key, _expanded(value or "", here, state)) for key, value in node.env_pairs())
    return node.json if node.json is not None else (_expanded(node.value, here, state),)


def _next(stage: Stage, node: Instruction) -> Instruction | None:
    nodes = stage.instructions
    at = next(index for index, other in enumerate(nodes) if other is node)
    return nodes[at + 1] if at + 1 < len(nodes) else None


def _expanded(text: str, here: StageState, state: BuildState) -> str:
    return expand_known(text, here.variables, state.document.escape)


def _run(
    state: BuildState,
    stage: Stage,
    node: Instruction,
    here: StageState,
    uses: tuple[Use, ...],
    ends: Mapping[int, StageEnd],
    rules: Rules,
) -> tuple[Key, tuple[Origin, ...]]:
    text = node.json if node.json is not None else (instruction_script(node)[0].text,)
    origins: list[Origin] = []
    mounts: list[Key] = []
    for flag in node.flags:
        if flag.name != "mount":
            mounts.append((flag.name, flag.value))
            continue
        fields = dict(mount_fields(flag))
        mounts.append(tuple(sorted((key, value or "") for key, value in fields.items())))
        source = fields.get("from")
        other = state.document.stage(source) if source else None
        if rules == "buildkit" and other is not None and other.index in ends:
            path = fields.get("source") or fields.get("src") or "/"
            origins.append(Origin(ends[other.index], posixpath.normpath(path)))
    if rules != "buildkit":
        declared = tuple(
            sorted(
                (key, value) for key, value in here.args.items() if value is not None and key not in here.env
            )
        )
        flags = tuple((flag.name, flag.value) for flag in node.flags)
        raw = node.value if rules == "buildah" else ""
        return ("RUN", here.shell if node.json is None else (), raw, text, declared, flags), ()
    bound = tuple(
        taken_content(state.files, use, rules) for use in uses if use.instruction is node and use.mount
    )
    env = dict(here.env) | {key: value for key, value in here.args.items() if value is not None}
    env = {key: here.variables.get(key, value) for key, value in env.items()}
    root = _root_env(state, stage)
    where = (here.user, here.workdir, here.shell if node.json is None else ())
    return ("RUN", text, tuple(env.items()), root, where, tuple(mounts), bound), tuple(origins)


def _root_env(state: BuildState, stage: Stage) -> str:
    while stage.parent is not None:
        stage = state.document.stages[stage.parent]
    return state.bases.get(stage.base, ("", ""))[1]


def _copy(
    state: BuildState,
    node: Instruction,
    here: StageState,
    uses: tuple[Use, ...],
    ends: Mapping[int, StageEnd],
    rules: Rules,
) -> tuple[Key, tuple[Origin, ...]]:
    copy = node.as_copy()
    options = tuple(
        (flag.name, _expanded(flag.value or "", here, state))
        for flag in node.flags
        if flag.name not in ("from", "link")
    )
    destination = _destination(node, here, state)
    inline = tuple(doc.content for doc in copy.heredocs)
    sources = tuple(_expanded(source, here, state) for source in copy.sources)
    other = state.document.stage(copy.from_) if copy.from_ is not None else None
    text = (node.keyword, _expanded(copy.dest, here, state)) if rules != "buildkit" else ()
    if other is not None and other.index in ends:
        origins = tuple(
            Origin(ends[other.index], posixpath.normpath("/" + source.lstrip("/"))) for source in sources
        )
        names = () if rules == "buildah" else tuple(posixpath.basename(source) for source in sources)
        return ("COPY", text, destination, options, names), origins
    if copy.from_ is not None:
        image = state.bases.get(copy.from_, ("", ""))[0]
        return ("COPY", text, copy.from_, image, sources, destination, options), ()
    content = tuple(taken_content(state.files, use, rules) for use in uses if use.instruction is node)
    remote = tuple(source for source in sources if "://" in source)
    return (node.keyword, text, content, remote, inline, destination, options), ()


def _destination(node: Instruction, here: StageState, state: BuildState) -> str:
    dest = _expanded(node.as_copy().dest, here, state)
    joined = posixpath.normpath(posixpath.join("/", here.workdir or "/", dest))
    return joined + "/" if dest.endswith(("/", ".")) and joined != "/" else joined


def taken_content(files: Mapping[str, FileState], use: Use, rules: Rules) -> Key:
    """Names below the source, kinds, modes and contents: not times, not owners, not where the source lies. BuildKit also
    looks at the last part of the source's own name, the classic builder at the whole of it."""
    taken = [(_below(use, path, rules), file) for path, file in files.items() if use.takes(path)]
    return tuple(sorted((name, file.kind, file.mode, file.content) for name, file in taken))


def _below(use: Use, path: str, rules: Rules) -> str:
    if use.whole or use.wildcard or rules == "classic":
        return path
    below = path.removeprefix(use.source)
    return below if rules == "buildah" else posixpath.basename(use.source) + below
