"""TR3030: let yum install go on without asking."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.calls import steps_calling
from tare.rules.document import Document
from tare.schema.lint import Severity

_ACTIONS = ("install", "groupinstall", "localinstall")


def check(document: Document) -> Iterable[Problem]:
    """yum install without -y."""
    for step, found in steps_calling(document, "yum"):
        asking = [call for call in found if call.has_word(*_ACTIONS) and not call.has_flag("y", "assumeyes")]
        if asking:
            fix = safe_fix("Add -y", *(call.insertion(call.word(*_ACTIONS), "-y") for call in asking))
            yield Problem("yum install asks without `-y`", asking[0].command.span, step.outer, fix)


RULE = Rule(
    code="TR3030",
    name="yum-install-asks",
    title="Let yum install go on without asking.",
    why="A build has no terminal to answer at: the command aborts as soon as it would ask.",
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=(
        "DL3030",
        "yum_install_allows_manual_input",
        "missing-yum-assume-yes-switch",
        "yumInstallForceYes",
    ),
    safety="A build without a terminal either needs no answer, then -y changes nothing, or fails.",
    reads_broken=True,
    examples=(
        Example(
            "FROM fedora:40\nRUN yum install httpd-2.4 && yum clean all\n",
            "FROM fedora:40\nRUN yum install -y httpd-2.4 && yum clean all\n",
        ),
    ),
    clean=("FROM fedora:40\nRUN yum install -y httpd-2.4\n",),
)
