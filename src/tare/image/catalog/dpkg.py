"""Debian packages: `status` with `info/*.list`, and distroless images' `status.d` with `*.md5sums`.

Format: deb-control(5), dpkg(1) "FILES".
"""

from collections.abc import Iterable, Mapping

from tare.image.catalog.package import Package, paragraphs

_ROOT = "var/lib/dpkg/"


class DpkgCatalog:
    """The packages that dpkg has unpacked; removed ones whose configuration stays are left out."""

    manager = "dpkg"
    pattern = r"var/lib/dpkg/(?:status|status\.d/[^/]+|info/[^/]+\.list)"

    def read(self, files: Mapping[str, bytes]) -> Iterable[Package]:
        """See `Catalog.read`."""
        for path in sorted(files):
            if path == f"{_ROOT}status" or (
                path.startswith(f"{_ROOT}status.d/") and not path.endswith(".md5sums")
            ):
                for fields in paragraphs(files[path].decode("utf-8", "replace")):
                    if path.endswith("/status") and not _unpacked(fields.get("status", "")):
                        continue
                    if "package" in fields and "version" in fields:
                        yield _package(fields, path, files)


def _unpacked(status: str) -> bool:
    words = status.split()
    return len(words) == 3 and words[2] not in ("not-installed", "config-files")


def _package(fields: Mapping[str, str], path: str, files: Mapping[str, bytes]) -> Package:
    name = fields["package"]
    listed: list[str] = []
    for candidate in (
        f"{_ROOT}info/{name}.list",
        f"{_ROOT}info/{name}:{fields.get('architecture', '')}.list",
    ):
        if candidate in files:
            lines = files[candidate].decode("utf-8", "surrogateescape").split("\n")
            listed = [line.lstrip("/") for line in lines if line not in ("", "/.", "/")]
            break
    sums = f"{path}.md5sums"
    if not listed and sums in files:
        lines = files[sums].decode("utf-8", "surrogateescape").split("\n")
        listed = [parts[1].lstrip("/") for line in lines if len(parts := line.split(None, 1)) == 2]
    size = fields.get("installed-size", "")
    return Package(
        manager="dpkg",
        name=name,
        version=fields["version"],
        files=tuple(listed),
        declared_bytes=int(size) * 1024 if size.isascii() and size.isdigit() and len(size) < 15 else None,
        database=path,
        source=fields.get("source", "").partition(" ")[0],
        source_version=fields.get("source", "").partition(" ")[2].strip("() "),
    )
