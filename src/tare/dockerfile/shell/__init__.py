"""Shell text of instructions: which commands run, word by word, each with its place in the Dockerfile.

What is not certainly POSIX shell (another interpreter, a script that does not parse) is None: unknown, not
guessed.
"""

from tare.dockerfile.shell.model import Assignment, Command, Redirect, Word
from tare.dockerfile.shell.reader import (
    DEFAULT_SHELL,
    is_posix_shell,
    parse_joined,
    parse_run,
    parse_script,
)
from tare.dockerfile.shell.script import ShellScript

__all__ = [
    "DEFAULT_SHELL",
    "Assignment",
    "Command",
    "Redirect",
    "ShellScript",
    "Word",
    "is_posix_shell",
    "parse_joined",
    "parse_run",
    "parse_script",
]
