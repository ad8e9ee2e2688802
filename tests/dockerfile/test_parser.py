"""The parser against BuildKit's own low-level parser (PyPI `dockerfile`) and against its known rejections."""

import dockerfile as buildkit
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tare.core.errors import DockerfileSyntaxError
from tare.core.text import Source
from tare.dockerfile import Instruction, parse
from tare.dockerfile.lexer import Lexer
from tare.dockerfile.parser import read_instructions
from tests.dockerfile.corpus.accepted import ACCEPTED
from tests.dockerfile.corpus.rejected import HIGH_LEVEL, LOW_LEVEL

Row = tuple[object, ...]


def splits_by_byte(text: str) -> bool:
    """BuildKit splits flags and HEALTHCHECK's first word byte by byte, which tears characters: not compared."""
    return not text.isascii() and ("-" in text or "HEALTH" in text)


def ours(text: str) -> list[Row] | None:
    """What our low-level parser makes of a text; None when it rejects it."""
    try:
        return [_row(instruction) for instruction in read_instructions(Lexer(Source(text)))] or None
    except DockerfileSyntaxError:
        return None


def _flags(instruction: Instruction) -> tuple[str, ...]:
    return tuple(
        f"--{flag.name}" + ("" if flag.value is None else f"={flag.value}") for flag in instruction.flags
    )


def _row(instruction: Instruction) -> Row:
    inner = instruction.onbuild
    return (
        instruction.keyword.upper(),
        inner.keyword.upper() if inner else None,
        (inner or instruction).json is not None,
        instruction.original,
        instruction.end_line,
        _flags(instruction),
        () if inner and inner.keyword == "ONBUILD" else (inner or instruction).args,
        None if inner else tuple((doc.name, doc.fd, doc.content) for doc in instruction.heredocs),
    )


def theirs(text: str) -> list[Row] | None:
    """What BuildKit's parser makes of it."""
    try:
        commands = buildkit.parse_string(text)
    except buildkit.GoParseError:
        return None
    return [_their_row(command) for command in commands]


