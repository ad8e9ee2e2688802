"""The lossless tree of a Dockerfile: every node knows where it stands in the source text.

Offsets and spans are those of `tare.core.text`: code points from 0, half-open. Lines count from 1. Words that
BuildKit has not expanded yet are kept exactly as written, quotes and `$NAME` included; `tare.dockerfile.expand`
turns them into values.
"""

import re
from dataclasses import dataclass
from typing import Literal

from tare.core.text import Source, Span

_HEREDOC_WORD = re.compile(r"[0-9]*<<-?[^<]+\Z")

Form = Literal["shell", "exec"]


@dataclass(frozen=True, slots=True)
class Directive:
    """A parser directive such as `# syntax=docker/dockerfile:1`; `name` is lower case, `span` its whole line."""

    name: str
    value: str
    span: Span


@dataclass(frozen=True, slots=True)
class Flag:
    """An option before the arguments: `--mount=type=cache,...`. `value` is unquoted; None when there is no `=`."""

    name: str
    value: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument as BuildKit's parser splits it (quotes kept), with its place in the source.

    In exec form the text is the decoded JSON string and the span includes its quotes. A span may cover a line
    continuation that the text does not show.
    """

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Heredoc:
    """A here-document.

    `content` is the body as written, each line with its line ending, before `<<-` removes tabs (see `chomped`).
    `body_span` covers `content`, not the terminator. `expand` is False when the name was quoted. `fd` is the number
    before `<<`, 0 when there is none.
    """

    name: str
    content: str
    body_span: Span
    expand: bool
    chomp: bool
    fd: int

    @property
    def chomped(self) -> str:
        """The content as the step sees it: leading tabs removed when `<<-` was written."""
        if not self.chomp:
            return self.content
        return "".join(line.lstrip("\t") for line in self.content.splitlines(keepends=True))


@dataclass(frozen=True, slots=True)
class FromArgs:
    """`FROM [--platform=P] image [AS name]`. `name` is lower case, as BuildKit compares it."""

    image: str
    image_span: Span
    platform: str | None
    name: str | None
    name_span: Span | None


@dataclass(frozen=True, slots=True)
class CopyArgs:
    """`COPY` or `ADD`. `heredocs` are the sources given in place; they are not among `sources`."""

    sources: tuple[str, ...]
    source_spans: tuple[Span, ...]
    dest: str
    dest_span: Span
    heredocs: tuple[Heredoc, ...]
    from_: str | None
    chown: str | None
    chmod: str | None
    link: bool
    parents: bool
    exclude: tuple[str, ...]
    keep_git_dir: bool
    checksum: str | None


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction with its continuation lines and here-documents.

    `span` runs from the first character of the keyword to the end of the last line, without its line ending.
    `value` is the logical text after the flags: continuations and inner comment lines removed, ends stripped;
    `value_offsets[i]` is the source offset of `value[i]`. `original` is the whole logical line. `json` is the
    decoded array when `form` is 'exec' (for HEALTHCHECK, the array after CMD). `leading` covers the comment lines
    directly above, without a blank line between, up to the start of the instruction's own line.
    """

    keyword: str
    keyword_span: Span
    span: Span
    line: int
    end_line: int
    leading: Span
    original: str
    flags: tuple[Flag, ...]
    value: str
    value_offsets: tuple[int, ...]
    arguments: tuple[Argument, ...]
    form: Form
    json: tuple[str, ...] | None
    heredocs: tuple[Heredoc, ...]
    onbuild: "Instruction | None"

    @property
    def args(self) -> tuple[str, ...]:
        """The texts of `arguments`."""
        return tuple(argument.text for argument in self.arguments)

    @property
    def value_span(self) -> Span:
        """The source range of `value`; empty at the end of the instruction when there is no value."""
        if not self.value_offsets:
            return Span(self.span.end, self.span.end)
        return Span(self.value_offsets[0], self.value_offsets[-1] + 1)

    def flag(self, name: str) -> str | None:
        """Value of the first flag of that name: '' when it has no value, None when the flag is absent."""
        for flag in self.flags:
            if flag.name == name:
                return flag.value or ""
        return None

    def flag_values(self, name: str) -> tuple[str, ...]:
        """Values of every flag of that name, in order (`--mount`, `--exclude`)."""
        return tuple(flag.value or "" for flag in self.flags if flag.name == name)

    def span_of(self, start: int, end: int) -> Span:
        """The source range of `value[start:end]`."""
        if start >= end:
            at = self.value_offsets[start] if start < len(self.value_offsets) else self.value_span.end
            return Span(at, at)
        return Span(self.value_offsets[start], self.value_offsets[end - 1] + 1)

    def as_from(self) -> FromArgs:
        """The typed view of a FROM. Raises `ValueError` on another instruction."""
        if self.keyword != "FROM":
            raise ValueError(f"{self.keyword} is not a FROM")
        named = self.arguments[2] if len(self.arguments) == 3 else None
        return FromArgs(
            image=self.arguments[0].text,
            image_span=self.arguments[0].span,
            platform=self.flag("platform"),
            name=named.text.lower() if named else None,
            name_span=named.span if named else None,
        )

    def as_copy(self) -> CopyArgs:
        """The typed view of a COPY or ADD. Raises `ValueError` on another instruction."""
        if self.keyword not in ("COPY", "ADD"):
            raise ValueError(f"{self.keyword} is neither COPY nor ADD")
        *sources, dest = self.arguments
        files = [s for s in sources if not (self.heredocs and _HEREDOC_WORD.match(s.text))]
        return CopyArgs(
            sources=tuple(source.text for source in files),
            source_spans=tuple(source.span for source in files),
            dest=dest.text,
            dest_span=dest.span,
            heredocs=self.heredocs,
            from_=self.flag("from"),
            chown=self.flag("chown"),
            chmod=self.flag("chmod"),
            link=self._switch("link"),
            parents=self._switch("parents"),
            exclude=self.flag_values("exclude"),
            keep_git_dir=self._switch("keep-git-dir"),
            checksum=self.flag("checksum"),
        )

    def env_pairs(self) -> tuple[tuple[str, str | None], ...]:
        """Keys and values of ENV, LABEL or ARG as written (quotes kept); None for an ARG without a default.

        Raises `ValueError` on another instruction.
        """
        if self.keyword == "ARG":
            pairs = (text.partition("=") for text in self.args)
            return tuple((key, value if equals else None) for key, equals, value in pairs)
        if self.keyword not in ("ENV", "LABEL"):
            raise ValueError(f"{self.keyword} has no pairs")
        return tuple(zip(self.args[::2], self.args[1::2], strict=True))

    def _switch(self, name: str) -> bool:
        value = self.flag(name)
        return value is not None and value.lower() != "false"


