"""TR5016: curl without -f."""

import re
from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.dockerfile.commands import FetchCommand
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.typed import commands_of
from tare.schema.lint import Severity

_NO_DOWNLOAD = (
    "--head",
    "--request",
    "--data",
    "--data-raw",
    "--data-binary",
    "--upload-file",
    "--form",
    "--config",
    "--version",
    "--help",
)
_LOCAL = re.compile(r"^(?:https?://)?(?:localhost|127\.|0\.0\.0\.0|\[::1\]|\$)|^file:")


def check(document: Document) -> Iterable[Problem]:
    """Downloads with curl, from other machines, without `-f`."""
    for entry, typed in commands_of(document, FetchCommand):
        if typed.program != "curl" or not typed.urls or typed.has("--fail", "--fail-with-body"):
            continue
        if typed.has(*_NO_DOWNLOAD) or all(_LOCAL.search(word.text) for word in typed.urls):
            continue
        words = entry.command.effective_argv
        at = words[0].span.end
        added = ', "-f"' if entry.command.exec_form else " -f"
        fix = unsafe_fix("Add -f", Edit(Span(at, at), added))
        yield Problem(
            "curl without -f: an error page passes for the file", entry.command.span, entry.step.outer, fix
        )


RULE = Rule(
    code="TR5016",
    name="curl-without-fail",
    title="Let curl fail on HTTP errors.",
    why=(
        "Without `-f` curl ends with success when the server answers 404 or 500, and the error page becomes "
        "the downloaded file: the build goes on and fails later, or not at all."
    ),
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=(
        "curlUseFlagF",
        "tally/prefer-curl-config",
    ),
    safety="A step that lived on with an error page now fails.",
    examples=(
        Example(
            "FROM debian:12\nRUN curl -sSL https://example.org/a.tgz -o a.tgz\n",
            "FROM debian:12\nRUN curl -f -sSL https://example.org/a.tgz -o a.tgz\n",
        ),
    ),
    clean=(
        "FROM debian:12\nRUN curl -fsSL https://example.org/a.tgz -o a.tgz\n",
        "FROM debian:12\nRUN curl http://localhost:8080/ready\n",
    ),
)
