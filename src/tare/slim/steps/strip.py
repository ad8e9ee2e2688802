"""Symbols and debug information of programs and shared libraries."""

from collections.abc import Iterable
from dataclasses import dataclass

from tare.image.mutate import Content
from tare.slim.elf.headers import ElfError
from tare.slim.elf.strip import strip
from tare.slim.model import Level, Proposal
from tare.slim.view import View

_WORTH_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Strip:
    """See `tare.slim.elf.strip`. Triton's libraries lose debug information only, because its JIT is reported to read
    symbols; files that a `.hmac` beside them vouches for, and the loader itself, stay whole."""

    name: str = "strip"
    level: Level = Level.SAFE
    reason: str = "the loader reads only what program headers cover, and all of that stays where it is"

    def plan(self, view: View) -> Iterable[Proposal]:
        """Every ELF program and shared object that gets smaller by at least 4 KiB."""
        for path in list(view.present()):
            node = view.files.nodes[path]
            name = path.rpartition("/")[2]
            if (
                not (node.inode.entry.mode & 0o111 or ".so" in name)
                or node.inode.entry.size_bytes < 2 * _WORTH_BYTES
            ):
                continue
            if view.files.read(path, 0, 4) != b"\x7fELF" or path in view.changed or _vouched(view, path):
                continue
            if (
                view.rpm
                and view.files.owner(path) is None
                and path.startswith(("usr/", "lib", "bin/", "sbin/"))
            ):
                continue
            size = node.inode.entry.size_bytes
            try:
                result = strip(
                    view.files.reader(path),
                    size,
                    debug_only="/triton/" in path,
                )
            except ElfError as error:
                view.notes.append(f"{path} stays whole: {error}")
                continue
            if result is None or size - result.size_bytes < _WORTH_BYTES:
                continue
            sections = ", ".join(result.dropped[:6]) + (" …" if len(result.dropped) > 6 else "")
            evidence = (
                f"sections that nothing loads: {sections}" if sections else "nothing is described there"
            )
            if result.gap_bytes:
                evidence += f"; {result.gap_bytes} bytes between segments"
            yield Proposal(path, evidence, Content(node.inode, result.pieces))


def _vouched(view: View, path: str) -> bool:
    folder, _, name = path.rpartition("/")
    if name.startswith(("ld-linux", "ld-musl", "ld-2.")) or name == "ld.so":
        return True
    return any(
        beside in view.files.nodes
        for beside in (f"{folder}/.{name}.hmac", f"{folder}/fipscheck/{name}.hmac", f"{folder}/{name}.hmac")
    )
