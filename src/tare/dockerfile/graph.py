"""Stages and what they need of each other.

Source of the rules: BuildKit's `frontend/dockerfile/dockerfile2llb`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tare.core.text import Span
from tare.dockerfile.expand import ExpansionError, expand_known
from tare.dockerfile.flags import Rejection, mount_fields
from tare.dockerfile.nodes import Dockerfile, Instruction, Stage
from tare.dockerfile.references import is_reference

DependencyKind = Literal["base", "copy", "mount"]

_SPECIAL = frozenset("$\"'\\`")
_EXPANDED = frozenset({"ADD", "ARG", "COPY", "ENV", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"})


@dataclass(frozen=True, slots=True)
class Dependency:
    """Stage `stage` takes something from `target` (a stage index) or from `image` (a reference outside).

    `span` is where the source names it.
    """

    stage: int
    target: int | None
    image: str | None
    kind: DependencyKind
    instruction: Instruction
    span: Span


def global_values(
    global_args: tuple[Instruction, ...], escape: str, build_args: Mapping[str, str] | None = None
) -> dict[str, str | None]:
    """Values of the ARGs before the first FROM: that of the command line, else the default, expanded; None without one."""
    values: dict[str, str | None] = {}
    for instruction in global_args:
        for key, value in instruction.env_pairs():
            known = None if value is None else expand_known(value, values, escape)
            values[key] = values.get(key) if known is None else known
            if build_args and key in build_args:
                values[key] = build_args[key]
    return values


def build_stages(
    instructions: tuple[Instruction, ...], escape: str
) -> tuple[tuple[Instruction, ...], tuple[Stage, ...]]:
    """Global ARGs and stages. Raises `Rejection` when an instruction stands outside of every stage."""
    starts = [at for at, instruction in enumerate(instructions) if instruction.keyword == "FROM"]
    before = instructions[: starts[0]] if starts else instructions
    for instruction in before:
        if instruction.keyword != "ARG":
            raise Rejection(
                "no build stage in current context", instruction.span.start, "Begin with FROM IMAGE."
            )
    if not starts:
        raise Rejection(
            "dockerfile contains no stages to build", instructions[-1].span.start, "Add FROM IMAGE."
        )
    try:
        known = global_values(before, escape)
    except ExpansionError as error:
        raise Rejection(error.message, before[0].span.start, error.hint) from error
    stages: list[Stage] = []
    for start, end in zip(starts, [*starts[1:], len(instructions)], strict=True):
        stages.append(_stage(instructions[start:end], stages, known, escape))
    return before, tuple(stages)


def _stage(
    instructions: tuple[Instruction, ...], earlier: list[Stage], known: dict[str, str | None], escape: str
) -> Stage:
    view = instructions[0].as_from()
    try:
        base = expand_known(view.image, known, escape)
        platform = None if view.platform is None else expand_known(view.platform, known, escape)
    except ExpansionError as error:
        raise Rejection(error.message, view.image_span.start, error.hint) from error
    if not base:
        raise Rejection(
            f"base name ({view.image}) should not be blank", view.image_span.start, "Name an image."
        )
    parents = (stage.index for stage in reversed(earlier) if stage.name == base)
    return Stage(
        index=len(earlier),
        name=view.name,
        base=base,
        base_raw=view.image,
        parent=next(parents, None),
        platform=platform,
        instructions=instructions,
    )


def dependencies(dockerfile: Dockerfile) -> tuple[Dependency, ...]:
    """What each stage takes from other stages and images: bases, `COPY --from`, `RUN --mount=from=`."""
    found: list[Dependency] = []
    for stage in dockerfile.stages:
        view = stage.from_.as_from()
        image = stage.base if stage.parent is None else None
        found.append(Dependency(stage.index, stage.parent, image, "base", stage.from_, view.image_span))
        for instruction in stage.instructions[1:]:
            for kind, name, span in _sources(instruction):
                named = _named(dockerfile, name, by_index=kind == "copy")
                target = None if named is None else named.index
                image = name if named is None else None
                found.append(Dependency(stage.index, target, image, kind, instruction, span))
    return tuple(found)


def _named(dockerfile: Dockerfile, name: str, *, by_index: bool) -> Stage | None:
    return None if name.isdigit() and not by_index else dockerfile.stage(name)


def _sources(instruction: Instruction) -> list[tuple[DependencyKind, str, Span]]:
    found: list[tuple[DependencyKind, str, Span]] = []
    for flag in instruction.flags:
        if instruction.keyword == "COPY" and flag.name == "from" and flag.value:
            found.append(("copy", flag.value, flag.span))
        if instruction.keyword == "RUN" and flag.name == "mount":
            source = dict(mount_fields(flag)).get("from")
            if source:
                found.append(("mount", source, flag.span))
    return found


def needed_stages(dockerfile: Dockerfile, target: int | None = None) -> frozenset[int]:
    """Indices of the stages that a build of `target` (the last stage by default) runs."""
    edges = dependencies(dockerfile)
    needed: set[int] = set()
    waiting = [len(dockerfile.stages) - 1 if target is None else target]
    while waiting:
        index = waiting.pop()
        if index not in needed:
            needed.add(index)
            waiting += (edge.target for edge in edges if edge.stage == index and edge.target is not None)
    return frozenset(needed)


def check_graph(dockerfile: Dockerfile) -> None:
    """Raise `Rejection` on a stage index that does not exist, a circle, and in the stages that a build needs: on an image name
    that is none, a word that cannot be expanded, or a RUN without a command."""
    edges = dependencies(dockerfile)
    for edge in edges:
        if edge.kind == "copy" and edge.image and edge.image.lstrip("-").isdigit():
            raise Rejection(
                f"invalid stage index {edge.image}",
                edge.span.start,
                f"Stages are numbered from 0 to {len(dockerfile.stages) - 1}.",
            )
    _check_circles(dockerfile, edges)
    needed = sorted(needed_stages(dockerfile))
    for edge in edges:
        if edge.kind != "base" and edge.stage in needed and edge.image and not is_reference(edge.image):
            raise Rejection(
                f"failed to parse stage name {edge.image!r}: invalid reference format",
                edge.span.start,
                "Variables are not expanded here: name a stage (FROM IMAGE AS NAME) and take it from there.",
            )
    for index in needed:
        _check_base(dockerfile.stages[index])
        for instruction in dockerfile.stages[index].instructions[1:]:
            _check_words(instruction, dockerfile.escape)


def _check_circles(dockerfile: Dockerfile, edges: tuple[Dependency, ...]) -> None:
    """Remove stages whose needs are met until none is left; what stays is part of a circle or needs one."""
    open_edges = [edge for edge in edges if edge.target is not None]
    while open_edges:
        blocked = {edge.stage for edge in open_edges}
        remaining = [edge for edge in open_edges if edge.target in blocked]
        if len(remaining) == len(open_edges):
            edge = remaining[0]
            name = dockerfile.stages[edge.stage].name or str(edge.stage)
            raise Rejection(
                f"circular dependency detected on stage: {name}",
                edge.span.start,
                "Take it from an earlier stage.",
            )
        open_edges = remaining


def _check_base(stage: Stage) -> None:
    if stage.parent is None and "$" not in stage.base and not is_reference(stage.base):
        hint = "Stage names are matched in lower case." if stage.base != stage.base.lower() else None
        raise Rejection(
            f"failed to parse stage name {stage.base!r}: invalid reference format",
            stage.from_.as_from().image_span.start,
            hint,
        )


def _check_words(instruction: Instruction, escape: str) -> None:
    if instruction.keyword == "RUN" and instruction.json == ():
        raise Rejection("RUN requires a command: the array is empty", instruction.span.start)
    if instruction.keyword not in _EXPANDED:
        return
    for argument in instruction.arguments:
        if _SPECIAL.isdisjoint(argument.text):
            continue
        try:
            expand_known(argument.text, {}, escape)
        except ExpansionError as error:
            raise Rejection(error.message, argument.span.start, error.hint) from error
