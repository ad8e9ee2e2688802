"""Globs over the paths of an image: `*` and `?` stay within a name, `**` crosses names, a directory means all beneath it."""

import re


def compile_glob(pattern: str) -> re.Pattern[str]:
    """A pattern for whole paths without a leading slash."""
    text = pattern.strip("/")
    parts = []
    at = 0
    while at < len(text):
        if text.startswith("**/", at):
            parts.append("(?:.*/)?")
            at += 3
        elif text.startswith("**", at):
            parts.append(".*")
            at += 2
        else:
            char = text[at]
            parts.append({"*": "[^/]*", "?": "[^/]"}.get(char) or re.escape(char))
            at += 1
    return re.compile("".join(parts) + "(?:/.*)?" if text else ".*", re.DOTALL)
