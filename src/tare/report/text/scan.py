"""`tare scan` for a terminal."""

from collections import Counter
from collections.abc import Callable

from rich.console import Console
from rich.text import Text

from tare.report.text.console import new_console, printed
from tare.report.units import safe, size
from tare.schema.scan import ScanReport, Secret, Vulnerability

SHOWN = 40
_INDENT = " " * 14


def render(report: ScanReport) -> str:
    """The report as text, ending in a line feed."""
    console = new_console()
    show = _shower(console)
    if "vulnerabilities" in report.checks:
        _vulnerabilities(report, show)
    if report.bundled:
        _bundled(report, show)
    if report.plan is not None:
        _plan(report, show)
    if "secrets" in report.checks:
        _secrets(report, show)
    if "hardening" in report.checks:
        _hardening(report, show)
    ignored = sum(bool(one.ignored) for one in report.vulnerabilities)
    ignored += sum(bool(one.ignored) for one in report.secrets)
    ignored += sum(bool(one.ignored) for one in report.hardening)
    if ignored:
        show(f"{ignored} ignored by the policy")
    for missing in report.unassessed:
        what = (
            f"{missing.packages} packages of {missing.ecosystem}" if missing.packages else missing.ecosystem
        )
        show(f"not assessed: {what}: {missing.reason}")
    for warning in report.warnings:
        show(f"warning: {warning}")
    return printed(console)


def _shower(console: Console) -> Callable[[str], None]:
    return lambda line: console.print(Text(safe(line)), soft_wrap=True)


def _vulnerabilities(report: ScanReport, show: Callable[[str], None]) -> None:
    counted = [found for found in report.vulnerabilities if not found.ignored]
    counts = Counter(found.severity if found.verdict == "affected" else "undecided" for found in counted)
    told = ", ".join(f"{count} {name}" for name, count in counts.items()) or "none known"
    show(f"{report.image}: {told}")
    show(
        f"{report.assessed} of {report.packages} packages looked up; advisories up to {report.database_newest[:10]}, "
        f"imported {report.database_updated[:10]}"
    )
    show("")
    for found in counted[:SHOWN]:
        _vulnerability(show, found)
    _more(show, len(counted))


def _more(show: Callable[[str], None], count: int) -> None:
    if count > SHOWN:
        show(f"… and {count - SHOWN} more (--format json has them all)")


def _vulnerability(show: Callable[[str], None], found: Vulnerability) -> None:
    score = "" if found.score is None else f" {found.score:.1f}"
    fix = f", fixed in {', '.join(found.fixed_in)}" if found.fixed_in else ", no fix known"
    doubt = f" (undecided: {found.reason})" if found.verdict == "unknown" else ""
    other = next((name for name in found.aliases if name.startswith("CVE-")), "")
    name = f"{found.id} ({other})" if other and other != found.id else found.id
    show(f"{found.severity:8}{score:5} {found.package} {found.version}: {name}{fix}{doubt}")
    where = f"layer {found.layer}: {found.instruction[:70]}" if found.layer else found.path
    show(f"{_INDENT}{safe(' '.join(found.summary.split()))[:80]}")
    if found.exploited or found.epss is not None:
        chance = "" if found.epss is None else f"EPSS {found.epss:.1%}"
        known = f"exploited, says KEV since {found.exploited}" if found.exploited else ""
        show(f"{_INDENT}{', '.join(part for part in (known, chance) if part)}")
    show(f"{_INDENT}{where}")


def _secrets(report: ScanReport, show: Callable[[str], None]) -> None:
    counted = [found for found in report.secrets if not found.ignored]
    counts = Counter(found.severity for found in counted)
    told = ", ".join(f"{count} {name}" for name, count in counts.items()) or "none found"
    show(f"{report.image}: secrets: {told}")
    read = report.secrets_read
    if read is not None:
        proven = f", {size(read.proven_bytes)} proven to be their packages' own" if read.proven_files else ""
        show(f"{read.files} files: {size(read.read_bytes)} looked through{proven}")
    show("")
    for found in counted[:SHOWN]:
        _secret(show, found)
    _more(show, len(counted))
    for path in read.unread if read is not None else ():
        show(f"not read: {path}")


def _secret(show: Callable[[str], None], found: Secret) -> None:
    show(f"{found.severity:8}      {found.message}")
    brought = f"layer {found.layer}: {found.instruction[:60]} · " if found.layer else ""
    show(f"{_INDENT}{brought}{found.shown} · {found.fingerprint}")
    show(f"{_INDENT}{found.remedy}")


def _hardening(report: ScanReport, show: Callable[[str], None]) -> None:
    counted = [found for found in report.hardening if not found.ignored]
    counts = Counter(found.severity for found in counted)
    told = ", ".join(f"{count} {name}" for name, count in counts.items()) or "nothing to do"
    show(f"{report.image}: hardening: {told}")
    show("")
    for found in counted[:SHOWN]:
        cis = f" (CIS {found.cis})" if found.cis else ""
        show(f"{found.severity:8}      {found.message}{cis}")
        show(f"{_INDENT}{found.remedy}")
    _more(show, len(counted))


def _plan(report: ScanReport, show: Callable[[str], None]) -> None:
    changes = report.plan or ()
    made = [change for change in changes if change.check != "refused"]
    gone = sum(len(change.gone) for change in made)
    show(
        f"plan: {len(made)} changes take away {gone} of {sum(not one.ignored for one in report.vulnerabilities)}"
    )
    show("")
    for change in changes:
        names = ", ".join(
            f"{one.name} {one.before}" + (f" → {one.after}" if one.after else "")
            for one in change.packages[:6]
        )
        more = f" and {len(change.packages) - 6} more" if len(change.packages) > 6 else ""
        told = ", ".join(f"{count} {level}" for level, count in change.severities)
        saved = f", saves {size(change.saved.value)}" if change.saved.value else ""
        show(f"{change.kind:8}      {names}{more}: {told} gone{saved}")
        show(f"{_INDENT}{change.check}: {change.reason}")
        if change.left:
            show(f"{_INDENT}stays: {', '.join(change.left)}")
        if change.written:
            show(f"{_INDENT}not written: {change.written}")
    for file in report.changed_files:
        show(f"written: {file.path}")
    show("")


def _bundled(report: ScanReport, show: Callable[[str], None]) -> None:
    show(f"{len(report.bundled)} native libraries within wheels, on which OSV has no advisories:")
    for one in report.bundled[:SHOWN]:
        show(f"{_INDENT}{one.name} {one.version} in {one.package} {one.package_version} ({one.path})")
    _more(show, len(report.bundled))
    show("")
