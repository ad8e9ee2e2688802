"""`tare gate` as a function."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from tare import __version__
from tare.core.errors import UsageError
from tare.schema.gate import GateCheck, GateReport, GateRow
from tare.schema.quantity import Quantity, measured, unknown
from tare.schema.report import SCHEMA_VERSION

LEVELS = ("critical", "high", "medium", "low", "none", "unknown", "never")
_LIMIT = 1 << 30


class _Waste(msgspec.Struct):
    wasted_bytes: int


class _Check(msgspec.Struct):
    name: str
    reason: str
    passed: bool | None = None


class _Inspect(msgspec.Struct, tag_field="verb", tag="inspect"):
    schema_version: int
    reference: str
    size_bytes: int
    compressed_bytes: Quantity
    layers: list[msgspec.Raw]
    waste: _Waste
    budget: list[_Check] = []


class _Vulnerability(msgspec.Struct):
    id: str
    severity: str
    verdict: str
    package: str
    version: str
    fixed_in: list[str] = []
    ignored: str = ""


class _Unassessed(msgspec.Struct):
    packages: int


class _Scan(msgspec.Struct, tag_field="verb", tag="scan"):
    schema_version: int
    image: str
    vulnerabilities: list[_Vulnerability]
    unassessed: list[_Unassessed] = []
    checks: tuple[str, ...] = ("vulnerabilities",)


class _Step(msgspec.Struct):
    instruction: str
    verdict: str


class _Cache(msgspec.Struct, tag_field="verb", tag="cache"):
    schema_version: int
    steps: list[_Step]
    rerun_s: Quantity


class _Finding(msgspec.Struct):
    severity: str


class _Lint(msgspec.Struct, tag_field="verb", tag="lint"):
    schema_version: int
    findings: list[_Finding]
    errors: list[msgspec.Raw] = []


class _Side:
    """The reports of one side, one of each verb at most."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.inspect: _Inspect | None = None
        self.scan: _Scan | None = None
        self.cache: _Cache | None = None
        self.lint: _Lint | None = None
        for file in files:
            found = _read(file)
            name = type(found).__name__.lower().lstrip("_")
            if getattr(self, name) is not None:
                raise UsageError(f"a second report of tare {name} for this side", where=str(file))
            setattr(self, name, found)


def _read(path: Path) -> _Inspect | _Scan | _Cache | _Lint:
    try:
        if path.stat().st_size > _LIMIT:
            raise UsageError("the report is larger than 1 GiB", where=str(path))
        found = msgspec.json.decode(path.read_bytes(), type=_Inspect | _Scan | _Cache | _Lint)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(
            f"not a report of tare inspect, scan, cache or lint: {error}",
            where=str(path),
            hint="write one with --format json",
        ) from error
    if found.schema_version != SCHEMA_VERSION:
        raise UsageError(
            f"the report has schema {found.schema_version}, this version reads {SCHEMA_VERSION}",
            where=str(path),
        )
    return found


def gate(
    after: Sequence[Path],
    before: Sequence[Path] = (),
    *,
    fail_on_new: str = "high",
    notes: Sequence[str] = (),
) -> GateReport:
    """A change before and after, from JSON reports of `tare inspect`, `scan`, `cache` and `lint`.

    It passes when the budget of the report after holds, and no vulnerability of `fail_on_new` or worse came with the change
    (without a scan before, every one is new; what is not rated or not decided counts as that bad). Raises `UsageError`.
    """
    if fail_on_new not in LEVELS:
        raise UsageError(f"{fail_on_new} is no severity", hint=f"one of {', '.join(LEVELS)}")
    then, now = _Side(before), _Side(after)
    new, fixed, checks = _vulnerabilities(then, now, fail_on_new)
    if now.inspect is not None:
        checks[:0] = [GateCheck(f"budget {one.name}", one.passed, one.reason) for one in now.inspect.budget]
    remarks = list(notes)
    for name in ("inspect", "scan", "cache", "lint"):
        if getattr(then, name) is not None and getattr(now, name) is None:
            checks.append(GateCheck(name, None, f"there is a report of tare {name} before, and none after"))
    if now.scan is not None and now.scan.unassessed:
        count = sum(one.packages for one in now.scan.unassessed)
        remarks.append(f"{count} packages were not assessed: the database cannot speak of them")
    return GateReport(
        "gate",
        __version__,
        now.inspect.reference if now.inspect else now.scan.image if now.scan else "",
        tuple(_rows(then, now)),
        tuple(checks),
        tuple(new),
        tuple(fixed),
        _again(then.cache),
        _again(now.cache),
        tuple(remarks),
    )


