"""Numbers that say how they are known."""

from dataclasses import dataclass
from typing import Literal

Basis = Literal["measured", "estimated", "unknown"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its origin. `measured`: `value` only. `estimated`: `value` within `[low, high]`.
    `unknown`: nothing, with the `source` saying why. The unit stands in the field that holds it."""

    basis: Basis
    value: float | None = None
    low: float | None = None
    high: float | None = None
    source: str = ""

    def __post_init__(self) -> None:
        if (self.basis == "unknown") != (self.value is None):
            raise ValueError("a quantity has a value unless it is unknown")
        if self.basis == "estimated" and (self.low is None or self.high is None):
            raise ValueError("an estimate needs a range")

    def __add__(self, other: "Quantity") -> "Quantity":
        """The sum is as well known as the worse of the two."""
        if self.value is None or other.value is None:
            return unknown(self.source if self.value is None else other.source)
        source = self.source if self.source == other.source else f"{self.source}; {other.source}".strip("; ")
        if self.basis == other.basis == "measured":
            return Quantity("measured", self.value + other.value, source=source)
        low = (self.value if self.low is None else self.low) + (
            other.value if other.low is None else other.low
        )
        high = (self.value if self.high is None else self.high) + (
            other.value if other.high is None else other.high
        )
        return Quantity("estimated", self.value + other.value, low, high, source)


def measured(value: float, source: str = "") -> Quantity:
    """A number that was observed."""
    return Quantity("measured", value, source=source)


def estimated(value: float, low: float, high: float, source: str = "") -> Quantity:
    """A number that was computed from knowledge, with the range it is expected in."""
    return Quantity("estimated", value, low, high, source)


def unknown(source: str = "") -> Quantity:
    """No number, and why."""
    return Quantity("unknown", source=source)
