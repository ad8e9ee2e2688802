"""C, C++ and CUDA headers, CMake and pkg-config files."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tare.slim.model import Level, Proposal
from tare.slim.steps.development import compiler_note, compiles_at_run_time, top_package
from tare.slim.view import View

_HEADER = re.compile(r".*\.(?:h|hh|hpp|hxx|h\+\+|cuh|inl|ipp|tcc|tpp|cmake|pc|la|pxd)")
_INCLUDE = re.compile(
    r"(?:usr|usr/local)/include/.*|(?:usr|usr/local)/(?:lib|share)/(?:.*/)?perl5?/.*\.h"
    r"|(?:usr|usr/local)/(?:lib|share)/(?:.*/)?(?:cmake|pkgconfig)/.*"
)
_CODE = re.compile(r".*\.(?:py|pyc|so(?:\.\d+)*|json|txt|toml|yaml|yml)")
_KEPT = frozenset({"pyconfig.h"})


@dataclass(frozen=True, slots=True)
class Headers:
    """In site-packages, and beneath /usr/include. All of them stay where the image has a compiler."""

    name: str = "headers"
    level: Level = Level.SAFE
    reason: str = "headers serve a compiler, and the image has none"

    def plan(self, view: View) -> Iterable[Proposal]:
        """`pyconfig.h` stays: sysconfig may read it."""
        if view.has_compiler():
            compiler_note(view, "headers")
            return
        for path in view.present():
            name = path.rpartition("/")[2]
            if name in _KEPT:
                continue
            top = top_package(view, path)
            if top is None:
                if not view.rpm and _INCLUDE.fullmatch(path):
                    yield Proposal(path, "a development file of the system; no compiler in the image")
            elif not compiles_at_run_time(view, top):
                within = "/include/" in path and not _CODE.fullmatch(name)
                if _HEADER.fullmatch(name) or (within and "." not in name):
                    yield Proposal(path, "a header or build description; no compiler in the image")
