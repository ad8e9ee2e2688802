"""`tare verify` as Markdown."""

from tare.report.markdown.parts import checks_table, code, joined
from tare.schema.verify import VerifyReport


def render(report: VerifyReport) -> str:
    """The report as Markdown."""
    return joined([f"## tare verify {code(report.after)}", "", *checks_table(report.verification)])
