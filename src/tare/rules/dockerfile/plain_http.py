"""TR7023: a download without encryption."""

import re
from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.dockerfile.commands import FetchCommand, PipCommand, UvCommand
from tare.dockerfile.shell import Word
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.typed import every_command
from tare.schema.lint import Severity

_HTTP = re.compile(r"http://(?P<host>[^/\s:$]+)")
_LOCAL = re.compile(
    r"localhost|127\.[\d.]+|0\.0\.0\.0|10\.[\d.]+|192\.168\.[\d.]+|169\.254\.[\d.]+|[\w-]+|.*\.(?:local|internal|lan|test)"
)


def _addresses(typed: object) -> tuple[Word, ...]:
    if isinstance(typed, FetchCommand):
        return typed.urls
    if isinstance(typed, PipCommand | UvCommand):
        index = (typed.index_url,) if typed.index_url else ()
        return (*index, *typed.extra_index_urls, *typed.find_links)
    return ()


def check(document: Document) -> Iterable[Problem]:
    """Addresses with http:// in curl and wget, and of package indexes. Hosts of this machine are left alone."""
    for entry in every_command(document):
        for word in _addresses(entry.typed):
            match = _HTTP.match(word.text)
            if match is None or _LOCAL.fullmatch(match["host"]):
                continue
            at = document.text.find("http://", word.span.start, word.span.end)
            fix = unsafe_fix("Write https://", Edit(Span(at, at + 7), "https://")) if at >= 0 else None
            message = f"what {match['host']} sends can be read and changed on its way"
            yield Problem(message, word.span, entry.step.outer, fix)


RULE = Rule(
    code="TR7023",
    name="plain-http",
    title="Download over HTTPS.",
    why=(
        "Whoever sits between the builder and the server can exchange the file, and most downloads in "
        "Dockerfiles are run as root. Nearly every public server answers on HTTPS too."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=(
        "curlUseHttpsUrl",
        "wgetUseHttpsUrl",
    ),
    safety="A server without HTTPS, or with a certificate that is not trusted, makes the step fail.",
    examples=(
        Example(
            "FROM debian:12\nRUN curl -fsSL http://example.org/a.sh -o a.sh\n",
            "FROM debian:12\nRUN curl -fsSL https://example.org/a.sh -o a.sh\n",
        ),
    ),
    clean=("FROM debian:12\nRUN curl -f http://localhost:8000/health\n",),
)
