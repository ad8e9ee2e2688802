"""TR3047: keep the progress bar of wget out of the log."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule, safe_fix, unsafe_fix
from tare.rules.calls import Call, calls, flags_of, steps_calling
from tare.rules.document import Document, Step
from tare.schema.lint import Severity

_QUIET = ("q", "quiet", "no-verbose", "progress", "o", "output-file", "a", "append-output")


def check(document: Document) -> Iterable[Problem]:
    """wget without --progress and without a switch that makes it quiet."""
    for step, found in steps_calling(document, "wget"):
        loud = [call for call in found if not _quiet(call)]
        if loud:
            make = safe_fix if _gnu(document, step) else unsafe_fix
            fix = make(
                "Add --progress=dot:giga", *(call.insertion(None, "--progress=dot:giga") for call in loud)
            )
            yield Problem("wget fills the log with its progress", loud[0].command.span, step.outer, fix)


def _quiet(call: Call) -> bool:
    return any(text == "-nv" or any(flag in _QUIET for flag in flags_of(text)) for text in call.texts)


def _gnu(document: Document, step: Step) -> bool:
    """Whether the stage has GNU wget for certain: it installs packages with apt."""
    return any(
        call.name in ("apt-get", "apt") and call.has_word("install")
        for other, call in calls(document, "apt-get", "apt")
        if other.stage == step.stage
    )


RULE = Rule(
    code="TR3047",
    name="wget-progress",
    title="Keep the progress bar of wget out of the log.",
    why=(
        "Without a terminal wget writes a line for every 50 kB: a download of 1 GB fills the build log with"
        " 20,000 lines."
    ),
    severity=Severity.INFO,
    category="style",
    check=check,
    equivalents=("DL3047",),
    safety=(
        "Safe where the stage installs packages with apt, so that wget is that of GNU. The wget of busybox "
        "does not know the option: elsewhere the fix is unsafe."
    ),
    reads_broken=True,
    examples=(
        Example(
            "FROM debian:12\nRUN wget https://example.org/a\n",
            "FROM debian:12\nRUN wget --progress=dot:giga https://example.org/a\n",
        ),
    ),
    clean=("FROM debian:12\nRUN wget -q https://example.org/a\n",),
)
