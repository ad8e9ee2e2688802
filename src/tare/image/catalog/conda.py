"""Conda packages: `PREFIX/conda-meta/NAME-VERSION-BUILD.json`.

Format: https://docs.conda.io/projects/conda-build/en/latest/resources/package-spec.html and conda's PrefixRecord.
"""

import posixpath
from collections.abc import Iterable, Mapping

import msgspec

from tare.core.errors import ImageError
from tare.image.catalog.package import Package


class _Record(msgspec.Struct, frozen=True):
    name: str = ""
    version: str = ""
    build: str = ""
    files: list[str] = []
    channel: str | None = None


class CondaCatalog:
    """The packages of every environment of an image, with the files that they linked into it."""

    manager = "conda"
    pattern = r"(?:.*/)?conda-meta/[^/]+\.json"

    def read(self, files: Mapping[str, bytes]) -> Iterable[Package]:
        """See `Catalog.read`. Raises `ImageError` for a broken record."""
        for path in sorted(files):
            folder = posixpath.dirname(path)
            if posixpath.basename(folder) != "conda-meta" or not path.endswith(".json"):
                continue
            try:
                record = msgspec.json.decode(files[path], type=_Record)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                raise ImageError(
                    f"broken package record: {error}", where=path, hint="its packages are not known"
                ) from error
            if record.name and record.version:
                prefix = posixpath.dirname(folder)
                listed = [
                    posixpath.normpath(posixpath.join("/", prefix, name)).lstrip("/") for name in record.files
                ]
                yield Package(
                    "conda",
                    record.name,
                    record.version,
                    (*listed, path),
                    None,
                    path,
                    source=record.channel or "",
                )
