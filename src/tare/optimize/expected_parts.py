"""The parts of an image that was never built, from knowledge: sizes of base images, Debian's package lists, the package index,
and the project's own files. What is not known is unknown, never nothing."""

import re
import sys
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tare.build.process import ask
from tare.context.ignore import parse_ignore
from tare.context.usage import find_uses
from tare.core.errors import TareError
from tare.dockerfile import Dockerfile
from tare.dockerfile.commands import AptCommand, FetchCommand, GitCommand
from tare.knowledge.base_model import BaseFacts
from tare.knowledge.bases import base_facts
from tare.knowledge.debian_archive import ARCHITECTURES, ArchiveSettings, DebianArchive, read_archive
from tare.knowledge.debian_closure import base_packages, installs, size_of
from tare.knowledge.estimate import EnvironmentEstimate, PackageEstimate, estimate_environment, scaled_range
from tare.knowledge.index_settings import IndexSettings, index_settings_from_pip
from tare.optimize.parts import Kind, Part, chain
from tare.optimize.project import Workplace
from tare.optimize.shares import CUDA, minus
from tare.optimize.wanted import Wanted, wanted
from tare.rewrite.anatomy import RunStep, run_steps
from tare.rewrite.system_packages import base_name
from tare.rewrite.transforms.prune_environment import MARK
from tare.schema.finding import Saving
from tare.schema.quantity import Quantity, estimated, measured, unknown

Parts = Mapping[Part, Saving]
LISTS = "/var/lib/apt/lists"
# apt's lists per byte of the mirror's packed list: kept as lz4 in official images, plain in others.
LISTS_DISK = (1.9, 2.3, 6.0)
LISTS_LAYER = (0.9, 1.6, 2.2)
# Bytecode that is left when only imported modules have it (benchmarks/estimates, `projects`).
IMPORTED_BYTECODE = (0.01, 0.4, 0.9)
# What pip keeps of its downloads: all, where the index allows it; the public one does, many mirrors do not.
CACHED = (0.0, 1.0, 1.01)
PLAIN_VENV = Saving(
    estimated(5e6, 3e6, 9e6, "pip in a new venv"), estimated(1.5e7, 8e6, 3e7, "pip in a new venv")
)
CPU_TORCH = Saving(
    estimated(1.9e8, 1.5e8, 2.2e8, "torch's CPU wheels, 2.1 to 2.14, noted 2026-11"),
    estimated(7.2e8, 4.5e8, 8.0e8, "torch's CPU wheels, 2.1 to 2.14, noted 2026-11"),
)
SAMPLE_BYTES = 8 << 20
SMALL_FETCH = re.compile(
    r"\.(?:gpg|asc|key|list|sources|sh|py|txt|json)$|keyring|\bgpg\b|get\.(?:docker|poetry)|install", re.I
)


