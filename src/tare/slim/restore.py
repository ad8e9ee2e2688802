"""The restore layer: what slimming took away or changed, as an OCI layer. On top of the slim image it gives the tree of
the original again: files, links, owners, modes and extended attributes, with the original's configuration.

What lower layers of the original held and no path showed is not in it.
"""

import hashlib
import json

from tare.core.errors import ImageError
from tare.image.analysis import Analysis
from tare.image.digests import digest_of
from tare.image.model import Image
from tare.image.mutate import Draft, DraftEntry, Edits, grouped, read_config_json, written
from tare.image.tarhead import DIRECTORY, FILE
from tare.image.tarwrite import TarEntry
from tare.image.tree import Inode
from tare.slim.ledger import PATH
from tare.slim.view import ImageFiles, View

RESTORES = "dev.tare.slim.restores"
"""Annotation: the digest of the ledger of the image that the layer belongs to."""
TREE = "dev.tare.slim.restored-tree"
"""Annotation: the fingerprint of the original's tree."""
LEDGER = "dev.tare.slim.ledger"
_WHITEOUT = ".wh."


def restore_draft(analysis: Analysis, files: ImageFiles, view: View, ledger_json: bytes) -> Draft:
    """An image of one layer that undoes a plan."""
    added = {*view.added, PATH}
    wanted = {path for path in (*view.removed, *view.changed, *added) if path in files.nodes}
    groups: dict[Inode, list[str]] = {}
    for path, node in files.nodes.items():
        if node.inode.links > 1:
            groups.setdefault(node.inode, []).append(path)
    for names in groups.values():  # the names of one inode are put back together
        if not wanted.isdisjoint(names):
            wanted.update(names)
    kept = set(wanted)
    for path in wanted:
        while path := path.rpartition("/")[0]:
            kept.add(path)
    marks = {_mark(path): path for path in (_missing(path, files) for path in added) if path}
    whiteouts = {mark: DraftEntry(TarEntry(mark, FILE, 0), written(b"")) for mark in marks}
    edits = Edits(frozenset(files.nodes.keys() - kept), {}, whiteouts)
    layers = grouped(analysis, edits, ("what slimming took away",), lambda node: 0)
    notes = {RESTORES: digest_of(ledger_json), TREE: fingerprint(analysis)}
    return Draft(analysis, read_config_json(analysis), layers, notes, fresh_history=True)


def _missing(path: str, files: ImageFiles) -> str:
    """The first part of an added path that the original does not have; '' where it has all of it."""
    parts = path.split("/")
    for count in range(1, len(parts) + 1):
        part = "/".join(parts[:count])
        if part not in files.nodes:
            return part
    return ""


def _mark(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return f"{folder}/{_WHITEOUT}{name}".lstrip("/")


def fingerprint(analysis: Analysis) -> str:
    """A digest over the visible tree: names, kinds, modes, owners, links, attributes, sizes and contents. Times of
    directories are left out, because engines set them anew."""
    running = hashlib.sha256()
    first: dict[Inode, str] = {}
    for node in sorted(analysis.tree.walk(), key=lambda node: node.path):
        entry = node.inode.entry
        row: list[object] = [node.path, entry.kind, entry.mode, entry.uid, entry.gid, list(entry.xattrs)]
        if entry.kind is not DIRECTORY:
            row += [entry.mtime, entry.link if entry.kind is not FILE else "", str(entry.device)]
            row += [entry.size_bytes, entry.content, first.setdefault(node.inode, node.path)]
        running.update(json.dumps(row, ensure_ascii=True).encode())
    return f"sha256:{running.hexdigest()}"


def check_pair(slim: Image, layer: Image) -> str:
    """The fingerprint that the restored tree must have. Raises `ImageError` where the two do not belong together."""
    notes = json.loads(layer.source.manifest()).get("annotations") or {}
    wanted, tree = notes.get(RESTORES), notes.get(TREE)
    if not isinstance(wanted, str) or not isinstance(tree, str):
        raise ImageError(
            "this is no restore layer",
            where=layer.reference,
            hint="tare slim --restore-layer writes one beside the slim image",
        )
    found = slim.config.labels.get(LEDGER)
    if found != wanted:
        raise ImageError(
            f"the restore layer belongs to another image: to the one with ledger {wanted[:19]}, this one has"
            f" {(found or 'none')[:19]}",
            where=f"{slim.reference} and {layer.reference}",
        )
    return tree
