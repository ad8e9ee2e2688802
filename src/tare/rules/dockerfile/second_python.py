"""TR6028: Debian's Python beside the image's own."""

import re
from collections.abc import Iterable

from tare.core.text import Edit
from tare.dockerfile.commands import AptCommand
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.bases import facts_by_stage
from tare.rules.document import Document
from tare.rules.edits import remove_words
from tare.rules.typed import commands_of
from tare.schema.lint import Severity

_PYTHON = re.compile(
    r"python3?|python3-[\w.+-]+|python3\.\d+(?:-\w+)?|python-(?:pip|dev|is-python3)|python-is-python3"
)
_REPLACED = re.compile(
    r"python3?|python3-(?:pip|dev|venv|setuptools|wheel|distutils|full|minimal)|python-(?:pip|dev|is-python3)"
)


def check(document: Document) -> Iterable[Problem]:
    """python3 packages of apt on an official python image."""
    facts = facts_by_stage(document)
    for entry, typed in commands_of(document, AptCommand, "install"):
        base = facts[entry.step.stage] if 0 <= entry.step.stage < len(facts) else None
        if base is None or base.image != "python":
            continue
        found = [spec for spec in typed.specs if _PYTHON.fullmatch(spec.name) and spec.operation == "install"]
        if not found:
            continue
        edits: list[Edit] = []
        if len(found) < len(typed.packages) and all(_REPLACED.fullmatch(spec.name) for spec in found):
            edits = list(remove_words(entry.command, *(spec.word for spec in found)) or ())
        fix = unsafe_fix("Leave them out", *edits) if edits else None
        names = ", ".join(spec.name for spec in found)
        message = f"{names} is for Debian's own Python, which comes along: {base.reference} has Python in /usr/local"
        yield Problem(message, found[0].word.span, entry.step.outer, fix)


RULE = Rule(
    code="TR6028",
    name="second-python",
    title="Use the Python that the image brings.",
    why=(
        "The official image's interpreter is in /usr/local and does not see Debian's packages. apt installs a "
        "second interpreter (python3-dev and python3-pip: 108 MB on Debian 12, by apt's own count), and `pip3` "
        "may then mean either of the two. Packages for the image's Python come from pip."
    ),
    severity=Severity.WARNING,
    category="size",
    check=check,
    safety="Something may call /usr/bin/python3 by its path.",
    examples=(
        Example(
            (
                "FROM python:3.12-slim\nRUN apt-get update && apt-get install -y --no-install-recommends "
                "libgomp1=12 python3-pip=23 && rm -rf /var/lib/apt/lists/*\n"
            ),
            (
                "FROM python:3.12-slim\nRUN apt-get update && apt-get install -y --no-install-recommends "
                "libgomp1=12 && rm -rf /var/lib/apt/lists/*\n"
            ),
        ),
    ),
    clean=(
        (
            "FROM python:3.12-slim\nRUN apt-get update && apt-get install -y --no-install-recommends "
            "libpython3-stdlib- libgomp1\n"
        ),
        "FROM ubuntu:22.04\nRUN apt-get update && apt-get install -y python3-pip\n",
    ),
)
