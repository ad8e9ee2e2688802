"""`tare lint` as JUnit XML: a suite a file, a failing case a finding, one passing case for a file without any."""

from collections.abc import Iterable

from tare.report.junit.xml import Case, document
from tare.schema.lint import LintReport


def render(report: LintReport) -> str:
    """The report as XML."""
    return document("tare lint", list(_cases(report)))


def _cases(report: LintReport) -> Iterable[Case]:
    found = dict.fromkeys(report.files, 0)
    for one in report.findings:
        found[one.path] = found.get(one.path, 0) + 1
        place = f"{one.path}:{one.range.line}:{one.range.column}"
        text = f"{one.message}\n{place}"
        name = f"{one.code} {one.name} line {one.range.line}"
        yield Case(one.path, name, text, str(one.severity), file=one.path, line=one.range.line)
    for error in report.errors:
        found[error.path] = found.get(error.path, 0) + 1
        yield Case(
            error.path, "not checked", error.message, "error", file=error.path, line=error.line or None
        )
    for path, count in found.items():
        if not count:
            yield Case(path, "no findings", file=path)
