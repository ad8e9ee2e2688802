"""What an image may ask of the reader. Images are hostile input: every limit is explicit and has an error."""

from dataclasses import dataclass

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds while reading one image; passing one raises `ImageError`."""

    manifest_bytes: int = 8 * MIB
    config_bytes: int = 32 * MIB
    layers: int = 4096
    index_depth: int = 4
    header_bytes: int = MIB
    """One PAX header or GNU long name."""
    entries: int = 10_000_000
    """Tar entries of one layer."""
    layer_bytes: int = 512 * GIB
    """One layer, unpacked."""
    captured_bytes: int = 64 * MIB
    """One package database file."""
    archive_bytes: int = 512 * GIB
    """A compressed archive, unpacked to a temporary file."""


DEFAULT_LIMITS = Limits()
