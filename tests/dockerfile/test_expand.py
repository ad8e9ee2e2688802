"""Expansion against the shell it imitates, and against the quirks that BuildKit has on its own."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tare.dockerfile.expand import (
    ExpansionError,
    expand,
    expand_known,
    process_words,
    references,
)

ENV = {"v": "foo/bar.tar.gz", "empty": "", "a": "1", "b": "x y", "star": "a*b", "none": None}

CASES = [
    ("plain", "plain"),
    ("$v", "foo/bar.tar.gz"),
    ("${v}", "foo/bar.tar.gz"),
    ("$a$a-${a}b", "11-1b"),
    ("$unset", ""),
    ("$none", ""),
    ("$", "$"),
    ("a$", "a$"),
    ("$.x", "$.x"),
    ("$1x", "x"),
    ("$12x", "x"),
    ("$?$#", ""),
    ("${unset:-d}", "d"),
    ("${empty:-d}", "d"),
    ("${empty-d}", ""),
    ("${unset-d}", "d"),
    ("${a:+d}", "d"),
    ("${empty:+d}", ""),
    ("${empty+d}", "d"),
    ("${unset+d}", ""),
    ("${a:?no}", "1"),
    ("${empty?no}", ""),
    ("${unset:-${a}-$v}", "1-foo/bar.tar.gz"),
    ("${unset:-${unset2:-deep}}", "deep"),
    ("${v#*.}", "tar.gz"),
    ("${v##*.}", "gz"),
    ("${v%.*}", "foo/bar.tar"),
    ("${v%%.*}", "foo/bar"),
    ("${v#x}", "foo/bar.tar.gz"),
    ("${v#???}", "/bar.tar.gz"),
    ("${v:#*.}", "tar.gz"),
    ("${star#a\\*}", "b"),
    ("${v/o/0}", "f0o/bar.tar.gz"),
    ("${v//o/0}", "f00/bar.tar.gz"),
    ("${v//./}", "foo/bartargz"),
    ("${v/\\//-}", "foo-bar.tar.gz"),
    ("${v//*/x}", "x"),
    ("${v/ba?/$a}", "foo/1.tar.gz"),
    ("'$v'", "$v"),
    ('"$a b"', "1 b"),
    ('"\\$a"', "$a"),
    ('"a\\nb"', "a\\nb"),
    ('"a\\"b"', 'a"b'),
    ("\\$a", "$a"),
    ("a\\ b", "a b"),
    ("a\\", "a"),
    ("'a'\"b\"c", "abc"),
    ("${unset:-'q'}", "q"),
    ("\ufeffx", "x"),
]

BAD = ["${", "${}", "${:x}", "${{a}", "${a", "${a:", "${a:=b}", "${a!b}", "${a:-b", "'a", '"a', "${a:?", "${v/x}",
       "${v/x/y", "${v#\\x}", "${unset:?}", "${unset?msg}", "${empty:?}", "${a^^}", '"a\\']  # fmt: skip


@pytest.mark.parametrize(("word", "value"), CASES)
def test_expand(word: str, value: str) -> None:
    assert expand(word, ENV) == value


@pytest.mark.parametrize("word", BAD)
def test_what_cannot_be_expanded(word: str) -> None:
    with pytest.raises(ExpansionError):
        expand(word, ENV)


def test_the_message_of_a_demanded_variable() -> None:
    with pytest.raises(ExpansionError, match="unset: give me"):
        expand("${unset:?give me}", {})


def test_the_escape_character_is_a_choice() -> None:
    assert expand("c:\\x`$a", ENV, "`") == "c:\\x$a"


def test_words_split_after_expansion_but_not_in_quotes() -> None:
    assert process_words("$b 'c d' \"$b\" e\\ f ''", ENV) == ("x", "y", "c d", "x y", "e f")


def test_known_variables_only() -> None:
    assert expand_known("$a-$u-${u}-${u:-d}-${u:+e}-${u#x}-${u:?y}", ENV) == "1-$u-${u}-d--${u#x}-${u:?y}"


def test_references() -> None:
    assert references("$a ${b:-$c} '$d' \\$e ${f//x/$g}") == {"a", "b", "c", "f", "g"}


def test_nesting_has_a_limit() -> None:
    with pytest.raises(ExpansionError, match="too deeply"):
        expand("${a:+" * 5000 + "}" * 5000, ENV)


def test_a_hostile_pattern_is_quick() -> None:
    assert expand("${x##" + "*a" * 30 + "b}", {"x": "a" * 2000}) == "a" * 2000


TEXT = st.text("ab.*?/-", max_size=8)
PATTERN = st.text("ab.*?-", min_size=1, max_size=5)


@settings(max_examples=100, deadline=None)
@given(TEXT, PATTERN, st.sampled_from(["#", "##", "%", "%%", "/", "//"]))
def test_patterns_match_as_in_bash(value: str, pattern: str, operator: str) -> None:
    word = f"${{v{operator}{pattern}" + ("/R}" if "/" in operator else "}")
    script = f'v=$1; printf %s "{word}"'
    shell = subprocess.run(["bash", "-c", script, "bash", value], capture_output=True, text=True, check=True)
    assert expand(word, {"v": value}) == shell.stdout


OPERAND = st.text("ab ", max_size=3)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([None, "", "x"]), st.sampled_from([":-", "-", ":+", "+"]), OPERAND)
def test_defaults_are_those_of_bash(value: str | None, operator: str, operand: str) -> None:
    word = f"${{v{operator}{operand}}}"
    given_value = [] if value is None else [value]
    script = f'[ $# = 1 ] && v=$1; printf %s "{word}"'
    shell = subprocess.run(
        ["bash", "-c", script, "bash", *given_value], capture_output=True, text=True, check=True
    )
    assert expand(word, {"v": value}) == shell.stdout


@settings(max_examples=200, deadline=None)
@given(st.text("$a{}:-+?#%/\\'\"` x", max_size=20))
def test_any_word_expands_or_fails_cleanly(word: str) -> None:
    try:
        expand(word, ENV)
    except ExpansionError as error:
        assert error.message.startswith("cannot expand")
