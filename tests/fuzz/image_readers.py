"""Fuzzing of all that reads strangers' bytes: `python tests/fuzz/image_readers.py READER [CORPUS] [libFuzzer options]`.

Needs atheris (PyPI), which is no dependency of anything here. Every reader may raise only what it promises; anything else
is a finding. READER is one of the names below. For example: `… headers -max_total_time=60`.
"""

import io
import sys
from collections.abc import Callable
from contextlib import ExitStack, suppress

import atheris

with atheris.instrument_imports(include=["tare"]):
    from tare.core.errors import ImageError
    from tare.image.catalog.rpm_databases import bdb_blobs, ndb_blobs
    from tare.image.catalog.rpm_header import package_of
    from tare.image.compressibility import Sampler
    from tare.image.digests import digest_of
    from tare.image.documents import OCI_MANIFEST, read_config, read_index, read_manifest
    from tare.image.limits import Limits
    from tare.image.scan import scan_layer
    from tare.image.sources.challenge import parse_challenges
    from tare.image.tarhead import clean_path, padded, parse_pax, read_header
    from tare.image.tree import Tree

LIMITS = Limits(entries=1000, layer_bytes=1 << 24, captured_bytes=1 << 20)


def headers(data: bytes) -> None:
    """Tar headers; checksums are mended, so that the fuzzer gets past them."""
    blocks = []
    for at in range(0, len(data), 512):
        block = bytearray(data[at : at + 512].ljust(512, b"\0"))
        if any(block):
            block[148:156] = b" " * 8
            block[148:155] = b"%06o\0" % sum(block)
        blocks.append(bytes(block))
    stream = io.BytesIO(b"".join(blocks))
    for _ in range(100):
        header = read_header(stream.read, LIMITS)
        if header is None:
            break
        assert not header.path.startswith("/") and ".." not in header.path.split("/")
        assert header.size_bytes >= 0 and header.stored_bytes >= 0
        stream.seek(padded(header.stored_bytes), io.SEEK_CUR)


def layers(data: bytes) -> None:
    """A whole layer with its right digest, and its merge on top of itself."""
    scan = scan_layer(
        io.BytesIO(data),
        diff_id=digest_of(data),
        blob_digest=None,
        what="fuzz",
        capture=lambda path: True,
        sampler=Sampler(0),
        limits=LIMITS,
    )
    tree = Tree()
    tree.apply(scan.entries)
    tree.apply(scan.entries)
    for node in tree.walk():
        assert tree.get(node.path) is node


def documents(data: bytes) -> None:
    """Manifest, index and configuration, each from the same bytes."""
    for read in (
        lambda: read_manifest(data, OCI_MANIFEST, "fuzz"),
        lambda: read_index(data, "fuzz"),
        lambda: read_config(data, "fuzz"),
    ):
        with ExitStack() as stack:
            stack.push(lambda kind, error, trace: kind is not None and issubclass(kind, ImageError))
            read()


def text(data: bytes) -> None:
    """PAX records, paths and challenges."""
    with ExitStack() as stack:
        stack.push(lambda kind, error, trace: kind is not None and issubclass(kind, ImageError))
        parse_pax(data)
    decoded = data.decode("utf-8", "surrogateescape")
    parse_challenges(decoded)
    assert not clean_path(decoded).startswith("/")


def packages(data: bytes) -> None:
    """RPM's databases and headers."""
    for read in (ndb_blobs, bdb_blobs, lambda data: [package_of(data, "fuzz")]):
        with ExitStack() as stack:
            stack.push(lambda kind, error, trace: kind is not None and issubclass(kind, ValueError))
            list(read(data))


READERS: dict[str, Callable[[bytes], None]] = {
    "headers": headers,
    "layers": layers,
    "documents": documents,
    "text": text,
    "packages": packages,
}


def main() -> None:
    """Fuzz one reader."""
    if len(sys.argv) < 2 or sys.argv[1] not in READERS:
        sys.exit(f"{__doc__}\nreaders: {', '.join(READERS)}")
    reader = READERS[sys.argv.pop(1)]

    def once(data: bytes) -> None:
        with suppress(ImageError):
            reader(data)

    atheris.Setup(sys.argv, once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
