"""Variables that instructions mention, and those that are defined there, as BuildKit looks them up.

Source of the rules: BuildKit's `dockerfile2llb`: ENV, and ARG with or without a value, count from the next instruction on
and in every stage that starts from this one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tare.core.text import Span
from tare.dockerfile.expand import references
from tare.dockerfile.flags import Rejection, mount_fields
from tare.dockerfile.nodes import Instruction
from tare.knowledge.base_env import base_variables
from tare.rules.document import Document, Step

PLATFORM_ARGS = frozenset(
    f"{side}{part}"
    for side in ("BUILD", "TARGET")
    for part in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
) | {"TARGETSTAGE"}
"""ARGs that every FROM may use without declaring them."""

_EXPANDED = frozenset({"ADD", "COPY", "ENV", "LABEL", "USER", "WORKDIR", "VOLUME", "STOPSIGNAL", "ARG"})
_NEVER_DEFINED = frozenset({"BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"})


@dataclass(frozen=True, slots=True, eq=False)
class Mention:
    """A variable that an instruction uses. `defined` are the names known there; `certain`: the base sets no others."""

    step: Step
    name: str
    defined: frozenset[str]
    certain: bool


def mentions(document: Document) -> tuple[Mention, ...]:
    """Every variable that the builder replaces in a stage's instructions, once for each word that uses it."""
    return document.once(_mentions)


def _mentions(document: Document) -> tuple[Mention, ...]:
    return tuple(_read(document))


def _read(document: Document) -> Iterator[Mention]:
    known: dict[int, frozenset[str]] = {}
    certain: dict[int, bool] = {}
    for step in document.steps:
        if step.stage < 0:
            continue
        if step.keyword == "FROM":
            stage = document.stage_of(step)
            parent = stage.parent if stage else None
            if parent is not None and parent in known:
                known[step.stage], certain[step.stage] = known[parent], certain[parent]
            else:
                names = base_variables(stage.base) if stage else None
                known[step.stage] = (names or frozenset()) | {"PATH"}
                certain[step.stage] = names is not None
            continue
        if step.onbuild:
            continue
        defined = known.get(step.stage, frozenset())
        for name in sorted(_names(step.inner, document.escape) - _NEVER_DEFINED):
            yield Mention(step, name, defined, certain.get(step.stage, False))
        if step.keyword in ("ENV", "ARG"):
            known[step.stage] = defined | {key.strip("'\"") for key, _ in step.inner.env_pairs()}


def _names(instruction: Instruction, escape: str) -> set[str]:
    found: set[str] = set()
    if "$" not in instruction.original and not any("$" in doc.content for doc in instruction.heredocs):
        return found
    words: list[str] = []
    if instruction.keyword in _EXPANDED:
        words += instruction.args
    if instruction.keyword in ("ADD", "COPY"):
        words += [
            flag.value or "" for flag in instruction.flags if flag.name in ("chown", "chmod", "checksum")
        ]
        for heredoc in instruction.heredocs:
            if heredoc.expand and "$" in heredoc.content:
                found |= references(re.sub("['\"]", " ", heredoc.content), "\\")
    if instruction.keyword == "RUN":
        words += _mount_values(instruction)
    for word in words:
        if "$" in word:
            found |= references(word, escape)
    return found


def _mount_values(instruction: Instruction) -> list[str]:
    values: list[str] = []
    for flag in instruction.flags:
        if flag.name == "mount" and "$" in (flag.value or ""):
            try:
                values += [value or "" for key, value in mount_fields(flag) if key != "from"]
            except Rejection:
                continue
    return values


def place_of(document: Document, instruction: Instruction, name: str) -> Span:
    """Where an instruction first mentions a variable; the keyword where that cannot be told."""
    pattern = re.compile(rf"\$(?:\{{)?({re.escape(name)})(?![A-Za-z0-9_])")
    match = pattern.search(document.text, instruction.span.start, instruction.span.end)
    return Span(match.start(1), match.end(1)) if match else instruction.keyword_span
