"""What `.gitignore` files leave out (gitignore(5))."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class _Pattern:
    text: str
    base: str

    @property
    def negated(self) -> bool:
        return self.text.startswith("!")

    @property
    def directories_only(self) -> bool:
        return self.text.endswith("/")

    @cached_property
    def regex(self) -> re.Pattern[str]:
        text = self.text.removeprefix("!").rstrip("/")
        anchored = "/" in text
        text = text.lstrip("/")
        prefix = re.escape(self.base) if anchored else re.escape(self.base) + "(?:.*/)?"
        return re.compile(prefix + _translated(text))


@dataclass(frozen=True, slots=True)
class GitIgnore:
    """The patterns that hold in a directory, outermost first."""

    patterns: tuple[_Pattern, ...] = ()

    def below(self, directory: Path, relative: str) -> "GitIgnore":
        """With the `.gitignore` of a directory, whose path from the root of the walk is `relative` ('' or `a/b/`)."""
        file = directory / ".gitignore"
        try:
            lines = file.read_text("utf-8", "replace").splitlines() if file.is_file() else []
        except OSError:
            lines = []
        added = tuple(_Pattern(text, relative) for line in lines if (text := _cleaned(line)))
        return GitIgnore((*self.patterns, *added)) if added else self

    def ignored(self, path: str, *, directory: bool) -> bool:
        """Whether a path from the root of the walk is left out; the last pattern that matches decides."""
        for pattern in reversed(self.patterns):
            if (directory or not pattern.directories_only) and pattern.regex.fullmatch(path):
                return not pattern.negated
        return False


def _cleaned(line: str) -> str:
    if line.startswith("#"):
        return ""
    text = line.rstrip("\r\n")
    while text.endswith(" ") and not text.endswith("\\ "):
        text = text[:-1]
    return text.removeprefix("\\") if text.startswith(("\\#", "\\!")) else text


def _translated(text: str) -> str:
    parts: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        if text.startswith("**/", at):
            parts.append("(?:.*/)?")
            at += 3
        elif text.startswith("**", at):
            parts.append(".*")
            at += 2
        elif char in "*?":
            parts.append("[^/]*" if char == "*" else "[^/]")
            at += 1
        elif char == "[" and (end := text.find("]", at + 2)) > 0:
            inner = text[at + 1 : end].replace("\\", "\\\\")
            parts.append("[" + ("^" + inner[1:] if inner[0] in "!^" else inner) + "]")
            at = end + 1
        else:
            if char == "\\" and at + 1 < len(text):
                at += 1
            parts.append(re.escape(text[at]))
            at += 1
    return "".join(parts)
