"""Which distribution an image is, from os-release(5)."""

from collections.abc import Mapping

RELEASE_FILES = ("etc/os-release", "usr/lib/os-release")
"""The first that is there counts."""


def parse_release(text: str) -> dict[str, str]:
    """The assignments of an os-release file."""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip().strip("\"'") for key, _, value in pairs}


def read_release(files: Mapping[str, bytes]) -> dict[str, str]:
    """From the contents of visible files by path; empty where there is none. `etc/os-release` usually is a link to the
    other, and then only that is here."""
    for path in RELEASE_FILES:
        if path in files:
            return parse_release(files[path].decode("utf-8", "replace"))
    return {}
