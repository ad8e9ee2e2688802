"""Tar headers against Python's own reader, and against ours."""

import io
import tarfile

from hypothesis import given, settings
from hypothesis import strategies as st

from tare.image.limits import DEFAULT_LIMITS
from tare.image.tarhead import BLOCK, CHARACTER, DIRECTORY, FIFO, FILE, HARDLINK, SYMLINK, read_header
from tare.image.tarwrite import END, TarEntry, header, stored_size

NAMES = st.text(
    st.characters(exclude_characters="\0/", exclude_categories=("Cs",)), min_size=1, max_size=130
).filter(lambda name: name not in (".", ".."))


@settings(max_examples=200, deadline=None)
@given(
    NAMES,
    st.sampled_from([FILE, DIRECTORY, SYMLINK, HARDLINK, FIFO, CHARACTER, BLOCK]),
    st.integers(0, 0o7777),
    st.integers(0, 1 << 31),
    st.integers(0, 1 << 31),
    st.integers(-5, 1 << 34),
    st.binary(max_size=40),
)
def test_what_is_written_is_read(
    name: str, kind: str, mode: int, uid: int, gid: int, mtime: int, value: bytes
) -> None:
    link = f"to/{name}" if kind in (SYMLINK, HARDLINK) else ""
    device = (7, 9) if kind in (CHARACTER, BLOCK) else None
    xattrs = (("security.capability", value.decode("utf-8", "surrogateescape")),)
    entry = TarEntry(f"d/{name}", kind, 0, mode, uid, gid, mtime, link, device, xattrs)
    raw = header(entry) + END
    assert stored_size(entry) == len(raw) - len(END)
    stream = io.BytesIO(raw)
    found = read_header(stream.read, DEFAULT_LIMITS)
    assert found is not None
    assert (found.path, found.kind, found.mode, found.uid, found.gid, found.mtime, found.link, found.xattrs) == (
        entry.path, kind, mode, uid, gid, mtime, link, xattrs,
    )  # fmt: skip
    assert found.device == device
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        member = archive.getmembers()[0]
    assert (member.name, member.mode, member.uid, member.gid, int(member.mtime)) == (
        entry.path,
        mode,
        uid,
        gid,
        mtime,
    )
    assert member.linkname == link


def test_sizes_beyond_eight_gibibytes() -> None:
    entry = TarEntry("big", FILE, 9 << 30)
    found = read_header(io.BytesIO(header(entry)).read, DEFAULT_LIMITS)
    assert found is not None and found.size_bytes == 9 << 30
