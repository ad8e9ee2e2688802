"""TR7017: a file of secrets copied into the image."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.secret_names import is_secret_file
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """COPY and ADD from the context of files whose names say that they hold secrets."""
    for step in document.of("COPY", "ADD"):
        copy = step.inner.as_copy() if len(step.inner.arguments) > 1 else None
        if copy is None or copy.from_ is not None:
            continue
        for source, span in zip(copy.sources, copy.source_spans, strict=True):
            if is_secret_file(source.strip("'\"")):
                message = (
                    f"{source} is likely a secret; whoever has the image can read it, also after a later rm"
                )
                yield Problem(message, span, step.outer)


RULE = Rule(
    code="TR7017",
    name="secret-file-copied",
    title="Copy no secrets into an image.",
    why=(
        "Layers are archives: a file that a later step removes is still in the layer that brought it, and in "
        "the builder's cache. `RUN --mount=type=secret` shows a secret to one step and leaves nothing behind."
    ),
    severity=Severity.ERROR,
    category="security",
    check=check,
    equivalents=("tally/secrets-in-code",),
    examples=(
        Example("FROM python:3.12\nCOPY id_rsa /root/.ssh/id_rsa\n"),
        Example("FROM python:3.12\nCOPY .env /app/.env\n"),
    ),
    clean=(
        "FROM python:3.12\nCOPY .env.example /app/.env\n",
        "FROM python:3.12\nCOPY ca.pem /etc/ssl/\n",
    ),
)
