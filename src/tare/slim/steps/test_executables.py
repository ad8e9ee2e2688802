"""Test and benchmark programs, and the protobuf compiler, inside Python packages."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tare.slim.model import Level, Proposal
from tare.slim.python.environment import environment_of
from tare.slim.reach.linking import needed_libraries
from tare.slim.view import View

_NAME = re.compile(r"test_.*|.*[_-]tests?|.*Tests?|.*[_-](?:benchmark|bench)|protoc(?:-[\d.]+)?")
_IN_TESTS = re.compile(r".*/tests?/.*")
_OF_TESTS = re.compile(r"/(?:tests?|testing/_internal)/")
_LIBRARIES = frozenset(
    {"libtorchbind_test.so", "libjitbackend_test.so", "libbackend_with_compiler.so", "libaoti_custom_ops.so"}
)
"""Libraries that torch builds for its test suite and installs."""


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
            library = name in _LIBRARIES and "/torch/lib/" in path
            if root not in environment.sites or not (
                library or (not dotted and (_NAME.fullmatch(name) or _IN_TESTS.fullmatch(path)))
            ):
                continue
            if (
                not (library or view.files.nodes[path].inode.entry.mode & 0o111)
                or view.files.read(path, 0, 4) != b"\x7fELF"
            ):
                continue
            assert root is not None
            top = path[len(root) + 1 :].partition("/")[0]
            if top not in texts:
                texts[top] = b"\0".join(
                    view.files.read(other)
                    for other in view.present()
                    if other.startswith(f"{root}/{top}/")
                    and other.endswith(".py")
                    and not _OF_TESTS.search(other)
                )
            if library and any(name in needed for needed in needed_libraries(view).values()):
                continue
            if re.search(rb"[\"'/]" + re.escape(name.encode()) + rb"[\"']", texts[top]):
                view.notes.append(f"{path} stays: its package names it")
            else:
                yield Proposal(path, f"a test or build program that no source of {top} names")
