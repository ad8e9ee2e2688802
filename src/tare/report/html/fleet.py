"""`tare fleet` as one HTML file: what is shared, what one change saves everywhere, and every table, sortable."""

from tare.report.html.page import page
from tare.report.units import duration, number
from tare.schema.fleet import FleetReport
from tare.schema.quantity import Quantity

_SEVERITIES = ("critical", "high", "medium", "low", "none", "unknown")
ROWS = 1000
"""Rows of a table at most; JSON and CSV have all."""


def render(report: FleetReport) -> str:
    """The page."""
    tables = [
        ("bases", "Bases", report.bases),
        ("waste", "Waste", report.waste),
        ("images", "Images", report.images),
        ("packages", "Packages", report.packages),
        ("twins", "Twin layers", report.twins),
        ("cves", "CVEs", report.security.vulnerabilities if report.security else ()),
    ]
    sections = [(id_, name) for id_, name, rows in tables if rows]
    return page(
        "fleet.html.j2",
        scripts=("page.js",),
        data={},
        report=report,
        sections=[*sections, ("costs", "Costs")],
        limit=ROWS,
        usd=_usd,
        time=duration,
        signed=_signed,
        severities=_SEVERITIES,
        widest_base=max((one.freeable_bytes * one.images for one in report.bases), default=0),
        widest_image=max((one.size_bytes for one in report.images[:ROWS]), default=0),
        widest_waste=max((one.stored_bytes for one in report.waste), default=0),
        widest_package=max((one.stored_bytes for one in report.packages), default=0),
    )


def _usd(item: Quantity) -> str:
    if item.value is None:
        return "unknown"
    return ("" if item.basis == "measured" else "≈ ") + number(item.value, "usd")


def _signed(value: float) -> str:
    return f"{'−' if value < 0 else '+'}{number(abs(value), 'bytes')}"
