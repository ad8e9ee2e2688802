"""Manuals, info pages and other documentation of the system."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tare.slim.model import Level, Proposal
from tare.slim.view import View

_DOCUMENTATION = re.compile(
    r"(?:usr|usr/local|opt/[^/]+|(?:.*/)?venv|(?:.*/)?\.venv)/share/(?:doc|man|info|gtk-doc|help|lintian|linda)/.*"
)
_BESIDE = re.compile(
    r"(?:usr|usr/local)/(?:lib|share)/(?:.*/)?perl5?/(?!.*/perldiag\.pod).*\.pod"
    r"|(?:.*/)?lib/python3\.\d+/pydoc_data/(?:__pycache__/)?topics\..*"
)
"""Manuals among the code: Perl's (its `diagnostics` reads perldiag), and the topics of Python's `help()`."""
_LEGAL = re.compile(r"(?i)(?:.*/)?(?:copyright|licen[sc]e|notice|copying|authors?|eula)[^/]*")


@dataclass(frozen=True, slots=True)
class Documentation:
    """Beneath `share/doc`, `share/man` and the like. Copyright notices and licences stay."""

    name: str = "documentation"
    level: Level = Level.SAFE
    reason: str = "people read manuals elsewhere; no program needs them to run"

    def plan(self, view: View) -> Iterable[Proposal]:
        """See the class."""
        if view.rpm:
            return
        for path in view.present():
            if (_DOCUMENTATION.fullmatch(path) and not _LEGAL.fullmatch(path)) or _BESIDE.fullmatch(path):
                yield Proposal(path, "documentation")
