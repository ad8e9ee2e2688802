"""What `tare scan`, `tare db` and `tare sbom` answer."""

from dataclasses import dataclass, field
from typing import Literal

from tare.schema.quantity import Quantity
from tare.schema.report import SCHEMA_VERSION, FileChange

Verdict = Literal["affected", "unknown"]


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One advisory on one package. `verdict` unknown: the versions cannot be compared, which is not a no.

    `layer` counts from 1 and is the one that brought the package; `base` whether that belongs to the base image (None: not
    known). `exploited` is when KEV listed it, '' when it did not; `epss` the estimate of exploitation within 30 days. `ignored`
    is the reason given in the policy or a VEX document, '' when it counts.
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
    purl: str = ""
    exploited: str = ""
    epss: float | None = None


@dataclass(frozen=True, slots=True)
class Unassessed:
    """Packages about which the database cannot say anything, and why."""

    ecosystem: str
    packages: int
    reason: str


@dataclass(frozen=True, slots=True)
class Secret:
    """A credential that whoever has the image (or the Dockerfile, the context) can read. Its value is never in a report: `shown`
    has the characters that every token of its kind has, and `fingerprint` tells equal values.

    `place` is file, context, dockerfile, env, label, entrypoint, cmd, healthcheck, shell, history, configuration; `variable` the
    name that it is given to. `layer` counts from 1 and brought the file; `visible` is false where a later layer (`hidden_in`)
    overwrites or deletes it, which removes nothing. `doubt` says why it cannot be live, '' where nothing speaks against it.
    """

    code: str
    name: str
    severity: str
    message: str
    place: str
    path: str
    line: int | None
    column: int | None
    layer: int | None
    instruction: str
    variable: str
    visible: bool
    hidden_in: int | None
    hidden_by: str
    shown: str
    fingerprint: str
    doubt: str
    remedy: str
    ignored: str = ""


@dataclass(frozen=True, slots=True)
class Weakness:
    """What makes an image easier to attack than it needs to be. `paths` are the first of `count`; `layer` counts from 1 and
    brought the first of them. `cis` is the section of the CIS Docker Benchmark, '' where it has none."""

    code: str
    name: str
    severity: str
    message: str
    cis: str
    count: int
    paths: tuple[str, ...]
    layer: int | None
    instruction: str
    remedy: str
    ignored: str = ""


@dataclass(frozen=True, slots=True)
class SecretsRead:
    """What was looked through. Proven files are as their package's hashes say, and were not."""

    files: int
    read_bytes: int
    proven_files: int
    proven_bytes: int
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BundledLibrary:
    """A native library that a Python distribution carries inside itself; `evidence` is the version text in the file. OSV has no
    advisories on these, so they are named and not assessed."""

    name: str
    version: str
    path: str
    package: str
    package_version: str
    evidence: str


@dataclass(frozen=True, slots=True)
class PackageChange:
    """`after` is '' where the package goes, or where the newest of the distribution is taken."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """A change and what it takes away. `kind` is pin, remove, upgrade; `place` the site-packages directory or the ecosystem.
    `gone` and `left` are IDs of advisories. `check`: resolved (the index has a solution), consistent (the metadata of everything
    installed allows it), unchecked, refused; with the reason. `saved` is uncompressed bytes."""

    kind: str
    place: str
    packages: tuple[PackageChange, ...]
    gone: tuple[str, ...]
    severities: tuple[tuple[str, int], ...]
    left: tuple[str, ...]
    saved: Quantity
    check: str
    reason: str
    written: str = ""
    """Why `--fix` wrote nothing for it, '' where it did or was not asked."""


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What an image is open to, worst first. `checks` were made: vulnerabilities, secrets, hardening. `assessed` packages were
    looked up; the rest stands in `unassessed`. `secrets_read` is None where secrets were not looked for."""

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
    checks: tuple[str, ...] = ("vulnerabilities",)
    secrets: tuple[Secret, ...] = ()
    secrets_read: SecretsRead | None = None
    hardening: tuple[Weakness, ...] = ()
    bundled: tuple[BundledLibrary, ...] = ()
    plan: tuple[PlannedChange, ...] | None = None
    changed_files: tuple[FileChange, ...] = ()
    schema_version: int = field(default=SCHEMA_VERSION)


@dataclass(frozen=True, slots=True)
class DatabaseReport:
    """What the advisory database holds, and what an import or update did to it. `exploited` and `predicted` are entries of
    KEV and EPSS."""

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
    exploited: int = 0
    predicted: int = 0
    schema_version: int = field(default=SCHEMA_VERSION)