@dataclass
class Outlook:
    """What is asked of the outside for one project, each answer kept. `notes` says what no estimate covers."""

    place: Workplace
    environ: Mapping[str, str]
    archives: ArchiveSettings
    notes: list[str] = field(default_factory=list)
    platform: str = "linux/amd64"
    _environments: dict[tuple[Wanted, str], EnvironmentEstimate | str] = field(default_factory=dict)
    _archives: dict[str, DebianArchive | str] = field(default_factory=dict)

    def parts(self, document: Dockerfile, ignore: str) -> Parts:
        """The parts of the image that a Dockerfile would make of the project with this ignore file."""
        facts = base_facts(chain(document)[0].base)
        self.platform = platform_of(document)
        found: dict[Part, Saving] = {Part(Kind.BASE): _base(facts, chain(document)[0].base)}
        found |= self.system(document, facts)
        found |= self.python(document, facts)
        found |= self.project(document, ignore)
        return {
            part: saving for part, saving in found.items() if saving != Saving(measured(0.0), measured(0.0))
        }

    # -- Debian packages ----------------------------------------------------------------------------------------

    def system(self, document: Dockerfile, facts: BaseFacts | None) -> dict[Part, Saving]:
        """Packages that apt brings, lists that it leaves, and downloads whose size nobody knows."""
        found: dict[Part, Saving] = {}
        steps = [step for stage in chain(document) for step in run_steps(stage)]
        archive: DebianArchive | str = ""
        present: set[str] = set()
        if any(apt.action in ("install", "update") for step in steps for apt in step.apt):
            archive = self.archive(facts)
            if not isinstance(archive, str) and facts is not None:
                there = base_packages(archive, facts.image, facts.variant)
                present = set(there or ())
                archive = archive if there is not None else f"the packages of {facts.image} are not known"
        for step in steps:
            _add_packages(found, step, archive, present)
            if _leaves_lists(step):
                found[Part(Kind.CACHE, "apt")] = _lists(archive)
            if _fetches(step):
                line = step.instruction.line
                nothing = unknown(f"what line {line} downloads is not known before")
                found[Part(Kind.OTHER, step.instruction.value[:200])] = Saving(nothing, nothing)
                self.note(f"the size of what line {line} downloads is not known before")
        return found

    def archive(self, facts: BaseFacts | None) -> DebianArchive | str:
        """The package list for a base image, or why there is none."""
        if facts is None:
            return "nothing is known of the base image, nor of what apt brings there"
        release = facts.release or ""
        if facts.family != "debian" or facts.distribution != "debian" or not release:
            return f"package sizes are known for Debian only, not for {facts.distribution}"
        key = f"{release} {self.platform}"
        if key not in self._archives:
            try:
                self._archives[key] = read_archive(release, self.platform, self.archives)
            except TareError as error:
                self._archives[key] = f"Debian's package list: {error}"
                self.note(f"sizes of Debian packages are unknown: {error} ({error.hint})")
        return self._archives[key]

    # -- Python distributions -----------------------------------------------------------------------------------

    def python(self, document: Dockerfile, facts: BaseFacts | None) -> dict[Part, Saving]:
        """Distributions, their bytecode and prunable files, and the installer's cache."""
        asked = wanted(self.place, document)
        for lost in asked.lost:
            self.note(f"what is installed is not wholly known: {lost}")
        if asked.empty:
            return {}
        dark = {Part(Kind.PYTHON, lost): Saving(unknown(lost), unknown(lost)) for lost in asked.lost}
        cpu = self.place.facts.settings.torch_index
        found = self.environment(asked, facts)
        stand_in = False
        if isinstance(found, str) and cpu in asked.extra_index_urls:
            others = tuple(url for url in asked.extra_index_urls if url != cpu)
            found = self.environment(_with_indexes(asked, others), facts)
            stand_in = not isinstance(found, str)
            if stand_in:
                self.note(f"{cpu} cannot be asked: torch's CPU build is counted as recorded, not as resolved")
        if isinstance(found, str):
            self.note(f"the Python packages could not be estimated: {found}")
            return {Part(Kind.PYTHON, "(all)"): Saving(unknown(found), unknown(found))}
        pruned = MARK in document.text
        return dark | _environment_parts(
            found, asked, pruned=pruned, cpu_stand_in=stand_in, text=document.text
        )

    def environment(self, asked: Wanted, facts: BaseFacts | None) -> EnvironmentEstimate | str:
        """The estimate of one set of requirements, or why there is none."""
        key = (asked, self.platform)
        if key not in self._environments:
            settings = self.index
            if asked.index_url is not None:
                settings = IndexSettings(
                    asked.index_url, settings.extra_index_urls, settings.find_links, cert=settings.cert
                )
            try:
                self._environments[key] = estimate_environment(
                    asked.files,
                    asked.lines,
                    python_version=(facts.python_version if facts else None) or "3.11",
                    platform=self.platform,
                    release=facts.release if facts and facts.family == "debian" else None,
                    constraint_files=asked.constraint_files,
                    constraint_lines=asked.pins,
                    settings=settings,
                    extra_index_urls=asked.extra_index_urls,
                    find_links=asked.find_links,
                    environ=self.environ,
                    folder=self.place.root,
                )
            except TareError as error:
                self._environments[key] = str(error) + (f" ({error.hint})" if error.hint else "")
        return self._environments[key]

    @cached_property
    def index(self) -> IndexSettings:
        """What pip would use here: its variables over its configuration files."""
        listed = ask([sys.executable, "-m", "pip", "config", "list"], timeout_s=30)
        return index_settings_from_pip(self.environ, listed.stdout if listed.returncode == 0 else "")

    # -- the project --------------------------------------------------------------------------------------------

    def project(self, document: Dockerfile, ignore: str) -> dict[Part, Saving]:
        """Files of the context that the final image's own stages copy."""
        own = {id(node) for stage in chain(document) for node in stage.instructions}
        uses = [use for use in find_uses(document) if id(use.instruction) in own and not use.mount]
        rules = parse_ignore(ignore, str(self.place.ignore_path))
        size = 0
        packed = sampled = 0
        for entry in self.place.context.entries:
            if entry.kind != "file" or rules.excluded(entry.path):
                continue
            copies = sum(use.takes(entry.path) for use in uses)
            size += entry.size_bytes * copies
            if copies and sampled < SAMPLE_BYTES:
                data = self._beginning(entry.path, SAMPLE_BYTES - sampled)
                sampled += len(data)
                packed += len(zlib.compress(data, 6))
        if not size:
            return {}
        source = "files of the build context"
        share = packed / sampled if sampled else 0.5
        whole = sampled >= size
        low, high = (0.95, 1.1) if whole else (0.5, 1.5)
        guess = estimated(size * share, size * share * low, min(size * share * high, size), source)
        return {Part(Kind.PROJECT): Saving(guess, measured(size, source))}

    def _beginning(self, path: str, limit: int) -> bytes:
        try:
            with (self.place.root / path).open("rb") as handle:
                return handle.read(limit)
        except OSError:
            return b""

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def platform_of(document: Dockerfile) -> str:
    """The platform that the final image is made for, as `FROM --platform` says it; else linux/amd64."""
    named = chain(document)[0].platform or ""
    return named if named in ARCHITECTURES else "linux/amd64"


