"""Layers that were written before, by what they are made of. A store that is lost, full or read-only costs time only."""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tare.image.blobs import Blob
from tare.image.compress import Compression

FORMAT = "1"
"""Changes whenever the same key may give other bytes than before."""


@dataclass(frozen=True, slots=True)
class _Kept:
    blob: Blob
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class LayerStore:
    """A directory of blobs, and one small file for each key. Several processes may share it: everything appears whole."""

    folder: Path

    def _note(self, key: str, settings: Compression) -> Path:
        name = hashlib.sha256(f"{FORMAT}\0{settings.codec}\0{settings.level}\0{key}".encode()).hexdigest()
        return self.folder / f"{name}.json"

    def get(self, key: str, settings: Compression) -> tuple[Blob, Path] | None:
        """What was written for a key, and where it lies. Its digest is checked again unless the file is untouched."""
        note = self._note(key, settings)
        try:
            kept = msgspec.json.decode(note.read_bytes(), type=_Kept)
            path = self.folder / kept.blob.digest.removeprefix("sha256:")
            status = path.stat()
            if status.st_size != kept.blob.size_bytes:
                return None
            if status.st_mtime_ns != kept.mtime_ns:
                with path.open("rb") as file:
                    if f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}" != kept.blob.digest:
                        path.unlink()
                        return None
        except (OSError, msgspec.DecodeError):
            return None
        return kept.blob, path

    def put(self, key: str, settings: Compression, blob: Blob, path: Path) -> None:
        """Keep a blob that lies at `path`; where that fails, the next run writes it again."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            place = self.folder / blob.digest.removeprefix("sha256:")
            if not place.exists():
                same_bytes(path, place)
            note = msgspec.json.encode(_Kept(blob, place.stat().st_mtime_ns))
            descriptor, name = tempfile.mkstemp(prefix=".note-", dir=self.folder)
            with os.fdopen(descriptor, "wb") as file:
                file.write(note)
            os.replace(name, self._note(key, settings))
        except OSError:
            return


def same_bytes(source: Path, target: Path) -> None:
    """Another name for a file, or a copy where the two places lie on different file systems. It appears whole."""
    staging = target.with_name(f".{target.name}.{os.getpid()}.{id(source):x}")
    try:
        try:
            os.link(source, staging)
        except OSError:
            shutil.copyfile(source, staging)
        os.replace(staging, target)
    finally:
        staging.unlink(missing_ok=True)
