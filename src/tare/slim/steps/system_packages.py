"""Debian and Alpine packages that nothing of the start reaches, each as a whole."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tare.core.errors import VerificationError
from tare.image.catalog import Package
from tare.image.tarhead import SYMLINK
from tare.slim.model import Level, Proposal
from tare.slim.python.environment import environment_of, source_of
from tare.slim.reach.knowledge import SHELLS
from tare.slim.reach.system import SystemReach
from tare.slim.start import read_start
from tare.slim.view import View

_NEVER = SHELLS | {"apt", "dpkg", "apk-tools"}
_CALLS_SHELL = re.compile(rb"shell\s*=\s*True|os\.(?:system|popen)\(|getoutput\(|create_subprocess_shell\(")
_SHELL_SCRIPT = re.compile(rb"#!\s*(?:/usr)?/bin/(?:env\s+)?(?:ba|da|a|k|z)?sh\b(?!.*\n''')")
_INFO = "var/lib/dpkg/info/"
_TRUTH = (".list", ".md5sums", ".conffiles", "/format")


@dataclass(frozen=True, slots=True)
class SystemPackages:
    """See `tare.slim.reach.system` for what keeps a package. Nothing goes where the start could not be understood. The
    databases forget the packages; RPM's cannot be rewritten, so RPM packages all stay.

    `distroless`: neither a shell nor a package manager stays. Refused (`VerificationError`) where the start, a script or the
    application needs one of them.
    """

    distroless: bool = False
    name: str = "system-packages"
    level: Level = Level.REACH
    reason: str = "no program, library, script, import or data file that the start reaches belongs to them"

    def plan(self, view: View) -> Iterable[Proposal]:
        """Files that a kept package lists, too, stay."""
        start = read_start(view.files)
        if self.distroless and (reasons := _needs_a_shell(view)):
            raise _refused(reasons)
        if view.rpm:
            view.notes.append("RPM packages stay: their database cannot be rewritten")
            return
        if not start.known:
            view.notes.append(f"system packages stay: {start.unknown[0]}")
            return
        reach = SystemReach(view, distroless=self.distroless)
        if not reach.packages:
            view.notes.append("there is no package database; no system package can be told from another")
            return
        reach.run()
        if self.distroless:
            view.shell_given_up = True
            if reasons := [
                f"{name} stays: {why}" for name, why in sorted(reach.kept.items()) if name in _NEVER
            ]:
                raise _refused(reasons)
        gone = {name: one for name, one in reach.packages.items() if name not in reach.kept}
        kept = {path for path, owners in reach.owners.items() if any(name in reach.kept for name in owners)}
        view.gone |= gone.keys()
        taken: set[str] = set()
        if self.distroless:
            yield from _shell_scripts(view, reach)
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


def _needs_a_shell(view: View) -> list[str]:
    """Why an image cannot be without a shell; nothing when it can."""
    start = read_start(view.files)
    reasons = []
    if view.rpm:
        reasons.append("its RPM packages all stay: their database cannot be rewritten")
    if start.shell:
        reasons.append("a shell takes part in the start or the health check (write both as lists of words)")
    reasons += start.unknown[:1]
    for path in environment_of(view.files).application:
        if match := _CALLS_SHELL.search(view.files.read(path)):
            reasons.append(f"{path} runs shell lines: {match[0].decode('utf-8', 'replace')}")
    return reasons


def _shell_scripts(view: View, reach: SystemReach) -> Iterable[Proposal]:
    """Programs on PATH that only a shell could run, and that no package brought (those of packages go with them)."""
    folders = tuple(f"{folder}/" for folder in view.files.path_directories)
    for path in view.present():
        if (
            path.startswith(folders)
            and path not in reach.owners
            and view.files.nodes[path].inode.entry.mode & 0o111
        ) and _SHELL_SCRIPT.match(view.files.read(path, 0, 80)):
            yield Proposal(path, "a shell script; no shell is left, and the start does not run it")


def _refused(reasons: list[str]) -> VerificationError:
    return VerificationError(
        f"--base distroless is refused: {reasons[0]}", detail="\n".join(reasons), hint="leave --base out"
    )


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
