"""RECORD files: what is gone is not listed, what changed has its new digest, and a trimmed distribution says so.

Format: packaging.python.org, "Recording installed projects".
"""

import base64
import csv
import hashlib
import io
import json
import posixpath
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tare.image.mutate import DraftEntry, written
from tare.image.tarhead import FILE
from tare.image.tarwrite import TarEntry
from tare.slim.model import Level, Proposal
from tare.slim.view import View

MARKER = "tare-modified.json"
_QUIET = frozenset({"bytecode", "package-manager-caches"})


@dataclass(frozen=True, slots=True)
class PythonRecords:
    """See the module's text. The mark is a file of its own in the metadata directory; METADATA stays as it was."""

    name: str = "python-records"
    level: Level = Level.LOSSLESS
    reason: str = "importlib.metadata and scanners must see what is there"

    def plan(self, view: View) -> Iterable[Proposal]:
        """A new RECORD for every distribution that lost or changed something."""
        by_path = {entry.path: entry for entry in view.ledger}
        for record in view.matching("RECORD"):
            metadata = record.rpartition("/")[0]
            if not metadata.endswith(".dist-info"):
                continue
            site = metadata.rpartition("/")[0]
            old = view.files.read(record).decode("utf-8", "surrogateescape")
            lines: list[str] = []
            steps: Counter[str] = Counter()
            saved = 0
            touched = False
            for line in old.splitlines():
                row = next(csv.reader([line], strict=False), [])
                path = posixpath.normpath(posixpath.join("/", site, row[0])).lstrip("/") if row else ""
                node = view.files.analysis.tree.resolve(path) if path else None
                entry = by_path.get(node.path) if node else None
                if (
                    node is None
                    or entry is None
                    or (node.path not in view.removed and node.path not in view.changed)
                ):
                    lines.append(line)
                    continue
                touched = True
                saved += entry.saved_bytes
                if entry.step not in _QUIET:
                    steps[entry.step] += 1
                if node.path in view.changed:
                    lines.append(_row([row[0], _digest(view.pieces(node.path)), str(view.size(node.path))]))
            if not touched:
                continue
            if steps:
                mark = json.dumps(
                    {
                        "modified_by": "tare slim",
                        "saved_bytes": saved,
                        "files_by_step": dict(sorted(steps.items())),
                    },
                    sort_keys=True,
                ).encode()
                mark += b"\n"
                owner = view.files.nodes[record].inode.entry
                head = TarEntry(
                    f"{metadata}/{MARKER}", FILE, len(mark), 0o644, owner.uid, owner.gid, owner.mtime
                )
                view.added[head.path] = DraftEntry(head, written(mark))
                name = f"{metadata.rpartition('/')[2]}/{MARKER}"
                lines.append(_row([name, _digest([mark]), str(len(mark))]))
            text = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")
            yield Proposal(record, "lists what is there", written(text))


def _digest(pieces: Iterable[bytes]) -> str:
    running = hashlib.sha256()
    for piece in pieces:
        running.update(piece)
    return "sha256=" + base64.urlsafe_b64encode(running.digest()).rstrip(b"=").decode()


def _row(values: list[str]) -> str:
    target = io.StringIO()
    csv.writer(target, lineterminator="").writerow(values)
    return target.getvalue()
