"""A baseline to compare with: the JSON report of an earlier `tare inspect`."""

from pathlib import Path

import msgspec

from tare.core.errors import UsageError
from tare.inspect.budget import Baseline
from tare.schema.inspect import InspectReport
from tare.schema.quantity import Quantity
from tare.schema.report import SCHEMA_VERSION

_LIMIT = 1 << 30


class _Waste(msgspec.Struct):
    wasted_bytes: int


class _Report(msgspec.Struct):
    verb: str
    schema_version: int
    reference: str
    size_bytes: int
    compressed_bytes: Quantity
    waste: _Waste


def looks_like_report(name: str) -> bool:
    """Whether a baseline's name is that of a report and not of an image."""
    path = Path(name)
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(64).lstrip().startswith(b"{")


def read_baseline(path: Path) -> Baseline:
    """The figures of a report. Raises `UsageError` for what is none."""
    try:
        if path.stat().st_size > _LIMIT:
            raise UsageError("the report is larger than 1 GiB", where=str(path))
        found = msgspec.json.decode(path.read_bytes(), type=_Report)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise UsageError(
            f"not a report of tare inspect: {error}",
            where=str(path),
            hint="write one with: tare inspect IMAGE --format json",
        ) from error
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path)) from error
    if found.verb != "inspect" or found.schema_version != SCHEMA_VERSION:
        raise UsageError(
            f"a report of {found.verb}, schema {found.schema_version}; expected inspect, schema {SCHEMA_VERSION}",
            where=str(path),
        )
    return Baseline(found.reference, found.size_bytes, found.compressed_bytes, found.waste.wasted_bytes)


def of_report(report: InspectReport) -> Baseline:
    """The figures of an image that was inspected just now."""
    return Baseline(report.reference, report.size_bytes, report.compressed_bytes, report.waste.wasted_bytes)
