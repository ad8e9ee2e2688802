"""Steps, what they propose, and what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from tare.image.mutate import Content

if TYPE_CHECKING:
    from tare.slim.view import View


class Level(StrEnum):
    """How far slimming goes; each level includes those before it."""

    LOSSLESS = "lossless"
    SAFE = "safe"
    REACH = "reach"
    TRACE = "trace"

    def includes(self, other: "Level") -> bool:
        """Whether a run at this level runs steps of the other."""
        order = list(Level)
        return order.index(other) <= order.index(self)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Take a path away (a directory with all that is in it), or give a file new content. `evidence` says why this
    one, in words for the ledger."""

    path: str
    evidence: str
    content: Content | None = None


class Step(Protocol):
    """One reason to take something away. `reason` is a sentence for people; `needs` names what must hold."""

    @property
    def name(self) -> str:
        """Kebab-case; stable, because users name it in `--without`."""

    @property
    def level(self) -> Level:
        """The first level that runs it."""

    @property
    def reason(self) -> str:
        """Why the image works without it."""

    def plan(self, view: "View") -> Iterable[Proposal]:
        """What to take away from the image as earlier steps left it."""


@dataclass(frozen=True, slots=True)
class Removed:
    """A ledger entry: `action` is `removed` or `changed`; `saved_bytes` is what the file shrank by."""

    path: str
    action: str
    step: str
    package: str
    saved_bytes: int
    evidence: str
    digest: int = 0
    """xxh3 of the content that was there: tells a restored file from another."""
