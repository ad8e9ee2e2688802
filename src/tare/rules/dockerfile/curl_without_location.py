"""TR5017: curl without -L."""

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
    """Downloads with curl, from other machines, without `-L`."""
    for entry, typed in commands_of(document, FetchCommand):
        if typed.program != "curl" or not typed.urls or typed.has("--location", "--location-trusted"):
            continue
        if typed.has(*_NO_DOWNLOAD) or all(_LOCAL.search(word.text) for word in typed.urls):
            continue
        words = entry.command.effective_argv
        at = words[1 if len(words) > 1 and words[1].text == "-f" else 0].span.end
        added = ', "-L"' if entry.command.exec_form else " -L"
        fix = unsafe_fix("Add -L", Edit(Span(at, at), added))
        yield Problem(
            "curl without -L: a redirect passes for the file", entry.command.span, entry.step.outer, fix
        )


RULE = Rule(
    code="TR5017",
    name="curl-without-location",
    title="Let curl follow redirects.",
    why=(
        "Downloads move: without `-L` curl saves the empty body of the redirect (`301 Moved Permanently`) and "
        "ends with success."
    ),
    severity=Severity.INFO,
    category="correct",
    check=check,
    equivalents=(
        "curlUseFlagL",
        "tally/curl-should-follow-redirects",
    ),
    safety="A step that expected the redirect itself gets what it points to.",
    examples=(
        Example(
            "FROM debian:12\nRUN curl -fsS https://example.org/a.tgz -o a.tgz\n",
            "FROM debian:12\nRUN curl -L -fsS https://example.org/a.tgz -o a.tgz\n",
        ),
    ),
    clean=(
        "FROM debian:12\nRUN curl -fsSL https://example.org/a.tgz -o a.tgz\n",
        "FROM debian:12\nRUN curl http://localhost:8080/ready\n",
    ),
)
