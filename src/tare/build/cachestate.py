"""What a build starts from, read from a directory."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from tare.build.cachekeys import BuildState, FileState
from tare.context.walk import Context, ContextEntry, read_context
from tare.dockerfile import Dockerfile


def read_state(
    root: Path, dockerfile_path: Path, document: Dockerfile, build_args: Mapping[str, str]
) -> BuildState:
    """The state of a project on disk, contents by digest. Raises `ContextError`."""
    context = read_context(root, dockerfile_path)
    files = {
        entry.path: FileState(entry.kind, entry.mode, _content(context, entry)) for entry in context.sent
    }
    return BuildState(document, files, build_args)


def named_state(context: Context, document: Dockerfile, build_args: Mapping[str, str]) -> BuildState:
    """The state of a project without reading any file: each content is known by its path."""
    files = {entry.path: FileState(entry.kind, entry.mode, entry.path) for entry in context.sent}
    return BuildState(document, files, build_args)


def _content(context: Context, entry: ContextEntry) -> str:
    if entry.kind == "symlink":
        return entry.target or ""
    if entry.kind != "file":
        return ""
    with (context.root / entry.path).open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
