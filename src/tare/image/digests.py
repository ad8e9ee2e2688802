"""Digests (`algorithm:hex`) and streams that check them."""

import hashlib
import io
import re
from typing import TYPE_CHECKING, BinaryIO

from tare.core.errors import ImageError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}|sha384:[0-9a-f]{96}")


def check_digest_syntax(digest: str, where: str) -> str:
    """The digest itself if it is one that can be verified; else `ImageError`."""
    if not _DIGEST.fullmatch(digest):
        raise ImageError(
            f"not a digest that can be verified: {digest[:90]!r}",
            where=where,
            hint="sha256, sha384 and sha512 are supported",
        )
    return digest


def digest_of(content: bytes, algorithm: str = "sha256") -> str:
    """The digest of some bytes."""
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


def verify_bytes(content: bytes, digest: str, what: str) -> bytes:
    """The bytes themselves if they have this digest; else `ImageError`."""
    check_digest_syntax(digest, what)
    actual = digest_of(content, digest.partition(":")[0])
    if actual != digest:
        raise mismatch(what, digest, actual)
    return content


def mismatch(what: str, expected: str, actual: str) -> ImageError:
    """The error for content that is not what its digest says."""
    return ImageError(
        f"wrong digest: expected {expected}, got {actual}",
        where=what,
        hint="the image is damaged or was altered; fetch or save it again",
    )


class VerifyingReader(io.RawIOBase):
    """Reads a seekable stream and hashes each byte once, in order; `finish` reads what is left and compares.

    Seeking back (to look at a magic number) is fine; what was hashed is not hashed again.
    """

    def __init__(self, raw: BinaryIO, digest: str | None, what: str) -> None:
        super().__init__()
        self._raw = raw
        self._expected = None if digest is None else check_digest_syntax(digest, what)
        self._what = what
        self._hash = hashlib.new((digest or "sha256").partition(":")[0])
        self._hashed = 0
        self._at = 0

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True: only back to what was read before."""
        return True

    def tell(self) -> int:
        """Bytes from the start."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move within what was read already; anything else raises `OSError`."""
        target = offset if whence == io.SEEK_SET else self._at + offset
        if whence not in (io.SEEK_SET, io.SEEK_CUR) or not 0 <= target <= self._hashed:
            raise OSError("a verified stream cannot skip bytes")
        self._raw.seek(target - self._at, io.SEEK_CUR)
        self._at = target
        return target

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Read and hash."""
        view = memoryview(buffer).cast("B")
        count: int = self._raw.readinto(view)  # type: ignore[attr-defined]
        if self._expected is not None:
            fresh = self._at + count - self._hashed
            if fresh > 0:
                self._hash.update(view[count - fresh : count])
        self._at += count
        self._hashed = max(self._hashed, self._at)
        return count

    def finish(self) -> int:
        """Read to the end, compare the digest, and return the number of bytes."""
        self.seek(self._hashed)
        buffer = bytearray(1 << 16)
        while self.readinto(buffer):
            pass
        if self._expected is not None:
            actual = f"{self._hash.name}:{self._hash.hexdigest()}"
            if actual != self._expected:
                raise mismatch(self._what, self._expected, actual)
        return self._at

    def close(self) -> None:
        """Close the stream below, too."""
        self._raw.close()
        super().close()
