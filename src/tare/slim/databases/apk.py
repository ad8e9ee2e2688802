"""apk's database: `lib/apk/db/installed` lists what is there. Format: https://wiki.alpinelinux.org/wiki/Apk_spec."""

from collections.abc import Iterable
from dataclasses import dataclass

from tare.image.mutate import written
from tare.slim.model import Level, Proposal
from tare.slim.view import View

_PLACES = ("lib/apk/db/installed", "usr/lib/apk/db/installed")


@dataclass(frozen=True, slots=True)
class ApkDatabase:
    """Files that are gone leave the list (with their mode and checksum lines); changed ones lose their checksum, which
    apk then reports as modified."""

    name: str = "apk-database"
    level: Level = Level.LOSSLESS
    reason: str = "apk and scanners must see what is there"

    def plan(self, view: View) -> Iterable[Proposal]:
        """A new `installed` where something changed."""
        for path in _PLACES:
            node = view.files.follow(path)
            if node is None or node.children is not None or node.path in view.removed:
                continue
            text = view.files.read(path).decode("utf-8", "surrogateescape")
            new = "\n\n".join(
                _package(view, block)
                for block in text.split("\n\n")
                if _field(block, "P") not in view.gone or not block
            )
            if new != text:
                yield Proposal(
                    node.path, "lists what is there", written(new.encode("utf-8", "surrogateescape"))
                )
            return


def _field(block: str, key: str) -> str:
    return next((line[2:] for line in block.split("\n") if line.startswith(f"{key}:")), "")


def _package(view: View, block: str) -> str:
    kept: list[str] = []
    folder = ""
    skipping = changed = False
    for line in block.split("\n"):
        key, value = line[:2], line[2:]
        if key == "F:":
            folder, skipping, changed = value, False, False
        elif key == "R:":
            node = view.files.analysis.tree.resolve(f"{folder}/{value}".strip("/"))
            skipping = node is not None and node.path in view.removed
            changed = node is not None and node.path in view.changed
        if skipping and key in ("R:", "a:", "Z:"):
            continue
        if changed and key == "Z:":
            continue
        kept.append(line)
    return "\n".join(kept)
