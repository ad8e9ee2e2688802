"""TR3014: apt-get install without -y."""

from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.calls import calls
from tare.rules.document import Document
from tare.schema.lint import Severity

_YES = ("y", "yes", "q", "assume-yes")


def check(document: Document) -> Iterable[Problem]:
    """apt-get install that would ask before it goes on."""
    for step, call in calls(document, "apt-get"):
        install = call.word("install")
        quiet = (
            call.flags.count("q") + call.flags.count("quiet") >= 2
            or "--quiet=2" in call.texts
            or "-q=2" in call.texts
        )
        if install is None or call.has_flag("y", "yes", "assume-yes", "qq") or quiet:
            continue
        edit = Edit(Span(install.span.end, install.span.end), call.added("-y"))
        yield Problem(
            "Use the `-y` switch to avoid manual input `apt-get -y install <package>`",
            call.command.span,
            step.outer,
            safe_fix("Add -y", edit),
        )


RULE = Rule(
    code="TR3014",
    name="apt-install-asks",
    title="Let apt-get install go on without asking.",
    why="A build has no terminal to answer at: apt-get aborts as soon as it needs more packages than were named.",
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=("DL3014", "CKV_DOCKER_apt", "DS-0021"),
    safety="A build without a terminal either needs no answer, then -y changes nothing, or fails.",
    reads_broken=True,
    examples=(
        Example(
            "FROM debian:12\nRUN apt-get update && apt-get install curl=8\n",
            "FROM debian:12\nRUN apt-get update && apt-get install -y curl=8\n",
        ),
    ),
    clean=("FROM debian:12\nRUN apt-get install -y curl\n", "FROM debian:12\nRUN apt-get install -qq curl\n"),
)
