"""From text to `Dockerfile`."""

from dataclasses import replace

from tare.core.text import Source, Span
from tare.dockerfile.flags import Rejection
from tare.dockerfile.graph import build_stages, check_graph
from tare.dockerfile.lexer import Lexer, LogicalLine
from tare.dockerfile.nodes import Argument, Dockerfile, Flag, Form, Heredoc, Instruction
from tare.dockerfile.validate import check
from tare.dockerfile.words import Piece, WordError, parse_arguments, split_command

_WITH_HEREDOCS = ("ADD", "COPY", "RUN")


def parse(text: str, path: str | None = None) -> Dockerfile:
    """Parse a Dockerfile; `str(parse(text)) == text`.

    Raises `DockerfileSyntaxError`, with line and column, where BuildKit rejects the text.
    """
    source = Source(text, path)
    lexer = Lexer(source)
    instructions: list[Instruction] = []
    for instruction in read_instructions(lexer):
        try:
            check(instruction, lexer.escape)
        except Rejection as rejection:
            raise lexer.error(rejection.message, rejection.at, rejection.hint) from rejection
        instructions.append(instruction)
    if not instructions:
        raise lexer.error("file with no instructions", len(text), "Begin with FROM IMAGE.")
    try:
        global_args, stages = build_stages(tuple(instructions), lexer.escape)
    except Rejection as rejection:
        raise lexer.error(rejection.message, rejection.at, rejection.hint) from rejection
    dockerfile = Dockerfile(
        text=text,
        path=path,
        source=source,
        directives=tuple(lexer.directives),
        escape=lexer.escape,
        newline="\r\n" if text.find("\r\n") == text.find("\n") - 1 and "\r\n" in text else "\n",
        instructions=tuple(instructions),
        stages=stages,
        global_args=global_args,
    )
    try:
        check_graph(dockerfile)
    except Rejection as rejection:
        raise lexer.error(rejection.message, rejection.at, rejection.hint) from rejection
    return dockerfile


def read_instructions(lexer: Lexer) -> list[Instruction]:
    """All instructions as BuildKit's low-level parser reads them, their meaning not yet checked.

    Raises `DockerfileSyntaxError`.
    """
    instructions: list[Instruction] = []
    while (instruction := read_instruction(lexer)) is not None:
        instructions.append(instruction)
    return instructions


def read_instruction(lexer: Lexer) -> Instruction | None:
    """The next instruction as BuildKit's low-level parser reads it; None at the end of the file.

    Raises `DockerfileSyntaxError`; reading may go on after that with the next line.
    """
    line = lexer.next_line()
    if line is None:
        return None
    instruction = _instruction(lexer, line, 0, len(line.text), line.leading)
    heredocs: tuple[Heredoc, ...] = ()
    if _may_open_heredoc(instruction):
        line, heredocs = lexer.heredocs(line)
    return _with_heredocs(instruction, line, heredocs) if heredocs else instruction


def _may_open_heredoc(instruction: Instruction) -> bool:
    inner = instruction.onbuild or instruction
    return inner.keyword in _WITH_HEREDOCS and inner.form == "shell"


def _with_heredocs(instruction: Instruction, line: LogicalLine, heredocs: tuple[Heredoc, ...]) -> Instruction:
    inner = instruction.onbuild
    return replace(
        instruction,
        span=Span(instruction.span.start, line.end),
        end_line=line.end_line,
        heredocs=heredocs,
        onbuild=_with_heredocs(inner, line, heredocs) if inner else None,
    )


def _instruction(lexer: Lexer, line: LogicalLine, start: int, end: int, leading: Span) -> Instruction:
    """The instruction in `line.text[start:end]`; a part of the line for what follows ONBUILD."""
    split = split_command(line.text, start, end)
    keyword = _upper(split.keyword.text)
    onbuild: Instruction | None = None
    first = line.offsets[split.keyword.start] if split.keyword.text else line.start
    try:
        parsed = parse_arguments(keyword, line.text[split.start : split.end], lexer.escape)
    except WordError as error:
        raise lexer.error(error.message, line.offsets[split.start + error.at], error.hint) from error
    arguments = tuple(_argument(line, piece, split.start) for piece in parsed.pieces)
    if keyword == "ONBUILD" and start == 0 and split.start < split.end:
        onbuild = _instruction(lexer, line, split.start, split.end, Span(first, first))
        arguments = (Argument(onbuild.keyword, onbuild.keyword_span), *onbuild.arguments)
    form: Form = "exec" if parsed.json else "shell"
    texts = tuple(argument.text for argument in arguments)
    return Instruction(
        keyword=keyword,
        keyword_span=_span(line, split.keyword.start, split.keyword.end),
        span=Span(first, line.end),
        line=lexer.line_at(first),
        end_line=line.end_line,
        leading=leading,
        original=line.text[start:end],
        flags=tuple(_flag(line, piece) for piece in split.flags),
        value=line.text[split.start : split.end],
        value_offsets=line.offsets[split.start : split.end],
        arguments=arguments,
        form=form,
        json=(texts[1:] if keyword == "HEALTHCHECK" else texts) if parsed.json else None,
        heredocs=(),
        onbuild=onbuild,
    )


def _upper(keyword: str) -> str:
    """A keyword in capitals; as it is when it holds letters that only look like, or map to, ASCII ones."""
    lower = keyword.lower()
    return lower.upper() if lower.isascii() else keyword


def _span(line: LogicalLine, start: int, end: int) -> Span:
    if start < end:
        return Span(line.offsets[start], line.offsets[end - 1] + 1)
    at = line.offsets[start - 1] + 1 if 0 < start <= len(line.offsets) else line.end
    return Span(at, at)


def _argument(line: LogicalLine, piece: Piece, base: int) -> Argument:
    return Argument(piece.text, _span(line, base + piece.start, base + piece.end))


def _flag(line: LogicalLine, piece: Piece) -> Flag:
    name, equals, value = piece.text[2:].partition("=")
    return Flag(name, value if equals else None, _span(line, piece.start, piece.end))
