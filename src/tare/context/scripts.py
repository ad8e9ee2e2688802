"""Which programs the scripts of a project call: those that start a container, and those that they call in turn."""

import posixpath
import re
from collections.abc import Iterable
from pathlib import Path

from tare.context.walk import Context
from tare.dockerfile.shell import parse_script

_LARGEST_SCRIPT_BYTES = 256 * 1024
_WORD = re.compile(r"[\w.+-]+")
_SERVICE_FILES = re.compile(
    r"(?:^|/)(?:[\w.-]*supervisor[\w.-]*\.(?:conf|ini)|Procfile|[\w.-]*cron(?:tab)?[\w.-]*)$"
)
SERVICES = frozenset({"supervisord", "cron", "crond", "honcho", "foreman", "circusd"})
"""Programs that start what their configuration files name."""


def script_programs(context: Context, names: Iterable[str]) -> frozenset[str] | None:
    """Programs that the named scripts call, scripts that they call included; None when one of them is not in the context
    or cannot be read. A file that is no POSIX shell counts with every word in it."""
    by_name: dict[str, list[str]] = {}
    for path in sorted(context.files):
        by_name.setdefault(posixpath.basename(path), []).append(path)
    waiting = sorted(names)
    if SERVICES.intersection(waiting):
        waiting += [posixpath.basename(path) for path in context.files if _SERVICE_FILES.search(path)]
    waiting = [name for name in waiting if name not in SERVICES]
    if any(name not in by_name for name in waiting):
        return None
    found: set[str] = set()
    done: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in done:
            continue
        done.add(name)
        for path in by_name[name]:
            text = _read(context.root / path, context.root)
            if text is None:
                return None
            script = parse_script(text) if not _SERVICE_FILES.search(path) else None
            words = set(_WORD.findall(text))
            found |= {command.name for command in script.commands} if script is not None else words
            waiting += [word for word in words if word.endswith(".sh") and word in by_name]
    return frozenset(found - {""})


def _read(place: Path, root: Path) -> str | None:
    try:
        if not place.resolve().is_relative_to(root.resolve()) or not place.is_file():
            return None
        with place.open("rb") as handle:
            data = handle.read(_LARGEST_SCRIPT_BYTES + 1)
    except (OSError, RuntimeError):
        return None
    return data.decode(errors="replace") if len(data) <= _LARGEST_SCRIPT_BYTES else None
