"""Which COPY or ADD takes which part of the context: wildcards as BuildKit matches them, `--exclude`, bind mounts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tare.context import gomatch
from tare.context.ignore import IgnoreRules, clean, parse_ignore
from tare.context.walk import Context, ContextEntry
from tare.core.errors import ContextError
from tare.dockerfile.expand import ExpansionError, expand_known
from tare.dockerfile.nodes import Dockerfile, Instruction, Stage
from tare.dockerfile.stages import effective

_NOTHING = IgnoreRules()


@dataclass(frozen=True, slots=True)
class Use:
    """One source of a COPY, ADD or bind mount that is taken from the context.

    `source` is cleaned and relative, `.` for the whole context. `wildcard`: it is a pattern. `known`: False when it
    holds a variable without a known value, and may then mean anything. `mount`: a `RUN --mount=type=bind`.
    """

    instruction: Instruction
    source: str
    wildcard: bool
    known: bool = True
    mount: bool = False
    exclude: IgnoreRules = _NOTHING

    @property
    def whole(self) -> bool:
        """Whether it takes everything that is sent."""
        return self.source in (".", "/", "*", "**")

    def names(self, path: str) -> bool:
        """Whether the source names this very path, by a pattern or as it is."""
        if self.wildcard:
            try:
                return gomatch.match(self.source, path)
            except gomatch.BadPatternError:
                return False
        return path == self.source

    def takes(self, path: str) -> bool:
        """Whether this path is copied: named itself, or inside what is named, and not excluded. `--exclude` is matched
        below the source, as the engine does; a file that is a source itself is never excluded."""
        if not self.known:
            return True
        taken = "" if self.source == "." else next((p for p in _with_parents(path) if self.names(p)), None)
        if taken is None:
            return False
        inside = path[len(taken) :].lstrip("/")
        return not (inside and self.exclude.patterns and self.exclude.excluded(inside))


@dataclass(frozen=True, slots=True)
class ContextUse:
    """An entry of the context with the uses that take it; none means that it is sent for nothing."""

    entry: ContextEntry
    uses: tuple[Use, ...]


def _with_parents(path: str) -> Iterator[str]:
    at = path.find("/")
    while at >= 0:
        yield path[:at]
        at = path.find("/", at + 1)
    yield path


def find_uses(dockerfile: Dockerfile, build_args: Mapping[str, str] | None = None) -> tuple[Use, ...]:
    """Every use of the context in a Dockerfile, in order. Heredocs, URLs and other stages are none."""
    given = build_args or {}
    return tuple(use for stage in dockerfile.stages for use in _stage_uses(dockerfile, stage, given))


def _stage_uses(dockerfile: Dockerfile, stage: Stage, build_args: Mapping[str, str]) -> Iterator[Use]:
    for instruction in stage.instructions:
        inner = instruction.onbuild or instruction
        if inner.keyword in ("COPY", "ADD"):
            copy = inner.as_copy()
            if copy.from_ is not None:
                continue
            rules = _excluded(copy.exclude)
            for source in copy.sources:
                yield from _use(dockerfile, stage, instruction, source, rules, build_args, mount=False)
        elif inner.keyword == "RUN":
            for mount in inner.flag_values("mount"):
                bound = _bound(mount)
                if bound is not None:
                    yield from _use(dockerfile, stage, instruction, bound, _NOTHING, build_args, mount=True)


def _use(
    dockerfile: Dockerfile,
    stage: Stage,
    instruction: Instruction,
    source: str,
    rules: IgnoreRules,
    build_args: Mapping[str, str],
    *,
    mount: bool,
) -> Iterator[Use]:
    if source.startswith(("http://", "https://", "git@", "git://", "ssh://")):
        return
    try:
        variables = effective(dockerfile, stage, before=instruction, build_args=build_args).variables
        text = expand_known(source, dict(variables), dockerfile.escape)
    except ExpansionError:
        yield Use(instruction, source, False, known=False, mount=mount, exclude=rules)
        return
    inside = clean("/" + text).removeprefix("/") or "."
    wildcard = not mount and gomatch.has_wildcard(inside)
    yield Use(instruction, inside, wildcard, "$" not in text, mount, rules)


def _excluded(patterns: tuple[str, ...]) -> IgnoreRules:
    """`--exclude` patterns. One that cannot be read excludes nothing, so that nothing is called unused by mistake."""
    try:
        return parse_ignore("\n".join(patterns), "--exclude")
    except ContextError:
        return IgnoreRules()


def _bound(mount: str) -> str | None:
    """The context path that a mount binds; None when it is not a bind mount of the context."""
    fields = {key: value for key, _, value in (part.partition("=") for part in mount.split(","))}
    if fields.get("type", "bind") != "bind" or "from" in fields:
        return None
    return fields.get("source") or fields.get("src") or "."


def usage(context: Context, dockerfile: Dockerfile) -> tuple[ContextUse, ...]:
    """Every file and link that is sent, with what uses it, in the context's order."""
    uses = find_uses(dockerfile)
    return tuple(
        ContextUse(entry, tuple(use for use in uses if use.takes(entry.path)))
        for entry in context.sent
        if entry.kind != "directory"
    )


def unused(context: Context, dockerfile: Dockerfile) -> tuple[ContextEntry, ...]:
    """Files that are sent and that nothing copies, largest first. The Dockerfile itself is not among them."""
    rows = [row.entry for row in usage(context, dockerfile) if not row.uses]
    kept = [entry for entry in rows if entry.path not in (context.dockerfile, ".dockerignore")]
    return tuple(sorted(kept, key=lambda entry: (-entry.size_bytes, entry.path)))
