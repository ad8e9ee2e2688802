"""From strings in source and configuration to the files of the context that they mean."""

import posixpath
import re
from collections.abc import Iterable, Iterator
from itertools import islice

from tare.context.behaviour import Found
from tare.context.walk import Context

_WILD = re.compile(r"[*?\[{%]")
_MOST_NAMESAKES = 20


class Locator:
    """Knows which paths are sent, by path and by file name."""

    def __init__(self, context: Context) -> None:
        self.present = {entry.path for entry in context.sent}
        self.by_name: dict[str, list[str]] = {}
        for entry in context.sent:
            if entry.kind != "directory":
                self.by_name.setdefault(posixpath.basename(entry.path), []).append(entry.path)

    def existing(self, candidates: Iterable[Found]) -> tuple[Found, ...]:
        """The paths that exist, each once with the first place that means it; a file that names itself is none."""
        found: dict[str, Found] = {}
        for one in candidates:
            for path in self.locate(one.value, one.path):
                if path != one.path:
                    found.setdefault(path, Found(path, one.path, one.line))
        return tuple(found[path] for path in sorted(found))

    def locate(self, text: str, source: str) -> Iterator[str]:
        """What a string means, seen from the source file's directory or one above it; for an absolute path (in the
        image), its longest end that exists. A wildcard is cut off with what follows it. A bare file name that is not
        found there means every file of that name, for its directory may be put before it at run time."""
        wild = _WILD.search(text)
        text = posixpath.dirname(text[: wild.start()] + "x") if wild else text
        if not posixpath.normpath(text).strip("./") or "\0" in text:
            return
        if text.startswith("/"):
            parts = [part for part in text.split("/") if part]
            ends = ("/".join(parts[start:]) for start in range(min(len(parts), 4)))
            yield from islice((end for end in ends if end in self.present), 1)
            return
        directory = posixpath.dirname(source)
        while True:
            candidate = posixpath.normpath(posixpath.join(directory, text))
            if candidate in self.present:
                yield candidate
                return
            if not directory:
                break
            directory = posixpath.dirname(directory)
        namesakes = self.by_name.get(posixpath.basename(text), []) if "." in text else []
        if len(namesakes) <= _MOST_NAMESAKES:
            yield from namesakes
