"""Debian and Alpine packages that nothing of the start reaches, each as a whole."""

from collections.abc import Iterable
from dataclasses import dataclass

from tare.image.catalog import Package
from tare.image.tarhead import SYMLINK
from tare.slim.model import Level, Proposal
from tare.slim.python.environment import source_of
from tare.slim.reach.system import SystemReach
from tare.slim.start import read_start
from tare.slim.view import View

_INFO = "var/lib/dpkg/info/"
_TRUTH = (".list", ".md5sums", ".conffiles", "/format")


@dataclass(frozen=True, slots=True)
class SystemPackages:
    """See `tare.slim.reach.system` for what keeps a package. Nothing goes where the start could not be understood. The
    databases forget the packages; RPM's cannot be rewritten, so RPM packages all stay."""

    name: str = "system-packages"
    level: Level = Level.REACH
    reason: str = "no program, library, script, import or data file that the start reaches belongs to them"

    def plan(self, view: View) -> Iterable[Proposal]:
        """Files that a kept package lists, too, stay."""
        start = read_start(view.files)
        if view.rpm:
            view.notes.append("RPM packages stay: their database cannot be rewritten")
            return
        if not start.known:
            view.notes.append(f"system packages stay: {start.unknown[0]}")
            return
        reach = SystemReach(view)
        if not reach.packages:
            view.notes.append("there is no package database; no system package can be told from another")
            return
        reach.run()
        gone = {name: one for name, one in reach.packages.items() if name not in reach.kept}
        kept = {path for path, owners in reach.owners.items() if any(name in reach.kept for name in owners)}
        view.gone |= gone.keys()
        taken: set[str] = set()
        for name in sorted(gone):
            evidence = f"{name} {gone[name].version}: nothing that the start reaches needs it"
            for path in _files(view, reach, gone[name], kept):
                taken.add(path)
                yield Proposal(path, evidence)
        yield from _leftovers(view, taken)
        if "dpkg" in gone:
            for path in view.files.files:
                if path.startswith(_INFO) and not path.endswith(_TRUTH):
                    yield Proposal(path, "a script or template that only dpkg runs, which is gone")
                elif path.startswith(
                    ("var/cache/debconf/", "var/lib/dpkg/triggers/", "var/lib/dpkg/updates/")
                ):
                    yield Proposal(path, "a working file of dpkg and debconf, which are gone")


def _files(view: View, reach: SystemReach, package: Package, kept: set[str]) -> Iterable[str]:
    for path in package.files:
        node = reach.file(path)
        if node is not None and node.path not in kept:
            yield node.path
    for suffix in ("", ":amd64", ":arm64", ":all"):
        for path in view.files.nodes:
            if (
                path.startswith(f"{_INFO}{package.name}{suffix}.")
                and "." not in path[len(_INFO + package.name + suffix) + 1 :]
            ):
                yield path
    if package.database.startswith("var/lib/dpkg/status.d/"):
        yield package.database
        if f"{package.database}.md5sums" in view.files.nodes:
            yield f"{package.database}.md5sums"


def _leftovers(view: View, taken: set[str]) -> Iterable[Proposal]:
    """Bytecode of sources that went, and links that lead to what went."""
    for path in view.files.files:
        if path.endswith(".pyc") and path not in taken and (source := source_of(path)) in taken:
            yield Proposal(path, f"bytecode of {source}, which went with its package")
    for path, node in view.files.nodes.items():
        if node.inode.entry.kind is SYMLINK and path not in taken:
            target = view.files.follow(path)
            if target is not None and target.path in taken:
                yield Proposal(path, f"a link to {target.path}, which went with its package")
