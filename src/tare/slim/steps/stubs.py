"""Type stubs (.pyi)."""

from collections.abc import Iterable
from dataclasses import dataclass

from tare.slim.model import Level, Proposal
from tare.slim.steps.development import top_package
from tare.slim.view import View

_TYPE_TOOLS = frozenset(
    [
        "mypy",
        "mypyc",
        "jedi",
        "pyright",
        "pytype",
        "pyre_check",
        "pyrefly",
        "ty",
        "basedpyright",
        "pylint",
        "astroid",
        "parso",
        "typeshed_client",
    ]
)


@dataclass(frozen=True, slots=True)
class Stubs:
    """Stubs in site-packages. Those beside a module that calls `attach_stub` stay: lazy_loader reads them (skimage,
    librosa). Type checkers keep theirs."""

    name: str = "stubs"
    level: Level = Level.SAFE
    reason: str = "type checkers read stubs; the interpreter never does"

    def plan(self, view: View) -> Iterable[Proposal]:
        """See the class."""
        for path in view.matching("*.pyi"):
            top = top_package(view, path)
            if top is None or top in _TYPE_TOOLS:
                continue
            if b"attach_stub" not in view.files.read(path[:-1]):
                yield Proposal(path, "a type stub; its module does not read it")
