"""TR7019: a password in an address."""

import re
from collections.abc import Iterable

from tare.core.text import Span
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://(?P<user>[^\s:/@'\"$]+):(?P<password>[^\s/@'\"]+)@[\w.-]+")
_PLACEHOLDERS = frozenset({"password", "pass", "pw", "xxx", "changeme", "token", "***"})


def check(document: Document) -> Iterable[Problem]:
    """`https://user:password@host` with a literal password."""
    for instruction in document.instructions:
        for match in _ADDRESS.finditer(instruction.original):
            if match["password"].strip("'\"").lower() in _PLACEHOLDERS or match["password"].startswith(
                ("$", "<", "{")
            ):
                continue
            at = document.text.find(match[0], instruction.span.start, instruction.span.end)
            where = Span(at, at + len(match[0])) if at >= 0 else instruction.keyword_span
            yield Problem(
                "a password stands in this address: it is in the image's history", where, instruction
            )


RULE = Rule(
    code="TR7019",
    name="credentials-in-url",
    title="Write no passwords into addresses.",
    why=(
        "The line is part of the Dockerfile, of the image's history and often of a configuration file inside "
        "it (pip.conf, .git/config). A secret mount with a netrc file, or an index URL from a secret, leaves "
        "nothing behind."
    ),
    severity=Severity.ERROR,
    category="security",
    check=check,
    equivalents=("tally/secrets-in-code",),
    examples=(
        Example(
            "FROM python:3.12\nRUN pip install --index-url https://bot:s3cr3t@pypi.example.org/simple flask\n"
        ),
    ),
    clean=(
        ("FROM python:3.12\nRUN pip install --index-url https://bot:$TOKEN@pypi.example.org/simple flask\n"),
    ),
)
