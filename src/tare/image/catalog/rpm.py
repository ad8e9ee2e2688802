"""RPM packages: `rpmdb.sqlite`, `Packages.db` (ndb) and `Packages` (Berkeley DB), wherever distributions put them."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from tare.core.errors import ImageError
from tare.image.catalog.package import Package
from tare.image.catalog.rpm_databases import bdb_blobs, ndb_blobs, sqlite_blobs
from tare.image.catalog.rpm_header import package_of

_ROOTS = ("usr/lib/sysimage/rpm", "var/lib/rpm", "usr/share/rpm")
_READERS: Mapping[str, Callable[[bytes], Iterator[bytes]]] = {
    "rpmdb.sqlite": sqlite_blobs,
    "Packages.db": ndb_blobs,
    "Packages": bdb_blobs,
}


class RpmCatalog:
    """The packages of the newest form that a directory has: conversions leave the old file behind."""

    manager = "rpm"
    pattern = (
        r"(?:usr/lib/sysimage/rpm|var/lib/rpm|usr/share/rpm)/(?:rpmdb\.sqlite(?:-wal)?|Packages(?:\.db)?)"
    )

    def read(self, files: Mapping[str, bytes]) -> Iterable[Package]:
        """See `Catalog.read`. Raises `ImageError` for a broken database."""
        for root in _ROOTS:
            path = next((path for name in _READERS if files.get(path := f"{root}/{name}")), None)
            if path is None:
                continue
            try:
                for blob in _blobs(path, files):
                    found = package_of(blob, path)
                    if found is not None:
                        yield found
            except ValueError as error:
                raise ImageError(
                    f"broken package database: {error}", where=path, hint="its packages are not known"
                ) from error
            return


def _blobs(path: str, files: Mapping[str, bytes]) -> Iterator[bytes]:
    name = path.rpartition("/")[2]
    if name == "rpmdb.sqlite":
        return sqlite_blobs(files[path], files.get(f"{path}-wal", b""))
    return _READERS[name](files[path])
