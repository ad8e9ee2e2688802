"""Labels and the types that a team wants their values to have (`label-schema`)."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib import import_module
from types import MappingProxyType

from tare.dockerfile.nodes import Instruction
from tare.rules.base import Problem
from tare.rules.document import Document

_SEMVER = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?"
)
_HASH = re.compile(r"[0-9a-f]{7}|[0-9a-f]{40}")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`$]+")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_DATE = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def pairs(instruction: Instruction) -> tuple[tuple[str, str], ...]:
    """Keys and values of a LABEL without their quotes; none where the instruction is broken."""
    if not instruction.arguments or len(instruction.arguments) % 2:
        return ()
    return tuple((_bare(key), _bare(value or "")) for key, value in instruction.env_pairs())


def wrong_labels(document: Document, kind: str, message: str) -> Iterator[Problem]:
    """A problem for every LABEL with a value that is not of the type which the schema wants."""
    wanted = {name for name, type_ in document.settings.label_schema.items() if type_ == kind}
    if not wanted:
        return
    right = CHECKS[kind]
    for step in document.of("LABEL"):
        if step.onbuild:
            continue
        wrong = [key for key, value in pairs(step.inner) if key in wanted and not right(value)]
        if wrong:
            yield Problem(message.format(wrong[0]), step.inner.value_span, step.outer)


def _bare(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(re.sub(r"\.\d+", "", text.upper()))
    except ValueError:
        return False
    return True


@cache
def _is_license(text: str) -> bool:
    licenses = import_module(
        "packaging.licenses"
    )  # a table of all licenses: only where a label must hold one
    try:
        return " " not in text and bool(licenses.canonicalize_license_expression(text) == text)
    except ValueError:
        return False


def _matching(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


CHECKS: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        "url": _matching(_URL),
        "rfc3339": _is_date,
        "spdx": _is_license,
        "hash": _matching(_HASH),
        "semver": _matching(_SEMVER),
        "email": _matching(_EMAIL),
    }
)
"""What a value of each type must pass; `text` and `rawtext` take anything."""
