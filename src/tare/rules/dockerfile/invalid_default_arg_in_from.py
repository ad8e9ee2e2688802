"""TR2006: FROM names no image unless a build argument is given."""

from collections.abc import Iterable

from tare.dockerfile.expand import ExpansionError, expand
from tare.dockerfile.graph import global_values
from tare.dockerfile.references import is_reference
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """Base names that are no image reference when every ARG has its default."""
    escape = document.escape
    try:
        values = global_values(document.dockerfile.global_args, escape)
    except ExpansionError:
        return
    for step in document.of("FROM"):
        if not step.inner.arguments or "$" not in step.inner.arguments[0].text:
            continue
        image = step.inner.arguments[0]
        try:
            name = expand(image.text, values, escape)
        except ExpansionError:
            return
        if not is_reference(name):
            yield Problem(
                f"with the defaults of its ARGs, {image.text} is {name!r}: no image name",
                image.span,
                step.outer,
            )


RULE = Rule(
    code="TR2006",
    name="invalid-default-arg-in-from",
    title="Give ARGs in FROM a default that names an image.",
    why="A plain `docker build` fails at this line: without the build argument, the base has no valid name. A default makes "
    "the file build for everybody, and tells which images are meant.",
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=("InvalidDefaultArgInFrom", "tally/InvalidDefaultArgInFrom"),
    reads_broken=True,
    examples=(Example("ARG VERSION\nFROM python:$VERSION\n"), Example("ARG IMAGE\nFROM $IMAGE\n")),
    clean=("ARG VERSION=3.12\nFROM python:$VERSION\n", "ARG SUFFIX\nFROM python:3.12$SUFFIX\n"),
)
