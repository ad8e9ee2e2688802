"""An installed package, and the protocol of those who find them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package as its database tells. `files` are paths from the root, directories left out where
    the database tells them apart; `declared_bytes` is the database's own figure."""

    manager: str
    name: str
    version: str
    files: tuple[str, ...]
    declared_bytes: int | None
    database: str
    """The path of the file that says so."""
    source: str = ""
    """The source package or origin, where the database names one."""
    source_version: str = ""
    """The source package's version, where it differs from the package's own."""
    folder: str = ""
    """Where the database lists no files: the package owns all beneath, except what another package's folder there
    owns. `analyse` fills `files` in."""


class Catalog(Protocol):
    """Finds the packages of one manager in the database files of an image."""

    manager: str
    pattern: str
    """A regular expression for the whole path of every file that `read` needs."""

    def read(self, files: Mapping[str, bytes]) -> Iterable[Package]:
        """The packages; `files` maps the path of each visible file that `pattern` matches to its content.

        Raises `ImageError` for a broken database: its packages are unknown then, and not absent.
        """


def paragraphs(text: str) -> Iterable[dict[str, str]]:
    """Debian control paragraphs (`Field: value`, continuation lines begin with white space)."""
    fields: dict[str, str] = {}
    last = ""
    for line in text.split("\n"):
        if not line.strip():
            if fields:
                yield fields
            fields, last = {}, ""
        elif line[0] in " \t":
            if last:
                fields[last] += "\n" + line.strip()
        else:
            key, colon, value = line.partition(":")
            if colon:
                last = key.lower()
                fields[last] = value.strip()
    if fields:
        yield fields
