"""Alpine packages: `lib/apk/db/installed`. Format: https://wiki.alpinelinux.org/wiki/Apk_spec."""

from collections.abc import Iterable, Mapping

from tare.image.catalog.package import Package


class ApkCatalog:
    """The packages of apk's database, with the files that it lists."""

    manager = "apk"
    pattern = r"(?:usr/)?lib/apk/db/installed"

    def read(self, files: Mapping[str, bytes]) -> Iterable[Package]:
        """See `Catalog.read`."""
        for path in sorted(files):
            if path.endswith("lib/apk/db/installed"):
                for block in files[path].decode("utf-8", "surrogateescape").split("\n\n"):
                    found = _package(block, path)
                    if found is not None:
                        yield found


def _package(block: str, path: str) -> Package | None:
    fields: dict[str, str] = {}
    listed: list[str] = []
    directory = ""
    for line in block.split("\n"):
        key, colon, value = line.partition(":")
        if not colon:
            continue
        if key == "F":
            directory = value.strip("/")
        elif key == "R":
            listed.append(f"{directory}/{value}" if directory else value)
        else:
            fields.setdefault(key, value)
    if "P" not in fields or "V" not in fields:
        return None
    size = fields.get("I", "")
    return Package(
        manager="apk",
        name=fields["P"],
        version=fields["V"],
        files=tuple(listed),
        declared_bytes=int(size) if size.isascii() and size.isdigit() and len(size) < 18 else None,
        database=path,
        source=fields.get("o", ""),
    )
