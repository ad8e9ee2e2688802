"""Every name that any layer ever held, with what each layer did to it: the data behind the tree of files.

Made once from a report's `changes` and `files`; a view of any layer is then one pass over flat lists.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from tare.schema.inspect import FileFacts, InspectReport, Kind


class Change(IntEnum):
    """What became of a name between two layers. `ABSENT`: it was in neither."""

    ABSENT = 0
    UNMODIFIED = 1
    ADDED = 2
    MODIFIED = 3
    REMOVED = 4


SIGNS = {Change.UNMODIFIED: " ", Change.ADDED: "+", Change.MODIFIED: "~", Change.REMOVED: "-"}


@dataclass(slots=True)
class Event:
    """What one layer (from 1) did to a name; `present` is whether the name was there after it."""

    layer: int
    present: bool
    kind: Kind
    size_bytes: int


@dataclass(slots=True)
class PathNode:
    """A name. `children` are places in `Paths.nodes`, by name."""

    name: str
    path: str
    parent: int
    children: dict[str, int] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    facts: FileFacts | None = None
    """Of the version that a container sees, if it sees one."""

    def at(self, layer: int) -> Event | None:
        """What stood there once `layer` was applied."""
        for event in reversed(self.events):
            if event.layer <= layer:
                return event if event.present else None
        return None

    def after(self, layer: int) -> Event | None:
        """The next thing that happened to it after `layer`."""
        return next((event for event in self.events if event.layer > layer), None)


class Paths:
    """All names as a flat list; the root stands first and parents before children."""

    def __init__(self, report: InspectReport) -> None:
        self.nodes: list[PathNode] = [PathNode("", "", -1)]
        self._by_path = {"": 0}
        self._versions: dict[tuple[str, int], FileFacts] = {}
        self.layers = len(report.layers)
        for change in report.changes:
            events = self.nodes[self._place(change.path)].events
            event = Event(change.layer, change.change != "removed", change.kind, change.size_bytes)
            if events and events[-1].layer == event.layer:
                events[-1] = event
            else:
                events.append(event)
        for facts in report.files:
            if facts.hidden_in:
                self._versions[facts.path, facts.layer] = facts
                continue
            node = self.nodes[self._place(facts.path)]
            node.facts = facts
            if (
                not node.events
            ):  # named through a link of its layer, so that the replay knows it under another name
                node.events.append(Event(facts.layer, True, facts.kind, facts.size_bytes))
        self.nodes[0].events = [Event(0, True, "directory", 0)]

    def find(self, path: str) -> int | None:
        """The place of a path."""
        return self._by_path.get(path)

    def facts(self, place: int, layer: int) -> FileFacts | None:
        """The facts of the version that `layer` shows, where the report has them."""
        node = self.nodes[place]
        event = node.at(layer)
        if event is None:
            return None
        known = self._versions.get((node.path, event.layer))
        if known is not None:
            return known
        return node.facts if node.facts is not None and node.after(layer) is None else None

    def beneath(self, place: int) -> Iterator[int]:
        """A node and all below it."""
        stack = [place]
        while stack:
            at = stack.pop()
            yield at
            stack.extend(self.nodes[at].children.values())

    def _place(self, path: str) -> int:
        found = self._by_path.get(path)
        if found is not None:
            return found
        missing = []  # from the name itself up to a directory that is known
        while (parent := self._by_path.get(path)) is None:
            missing.append(path)
            path = path.rpartition("/")[0]
        at = parent
        for path in reversed(missing):
            place = self._by_path[path] = len(self.nodes)
            name = path.rpartition("/")[2]
            self.nodes[at].children[name] = place
            self.nodes.append(PathNode(name, path, at))
            at = place
        return at


class Comparison:
    """The names of `upper`, each told from what it was in `lower` (layers from 1; 0 for the empty file system).

    Sizes of directories are those of the files in them at `upper`; a removed name keeps the size that went.
    """

    def __init__(self, paths: Paths, lower: int, upper: int) -> None:
        self.paths = paths
        self.lower = lower
        self.upper = upper
        nodes = paths.nodes
        self.change = [Change.ABSENT] * len(nodes)
        self.size_bytes = [0] * len(nodes)
        self.hidden_by = [0] * len(nodes)
        """The layer that hides what `upper` itself wrote there; 0 where none does."""
        self.directory = [False] * len(nodes)
        for place, node in enumerate(nodes):
            self._look(place, node)
        for place in range(len(nodes) - 1, 0, -1):
            change, parent = self.change[place], nodes[place].parent
            if change is Change.ABSENT:
                continue
            if change is not Change.UNMODIFIED and self.change[parent] is Change.UNMODIFIED:
                self.change[parent] = Change.MODIFIED
            if change is not Change.REMOVED or self.change[parent] is Change.REMOVED:
                self.size_bytes[parent] += self.size_bytes[place]

    def _look(self, place: int, node: PathNode) -> None:
        if not place:
            before = after = node.events[0]
        else:
            before, after = node.at(self.lower), node.at(self.upper)  # type: ignore[assignment]
        if after is None:
            if before is not None:
                self.change[place] = Change.REMOVED
                self.directory[place] = before.kind == "directory"
                self.size_bytes[place] = 0 if self.directory[place] else before.size_bytes
            elif node.children:
                self.directory[place] = True
            return
        self.directory[place] = after.kind == "directory"
        if before is None:
            self.change[place] = Change.ADDED
        else:
            self.change[place] = Change.UNMODIFIED if before is after else Change.MODIFIED
        if not self.directory[place]:
            further = node.facts is not None and node.facts.hardlink and node.after(self.upper) is None
            self.size_bytes[place] = 0 if further else after.size_bytes
            if after.layer == self.upper and (later := node.after(self.upper)) is not None:
                self.hidden_by[place] = later.layer


@dataclass(slots=True)
class Filter:
    """What is shown: kinds of change, a pattern for paths, a package's files, only what later layers hide."""

    changes: set[Change] = field(default_factory=lambda: {*Change} - {Change.ABSENT})
    pattern: re.Pattern[str] | None = None
    package: int | None = None
    path_class: str | None = None
    hidden_only: bool = False

    @property
    def narrows(self) -> bool:
        """Whether matches are so few that the way to each should be open."""
        return bool(self.pattern or self.hidden_only or self.path_class or self.package is not None)


def shown(comparison: Comparison, chosen: Filter) -> list[bool]:
    """For each node whether it is shown: it fits, or something below it does."""
    nodes = comparison.paths.nodes
    fits = [False] * len(nodes)
    fits[0] = True
    everything = not chosen.narrows
    for place in range(len(nodes) - 1, 0, -1):
        change = comparison.change[place]
        if change is Change.ABSENT:
            continue
        if not fits[place] and change in chosen.changes:
            fits[place] = everything or _fits(comparison, place, chosen)
        if fits[place]:
            fits[nodes[place].parent] = True
    return fits


def _fits(comparison: Comparison, place: int, chosen: Filter) -> bool:
    node = comparison.paths.nodes[place]
    if chosen.hidden_only and not comparison.hidden_by[place]:
        return False
    if chosen.pattern is not None and not chosen.pattern.search(node.path):
        return False
    if chosen.package is not None and (node.facts is None or node.facts.package != chosen.package):
        return False
    return chosen.path_class is None or (
        node.facts is not None and node.facts.path_class == chosen.path_class
    )
