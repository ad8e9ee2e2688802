"""TR3006: give the base image a tag."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """FROM IMAGE, where IMAGE has neither tag nor digest, is no earlier stage, no variable and not scratch."""
    names: set[str] = set()
    for step in document.of("FROM"):
        words = step.inner.arguments
        if not words:
            continue
        image = words[0].text
        tagged = ":" in image.rpartition("/")[2] or "@" in image or "}" in image
        if not tagged and image != "scratch" and image not in names and not image.startswith("$"):
            yield Problem("Always tag the version of an image explicitly", words[0].span, step.outer)
        if len(words) == 3:
            names.add(words[2].text)


RULE = Rule(
    code="TR3006",
    name="untagged-base",
    title="Give the base image a tag.",
    why=(
        "Without a tag the builder takes `latest`: the build of tomorrow may start from another major "
        "version, and nobody can tell from the Dockerfile what the image of today was made of."
    ),
    severity=Severity.WARNING,
    category="repro",
    check=check,
    equivalents=(
        "DL3006",
        "image_version_not_explicit",
        "missing-image-version",
    ),
    reads_broken=True,
    examples=(Example("FROM debian\n"),),
    clean=(
        "FROM debian:12\n",
        "FROM scratch\n",
        "ARG BASE=debian:12\nFROM $BASE\n",
    ),
)
