"""`tare scan` as JUnit XML: a failing case a finding; what was not assessed is a case that is skipped and never passes."""

from collections.abc import Iterable

from tare.report.junit.xml import Case, document
from tare.schema.scan import ScanReport


def render(report: ScanReport) -> str:
    """The report as XML."""
    return document("tare scan", list(_cases(report)))


def _cases(report: ScanReport) -> Iterable[Case]:
    counted = 0
    for one in report.vulnerabilities:
        name = f"{one.package} {one.version}: {one.id}"
        if one.ignored:
            yield Case(report.image, name, skipped=f"ignored: {one.ignored}")
            continue
        counted += 1
        fix = f"fixed in {', '.join(one.fixed_in)}" if one.fixed_in else "no fix known"
        doubt = f"\nundecided: {one.reason}" if one.verdict == "unknown" else ""
        text = f"{one.severity}: {one.summary or one.id}; {fix}{doubt}\n{one.path}"
        yield Case(report.image, name, text, one.severity)
    for secret in report.secrets:
        name = f"{secret.code} {secret.name} in {secret.place} {secret.path}"
        if secret.ignored:
            yield Case(report.image, name, skipped=f"ignored: {secret.ignored}")
            continue
        counted += 1
        yield Case(
            report.image, name, f"{secret.message}\n{secret.remedy}", secret.severity, line=secret.line
        )
    for missing in report.unassessed:
        yield Case(
            report.image,
            f"{missing.packages} packages of {missing.ecosystem}",
            skipped=f"not assessed: {missing.reason}",
        )
    if not counted and "vulnerabilities" in report.checks:
        yield Case(report.image, f"{report.assessed} packages looked up, none vulnerable")
