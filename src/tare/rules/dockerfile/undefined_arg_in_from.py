"""TR2005: FROM uses an ARG that no line before it declares."""

from collections.abc import Iterable

from tare.core.text import Edit
from tare.dockerfile.expand import references
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.spelling import suggestion
from tare.rules.variables import PLATFORM_ARGS, place_of
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """Variables in the image or the platform of a FROM that are neither global ARGs nor predefined."""
    declared = {
        key for node in document.dockerfile.global_args for key, _ in node.env_pairs()
    } | PLATFORM_ARGS
    for step in document.of("FROM"):
        if not step.inner.arguments or "$" not in step.inner.original:
            continue
        names: set[str] = set()
        for word in (step.inner.arguments[0].text, step.inner.flag("platform") or ""):
            names |= references(word, document.escape)
        for name in sorted(names - declared):
            near = suggestion(name, declared)
            where = place_of(document, step.inner, name)
            hint = f"; did you mean {near}?" if near else ""
            fix = (
                unsafe_fix(f"Write {near}", Edit(where, near))
                if near and where.of(document.text) == name
                else None
            )
            yield Problem(f"ARG {name} is not declared before the first FROM{hint}", where, step.outer, fix)


RULE = Rule(
    code="TR2005",
    name="undefined-arg-in-from",
    title="Declare the ARGs that FROM uses.",
    why="An undeclared ARG is empty: `FROM python:$VERSION-slim` asks for the image `python:-slim`, and `--build-arg` has no "
    "effect on it. Only ARGs above the first FROM count there, and the platform ARGs such as BUILDPLATFORM.",
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=("UndefinedArgInFrom", "tally/UndefinedArgInFrom"),
    safety="A name that differs by one or two letters from a declared one is likely a slip, but only likely.",
    reads_broken=True,
    examples=(
        Example(
            "ARG VERSION=3.12\nFROM python:$VERISON\n",
            "ARG VERSION=3.12\nFROM python:$VERSION\n",
        ),
        Example(
            "FROM debian:12 AS a\nARG TAG=x\nFROM debian:${TAG}\n",
            note="an ARG of another stage does not count",
        ),
    ),
    clean=("ARG V\nFROM debian:12$V\n", "FROM --platform=$BUILDPLATFORM debian:12\n"),
)
