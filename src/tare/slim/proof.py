"""Static proof: what can be checked about a plan without running anything. It never replaces a run, and says so.

Checked: programs of the start and their interpreters are there; every library that was found before is found after,
with every loaded byte where it was; no module that the start imports is gone, nor any top-level module that something
left behind imports.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tare.image.mutate import Content
from tare.slim.elf.headers import PT_LOAD, ElfError, read_elf
from tare.slim.plan import Plan
from tare.slim.python.environment import environment_of
from tare.slim.reach.linking import library_index, loaders, needed_libraries
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
    for word in dict.fromkeys((*view.files.config.entrypoint[:1], *view.files.config.cmd[:1], "sh", "env")):
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
        (part for count in range(1, len(parts) + 1) if (part := "/".join(parts[:count])) in view.removed), ""
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


def _segments(view: View) -> Found:
    """The pieces of every changed ELF file cover each loaded segment at its old place."""
    for path, content in view.changed.items():
        if content.origin is None:
            continue
        try:
            elf = read_elf(view.files.reader(path), view.files.size(path))
        except ElfError:
            continue
        ranges = list(_identical(content))
        bad = [
            segment
            for segment in elf.segments
            if segment.kind == PT_LOAD and not _covered(segment.offset, segment.file_size, ranges, elf.header)
        ]
        yield path, f"{path} would lose loaded bytes" if bad else ""


def _identical(content: Content) -> Iterator[tuple[int, int]]:
    """Ranges of the new file that hold the same bytes at the same place as the old one."""
    at = 0
    for part in content.parts:
        size = (
            part[1] if isinstance(part, tuple) else len(part) if isinstance(part, bytes) else part.size_bytes
        )
        if isinstance(part, tuple) and part[0] == at:
            yield at, at + size
        at += size


def _covered(offset: int, size: int, ranges: Iterable[tuple[int, int]], header: bytes) -> bool:
    """The ELF header itself is rewritten in place; the rest must be as it was."""
    at = max(offset, len(header)) if offset == 0 else offset
    end = offset + size
    for low, high in sorted(ranges):
        if low <= at < high:
            at = high
    return at >= end
