"""glibc's modules for character sets (gconv), where nothing that is left converts with iconv."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tare.slim.model import Level, Proposal
from tare.slim.reach.linking import converters
from tare.slim.start import read_start
from tare.slim.view import View

_MODULE = re.compile(r"(?:usr/)?lib(?:64)?/(?:[^/]+/)?gconv/[^/]+\.so")
_KEPT = re.compile(r".*/(?:UTF-(?:7|16|32)|UNICODE|ISO8859-1|ISO8859-15|CP1252|ISO646)\.so")
_ITSELF = re.compile(
    r".*/(?:libc\.so\.6|libc-[\d.]+\.so|iconv(?:config)?|ldconfig|localedef|gconv/[^/]+|(?:libc\.musl|ld-musl).*"
    r"|factor|printf|ptx|libidn2\.so.*|libunistring\.so.*|libstdc\+\+\.so.*)"
)
"""The C library with its tools, and those that convert only between UTF-8 and the locale's set, which is UTF-8 here."""


@dataclass(frozen=True, slots=True)
class CharacterConversions:
    """Python has its own codecs. UTF and the Latin sets stay, and all of them do when a program or library that is left
    imports `iconv_open`, or when the locale of ENV is not UTF-8."""

    name: str = "character-conversions"
    level: Level = Level.REACH
    reason: str = "no program or library that is left asks the C library to convert character sets"

    def plan(self, view: View) -> Iterable[Proposal]:
        """Files of libc6, which is marked as trimmed."""
        if view.rpm or not read_start(view.files).known:
            return
        for variable in ("LC_ALL", "LC_CTYPE", "LANG"):
            value = view.files.environment.get(variable, "")
            if value and value not in ("C", "POSIX") and not value.lower().replace("-", "").endswith("utf8"):
                view.notes.append(f"character conversions stay: {variable} is {value}")
                return
        users = [
            path for path in converters(view) if path not in view.removed and not _ITSELF.fullmatch(path)
        ]
        if users:
            view.notes.append(f"character conversions stay: {users[0]} uses iconv")
            return
        for path in view.present():
            if _MODULE.fullmatch(path) and not _KEPT.fullmatch(path):
                yield Proposal(path, "a character set that nothing left converts")
