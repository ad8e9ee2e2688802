"""TR3006: a base image without a tag."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """FROM IMAGE, where IMAGE has neither tag nor digest, is no earlier stage, no variable and not scratch."""
    names: set[str] = set()
    for step in document.of("FROM"):
        if not step.inner.arguments:
            continue
        image = step.inner.arguments[0]
        tagged = ":" in image.text.rpartition("/")[2] or "@" in image.text
        known = image.text == "scratch" or image.text in names or image.text.startswith("$")
        if not tagged and not known:
            yield Problem("Always tag the version of an image explicitly", image.span, step.outer)
        if len(step.inner.arguments) == 3:
            names.add(step.inner.arguments[2].text)


RULE = Rule(
    code="TR3006",
    name="untagged-base",
    title="Give the base image a tag.",
    why="Without a tag the builder takes `latest`: tomorrow's build may start from another major version, and nobody "
    "can tell from the Dockerfile what today's image was made of.",
    severity=Severity.WARNING,
    category="repro",
    check=check,
    equivalents=("DL3006",),
    reads_broken=True,
    examples=(Example("FROM debian\n"),),
    clean=("FROM debian:12\n", "FROM scratch\n", "ARG BASE=debian:12\nFROM $BASE\n"),
)
