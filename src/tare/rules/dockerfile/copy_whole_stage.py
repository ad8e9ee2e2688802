"""TR3067: copy what is needed, not the whole stage."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """COPY --from=… / /."""
    for step in document.of("COPY"):
        words = [word.text.strip("\"'") for word in step.inner.arguments]
        if not step.onbuild and step.inner.flag("from") is not None and words == ["/", "/"]:
            yield Problem("copy what is needed, not a whole file system", step.inner.value_span, step.outer)


RULE = Rule(
    code="TR3067",
    name="copy-whole-stage",
    title="Copy what is needed, not the whole stage.",
    why=(
        "`COPY --from=… / /` brings the caches, compilers and secrets of the builder along, and stores "
        "every file that both images have again."
    ),
    severity=Severity.WARNING,
    category="size",
    check=check,
    equivalents=("DL3067",),
    reads_broken=True,
    examples=(Example("FROM debian:12 AS a\nFROM debian:12\nCOPY --from=a / /\n"),),
    clean=("FROM debian:12 AS a\nFROM debian:12\nCOPY --from=a /srv /srv\n",),
)
