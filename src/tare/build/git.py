"""What Git knows of a project: its history, and its files as they were. The repository itself is never changed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tare.build.cachehistory import Commit, parse_log
from tare.core.errors import UsageError

MOST_COMMITS = 2000


def git(root: Path, *words: str, env: Mapping[str, str] | None = None) -> str:
    """What a Git command prints in a directory. Raises `UsageError` with Git's own last line."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *words],
            capture_output=True,
            text=True,
            errors="surrogateescape",
            check=False,
            stdin=subprocess.DEVNULL,
            env=None if env is None else {**os.environ, **env},
        )
    except OSError as error:
        raise UsageError(f"git cannot be started: {error.strerror}", hint="is it installed?") from error
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        raise UsageError(
            lines[-1] if lines else "git failed", where=str(root), hint="name a revision that Git knows"
        )
    return done.stdout


def read_log(root: Path, weeks: int) -> tuple[Commit, ...]:
    """The commits of the last weeks below a directory, oldest first, as the main line saw them: a merge is one change.

    Raises `UsageError` where there is no repository, no commit, or only a part of the history (a shallow clone, of whose
    last commit nobody can tell what it changed).
    """
    if git(root, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise UsageError(
            "this clone has only a part of the history", where=str(root), hint="git fetch --unshallow"
        )
    text = git(
        root, "-c", "core.quotePath=false", "log", "--first-parent", "-m", "--no-renames", "--raw", "-z",
        "--no-abbrev", "--relative", f"--since={weeks} weeks ago", f"--max-count={MOST_COMMITS}",
        "--format=%x01%H %ct", "--", ".",
    )  # fmt: skip
    return tuple(reversed(parse_log(text)))


def has_parent(root: Path, revision: str) -> bool:
    """Whether a commit is not the first of its repository."""
    return len(git(root, "rev-list", "--parents", "-n", "1", revision).split()) > 1


def lay_out(root: Path, revision: str, target: Path) -> None:
    """Write the files below a directory as they were at a revision into `target`, which is emptied first."""
    prefix = git(root, "rev-parse", "--show-prefix").strip()
    top = git(root, "rev-parse", "--show-toplevel").rstrip("\n")
    scratch = Path(tempfile.mkdtemp(prefix="tare-tree-"))
    try:
        environ = {"GIT_INDEX_FILE": str(scratch / "index")}
        git(root, "read-tree", f"{revision}:{prefix.rstrip('/')}", env=environ)
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        git(Path(top), "checkout-index", "-a", f"--prefix={target}/", env=environ)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
