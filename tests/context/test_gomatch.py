import pytest

from tare.context.gomatch import BadPatternError, has_wildcard, match


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("abc", "abc", True),
        ("*", "abc", True),
        ("*c", "abc", True),
        ("a*/b", "abc/b", True),
        ("a*/b", "a/c/b", False),
        ("a*b*c*d*e*/f", "axbxcxdxexxx/f", True),
        ("a*b?c*x", "abxbbxdbxebxczzy", False),
        ("ab[c]", "abc", True),
        ("ab[^e-g]", "abc", True),
        (r"a\*b", "a*b", True),
        ("a???b", "aé語zb", True),
        ("a[^a]b", "a☺b", True),
        ("[a-ζ]*", "α", True),
        ("a?b", "a/b", False),
        ("[\\]a]", "]", True),
        ("**", "a/b", False),
        ("", "", True),
        ("a*[", "b", False),
    ],
)
def test_match(pattern: str, name: str, expected: bool) -> None:
    assert match(pattern, name) is expected


@pytest.mark.parametrize("pattern", ["[]a]", "[-]", "[x-]", "[-x]", "[a-b-c]", "[", "[^", "[^bc", "a[", "\\"])
def test_malformed(pattern: str) -> None:
    with pytest.raises(BadPatternError):
        match(pattern, "ab")


def test_has_wildcard() -> None:
    assert has_wildcard("*.py") and has_wildcard("[a]") and not has_wildcard("a/b.py")
