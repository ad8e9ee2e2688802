"""Bytecode (.pyc) of modules that the start does not import."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tare.slim.model import Level, Proposal
from tare.slim.python.environment import environment_of, source_of
from tare.slim.start import read_start
from tare.slim.view import View

Policy = Literal["start", "none", "keep"]


@dataclass(frozen=True, slots=True)
class Bytecode:
    """`start`: keep what the start was seen to read where an engine ran it, else all that it could import, functions included;
    `none`: keep nothing, which costs compiling at every start; `keep`: leave all.

    A module without bytecode still imports; the first import compiles it. Bytecode without its source is a module of
    its own and always stays.
    """

    policy: Policy = "start"
    seen: frozenset[str] = frozenset()
    """Bytecode files that a real start was seen to read."""
    name: str = "bytecode"
    level: Level = Level.SAFE
    reason: str = "the interpreter compiles a module when its bytecode is missing"

    def plan(self, view: View) -> Iterable[Proposal]:
        """See the class."""
        if self.policy == "keep":
            return
        environment = environment_of(view.files)
        start = read_start(view.files)
        loaded: set[str] = set()
        if self.policy == "start":
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
                    if self.policy == "start"
                    else "asked for: no bytecode"
                )
                yield Proposal(path, f"{why}; compiled when imported")

    def _standard(self, libraries: tuple[str, ...], path: str) -> bool:
        """The standard library's own bytecode is small and used by everything; where a start was seen, that decides."""
        return (
            self.policy == "start"
            and not self.seen
            and path.startswith(tuple(f"{library}/" for library in libraries))
            and ("-packages/" not in path)
        )
