"""Names of programs in Python sources: what the code may run."""

import re

_WORD = rb"[\"']([A-Za-z0-9_./+\-]{2,60})"
_CALL = re.compile(
    rb"(?:subprocess\.\w+|Popen|check_output|check_call|call|run|create_subprocess_exec|create_subprocess_shell"
    rb"|os\.(?:system|popen|exec\w+|spawn\w+)|system|popen|which)\(\s*\[?\s*f?" + _WORD
)
_LITERAL = re.compile(_WORD + rb"(?:[ \t][^\"'\n]*)?[\"']")


def programs_called(source: bytes) -> frozenset[str]:
    """First words of literal commands that the source hands to a process function, or asks `which` for."""
    if (
        b"subprocess" not in source
        and b"which(" not in source
        and b"os." not in source
        and b"Popen" not in source
    ):
        return frozenset()
    return frozenset(name.decode() for name in _CALL.findall(source))


def programs_named(source: bytes) -> frozenset[str]:
    """First words of all literals: for sources whose every word counts."""
    return frozenset(name.decode() for name in _LITERAL.findall(source))
