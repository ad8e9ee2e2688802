"""What `tare scan`, `tare db` and `tare sbom` answer."""

from dataclasses import dataclass, field
from typing import Literal

from tare.schema.report import SCHEMA_VERSION

Verdict = Literal["affected", "unknown"]


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One advisory on one package. `verdict` unknown: the versions cannot be compared, which is not a no.

    `layer` counts from 1 and is the one that brought the package; `base` whether that belongs to the base image (None: not
    known). `ignored` is the reason given in the policy, '' when it counts.
    """

    id: str
    aliases: tuple[str, ...]
    severity: str
    score: float | None
    verdict: Verdict
    manager: str
    package: str
    version: str
    path: str
    layer: int | None
    instruction: str
    fixed_in: tuple[str, ...]
    summary: str
    reason: str = ""
    ignored: str = ""


@dataclass(frozen=True, slots=True)
class Unassessed:
    """Packages about which the database cannot say anything, and why."""

    ecosystem: str
    packages: int
    reason: str


@dataclass(frozen=True, slots=True)
class ScanReport:
    """The vulnerabilities of an image, worst first. `assessed` packages were looked up; the rest stands in `unassessed`."""

    verb: Literal["scan"]
    tool_version: str
    image: str
    database: str
    database_newest: str
    database_updated: str
    packages: int
    assessed: int
    vulnerabilities: tuple[Vulnerability, ...]
    unassessed: tuple[Unassessed, ...]
    warnings: tuple[str, ...] = ()
    schema_version: int = field(default=SCHEMA_VERSION)


@dataclass(frozen=True, slots=True)
class DatabaseReport:
    """What the advisory database holds, and what an import did to it."""

    verb: Literal["db"]
    tool_version: str
    path: str
    advisories: int
    withdrawn: int
    ecosystems: tuple[tuple[str, int], ...]
    newest: str
    updated: str
    added: int | None = None
    replaced: int | None = None
    unreadable: tuple[str, ...] = ()
    schema_version: int = field(default=SCHEMA_VERSION)