def _base(facts: BaseFacts | None, reference: str) -> Saving:
    if reference == "scratch":
        return Saving(measured(0.0), measured(0.0))
    if facts is None:
        nothing = unknown(f"nothing is known of {reference}")
        return Saving(nothing, nothing)
    return Saving(_ranged(facts.compressed), _ranged(facts.uncompressed))


def _ranged(quantity: Quantity) -> Quantity:
    if quantity.value is None or quantity.basis == "estimated":
        return quantity
    return estimated(quantity.value, quantity.value, quantity.value, quantity.source)


def _add_packages(
    found: dict[Part, Saving], step: RunStep, archive: DebianArchive | str, present: set[str]
) -> None:
    """The packages that a step leaves: installed and not purged again by itself."""
    asked = [
        (apt, base_name(word.text)) for apt in step.apt if apt.action == "install" for word in apt.packages
    ]
    purged = {
        base_name(word.text)
        for apt in step.apt
        if apt.action in ("remove", "purge", "autoremove", "autopurge")
        for word in apt.packages
    }
    kept = [(apt, name) for apt, name in asked if name not in purged]
    if isinstance(archive, str):
        for _, name in kept:
            found[Part(Kind.SYSTEM, name)] = Saving(unknown(archive), unknown(archive))
        return
    source = f"Debian's package list ({archive.source}, {archive.release})"
    for apt, name in kept:
        new = installs(archive, (name,), present, recommends=apt.recommends is not False)
        present |= {package.name for package in new.packages}
        for package in new.packages:
            found[Part(Kind.SYSTEM, package.name)] = size_of((package,), source)
        for lost in new.lost:
            nothing = unknown(f"{lost} is not in Debian's package list")
            found[Part(Kind.SYSTEM, lost)] = Saving(nothing, nothing)


