"""Names of archives that ADD unpacks, as hadolint knows them."""

ARCHIVES = (
    ".tar",
    ".gz",
    ".bz2",
    ".xz",
    ".lz",
    ".lzma",
    ".Z",
    ".tZ",
    ".tb2",
    ".tbz",
    ".tbz2",
    ".tgz",
    ".tlz",
    ".tpz",
    ".txz",
)
"""Suffixes of file names."""
