"""TR3041: pin the versions of dnf packages."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.calls import steps_calling
from tare.rules.document import Document
from tare.rules.packages import rpm_packages
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """dnf install PACKAGE without a version."""
    for step, found in steps_calling(document, "dnf", "microdnf"):
        for call in found:
            loose = rpm_packages(call) if call.has_word("install") else ()
            if loose:
                yield Problem(f"pin the version: `{loose[0].text}-<version>`", loose[0].span, step.outer)
                break


RULE = Rule(
    code="TR3041",
    name="dnf-package-unpinned",
    title="Pin the versions of dnf packages.",
    why=(
        "A rebuild installs whatever the index has that day: it may fail, or pass and behave differently. "
        "Nothing in the repository tells which version the image of last month held."
    ),
    severity=Severity.WARNING,
    category="repro",
    check=check,
    equivalents=(
        "DL3041",
        "missing_version_specification_in_dnf_install",
    ),
    reads_broken=True,
    examples=(Example("FROM fedora:40\nRUN dnf install -y httpd && dnf clean all\n"),),
    clean=(
        "FROM fedora:40\nRUN dnf install -y httpd-2.4.6\n",
        "FROM fedora:40\nRUN dnf module install -y nodejs:18\n",
    ),
)
