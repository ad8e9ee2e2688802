"""Test and benchmark programs, and the protobuf compiler, inside Python packages."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tare.slim.model import Level, Proposal
from tare.slim.python.environment import environment_of
from tare.slim.view import View

_NAME = re.compile(r"test_.*|.*[_-]tests?|.*Tests?|.*[_-](?:benchmark|bench)|protoc(?:-[\d.]+)?")
_IN_TESTS = re.compile(r".*/tests?/.*")


@dataclass(frozen=True, slots=True)
class ProgramsOfTests:
    """ELF programs by their name or directory; no source of their package may name them."""

    name: str = "test-executables"
    level: Level = Level.SAFE
    reason: str = "programs that a package's build made to test itself are not part of its interface"

    def plan(self, view: View) -> Iterable[Proposal]:
        """torch alone brings some 130 MB of them."""
        environment = environment_of(view.files)
        texts: dict[str, bytes] = {}
        for path in list(view.present()):
            name = path.rpartition("/")[2]
            root = environment.root_of(path)
            dotted = "." in name and not name.startswith("protoc-")
            if (
                root not in environment.sites
                or dotted
                or not (_NAME.fullmatch(name) or _IN_TESTS.fullmatch(path))
            ):
                continue
            if (
                not view.files.nodes[path].inode.entry.mode & 0o111
                or view.files.read(path, 0, 4) != b"\x7fELF"
            ):
                continue
            assert root is not None
            top = path[len(root) + 1 :].partition("/")[0]
            if top not in texts:
                texts[top] = b"\0".join(
                    view.files.read(other)
                    for other in view.present()
                    if other.startswith(f"{root}/{top}/") and other.endswith(".py")
                )
            if re.search(rb"[\"'/]" + re.escape(name.encode()) + rb"[\"']", texts[top]):
                view.notes.append(f"{path} stays: its package names it")
            else:
                yield Proposal(path, f"a test or build program that no source of {top} names")
