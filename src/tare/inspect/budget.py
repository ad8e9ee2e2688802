"""Budgets: what an image may weigh, held against its report. Every limit says its figure, passed or not."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tare.inspect.amounts import parse_growth, parse_ratio, parse_size
from tare.inspect.globs import compile_glob
from tare.inspect.settings import Amount, BudgetSettings
from tare.report.units import safe, size
from tare.schema.inspect import BudgetCheck, InspectPackage, InspectReport
from tare.schema.quantity import Quantity

KEY = "budget"


@dataclass(frozen=True, slots=True)
class Baseline:
    """What an image is compared with. `pull_bytes` may be unknown."""

    name: str
    size_bytes: int
    pull_bytes: Quantity
    wasted_bytes: int


class Budget:
    """The limits of `settings`, read once; `origins` maps keys (`size`, `paths`) to where they were set.

    Raises `UsageError` for values that are no sizes or ratios.
    """

    def __init__(self, settings: BudgetSettings, origins: Mapping[str, str]) -> None:
        self._origins = origins
        self._size = self._amount("size", settings.size)
        self._pull = self._amount("pull", settings.pull)
        self._waste = self._amount("waste", settings.waste)
        self._layers = settings.layers
        least = settings.efficiency
        self._efficiency = None if least is None else parse_ratio(least, self._where("efficiency"))
        self._paths = {
            glob: parse_size(limit, self._where("paths")) for glob, limit in settings.paths.items()
        }
        self._packages = {
            name: parse_size(limit, self._where("packages")) for name, limit in settings.packages.items()
        }
        self._growth = parse_growth(settings.growth, self._where("growth"))

    def _where(self, key: str) -> str:
        return self._origins.get(key) or f"{KEY}.{key}"

    def _amount(self, key: str, value: Amount) -> int | None:
        return None if value is None else parse_size(value, self._where(key))

    def check(
        self, report: InspectReport, files: Iterable[tuple[str, int]], baseline: Baseline | None = None
    ) -> tuple[BudgetCheck, ...]:
        """Every limit against the report. `files`: all visible files with their bytes, each file once."""
        return tuple(self._checks(report, files, baseline))

    def _checks(
        self, report: InspectReport, files: Iterable[tuple[str, int]], baseline: Baseline | None
    ) -> Iterator[BudgetCheck]:
        if self._size is not None:
            yield self._most("size", "size", self._size, report.size_bytes)
        if self._pull is not None:
            yield self._most_quantity("pull", self._pull, report.compressed_bytes)
        if self._layers is not None:
            count = len(report.layers)
            passed = count <= self._layers
            yield BudgetCheck(
                "layers", self._layers, count, "count", passed,
                f"{count} layers {'≤' if passed else '>'} {self._layers}", self._where("layers"),
            )  # fmt: skip
        if self._waste is not None:
            yield self._most("waste", "waste", self._waste, report.waste.wasted_bytes)
        if self._efficiency is not None:
            passed = report.efficiency >= self._efficiency
            yield BudgetCheck(
                "efficiency", self._efficiency, report.efficiency, "ratio", passed,
                f"efficiency {report.efficiency:.4f} {'≥' if passed else '<'} {self._efficiency:g}",
                self._where("efficiency"),
            )  # fmt: skip
        yield from self._path_checks(files)
        yield from self._package_checks(report.packages)
        if baseline is not None:
            yield from self._growth_checks(report, baseline)

    def _path_checks(self, files: Iterable[tuple[str, int]]) -> Iterator[BudgetCheck]:
        if not self._paths:
            return
        patterns = {glob: compile_glob(glob) for glob in self._paths}
        totals = dict.fromkeys(patterns, 0)
        for path, size_bytes in files:
            for glob, pattern in patterns.items():
                if pattern.fullmatch(path):
                    totals[glob] += size_bytes
        for glob, total in totals.items():
            yield self._most("paths", glob, self._paths[glob], total)

    def _package_checks(self, packages: Iterable[InspectPackage]) -> Iterator[BudgetCheck]:
        known = list(packages)
        for pattern, limit in self._packages.items():
            for package in known:
                names = (package.name, f"{package.manager}:{package.name}")
                if any(fnmatchcase(name, pattern) for name in names):
                    label = f"{package.manager}:{package.name} {package.version}"
                    yield self._most("packages", label, limit, package.size_bytes)

    def _growth_checks(self, report: InspectReport, baseline: Baseline) -> Iterator[BudgetCheck]:
        more, share = self._growth

        def allowed(before: float) -> int:
            return round(before + more + before * share)

        against = f" against {safe(baseline.name)}"
        yield self._most("growth", "size", allowed(baseline.size_bytes), report.size_bytes, against)
        yield self._most(
            "growth", "waste", allowed(baseline.wasted_bytes), report.waste.wasted_bytes, against
        )
        before = baseline.pull_bytes.value
        if before is not None:
            # An estimate on one side and a measurement on the other differ by the estimate's own error.
            bases = {baseline.pull_bytes.basis, report.compressed_bytes.basis}
            if bases == {"measured"}:
                yield self._most_quantity("growth", allowed(before), report.compressed_bytes, against)

    def _most(self, key: str, what: str, limit: int, actual: int, against: str = "") -> BudgetCheck:
        passed = actual <= limit
        reason = f"{safe(what)} {size(actual)} {'≤' if passed else '>'} {size(limit)}{against}"
        if not passed and size(actual) == size(limit):
            reason += f" ({actual} > {limit} bytes)"
        name = key if what == key else f"{key} {what}"
        return BudgetCheck(name, limit, actual, "bytes", passed, reason, self._where(key))

    def _most_quantity(self, key: str, limit: int, actual: Quantity, against: str = "") -> BudgetCheck:
        name = key if key == "pull" else f"{key} pull"
        if actual.value is None:
            reason = f"pull unknown, limit {size(limit)}: {actual.source}"
            return BudgetCheck(name, limit, None, "bytes", None, reason, self._where(key))
        passed = actual.value <= limit
        about = "≈ " if actual.basis == "estimated" else ""
        reason = f"pull {about}{size(actual.value)} {'≤' if passed else '>'} {size(limit)}{against}"
        return BudgetCheck(name, limit, actual.value, "bytes", passed, reason, self._where(key))
