"""The rows of the comparison."""

from collections import Counter

from tare.schema.image import ImageFacts
from tare.schema.optimize import ComparisonRow, CostInputs, Side
from tare.schema.quantity import Quantity, estimated, measured, unknown

MEGABIT = 1e6 / 8
GIGABYTE = 1e9
NOT_BUILT = "not built"


def compare_sides(before: Side, after: Side, inputs: CostInputs) -> tuple[ComparisonRow, ...]:
    """All rows, in reading order. What was not measured or estimated is `unknown`, never left out."""
    return (*_image_rows(before, after), *_build_rows(before, after), *_cost_rows(before, after, inputs))


def _image_rows(before: Side, after: Side) -> tuple[ComparisonRow, ...]:
    a, b = before.image, after.image
    return (
        ComparisonRow("size on disk", "bytes", _disk(before), _disk(after)),
        ComparisonRow("size to pull", "bytes", _pull(before), _pull(after)),
        ComparisonRow("hidden in lower layers", "bytes", _hidden(a), _hidden(b)),
        ComparisonRow("layers", "count", _layers(a), _layers(b)),
        ComparisonRow("packages", "text", _packages(a), _packages(b)),
        ComparisonRow("user", "text", _user(a), _user(b)),
        ComparisonRow("health check", "text", _health(a), _health(b)),
    )


def _build_rows(before: Side, after: Side) -> tuple[ComparisonRow, ...]:
    return tuple(
        ComparisonRow(name, "seconds", _seconds(before, field), _seconds(after, field))
        for name, field in (
            ("cold build", "cold_s"),
            ("rebuild, source changed", "source_change_s"),
            ("rebuild, requirements changed", "requirements_change_s"),
            ("rebuild, nothing changed", "no_change_s"),
        )
    )


def _cost_rows(before: Side, after: Side, inputs: CostInputs) -> tuple[ComparisonRow, ...]:
    pull = (_pull(before), _pull(after))
    rows = [
        ComparisonRow(
            f"pull at {bandwidth(mbps)}",
            "seconds",
            scaled(pull[0], 1 / (mbps * MEGABIT)),
            scaled(pull[1], 1 / (mbps * MEGABIT)),
            "transfer alone, no layer there yet",
        )
        for mbps in inputs.pull_mbps
    ]
    monthly = inputs.images_kept * inputs.storage_usd_per_gb_month / GIGABYTE
    rows.append(
        ComparisonRow(
            "storage a month",
            "usd",
            scaled(pull[0], monthly),
            scaled(pull[1], monthly),
            f"{inputs.images_kept} versions at {inputs.storage_usd_per_gb_month:.2f} USD a GB, no layer shared",
        )
    )
    return (*rows, *_team_rows(before, after, inputs))


def _team_rows(before: Side, after: Side, inputs: CostInputs) -> tuple[ComparisonRow, ...]:
    """What people and pipelines wait for in a day: pulls of deployments at the first bandwidth, and rebuilds."""
    mbps = inputs.pull_mbps[0] if inputs.pull_mbps else None
    pulls, builds = [], []
    for side in (before, after):
        pulls.append(
            unknown("no bandwidth is given")
            if mbps is None
            else scaled(_pull(side), inputs.deployments_per_day / (mbps * MEGABIT))
        )
        builds.append(scaled(_seconds(side, "source_change_s"), inputs.builds_per_day))
    at = f"{inputs.deployments_per_day} deployments a day at {bandwidth(mbps)}" if mbps else ""
    of = f"{inputs.builds_per_day} rebuilds of a changed source a day"
    return (
        ComparisonRow("team, deployments", "seconds", pulls[0], pulls[1], at),
        ComparisonRow("team, rebuilds", "seconds", builds[0], builds[1], of),
        ComparisonRow(
            "team time a day", "seconds", pulls[0] + builds[0], pulls[1] + builds[1], "both together"
        ),
    )


def bandwidth(mbps: float) -> str:
    """`100 Mbps`, `1 Gbps`."""
    return f"{mbps / 1000:g} Gbps" if mbps >= 1000 else f"{mbps:g} Mbps"


def scaled(quantity: Quantity, factor: float) -> Quantity:
    """A quantity times a factor that the user chose.

    What follows from a measurement by an assumption is no measurement: it becomes an estimate without a spread of its own,
    and its source says what it was computed from.
    """
    if quantity.value is None:
        return quantity
    low = quantity.value if quantity.low is None else quantity.low
    high = quantity.value if quantity.high is None else quantity.high
    source = f"computed from: {quantity.source}" if quantity.source else "computed from what was measured"
    return estimated(quantity.value * factor, low * factor, high * factor, source)


def _disk(side: Side) -> Quantity:
    if side.image is not None:
        return side.image.size_bytes
    return side.estimate.uncompressed_bytes if side.estimate else unknown(NOT_BUILT)


def _pull(side: Side) -> Quantity:
    if side.image is not None:
        return side.image.compressed_bytes
    return side.estimate.compressed_bytes if side.estimate else unknown(NOT_BUILT)


def _hidden(image: ImageFacts | None) -> Quantity:
    return image.hidden_bytes if image else unknown(NOT_BUILT)


def _layers(image: ImageFacts | None) -> Quantity:
    return measured(len(image.layers)) if image else unknown(NOT_BUILT)


def _packages(image: ImageFacts | None) -> str:
    if image is None:
        return "unknown"
    counts = Counter(package.manager for package in image.packages)
    return ", ".join(f"{count} {manager}" for manager, count in sorted(counts.items())) or "none"


def _user(image: ImageFacts | None) -> str:
    if image is None:
        return "unknown"
    return image.user or "root"


def _health(image: ImageFacts | None) -> str:
    if image is None:
        return "unknown"
    return "yes" if image.healthcheck else "no"


def _seconds(side: Side, name: str) -> Quantity:
    if side.timings is None:
        return unknown(NOT_BUILT)
    value: float | None = getattr(side.timings, name)
    return unknown("not measured") if value is None else measured(value)
