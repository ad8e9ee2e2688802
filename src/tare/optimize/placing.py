"""Where the new files go: checked before anything is built, because a build may take an hour."""

import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from tare.core.errors import OutputError
from tare.core.io import write_all


def check_targets(root: Path, targets: Iterable[Path]) -> None:
    """Raises `OutputError` for a file that could not be put in place later: its directory takes no files, or it is a link
    that leads out of the project, whose target is nobody's to change from here."""
    base = Path(os.path.realpath(root))
    for target in targets:
        real = Path(os.path.realpath(target))
        if target.is_symlink() and not real.is_relative_to(base):
            raise OutputError(
                f"is a link to {real}, outside of the project, and is not written through",
                where=str(target),
                hint="name the file itself with --file, or leave out --write and copy the proposed file",
            )
        if not os.access(real.parent, os.W_OK | os.X_OK):
            raise OutputError(
                "cannot be written: its directory takes no new files",
                where=str(target),
                hint="leave out --write: --output names a directory for the proposed files",
            )


def check_output(output: Path | None) -> None:
    """Raises `OutputError` where `--output` names what is no directory and cannot become one."""
    if output is None:
        return
    above = output
    while not above.exists() and above != above.parent:
        above = above.parent
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        what = "is no directory" if not above.is_dir() else "takes no new files"
        raise OutputError(
            f"{what}, so that nothing can be put there", where=str(above), hint="give another --output"
        )


def put_beside(files: Mapping[str, str], output: Path | None) -> Path:
    """Write the proposed files to `output`, or to a new temporary directory; returns where. Raises `OutputError`."""
    try:
        target = output or Path(tempfile.mkdtemp(prefix="tare-"))
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot be made: {error.strerror}", where=str(output or tempfile.gettempdir())
        ) from error
    write_all({target / Path(path).name: text for path, text in files.items()})
    return target
