"""TR5029: compilers in the image that is shipped."""

import re
from collections.abc import Iterable

from tare.dockerfile.commands import ApkCommand, AptCommand, DnfCommand
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.shipped import shipped_stages
from tare.rules.typed import Typed, every_command
from tare.schema.lint import Severity

_TOOLS = re.compile(
    r"build-essential|build-base|gcc(?:-\d+)?|g\+\+(?:-\d+)?|clang(?:-\d+)?|make|cmake|ninja-build|musl-dev|cargo|rustc|gfortran"
    r"|gcc-c\+\+|golang(?:-go)?|.*-dev|.*-devel"
)
_REMOVING = frozenset({"remove", "purge", "autoremove", "autopurge", "del"})


def _installed(entry: Typed) -> list[str]:
    if isinstance(entry.typed, AptCommand) and entry.typed.action == "install":
        return [spec.name for spec in entry.typed.specs if spec.operation == "install"]
    if isinstance(entry.typed, ApkCommand) and entry.typed.action == "add":
        return [spec.name for spec in entry.typed.specs]
    if isinstance(entry.typed, DnfCommand) and entry.typed.action == "install":
        return [word.text for word in entry.typed.packages]
    return []


def check(document: Document) -> Iterable[Problem]:
    """Installs of compilers and headers in a stage that is shipped, unless the same RUN removes them."""
    for entry in every_command(document):
        found = [name for name in _installed(entry) if _TOOLS.fullmatch(name)]
        if not found or entry.step.stage not in shipped_stages(document):
            continue
        own = [o for o in every_command(document) if o.step is entry.step]
        if any(
            isinstance(o.typed, AptCommand | ApkCommand | DnfCommand) and o.typed.action in _REMOVING
            for o in own
        ):
            continue
        names = ", ".join(found[:4]) + (" and more" if len(found) > 4 else "")
        message = f"{names}: needed to build, not to run; a first stage can build and hand over the result"
        yield Problem(message, entry.command.span, entry.step.outer)


RULE = Rule(
    code="TR5029",
    name="build-tools-shipped",
    title="Leave compilers and headers out of the shipped image.",
    why=(
        "Compilers and headers are never opened by a running service, and are tools for whoever breaks in: "
        "build-essential alone is 244 MB on Debian 12, by apt's own count. Of 815 real Python and ML files 27 "
        "% ship them from a single stage. `tare optimize` splits such a file into two stages and proves the "
        "result."
    ),
    severity=Severity.INFO,
    category="size",
    check=check,
    equivalents=("tally/prefer-multi-stage-build",),
    examples=(
        Example(
            "FROM python:3.12-slim\nRUN apt-get update && apt-get install -y build-essential=12 && "
            "rm -rf /var/lib/apt/lists/*\nRUN pip install --no-cache-dir annoy==1.17\n"
        ),
    ),
    clean=(
        (
            "FROM python:3.12 AS build\nRUN apt-get update && apt-get install -y gcc\n"
            "FROM python:3.12-slim\nCOPY --from=build /venv /venv\n"
        ),
        "FROM alpine:3.20\nRUN apk add --no-cache --virtual .b gcc && make && apk del .b\n",
    ),
)
