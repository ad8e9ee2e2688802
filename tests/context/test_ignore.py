import fnmatch
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tare.context.ignore import clean, parse_ignore
from tare.core.errors import ContextError


@pytest.mark.parametrize(
    ("text", "path", "excluded"),
    [
        ("", "a", False),
        ("a", "a", True),
        ("a", "a/b/c", True),
        ("a", "b/a", False),
        ("/a", "a", True),
        ("//a//b/", "a/b", True),
        ("./a", "a", True),
        ("a/../b", "b", True),
        ("../a", "a", False),
        (".", "a", False),
        ("/", "a", False),
        ("*", "a/b", True),
        ("*.py", "a.py", True),
        ("*.py", "d/a.py", False),
        ("*/*.py", "d/a.py", True),
        ("**/*.py", "a.py", True),
        ("**/*.py", "x/y/a.py", True),
        ("**", "x/y", True),
        ("**/a", "xa", False),
        ("**/a", "x/a/b", True),
        ("**a", "xa", True),
        ("a/**", "a", False),
        ("a/**", "a/b", True),
        ("a**", "ab/c", True),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("a/**/b", "ab", False),
        ("a?", "ab", True),
        ("a?", "a/", False),
        ("[a-c]", "b", True),
        ("[^a-c]", "b", False),
        (r"\*", "*", True),
        (r"\*", "a", False),
        (r"\#a", "#a", True),
        ("#a", "#a", False),
        (" #a", "#a", True),
        ("a   ", "a", True),
        ("a\r\nb\r\n", "b", True),
        ("\ufeffa", "a", True),
        ("a.b", "axb", False),
        ("a+(b)|{c}$", "a+(b)|{c}$", True),  # no wildcard: compared as it is
        ("*+(b)$", "x+(b)$", True),
        ("x|y?", "yz", True),  # a slip in the engine: | is not escaped
        ("d\n!d/keep", "d/keep", False),
        ("d\n!d/keep", "d/drop", True),
        ("d\n!d/keep", "d/keep/sub", False),
        ("!d/keep\nd", "d/keep", True),
        ("*\n!src\n!*.txt", "src/a.py", False),
        ("*\n!src\n!*.txt", "a.txt", False),
        ("*\n!src\n!*.txt", "a.md", True),
        ("*\n!  /src", "src/a", False),
        ("**/*.md\n!README.md", "docs/README.md", True),
        ("**/*.md\n!README.md", "README.md", False),
        ("**/*.md\n!**/README*.md\nREADME-secret.md", "README-secret.md", True),
        ("!!a\n", "!a", False),
        ("?a\n!!a", "!a", False),
        ("foo/bar\n!foo", "foo/bar/x", True),
        ("*\n!a/b/c", "a", True),
        ("*\n!a/b/c", "a/b/c/d", False),
        ("**/[[:digit:]].txt", "x/1.txt", True),
        (r"*\d", "a1", True),
        ("a[*]", "a[]", True),
        ("x*^", "x^", False),
        ("a\nb\x1f", "b", False),
        ("\u00a0a\u2003", "a", True),
    ],
)
def test_excluded(text: str, path: str, excluded: bool) -> None:
    assert parse_ignore(text).excluded(path) is excluded


@pytest.mark.parametrize(
    "text", ["[", "a[", "[]", "[a-]", "[-a]", "a\\", "!", "! ", "!/", "[z-a]", r"x[\y", "*\\q", "*\\8"]
)
def test_patterns_that_buildkit_refuses(text: str) -> None:
    with pytest.raises(ContextError) as caught:
        parse_ignore(f"ok\n{text}\n")
    assert caught.value.where == ".dockerignore:2"


def test_a_line_that_is_too_long_is_an_error() -> None:
    parse_ignore("a" * 65535)
    with pytest.raises(ContextError):
        parse_ignore("a" * 65536)


@given(st.text(alphabet="ab./", max_size=12))
def test_clean_is_idempotent_and_has_no_empty_or_dot_parts(path: str) -> None:
    cleaned = clean(path)
    assert clean(cleaned) == cleaned
    assert cleaned in (".", "/") or not {"", "."}.intersection(cleaned.removeprefix("/").split("/"))
    assert not cleaned.startswith("/../") and cleaned != "/.."


NAMES = st.text(alphabet="ab.", min_size=1, max_size=3).filter(lambda name: name.strip("."))
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
PARTS = st.one_of(NAMES, st.sampled_from(["*", "**", "?", "a*", "*b", "[ab]", "[^a]", "*.a"]))
PATTERNS = st.tuples(st.sampled_from(["", "!"]), st.lists(PARTS, min_size=1, max_size=4)).map(
    lambda t: t[0] + "/".join(t[1])
)


def parts_match(pattern: list[str], path: list[str]) -> bool:
    """An independent translation: component by component, `**` for any number of them."""
    if not pattern:
        return not path
    if pattern[0] == "**":
        if len(pattern) == 1:
            return bool(path)
        return any(parts_match(pattern[1:], path[skip:]) for skip in range(len(path) + 1))
    one = re.compile(fnmatch.translate(pattern[0].replace("[^", "[!")))
    return bool(path) and one.match(path[0]) is not None and parts_match(pattern[1:], path[1:])


@given(st.lists(PATTERNS, min_size=1, max_size=4), PATHS)
def test_against_a_translation_by_components(patterns: list[str], path: str) -> None:
    """Every ancestor counts for every pattern; true of BuildKit whenever no exception stands before an exclusion."""
    patterns.sort(key=lambda pattern: pattern.startswith("!"))
    parts = path.split("/")
    expected = False
    for pattern in patterns:
        wanted = pattern.removeprefix("!").split("/")
        if any(parts_match(wanted, parts[:end]) for end in range(1, len(parts) + 1)):
            expected = not pattern.startswith("!")
    assert parse_ignore("\n".join(patterns)).excluded(path) is expected


@given(st.lists(st.text(alphabet="ab*?[]^!\\/-.#: ", max_size=8), max_size=4), PATHS)
def test_any_text_is_read_or_refused(lines: list[str], path: str) -> None:
    try:
        rules = parse_ignore("\n".join(lines))
    except ContextError as error:
        assert error.where is not None
        return
    rules.excluded(path)
