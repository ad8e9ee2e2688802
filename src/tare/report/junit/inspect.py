"""`tare inspect` as JUnit XML: each limit of the budget is a case. An unknown figure holds no limit, so it fails."""

from tare.report.junit.xml import Case, document
from tare.schema.inspect import InspectReport


def render(report: InspectReport) -> str:
    """The report as XML; without a budget there is one case that is skipped."""
    cases = [
        Case(
            report.reference,
            f"budget {check.name}",
            None if check.passed is True else f"{check.reason}\n{check.origin}",
            "budget",
        )
        for check in report.budget
    ]
    return document("tare inspect", cases or [Case(report.reference, "budget", skipped="no budget is set")])
