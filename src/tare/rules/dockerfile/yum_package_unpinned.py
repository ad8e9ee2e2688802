"""TR3033: pin the versions of yum packages."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.calls import steps_calling
from tare.rules.document import Document
from tare.rules.packages import rpm_packages
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """yum install PACKAGE without a version."""
    for step, found in steps_calling(document, "yum"):
        for call in found:
            loose = rpm_packages(call) if call.has_word("install") else ()
            if loose:
                yield Problem(f"pin the version: `{loose[0].text}-<version>`", loose[0].span, step.outer)
                break


RULE = Rule(
    code="TR3033",
    name="yum-package-unpinned",
    title="Pin the versions of yum packages.",
    why=(
        "A rebuild installs whatever the index has that day: it may fail, or pass and behave differently. "
        "Nothing in the repository tells which version the image of last month held."
    ),
    severity=Severity.WARNING,
    category="repro",
    check=check,
    equivalents=(
        "DL3033",
        "yum_install_without_version",
    ),
    reads_broken=True,
    examples=(Example("FROM fedora:40\nRUN yum install -y httpd && yum clean all\n"),),
    clean=(
        "FROM fedora:40\nRUN yum install -y httpd-2.4.6\n",
        "FROM fedora:40\nRUN yum module install -y nodejs:18\n",
    ),
)
