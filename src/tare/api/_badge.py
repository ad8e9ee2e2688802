"""`tare badge` as a function."""

from pathlib import Path
from typing import Literal, get_args

import msgspec

from tare.core.errors import UsageError
from tare.report.svg.badge import badge as draw
from tare.report.units import size
from tare.schema.quantity import Quantity

Metric = Literal["size", "pull", "waste", "efficiency", "budget", "cves", "lint", "fleet"]
METRICS: tuple[str, ...] = get_args(Metric)
_VERBS = {"cves": "scan", "lint": "lint", "fleet": "fleet"}
_WORST = ("critical", "high", "medium", "low", "none")


class _Waste(msgspec.Struct):
    wasted_bytes: int = 0


class _Check(msgspec.Struct):
    passed: bool | None = None


class _Found(msgspec.Struct):
    severity: str = "unknown"
    verdict: str = "affected"
    ignored: str = ""


class _Missing(msgspec.Struct):
    packages: int = 0


class _Totals(msgspec.Struct):
    images: int = 0
    freeable_bytes: int = 0


class _Report(msgspec.Struct):
    verb: str = ""
    size_bytes: int = 0
    compressed_bytes: Quantity | None = None
    efficiency: float = 0.0
    waste: _Waste | list[object] | None = None
    budget: list[_Check] = []
    vulnerabilities: list[_Found] = []
    unassessed: list[_Missing] = []
    checks: list[str] = []
    findings: list[_Found] = []
    errors: list[object] = []
    complete: bool = False
    totals: _Totals | None = None


def badge(report: Path, metric: Metric, label: str = "") -> str:
    """A figure of a JSON report as an SVG badge. What is unknown is grey, and never green. Raises `UsageError` for a file that
    is no report, or one of a verb without that figure."""
    try:
        found = msgspec.json.decode(report.read_bytes(), type=_Report)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(report)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(
            f"not a report of tare: {error}", where=str(report), hint="write one with --format json"
        ) from error
    wanted = _VERBS.get(metric, "inspect")
    if found.verb != wanted:
        raise UsageError(
            f"a report of {found.verb or 'nothing known'}",
            where=str(report),
            hint=f"{metric} needs one of tare {wanted}",
        )
    name, value, kind = _figure(found, metric)
    return draw(label or name, value, kind)


def _figure(report: _Report, metric: Metric) -> tuple[str, str, str]:
    match metric:
        case "size":
            return "image", size(report.size_bytes), "plain"
        case "pull":
            item = report.compressed_bytes
            if item is None or item.value is None:
                return "pull", "unknown", "unknown"
            return "pull", ("" if item.basis == "measured" else "≈ ") + size(item.value), "plain"
        case "waste":
            wasted = report.waste.wasted_bytes if isinstance(report.waste, _Waste) else 0
            share = wasted / report.size_bytes if report.size_bytes else 0.0
            return "waste", size(wasted), "good" if share < 0.02 else "fair" if share < 0.1 else "bad"
        case "efficiency":
            level = "good" if report.efficiency >= 0.95 else "fair" if report.efficiency >= 0.85 else "bad"
            return "efficiency", f"{report.efficiency * 100:.1f} %", level
        case "budget":
            if not report.budget:
                return "budget", "none set", "unknown"
            over = sum(check.passed is not True for check in report.budget)
            return "budget", f"{over} over" if over else "within", "bad" if over else "good"
        case "cves":
            return "CVEs", *_cves(report)
        case "lint":
            if report.errors:
                return "Dockerfile", "not checked", "unknown"
            count = len(report.findings)
            bad = any(one.severity in ("error", "warning") for one in report.findings)
            return (
                "Dockerfile",
                f"{count} findings" if count else "clean",
                "bad" if bad else "fair" if count else "good",
            )
        case "fleet":
            totals = report.totals or _Totals()
            whole = "" if report.complete else "part of "
            value = f"{whole}{totals.images} images, {size(totals.freeable_bytes)} freeable"
            return "fleet", value, "plain" if report.complete else "unknown"


def _cves(report: _Report) -> tuple[str, str]:
    if "vulnerabilities" not in report.checks:
        return "not looked for", "unknown"
    counted = [one for one in report.vulnerabilities if not one.ignored]
    doubt = bool(report.unassessed) or any(one.verdict == "unknown" for one in counted)
    for level in _WORST:
        count = sum(one.severity == level for one in counted)
        if count:
            return f"{count} {level}", "bad" if level in ("critical", "high") else "fair"
    if counted:
        return f"{len(counted)} unrated", "unknown"
    return ("none known, not all assessed", "unknown") if doubt else ("none known", "good")