def _leaves_lists(step: RunStep) -> bool:
    mounts = " ".join(step.instruction.flag_values("mount"))
    cleans = step.script is not None and any(
        command.name == "rm" and any(word.text.startswith(LISTS) for word in command.arguments)
        for command in step.script.commands
    )
    return any(apt.action == "update" for apt in step.apt) and not cleans and "/var/lib/apt" not in mounts


def _lists(archive: DebianArchive | str) -> Saving:
    if isinstance(archive, str):
        return Saving(unknown(archive), unknown(archive))
    size = measured(archive.list_bytes[0])
    source = "the mirror's package list, as apt keeps it"
    return Saving(scaled_range(size, LISTS_LAYER, source), scaled_range(size, LISTS_DISK, source))


def _fetches(step: RunStep) -> bool:
    """Whether a step brings something of unknown size from elsewhere. Keys and install scripts are small."""
    return any(
        (isinstance(typed, GitCommand) and typed.action == "clone")
        or (
            isinstance(typed, FetchCommand)
            and not SMALL_FETCH.search(" ".join(word.text for word in typed.command.argv))
        )
        for typed in step.typed
        if not isinstance(typed, AptCommand)
    )


def _with_indexes(asked: Wanted, urls: tuple[str, ...]) -> Wanted:
    return Wanted(
        asked.files, asked.constraint_files, asked.lines, asked.pins, asked.index_url, urls, asked.find_links,
        asked.cached, asked.compiled,
    )  # fmt: skip


def _environment_parts(
    found: EnvironmentEstimate, asked: Wanted, *, pruned: bool, cpu_stand_in: bool, text: str
) -> dict[Part, Saving]:
    parts: dict[Part, Saving] = {}
    for package in found.packages:
        if cpu_stand_in and package.name.startswith(CUDA):
            continue
        if cpu_stand_in and package.name == "torch":
            parts[Part(Kind.PYTHON, "torch")] = CPU_TORCH
            continue
        parts |= _package_parts(package, pruned=pruned)
    for missing in found.missing:
        nothing = unknown(f"{missing.requirement}: {missing.reason}")
        parts[Part(Kind.PYTHON, missing.requirement)] = Saving(nothing, nothing)
    if asked.compiled or pruned:
        low, likely, high = IMPORTED_BYTECODE
        parts[Part(Kind.BYTECODE, "imported")] = _bytecode(found, (low, likely, high))
        if not pruned:
            parts[Part(Kind.BYTECODE, "never imported")] = _bytecode(found, (1 - high, 1 - likely, 1 - low))
    if asked.cached:
        kept = scaled_range(found.compressed, CACHED, "downloads; a mirror without cache headers leaves none")
        parts[Part(Kind.CACHE, "pip")] = Saving(kept, kept)
    if re.search(r"-m\s+venv\b", text) and not pruned:
        parts[Part(Kind.PYTHON, "pip")] = PLAIN_VENV
    return parts


def _bytecode(found: EnvironmentEstimate, share: tuple[float, float, float]) -> Saving:
    source = "bytecode per byte of source, and what of it is imported"
    return Saving(
        scaled_range(found.bytecode_layer, share, source), scaled_range(found.bytecode, share, source)
    )


def _package_parts(package: PackageEstimate, *, pruned: bool) -> dict[Part, Saving]:
    rest = Saving(
        minus(package.layer, package.prunable_compressed), minus(package.uncompressed, package.prunable)
    )
    parts = {Part(Kind.PYTHON, package.name): rest}
    if package.prunable.value and not pruned:
        parts[Part(Kind.PRUNABLE, package.name)] = Saving(package.prunable_compressed, package.prunable)
    return parts
