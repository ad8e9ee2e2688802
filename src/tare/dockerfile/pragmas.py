"""Comments that tell a linter what to leave alone.

Three dialects: `# tare: ignore[CODE,...] reason` (also without codes: all), `# hadolint ignore=CODE,...` and
`# hadolint global ignore=CODE,...`, and BuildKit's `# check=skip=NAME,...;error=true`: a directive at the top of
the file, a comment of one instruction elsewhere. A tare comment holds for the instruction below it or around it;
`global` and `ignore-file`, for the file. hadolint's own comments are read as hadolint reads them: a list of nothing but
`DL` and `SC` codes, in capitals, on the line right above the instruction. Any other such comment is `void`.
"""

import re
from dataclasses import dataclass
from typing import Literal

from tare.core.text import Span
from tare.dockerfile.nodes import Dockerfile, Instruction

Dialect = Literal["tare", "hadolint", "check"]

_TARE = re.compile(
    r"#\s*tare:\s*(ignore-file|ignore)\s*(?:\[([^\]]*)\](?:\s.*)?)?\s*(?:[:#].*)?\Z", re.IGNORECASE
)
_HADOLINT = re.compile(r"#\s*hadolint\s+(global\s+)?ignore\s*=\s*([^#]*?)\s*(?:#.*)?\Z")
_HADOLINT_CODES = re.compile(r"(?:DL|SC)\d+(?:\s*,\s*(?:DL|SC)\d+)*\Z")
_ANY = re.compile(r"#\s*(?:tare\s*:|hadolint\s|check\s*=)", re.IGNORECASE)
_CHECK = re.compile(r"#\s*check\s*=\s*(.*skip\s*=.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pragma:
    """Codes or names to ignore, as written; empty means all. `instruction` is None when it holds for the file. `void`:
    why its own tool takes no notice of it, so that it ignores nothing. `written`: the codes as they stand there."""

    dialect: Dialect
    codes: tuple[str, ...]
    instruction: Instruction | None
    span: Span
    void: str = ""
    written: str = ""

    @property
    def well_formed(self) -> bool:
        """Whether its codes are written as its own tool reads them."""
        return self.dialect != "hadolint" or _HADOLINT_CODES.match(self.written) is not None

    def covers(self, code: str) -> bool:
        """Whether a code or name (any case) is among those ignored."""
        if self.void:
            return False
        wanted = code.lower()
        return not self.codes or any(known.lower() in (wanted, "all") for known in self.codes)


@dataclass(frozen=True, slots=True)
class CheckDirective:
    """BuildKit's `# check=`: names to skip ('all' for every one), whether findings fail, experimental checks."""

    skip: tuple[str, ...]
    error: bool
    experimental: tuple[str, ...]


def pragmas(dockerfile: Dockerfile) -> tuple[Pragma, ...]:
    """Every pragma of a file, in order. Comments between or within instructions count, text in heredocs does not."""
    if not _ANY.search(dockerfile.text):
        return ()
    found: list[Pragma] = []
    check = check_directive(dockerfile)
    for directive in dockerfile.directives:
        if directive.name == "check" and check.skip:
            found.append(Pragma("check", check.skip, None, directive.span))
    instructions = dockerfile.instructions
    previous_end = 0
    for instruction in instructions:
        found += _comments(dockerfile, previous_end, instruction.span.start, instruction)
        found += _comments(dockerfile, instruction.span.start, _head_end(instruction), instruction)
        previous_end = instruction.span.end
    found += _comments(dockerfile, previous_end, len(dockerfile.text), None)
    return tuple(found)


def ignored(dockerfile: Dockerfile, instruction: Instruction | None) -> tuple[Pragma, ...]:
    """The pragmas that hold for an instruction, or only those of the whole file for None."""
    return tuple(
        pragma
        for pragma in pragmas(dockerfile)
        if pragma.instruction is None or (instruction is not None and pragma.instruction is instruction)
    )


def check_directive(dockerfile: Dockerfile) -> CheckDirective:
    """The `# check=` directive; empty when there is none. Options are `skip=`, `error=`, `experimental=`."""
    options = _options(dockerfile.directive("check") or "")
    return CheckDirective(
        skip=_names(options.get("skip", "")),
        error=options.get("error", "").lower() in ("1", "t", "true"),
        experimental=_names(options.get("experimental", "")),
    )


def _options(text: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for part in text.split(";"):
        key, _, value = part.partition("=")
        options[key.strip().lower()] = value.strip()
    return options


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _head_end(instruction: Instruction) -> int:
    """Where an instruction's own lines end: before the bodies of its heredocs."""
    return instruction.heredocs[0].body_span.start if instruction.heredocs else instruction.span.end


def _comments(dockerfile: Dockerfile, start: int, end: int, instruction: Instruction | None) -> list[Pragma]:
    found: list[Pragma] = []
    at = start
    for line in dockerfile.text[start:end].splitlines(keepends=True):
        content = line.strip()
        if content.startswith("#"):
            begin = at + line.index("#")
            between = dockerfile.text[at + len(line) : instruction.span.start] if instruction else ""
            above = instruction is not None and begin < instruction.span.start
            pragma = _pragma(
                content,
                Span(begin, begin + len(content)),
                instruction,
                right_above=above and not between.strip(" \t"),
                in_block=not any(row.strip() in ("", "#") for row in between.split("\n")[:-1]),
            )
            top = any(
                directive.span.start <= begin < directive.span.end for directive in dockerfile.directives
            )
            if pragma is not None and not top:
                found.append(pragma)
        at += len(line)
    return found


def _pragma(
    comment: str, span: Span, instruction: Instruction | None, *, right_above: bool, in_block: bool
) -> Pragma | None:
    match = _TARE.match(comment)
    if match:
        whole_file = match[1].lower() == "ignore-file"
        if instruction is None and not whole_file:
            return None
        return Pragma("tare", _names(match[2] or ""), None if whole_file else instruction, span)
    match = _HADOLINT.match(comment)
    if match:
        if instruction is None and not match[1]:
            return None
        void = ""
        if not _HADOLINT_CODES.match(match[2]):
            void = "hadolint reads only lists of DL and SC codes"
        elif not match[1] and not right_above:
            void = "hadolint looks on the line right above an instruction"
        return Pragma("hadolint", _names(match[2]), None if match[1] else instruction, span, void, match[2])
    match = _CHECK.match(comment)
    if match and instruction is not None and in_block:
        skipped = tuple(name.split()[0] for name in _names(_options(match[1]).get("skip", "")))
        return Pragma("check", skipped, instruction, span) if skipped else None
    return None
