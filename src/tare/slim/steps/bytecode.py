"""Bytecode (.pyc) of modules that the start does not import."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tare.image.mutate import DraftEntry, written
from tare.image.tarhead import FILE
from tare.image.tarwrite import TarEntry
from tare.slim.model import Level, Proposal
from tare.slim.python.environment import environment_of, source_of
from tare.slim.start import read_start
from tare.slim.view import View

Policy = Literal["keep-imported", "drop", "keep", "compile"]


@dataclass(frozen=True, slots=True)
class Bytecode:
    """`keep-imported`: keep what the start was seen to read where an engine ran it, else all that it could import, functions
    included; `drop`: keep nothing, which costs compiling at every start; `keep`: leave all; `compile`: leave all, and add
    what is missing, made by the image's own interpreter.

    A module without bytecode still imports; the first import compiles it. Bytecode without its source is a module of
    its own and always stays.
    """

    policy: Policy = "keep-imported"
    seen: frozenset[str] = frozenset()
    """Bytecode files that a real start was seen to read."""
    compiled: Mapping[str, bytes] = field(default_factory=dict, hash=False)
    """What is missing, by path; for `compile`."""
    name: str = "bytecode"
    level: Level = Level.SAFE
    reason: str = "the interpreter compiles a module when its bytecode is missing"

    def plan(self, view: View) -> Iterable[Proposal]:
        """See the class."""
        if self.policy == "compile":
            self._add(view)
        if self.policy in ("keep", "compile"):
            return
        environment = environment_of(view.files)
        start = read_start(view.files)
        loaded: set[str] = set()
        if self.policy == "keep-imported":
            if not start.python and not self.seen:
                view.notes.append("bytecode stays: which modules the start imports is not known")
                return
            if self.seen:
                loaded = {source for path in self.seen if (source := source_of(path))}
            else:
                known = [environment.by_path.get(path) or path for path in start.python]
                loaded = environment.closure(
                    known, lazy=True
                )  # C code and lazy modules import more than is seen
        optimized = bool(view.files.environment.get("PYTHONOPTIMIZE"))
        for path in view.matching("*.pyc"):
            source = source_of(path)
            if "/__pycache__/" not in f"/{path}" or source is None or not view.visible(source):
                continue
            if source in loaded or self._standard(environment.stdlibs, path):
                if ".opt-" not in path or optimized:
                    continue
                yield Proposal(path, "bytecode of -O, which the image does not use")
            else:
                why = (
                    "the start does not import its module"
                    if self.policy == "keep-imported"
                    else "asked for: no bytecode"
                )
                yield Proposal(path, f"{why}; compiled when imported")

    def _add(self, view: View) -> None:
        """Bytecode beside every source that is left and has none."""
        count = 0
        for path, content in self.compiled.items():
            source = source_of(path)
            if source is None or not view.visible(source) or path in view.files.nodes:
                continue
            entry = view.files.nodes[source].inode.entry
            header = TarEntry(path, FILE, 0, entry.mode & 0o666, entry.uid, entry.gid, entry.mtime)
            view.added[path] = DraftEntry(header, written(content))
            count += len(content)
        if count:
            view.notes.append(f"{count} bytes of bytecode were added, as --bytecode compile asks")

    def _standard(self, libraries: tuple[str, ...], path: str) -> bool:
        """The standard library's own bytecode is small and used by everything; where a start was seen, that decides."""
        return (
            self.policy == "keep-imported"
            and not self.seen
            and path.startswith(tuple(f"{library}/" for library in libraries))
            and ("-packages/" not in path)
        )
