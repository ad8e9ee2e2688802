"""TR5003: apt-get install right after apt-get install."""

from collections.abc import Iterable
from itertools import pairwise

from tare.core.text import Edit, Span
from tare.dockerfile.commands import AptCommand
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document
from tare.rules.typed import every_command
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """Two installs with the same options that follow each other in one RUN."""
    entries = every_command(document)
    for first, second in pairwise(entries):
        one, two = first.typed, second.typed
        if (
            first.step is not second.step
            or not isinstance(one, AptCommand)
            or not isinstance(two, AptCommand)
        ):
            continue
        if one.action != "install" or two.action != "install" or second.command.separator != "&&":
            continue
        options = [[(o.name, o.value.text if o.value else "") for o in typed.options] for typed in (one, two)]
        simple = first.command.argv[0].text == second.command.argv[0].text and not second.command.redirects
        if (
            sorted(options[0]) != sorted(options[1])
            or not one.understood
            or not simple
            or first.command.contexts
        ):
            continue
        span = second.script.removal_span(second.command)
        words = [word for word in two.packages if word.contiguous]
        edits = [
            Edit(Span(end, end), "".join(f" {word.raw}" for word in words))
            for end in (one.command.argv[-1].span.end,)
        ]
        whole = span is not None and len(words) == len(two.packages) and not first.command.redirects
        fix = safe_fix("Install all at once", *edits, Edit(span, "")) if span is not None and whole else None
        yield Problem("two installs that could be one", second.command.span, second.step.outer, fix)


RULE = Rule(
    code="TR5003",
    name="several-apt-installs",
    title="Install all apt packages of a step at once.",
    why=(
        "apt reads its lists, resolves and runs the triggers (ldconfig, man-db, ca-certificates) once for each "
        "install."
    ),
    severity=Severity.INFO,
    category="cache",
    check=check,
    equivalents=(
        "moreThanOneInstall",
        "tally/prefer-run-heredoc",
    ),
    safety="The same packages with the same options, resolved together; nothing stands between the two commands.",
    examples=(
        Example(
            (
                "FROM debian:12\nRUN apt-get update && apt-get install -y curl=8 && apt-get install -y "
                "git=2 && rm -rf /var/lib/apt/lists/*\n"
            ),
            (
                "FROM debian:12\nRUN apt-get update && apt-get install -y curl=8 git=2 && rm -rf "
                "/var/lib/apt/lists/*\n"
            ),
        ),
    ),
    clean=(
        (
            "FROM debian:12\nRUN apt-get update && apt-get install -y curl && ./add-repository && "
            "apt-get install -y git\n"
        ),
    ),
)
