"""Static libraries."""

from collections.abc import Iterable
from dataclasses import dataclass

from tare.slim.model import Level, Proposal
from tare.slim.steps.development import compiler_note, compiles_at_run_time, top_package
from tare.slim.view import View


@dataclass(frozen=True, slots=True)
class StaticLibraries:
    """`.a` archives. They stay where the image has a compiler, and with packages that link at run time."""

    name: str = "static-libraries"
    level: Level = Level.SAFE
    reason: str = "static libraries serve a linker, and the image has none"

    def plan(self, view: View) -> Iterable[Proposal]:
        """Told by their magic, not by the name alone."""
        if view.has_compiler():
            compiler_note(view, "static libraries")
            return
        for path in view.matching("*.a"):
            top = top_package(view, path)
            if (top is None and view.rpm) or (top is not None and compiles_at_run_time(view, top)):
                continue
            if view.files.read(path, 0, 8) in (b"!<arch>\n", b"!<thin>\n"):
                yield Proposal(path, "a static library; no compiler in the image")
