"""White space as Go sees it, since BuildKit's grammar is written in Go's terms.

Python's own notion differs: `str.isspace` also takes U+001C to U+001F, and `\\s` in `re` takes the vertical tab.
"""

UNICODE_SPACES = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""The characters for which Go's `unicode.IsSpace` holds."""

ARGUMENT_SPACES = "\t\v\f\r "
"""What separates the words of an instruction (`reWhitespace` in BuildKit's parser)."""

ARGUMENT_SPACES_PATTERN = "[\\t\\v\\f\\r ]+"
"""The same as a regular expression."""

REGEXP_SPACE = "[\\t\\n\\f\\r ]"
"""`\\s` of Go's `regexp`."""


def is_space(char: str) -> bool:
    """Whether Go's `unicode.IsSpace` holds for one character; False for the empty string."""
    return char != "" and char in UNICODE_SPACES
