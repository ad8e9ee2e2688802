"""npm packages: every `node_modules/NAME/package.json`. A package owns all beneath its directory that no other does.

Format: https://docs.npmjs.com/cli/configuring-npm/package-json.
"""

import posixpath
from collections.abc import Iterable, Mapping

import msgspec

from tare.image.catalog.package import Package


class _Manifest(msgspec.Struct, frozen=True):
    name: str = ""
    version: str = ""


class NpmCatalog:
    """Installed packages, nested ones included; one that cannot be read is no package for Node either."""

    manager = "npm"
    pattern = r"(?:.*/)?node_modules/(?:@[^/]+/)?[^/@.][^/]*/package\.json"

    def read(self, files: Mapping[str, bytes]) -> Iterable[Package]:
        """See `Catalog.read`."""
        for path in sorted(files):
            if "node_modules/" not in path or not path.endswith("/package.json"):
                continue
            try:
                manifest = msgspec.json.decode(files[path].removeprefix(b"\xef\xbb\xbf"), type=_Manifest)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue
            folder = posixpath.dirname(path)
            if manifest.name and manifest.version:
                yield Package("npm", manifest.name, manifest.version, (), None, path, folder=folder)
