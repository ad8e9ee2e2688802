"""TR5022: gpg that may ask."""

from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document
from tare.rules.typed import named
from tare.schema.lint import Severity

_ASKING = frozenset(
    {
        "--verify",
        "--import",
        "--recv-keys",
        "--recv-key",
        "--recv",
        "--receive-keys",
        "--gen-key",
        "--decrypt",
    }
)


def check(document: Document) -> Iterable[Problem]:
    """gpg that imports, receives or verifies without --batch."""
    for entry in named(document, "gpg", "gpg2"):
        words = [word.text for word in entry.command.arguments]
        if (
            "--batch" in words
            or "--no-tty" in words
            or not any(word.partition("=")[0] in _ASKING for word in words)
        ):
            continue
        at = entry.command.effective_argv[0].span.end
        added = ', "--batch"' if entry.command.exec_form else " --batch"
        fix = safe_fix("Add --batch", Edit(Span(at, at), added))
        yield Problem(
            "gpg may ask or warn about a missing terminal without --batch",
            entry.command.span,
            entry.step.outer,
            fix,
        )


RULE = Rule(
    code="TR5022",
    name="gpg-without-batch",
    title="Run gpg with --batch.",
    why=(
        "gpg is made for a person at a terminal: in a build it may wait for an answer, fail because there is "
        "no terminal, or print what a script then misreads."
    ),
    severity=Severity.INFO,
    category="correct",
    check=check,
    equivalents=("gpgUseBatchFlag",),
    safety="A build has no terminal: whatever gpg would ask, it cannot be answered.",
    examples=(
        Example(
            "FROM debian:12\nRUN gpg --verify a.asc a && rm a.asc\n",
            "FROM debian:12\nRUN gpg --batch --verify a.asc a && rm a.asc\n",
        ),
    ),
    clean=("FROM debian:12\nRUN curl -fsSL https://example.org/k | gpg --dearmor -o /k.gpg\n",),
)
