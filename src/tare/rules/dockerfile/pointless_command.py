"""TR3001: leave commands of a booted system out of a build."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.calls import steps_calling
from tare.rules.document import Document
from tare.schema.lint import Severity

_POINTLESS = ("ssh", "vim", "shutdown", "service", "ps", "free", "top", "kill", "mount")


def check(document: Document) -> Iterable[Problem]:
    """RUN with one of the commands."""
    for step, found in steps_calling(document, *_POINTLESS):
        yield Problem(f"`{found[0].name}` makes no sense in a build", found[0].command.span, step.outer)


RULE = Rule(
    code="TR3001",
    name="pointless-command",
    title="Leave commands of a booted system out of a build.",
    why=(
        "There is no init, no other process and no terminal while an image is built: ssh, vim, shutdown, "
        "service, ps, free, top, kill and mount can do nothing useful that stays in the image."
    ),
    severity=Severity.INFO,
    category="style",
    check=check,
    equivalents=(
        "DL3001",
        "run_utilities_and_posix_commands",
        "nonsensical-command",
    ),
    reads_broken=True,
    examples=(Example("FROM debian:12\nRUN service nginx start\n"),),
    clean=("FROM debian:12\nRUN ssh-keygen -A\n",),
)
