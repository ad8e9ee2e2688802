"""Static proof: what can be checked about a plan without running anything. It never replaces a run, and says so.

Checked: programs of the start and their interpreters are there; every library that was found before is found after,
with every loaded byte where it was; no module that the start imports is gone; certificates, time zones, users, name
service and the like lead where they led.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tare.image.mutate import Content, part_size
from tare.slim.elf.headers import PT_LOAD, Elf, ElfError, Segment, read_elf
from tare.slim.plan import Plan
from tare.slim.python.environment import environment_of
from tare.slim.reach.linking import library_index, loaders, needed_libraries
from tare.slim.reach.runtime_data import runtime_data
from tare.slim.start import read_start
from tare.slim.view import View


@dataclass(frozen=True, slots=True)
class Proof:
    """`checked` counts what was looked at, by kind; `problems` are sentences, each with the step to blame where known."""

    checked: dict[str, int]
    problems: tuple[str, ...]
    guilty: frozenset[str]


def prove(plan: Plan) -> Proof:
    """Check a plan."""
    checked: dict[str, int] = {}
    problems: list[str] = []
    guilty: set[str] = set()
    blame = {entry.path: entry.step for entry in plan.ledger if entry.action != "hidden"}
    for kind, check in (
        ("programs", _programs),
        ("libraries", _libraries),
        ("modules", _modules),
        ("data files", _data),
        ("segments", _segments),
    ):
        count = 0
        for path, problem in check(plan.view):
            count += 1
            if problem:
                step = blame.get(path, "")
                problems.append(f"{problem}" + (f" ({step})" if step else ""))
                if step:
                    guilty.add(step)
        checked[kind] = count
    return Proof(checked, tuple(problems), frozenset(guilty))


Found = Iterator[tuple[str, str]]
"""(path that was looked at or is missing, problem or '')."""


def _programs(view: View) -> Found:
    start = read_start(view.files)
    for path in sorted(start.programs):
        yield path, "" if path not in view.removed else f"the start runs {path}, which is gone"
        head = view.files.read(path, 0, 512)
        if head.startswith(b"#!"):
            words = head[2:].partition(b"\n")[0].decode("utf-8", "replace").split()
            if words:
                yield from _still(view, words[0], f"{path} needs")
    untouched = View(view.files)
    usual = () if view.shell_given_up else ("sh", "env")
    for word in dict.fromkeys((*view.files.config.entrypoint[:1], *view.files.config.cmd[:1], *usual)):
        places = [word] if "/" in word else [f"{folder}/{word}" for folder in view.files.path_directories]
        for place in places:
            if untouched.resolves(place):
                yield from _still(view, place, "the start needs")
                break
    for path in sorted(start.programs):
        loader = loaders(view).get(path, "")
        if loader:
            yield from _still(view, loader, f"{path} needs")


def _still(view: View, path: str, who: str) -> Found:
    """A path that led somewhere must lead there yet; the name that is gone is to blame."""
    if not View(view.files).resolves(path) or view.resolves(path):
        yield path, ""
        return
    parts = path.strip("/").split("/")
    gone = next(
        (part for count in range(len(parts), 0, -1) if (part := "/".join(parts[:count])) in view.removed), ""
    )
    node = view.files.follow(path.strip("/"))
    yield gone or (node.path if node else path), f"{who} {path}, which is gone"


def _libraries(view: View) -> Found:
    index = library_index(view)
    for path, names in needed_libraries(view).items():
        if path in view.removed:
            continue
        for name in names:
            found = index.get(name, ())
            if found and all(other in view.removed for other in found):
                yield found[0], f"{path} needs {name}, which is gone"
            else:
                yield path, ""


def _modules(view: View) -> Found:
    environment = environment_of(view.files)
    start = read_start(view.files)
    roots = [environment.by_path.get(path) or path for path in start.python]
    for path in sorted(environment.closure(roots, lazy=False)):
        gone = path in view.removed
        yield path, f"the start imports {path}, which is gone" if gone else ""


def _data(view: View) -> Found:
    """Certificates, time zones, users, name service, locales: what led somewhere must lead there yet."""
    for path, who in runtime_data(view.files):
        yield from _still(view, path, f"{who}:")


def _segments(view: View) -> Found:
    """Every changed ELF file gives the loader the same bytes at the same addresses; zeros only where device code was
    dropped."""
    for path, content in view.changed.items():
        if content.origin is None:
            continue
        try:
            old = read_elf(view.files.reader(path), view.files.size(path))
            new = read_elf(_Reader(view, content).read, content.size_bytes)
        except ElfError as error:
            if view.files.read(path, 0, 4) == b"\x7fELF":
                yield path, f"{path} would be broken: {error}"
            continue
        same = _loaded(old) == _loaded(new) or _pruned(old, new)
        whole = same and all(
            _backed(segment, old, content, new) for segment in new.segments if segment.kind == PT_LOAD
        )
        yield path, "" if whole else f"{path} would lose loaded bytes"


class _Reader:
    """The new bytes of a file, piece by piece."""

    def __init__(self, view: View, content: Content) -> None:
        self._view = view
        self._content = content

    def read(self, start: int, size: int) -> bytes:
        """As `Read`."""
        found = b""
        at = 0
        for part in self._content.parts:
            length = part_size(part)
            low, high = max(start, at), min(start + size, at + length)
            if low < high:
                if isinstance(part, bytes):
                    found += part[low - at : high - at]
                elif isinstance(part, tuple) and self._content.origin is not None:
                    found += self._view.files.contents.read(
                        self._content.origin, part[0] + low - at, high - low
                    )
            at += length
        return found


def _loaded(elf: Elf) -> list[tuple[int, int, int]]:
    return [(s.address, s.file_size, s.memory_size) for s in elf.segments if s.kind == PT_LOAD]


def _pruned(old: Elf, new: Elf) -> bool:
    """The new segments tile the old ones without a gap."""
    spans = [[s.address, s.address + s.memory_size] for s in old.segments if s.kind == PT_LOAD]
    tiles = [(s.address, s.address + s.memory_size) for s in new.segments if s.kind == PT_LOAD]
    for span in spans:
        for low, high in tiles:
            if low == span[0] and high <= span[1]:
                span[0] = high
    return all(low == high for low, high in spans)


def _backed(segment: Segment, old: Elf, content: Content, new: Elf) -> bool:
    """The file bytes of a new segment are those that the old file has for the same addresses (the ELF header and the
    program headers are written anew)."""
    table = new.segments_at, new.segments_at + new.segment_entry * len(new.segments)
    at = 0
    for part in content.parts:
        length = part_size(part)
        low, high = max(at, segment.offset), min(at + length, segment.offset + segment.file_size)
        if low < high:
            if isinstance(part, tuple):
                if part[0] + low - at != _old_offset(old, segment.address + low - segment.offset):
                    return False
            elif at >= len(new.header) and not table[0] <= at <= at + length <= table[1]:
                return False
        at += length
    return at >= segment.offset + segment.file_size


def _old_offset(old: Elf, address: int) -> int | None:
    for segment in old.segments:
        if segment.kind == PT_LOAD and segment.address <= address < segment.address + segment.file_size:
            return segment.offset + address - segment.address
    return None
