"""Translations of the system's messages into languages that the image does not use."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tare.slim.model import Level, Proposal
from tare.slim.view import View

_CATALOGUE = re.compile(r"usr/(?:local/)?share/locale/(?P<language>[^/]+)/LC_[A-Z]+/[^/]+\.mo")
_VARIABLES = ("LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES")


@dataclass(frozen=True, slots=True)
class Locales:
    """Message catalogues in /usr/share/locale. Languages that ENV names stay; those of Python packages stay, too."""

    name: str = "locales"
    level: Level = Level.SAFE
    reason: str = "no locale of the image's environment selects these languages"

    def plan(self, view: View) -> Iterable[Proposal]:
        """See the class."""
        if view.rpm:
            return
        named = {
            re.split(r"[_.@]", part)[0]
            for variable in _VARIABLES
            for part in view.files.environment.get(variable, "").split(":")
            if part
        }
        for path in view.present():
            match = _CATALOGUE.fullmatch(path)
            if match and re.split(r"[_.@]", match["language"])[0] not in named:
                yield Proposal(
                    path, f"messages in {match['language']}; ENV selects {', '.join(sorted(named)) or 'none'}"
                )