@dataclass(frozen=True, slots=True)
class Stage:
    """A build stage. `base` is `base_raw` with the global ARG defaults filled in; `parent` is the index of the
    earlier stage that `base` names, None when the base is an image. `instructions` begins with the FROM."""

    index: int
    name: str | None
    base: str
    base_raw: str
    parent: int | None
    platform: str | None
    instructions: tuple[Instruction, ...]

    @property
    def from_(self) -> Instruction:
        """The FROM instruction."""
        return self.instructions[0]


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A parsed Dockerfile; `str(dockerfile)` is the text it was parsed from."""

    text: str
    path: str | None
    source: Source
    directives: tuple[Directive, ...]
    escape: str
    newline: str
    instructions: tuple[Instruction, ...]
    stages: tuple[Stage, ...]
    global_args: tuple[Instruction, ...]

    def __str__(self) -> str:
        return self.text

    @property
    def final(self) -> Stage:
        """The last stage, which a build without `--target` makes."""
        return self.stages[-1]

    def stage(self, key: str | int) -> Stage | None:
        """A stage by name (any case) or by index, given as a number or as its digits; the last of equal names."""
        if isinstance(key, str):
            for stage in reversed(self.stages):
                if stage.name == key.lower():
                    return stage
            if not (key.isascii() and key.isdigit()):
                return None
            key = int(key)
        return self.stages[key] if 0 <= key < len(self.stages) else None

    def directive(self, name: str) -> str | None:
        """Value of a parser directive, None when it is not given."""
        for directive in self.directives:
            if directive.name == name:
                return directive.value
        return None

    def stage_of(self, instruction: Instruction) -> Stage | None:
        """The stage that holds an instruction; None before the first FROM."""
        for stage in self.stages:
            if any(own is instruction for own in stage.instructions):
                return stage
        return None
