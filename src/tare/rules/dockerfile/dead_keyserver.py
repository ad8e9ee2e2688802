"""TR5023: a key server that is gone."""

import re
from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.typed import every_command
from tare.schema.lint import Severity

_DEAD = re.compile(r"(?:hkps?://)?[\w.-]*sks-keyservers\.net(?::\d+)?")


def check(document: Document) -> Iterable[Problem]:
    """Names of the sks-keyservers.net pool."""
    for entry in every_command(document):
        for word in entry.command.arguments:
            match = _DEAD.search(document.text, word.span.start, word.span.end)
            if match and "sks-keyservers.net" in word.text:
                where = Span(match.start(), match.end())
                fix = unsafe_fix("Use keyserver.ubuntu.com", Edit(where, "hkps://keyserver.ubuntu.com"))
                yield Problem(
                    "the sks-keyservers.net pool was shut down in June 2021", where, entry.step.outer, fix
                )


RULE = Rule(
    code="TR5023",
    name="dead-keyserver",
    title="Ask a key server that exists.",
    why=(
        "The pool's names no longer resolve: the step fails, or retries until it times out. A key file from "
        "the project's own site over HTTPS needs no key server at all."
    ),
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=("gpgUseHaPools",),
    safety="The other server may hold other signatures of the key; compare its fingerprint.",
    examples=(
        Example(
            ("FROM debian:12\nRUN gpg --batch --keyserver ha.pool.sks-keyservers.net --recv-keys ABCDEF\n"),
            ("FROM debian:12\nRUN gpg --batch --keyserver hkps://keyserver.ubuntu.com --recv-keys ABCDEF\n"),
        ),
    ),
    clean=("FROM debian:12\nRUN gpg --batch --keyserver hkps://keys.openpgp.org --recv-keys ABCDEF\n",),
)