def _rows(then: _Side, now: _Side) -> list[GateRow]:
    a, b = then.inspect, now.inspect
    rows = [
        _row("on disk", _of(a and a.size_bytes), _of(b and b.size_bytes), "bytes"),
        _row("pull", a.compressed_bytes if a else None, b.compressed_bytes if b else None, "bytes"),
        _row("waste", _of(a and a.waste.wasted_bytes), _of(b and b.waste.wasted_bytes), "bytes"),
        _row("layers", _of(a and len(a.layers)), _of(b and len(b.layers)), "count"),
        _row("vulnerabilities", _open(then.scan), _open(now.scan), "count"),
        _row("Dockerfile findings", _findings(then.lint), _findings(now.lint), "count"),
        _row(
            "steps that a source change runs again",
            _of(then.cache and len(_again(then.cache))),
            _of(now.cache and len(_again(now.cache))),
            "count",
        ),
        _row(
            "time of those steps",
            then.cache.rerun_s if then.cache else None,
            now.cache.rerun_s if now.cache else None,
            "seconds",
        ),
    ]
    return [
        row
        for row in rows
        if any(side is not None and side.value is not None for side in (row.before, row.after))
    ]


def _row(name: str, before: Quantity | None, after: Quantity | None, unit: str) -> GateRow:
    worse = None
    if before is not None and after is not None and before.value is not None and after.value is not None:
        worse = after.value > before.value and name != "layers"
    return GateRow(name, before, after, unit, worse)  # type: ignore[arg-type]


def _of(value: object) -> Quantity | None:
    return measured(value) if isinstance(value, int) else None


def _open(scan: _Scan | None) -> Quantity | None:
    if scan is None:
        return None
    if "vulnerabilities" not in scan.checks:
        return unknown("they were not looked for")
    return measured(len(_counted(scan)))


def _findings(lint: _Lint | None) -> Quantity | None:
    if lint is None:
        return None
    return unknown("files could not be checked") if lint.errors else measured(len(lint.findings))


def _again(cache: _Cache | None) -> tuple[str, ...]:
    if cache is None:
        return ()
    return tuple(
        " ".join(step.instruction.split()) for step in cache.steps if step.verdict in ("miss", "depends")
    )


def _counted(scan: _Scan | None) -> dict[str, _Vulnerability]:
    return {
        f"{one.id} {one.package}": one for one in (scan.vulnerabilities if scan else ()) if not one.ignored
    }


def _vulnerabilities(
    then: _Side, now: _Side, fail_on_new: str
) -> tuple[list[str], list[str], list[GateCheck]]:
    if now.scan is None:
        return [], [], []
    before, after = _counted(then.scan), _counted(now.scan)
    new = [one for key, one in after.items() if key not in before]
    fixed = [one for key, one in before.items() if key not in after]
    checks = []
    if fail_on_new != "never":
        name = f"no new vulnerability of {fail_on_new} or worse"
        if "vulnerabilities" not in now.scan.checks:
            checks.append(GateCheck(name, None, "vulnerabilities were not looked for"))
        else:
            bad = [one for one in new if _counts(one, fail_on_new)]
            word = "new" if then.scan is not None else "in all (there is no scan before to compare with)"
            reason = f"{len(bad)} {word}"
            if bad:
                reason += ": " + ", ".join(_told(one) for one in bad[:5])
            checks.append(GateCheck(name, not bad, reason))
    return [_told(one) for one in new], [_told(one) for one in fixed], checks


def _counts(one: _Vulnerability, level: str) -> bool:
    unclear = one.verdict == "unknown" or one.severity not in LEVELS or one.severity == "unknown"
    return unclear or LEVELS.index(one.severity) <= LEVELS.index(level)


def _told(one: _Vulnerability) -> str:
    fix = f", fixed in {one.fixed_in[0]}" if one.fixed_in else ""
    return f"{one.severity} {one.id} in {one.package} {one.version}{fix}"
