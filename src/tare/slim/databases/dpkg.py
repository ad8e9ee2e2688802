"""dpkg's database: `info/*.list` and `*.md5sums` tell what is there, `status` which packages are trimmed or gone.

Format: dpkg(1) "FILES", deb-control(5); dpkg keeps fields that it does not know.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from tare.image.mutate import written
from tare.slim.model import Level, Proposal
from tare.slim.view import View

_INFO = "var/lib/dpkg/info/"
_STATUS = "var/lib/dpkg/status"
FIELD = "Tare-Modified"


@dataclass(frozen=True, slots=True)
class DpkgDatabase:
    """See the module's text."""

    name: str = "dpkg-database"
    level: Level = Level.LOSSLESS
    reason: str = "dpkg and scanners must see what is there"

    def plan(self, view: View) -> Iterable[Proposal]:
        """New lists for trimmed packages; their `status` paragraph gets a field that names the steps."""
        touched: dict[str, set[str]] = {}
        steps = {entry.path: entry.step for entry in view.ledger}
        for path in list(view.present()):
            if not path.startswith(_INFO):
                continue
            if path.endswith(".list"):
                proposal = _list(view, path, touched, steps)
            elif path.endswith(".md5sums"):
                proposal = _sums(view, path, touched, steps)
            else:
                continue
            if proposal is not None:
                yield proposal
        if view.visible(_STATUS):
            text = view.files.read(_STATUS).decode("utf-8", "surrogateescape")
            new = _status(text, touched, view.gone)
            if new != text:
                yield Proposal(
                    _STATUS, "tells what is installed", written(new.encode("utf-8", "surrogateescape"))
                )


def _name(path: str) -> str:
    return path.removeprefix(_INFO).rpartition(".")[0]


def _list(view: View, path: str, touched: dict[str, set[str]], steps: dict[str, str]) -> Proposal | None:
    text = view.files.read(path).decode("utf-8", "surrogateescape")
    kept = []
    for line in text.splitlines():
        node = view.files.analysis.tree.resolve(line.strip("/")) if line != "/." else None
        if node is not None and node.path in view.removed:
            touched.setdefault(_name(path), set()).add(steps.get(node.path, ""))
            continue
        kept.append(line)
    new = "".join(f"{line}\n" for line in kept)
    if new == text:
        return None
    return Proposal(path, "lists what is there", written(new.encode("utf-8", "surrogateescape")))


def _sums(view: View, path: str, touched: dict[str, set[str]], steps: dict[str, str]) -> Proposal | None:
    text = view.files.read(path).decode("utf-8", "surrogateescape")
    kept = []
    for line in text.splitlines():
        _, _, name = line.partition("  ")
        node = view.files.analysis.tree.resolve(name.strip("/")) if name else None
        if node is not None and node.path in view.removed:
            continue
        if node is not None and node.path in view.changed and steps.get(node.path):
            running = hashlib.md5(usedforsecurity=False)
            for piece in view.pieces(node.path):
                running.update(piece)
            line = f"{running.hexdigest()}  {name}"
            touched.setdefault(_name(path), set()).add(steps[node.path])
        kept.append(line)
    new = "".join(f"{line}\n" for line in kept)
    if new == text:
        return None
    return Proposal(path, "sums of what is there", written(new.encode("utf-8", "surrogateescape")))


def _status(text: str, touched: dict[str, set[str]], gone: Iterable[str]) -> str:
    gone = set(gone)
    paragraphs = []
    for paragraph in re.split(r"\n{2,}", text.strip("\n")):
        fields = dict(re.findall(r"^(Package|Architecture): *(.*?) *$", paragraph, re.MULTILINE))
        name, architecture = fields.get("Package", ""), fields.get("Architecture", "")
        if name in gone or f"{name}:{architecture}" in gone:
            continue
        steps = touched.get(name, set()) | touched.get(f"{name}:{architecture}", set())
        named = sorted(step for step in steps if step)
        if named:
            paragraph += f"\n{FIELD}: {' '.join(named)}"
        paragraphs.append(paragraph)
    return "".join(f"{paragraph}\n\n" for paragraph in paragraphs) if text.strip() else text