KNOWN = {
    *(
        "ADD",
        "ARG",
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "ENV",
        "EXPOSE",
        "FROM",
        "HEALTHCHECK",
        "LABEL",
        "MAINTAINER",
    ),
    *("ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
}


def _their_heredocs(command: buildkit.Command) -> tuple[Row, ...]:
    return tuple((doc.name, doc.file_descriptor, doc.content) for doc in command.heredocs)


def _their_row(command: buildkit.Command) -> Row:
    keyword = (command.cmd or "").upper()
    value = command.value
    if (command.sub_cmd or keyword).upper() not in KNOWN - {"ONBUILD"} and value == ("",):
        value = ()
    original = command.original or ""
    if command.heredocs:
        original = original.split("\n", 1)[0]
    return (
        keyword,
        command.sub_cmd.upper() if command.sub_cmd else None,
        command.json,
        original,
        command.end_line,
        command.flags,
        value,
        # The package loses the here-documents of ONBUILD; where they end shows in the end line.
        None if command.sub_cmd else _their_heredocs(command),
    )


@pytest.mark.parametrize("name", ACCEPTED)
def test_an_accepted_file_round_trips(name: str) -> None:
    text = ACCEPTED[name]
    assert str(parse(text)) == text


@pytest.mark.parametrize("name", ACCEPTED)
def test_an_accepted_file_reads_as_buildkit_reads_it(name: str) -> None:
    expected = theirs(ACCEPTED[name])
    assert expected is not None
    assert ours(ACCEPTED[name]) == expected


@pytest.mark.parametrize("name", LOW_LEVEL)
def test_buildkits_parser_rejects_it_too(name: str) -> None:
    assert theirs(LOW_LEVEL[name][0]) is None


@pytest.mark.parametrize("name", HIGH_LEVEL)
def test_buildkits_parser_leaves_it_to_what_runs_after(name: str) -> None:
    if name != "line-too-long":
        assert theirs(HIGH_LEVEL[name][0]) is not None


@pytest.mark.parametrize("name", [*LOW_LEVEL, *HIGH_LEVEL])
def test_a_rejection_says_what_and_where(name: str) -> None:
    text, message, line, column = {**LOW_LEVEL, **HIGH_LEVEL}[name]
    with pytest.raises(DockerfileSyntaxError) as caught:
        parse(text, "d/Dockerfile")
    assert message in caught.value.message
    assert (caught.value.line, caught.value.column) == (line, column)
    assert str(caught.value).startswith(f"d/Dockerfile:{line}:{column}: ")


WORDS = st.sampled_from(
    (
        *(
            "FROM",
            "RUN",
            "run",
            "COPY",
            "ADD",
            "ENV",
            "LABEL",
            "ARG",
            "CMD",
            "ENTRYPOINT",
            "EXPOSE",
            "ONBUILD",
        ),
        *("HEALTHCHECK", "NONE", "SHELL", "USER", "VOLUME", "WORKDIR", "STOPSIGNAL", "MAINTAINER", "FOO"),
        *(
            "--from=a",
            "--mount",
            "--x=",
            "--",
            "-",
            '--a="b c"',
            "--a='b",
            "--a\\ b",
            "=",
            "a=b",
            "a",
            "b='c d'",
        ),
        *(
            '["a", "b"]',
            '["a"',
            "[1]",
            "[]",
            '["\\n"]',
            '[""]',
            '["a"]x',
            "[null]",
            "['a']",
            "\u00a0",
            "\x1c",
        ),
        *(
            "<<EOF",
            "<<-EOF",
            "<<'EOF'",
            '<<"E F"',
            "3<<E",
            "<<E<",
            "EOF",
            "E",
            "\tEOF",
            "<<",
            "$x",
            "${x",
            "${x}",
        ),
        *(
            "#",
            "# c",
            "# escape=`",
            "# escape=\\",
            "#syntax=x",
            "# foo=bar",
            "'",
            '"',
            "\\",
            "`",
            "\\\\",
            "``",
        ),
        *(
            " ",
            "  ",
            "\t",
            "\v",
            "\f",
            "\r",
            "\n",
            "\n",
            "\n",
            "\r\n",
            "\\\n",
            "`\n",
            "\\ \n",
            " \\\n",
            "é",
            "🐳",
        ),
    )
)
TEXTS = st.lists(WORDS, max_size=25).map("".join)
LINES = st.lists(st.lists(WORDS, max_size=6).map(" ".join), max_size=8).map("\n".join)


@settings(max_examples=400, deadline=None)
@given(st.one_of(TEXTS, LINES))
@example("RUN <<EOF\r\nx\r\nEOF")
@example("ENV a='b\\")
def test_any_text_reads_as_buildkit_reads_it(text: str) -> None:
    assume(not splits_by_byte(text))
    assert ours(text) == theirs(text)


@settings(max_examples=200, deadline=None)
@given(st.one_of(TEXTS, LINES, st.text(max_size=60)))
def test_any_text_is_parsed_losslessly_or_rejected(text: str) -> None:
    for candidate in (text, f"FROM scratch\n{text}"):
        try:
            parsed = parse(candidate)
        except DockerfileSyntaxError as error:
            assert error.line >= 1 and error.column >= 1
            continue
        assert str(parsed) == candidate
        previous = 0
        for instruction in parsed.instructions:
            assert previous <= instruction.leading.start <= instruction.leading.end <= instruction.span.start
            assert instruction.keyword_span.start == instruction.span.start
            assert "".join(candidate[at] for at in instruction.value_offsets) == instruction.value
            for part in (*instruction.flags, *instruction.arguments):
                assert instruction.span.start <= part.span.start <= part.span.end <= instruction.span.end
            for document in instruction.heredocs:
                assert document.body_span.of(candidate) == document.content
            previous = instruction.span.end
