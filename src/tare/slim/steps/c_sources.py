"""C, C++, CUDA, Cython and Fortran sources inside Python packages."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tare.slim.model import Level, Proposal
from tare.slim.steps.development import compiles_at_run_time, top_package
from tare.slim.view import View

_SOURCE = re.compile(r".*\.(?:c|cc|cpp|cxx|cu|pyx|pxi|pyx\.tp|pyx\.in|f|f90|f95|for)")


@dataclass(frozen=True, slots=True)
class CSources:
    """Sources of extension modules. One whose name a Python source of its package mentions stays: it may be compiled
    or read at run time (triton's `driver.c`)."""

    name: str = "c-sources"
    level: Level = Level.SAFE
    reason: str = "extension modules are compiled already; their sources are not read"

    def plan(self, view: View) -> Iterable[Proposal]:
        """See the class."""
        if view.has_compiler():
            return
        texts: dict[str, bytes] = {}
        for path in list(view.present()):
            name = path.rpartition("/")[2]
            if not _SOURCE.fullmatch(name):
                continue
            top = top_package(view, path)
            if top is None or compiles_at_run_time(view, top):
                continue
            prefix = path[: path.index(f"/{top}/")] + f"/{top}/"
            if prefix not in texts:
                texts[prefix] = b"\0".join(
                    view.files.read(other)
                    for other in view.present()
                    if other.startswith(prefix) and other.endswith(".py") and not other.endswith("setup.py")
                )
            if re.search(
                rb"[\"'/]" + re.escape(name.encode("utf-8", "surrogateescape")) + rb"[\"']", texts[prefix]
            ):
                continue
            yield Proposal(path, f"a source of an extension module; no Python source of {top} names it")
