"""The rows of the comparison."""

from collections import Counter

from tare.schema.image import ImageFacts
from tare.schema.optimize import ComparisonRow, CostInputs, Side
from tare.schema.quantity import Quantity, estimated, measured, unknown

BANDWIDTHS = ((100e6, "100 Mbps"), (1e9, "1 Gbps"))


def compare_sides(before: Side, after: Side, inputs: CostInputs) -> tuple[ComparisonRow, ...]:
    """All rows, in reading order. What was not measured or estimated is `unknown`, never left out."""
    disk = (_disk(before), _disk(after))
    pull = (_pull(before), _pull(after))
    rows = [
        ComparisonRow("size on disk", "bytes", *disk),
        ComparisonRow("size to pull", "bytes", *pull),
        ComparisonRow("hidden in lower layers", "bytes", _hidden(before.image), _hidden(after.image)),
        ComparisonRow("layers", "count", _layers(before.image), _layers(after.image)),
        ComparisonRow("packages", "text", _packages(before.image), _packages(after.image)),
        ComparisonRow("user", "text", _user(before.image), _user(after.image)),
        ComparisonRow("health check", "text", _health(before.image), _health(after.image)),
        ComparisonRow("cold build", "seconds", _seconds(before, "cold_s"), _seconds(after, "cold_s")),
        ComparisonRow(
            "rebuild, source changed",
            "seconds",
            _seconds(before, "source_change_s"),
            _seconds(after, "source_change_s"),
        ),
        ComparisonRow(
            "rebuild, requirements changed",
            "seconds",
            _seconds(before, "requirements_change_s"),
            _seconds(after, "requirements_change_s"),
        ),
    ]
    for bits_per_second, label in BANDWIDTHS:
        rows.append(
            ComparisonRow(
                f"pull at {label}",
                "seconds",
                scaled(pull[0], 8 / bits_per_second),
                scaled(pull[1], 8 / bits_per_second),
                "transfer alone, nothing cached",
            )
        )
    monthly = inputs.images_kept * inputs.storage_usd_per_gb_month / 1e9
    rows.append(
        ComparisonRow(
            "registry storage a month",
            "usd",
            scaled(pull[0], monthly),
            scaled(pull[1], monthly),
            f"{inputs.images_kept} versions at {inputs.storage_usd_per_gb_month:.2f} USD a GB, no layer shared",
        )
    )
    team = tuple(
        scaled(size, 8 / BANDWIDTHS[0][0] * inputs.deployments_per_day)
        + scaled(_seconds(side, "source_change_s"), inputs.builds_per_day)
        for size, side in zip(pull, (before, after), strict=True)
    )
    rows.append(
        ComparisonRow(
            "waiting a day",
            "seconds",
            team[0],
            team[1],
            f"{inputs.deployments_per_day} deployments at 100 Mbps and {inputs.builds_per_day} rebuilds of a changed source",
        )
    )
    return tuple(rows)


def scaled(quantity: Quantity, factor: float) -> Quantity:
    """A quantity times a known factor; what follows from a measurement by assumptions stays marked by its source."""
    if quantity.value is None:
        return quantity
    if quantity.basis == "measured":
        return measured(quantity.value * factor, quantity.source)
    low = quantity.value if quantity.low is None else quantity.low
    high = quantity.value if quantity.high is None else quantity.high
    return estimated(quantity.value * factor, low * factor, high * factor, quantity.source)


def _disk(side: Side) -> Quantity:
    if side.image is not None:
        return side.image.size_bytes
    return side.estimate.uncompressed_bytes if side.estimate else unknown("not built")


def _pull(side: Side) -> Quantity:
    if side.image is not None:
        return side.image.compressed_bytes
    return side.estimate.compressed_bytes if side.estimate else unknown("not built")


def _hidden(image: ImageFacts | None) -> Quantity:
    return image.hidden_bytes if image else unknown("not built")


def _layers(image: ImageFacts | None) -> Quantity:
    return measured(len(image.layers)) if image else unknown("not built")


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
        return unknown("not built")
    value: float | None = getattr(side.timings, name)
    return unknown("not measured") if value is None else measured(value)
