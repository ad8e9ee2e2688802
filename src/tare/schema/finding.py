"""Findings, fixes and savings, shared by rules, transforms and reports."""

from dataclasses import dataclass, field
from enum import StrEnum

from tare.core.text import Edit
from tare.schema.quantity import Quantity, unknown


class Applicability(StrEnum):
    """How far a fix may be trusted.

    `safe`: same runtime behaviour, by argument. `unsafe`: changes base, user, packages or files.
    `verified`: an unsafe fix whose images were built and gave the same answers.
    """

    SAFE = "safe"
    UNSAFE = "unsafe"
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class Saving:
    """Bytes that a change frees: compressed (pull) and uncompressed (disk)."""

    compressed_bytes: Quantity = field(default_factory=unknown)
    uncompressed_bytes: Quantity = field(default_factory=unknown)

    def __add__(self, other: "Saving") -> "Saving":
        return Saving(
            self.compressed_bytes + other.compressed_bytes, self.uncompressed_bytes + other.uncompressed_bytes
        )


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits to one Dockerfile, applied together. `title` is a phrase such as "Add --no-cache-dir"."""

    applicability: Applicability
    edits: tuple[Edit, ...]
    title: str = ""
