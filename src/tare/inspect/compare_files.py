"""Two merged trees, path by path. Contents are compared by the hashes of one process, never by time stamps."""

from collections.abc import Iterator, Sequence

from tare.image.tarhead import FILE
from tare.image.tree import Node
from tare.inspect.changes import kind_of
from tare.inspect.survey import Survey
from tare.inspect.users import label
from tare.schema.diff import Aspect, FileDiff, FileState, FileTotals


def compare_files(before: Survey, after: Survey) -> tuple[FileDiff, ...]:
    """Every path that differs, the largest difference first."""
    found = list(_compare(before, after))
    found.sort(key=lambda one: (-max(abs(one.growth_bytes), _size(one)), one.path))
    return tuple(found)


def _size(one: FileDiff) -> int:
    """A changed content of equal size still moves its bytes."""
    return one.after.size_bytes if one.after is not None and "content" in one.aspects else 0


def _compare(before: Survey, after: Survey) -> Iterator[FileDiff]:
    old = {node.path: node for node in before.analysis.tree.walk()}
    for node in after.analysis.tree.walk():
        was = old.pop(node.path, None)
        if was is None:
            yield FileDiff(node.path, "added", None, _state(after, node))
            continue
        aspects = tuple(_aspects(was, node))
        if aspects:
            yield FileDiff(node.path, "changed", _state(before, was), _state(after, node), aspects)
    for node in old.values():
        yield FileDiff(node.path, "removed", _state(before, node), None)


def _aspects(old: Node, new: Node) -> Iterator[Aspect]:
    a, b = old.inode.entry, new.inode.entry
    if a is b:
        return
    if a.kind is not b.kind:
        yield "kind"
        return
    if a.kind is FILE and (a.size_bytes != b.size_bytes or a.content != b.content):
        yield "content"
    if a.mode != b.mode:
        yield "mode"
    if (a.uid, a.gid) != (b.uid, b.gid):
        yield "owner"
    if a.link != b.link and a.kind is not FILE:
        yield "link"
    if a.xattrs != b.xattrs:
        yield "xattrs"
    if a.device != b.device:
        yield "device"


def _state(survey: Survey, node: Node) -> FileState:
    entry = node.inode.entry
    package = survey.attributor.node(node).package if node.children is None else None
    return FileState(
        kind_of(entry),
        entry.size_bytes,
        entry.mode,
        entry.uid,
        entry.gid,
        entry.link,
        node.inode.layer + 1,
        label(package),
    )


def totals(files: Sequence[FileDiff]) -> FileTotals:
    """Counts and bytes."""
    added = [one for one in files if one.change == "added"]
    removed = [one for one in files if one.change == "removed"]
    changed = [one for one in files if one.change == "changed"]
    return FileTotals(
        added=len(added),
        added_bytes=sum(one.growth_bytes for one in added),
        removed=len(removed),
        removed_bytes=-sum(one.growth_bytes for one in removed),
        changed=len(changed),
        content=sum("content" in one.aspects for one in changed),
        mode=sum("mode" in one.aspects for one in changed),
        owner=sum("owner" in one.aspects for one in changed),
        growth_bytes=sum(one.growth_bytes for one in changed),
    )
