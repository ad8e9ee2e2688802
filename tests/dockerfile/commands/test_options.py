"""Option tables against getopt's rules."""

from hypothesis import given
from hypothesis import strategies as st

from tare.core.text import Span
from tare.dockerfile.commands.options import OptionTable, ending
from tare.dockerfile.shell import Word

TABLE = OptionTable(
    "-r/--requirement= -q/--quiet=? -U/--upgrade --no-cache-dir -y -nv --name-list=", abbreviations=True
)


def words(*texts: str) -> tuple[Word, ...]:
    found, at = [], 0
    for text in texts:
        found.append(Word(text, text, Span(at, at + len(text))))
        at += len(text) + 1
    return tuple(found)


def given_options(*texts: str) -> list[tuple[str, str | None, bool, bool]]:
    line = TABLE.read(words(*texts))
    return [(o.name, o.value.text if o.value else None, o.known, o.shared) for o in line.options]


def test_values_are_taken_in_every_spelling() -> None:
    for spelled in (
        ("-r", "a"),
        ("-ra",),
        ("--requirement", "a"),
        ("--requirement=a",),
        ("--req", "a"),
        ("--req=a",),
    ):
        assert given_options(*spelled) == [("--requirement", "a", True, False)], spelled


def test_clusters() -> None:
    assert given_options("-Uyr", "a") == [
        ("--upgrade", None, True, True),
        ("-y", None, True, True),
        ("--requirement", "a", True, True),
    ]
    assert given_options("-q=2") == [("--quiet", "2", True, False)]
    assert given_options("-nv") == [("-nv", None, True, False)]
    assert given_options("-z") == [("-z", None, False, False)]


def test_operands_and_the_end_of_options() -> None:
    line = TABLE.read(words("a", "-U", "b", "--", "-r", "c"))
    assert [w.text for w in line.operands] == ["a", "b", "-r", "c"]
    stopped = TABLE.read(words("-U", "install", "-r", "x"), stop=True)
    assert [w.text for w in stopped.operands] == ["install"]
    assert [w.text for w in stopped.rest] == ["-r", "x"]


def test_unknown_and_ambiguous_names_are_said_to_be_unknown() -> None:
    assert given_options("--n")[0][2] is False
    assert given_options("--bogus=x") == [("--bogus", "x", False, False)]


def test_a_value_keeps_its_place() -> None:
    for raw, text in (
        ("--a=bc", "--a=bc"),
        ("--a='bc'", "--a=bc"),
        ("'--a=bc'", "--a=bc"),
        ('"--a=bc"', "--a=bc"),
    ):
        word = Word(text, raw, Span(5, 5 + len(raw)))
        value = ending(word, "bc")
        assert raw[value.span.start - 5 : value.span.end - 5] == value.raw
        assert value.raw.strip("'\"") == value.text == "bc"


@given(
    st.lists(
        st.sampled_from(
            ["-r", "-U", "-yU", "--quiet=3", "-rx", "--", "pkg", "-", "--upgrade", "--nope", "a=b"]
        )
    )
)
def test_every_word_is_an_option_a_value_or_an_operand(given_texts: list[str]) -> None:
    given_words = words(*given_texts)
    line = TABLE.read(given_words)
    used = {word for option in line.options for word in option.words} | set(line.operands)
    assert [word.text for word in given_words if word not in used] in ([], ["--"])
    assert not {word for option in line.options for word in option.words} & set(line.operands)
