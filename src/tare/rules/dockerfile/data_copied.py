"""TR6012: data copied into the image."""

from collections.abc import Iterable

from tare.context.baggage import heavy_kind
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.shipped import shipped_stages
from tare.rules.surroundings import files_below
from tare.schema.finding import Saving
from tare.schema.lint import Severity
from tare.schema.quantity import measured

_LEAST_BYTES = 50_000_000
_SUFFIXES = (
    ".parquet",
    ".feather",
    ".arrow",
    ".tfrecord",
    ".npz",
    ".lmdb",
    ".jsonl",
    ".sas7bdat",
    ".avro",
    ".orc",
)


def check(document: Document) -> Iterable[Problem]:
    """COPY and ADD from the context, in a shipped stage, of data: by name, or by what the context holds."""
    for step in document.of("COPY", "ADD"):
        if len(step.inner.arguments) < 2 or step.onbuild or step.stage not in shipped_stages(document):
            continue
        copy = step.inner.as_copy()
        if copy.from_ is not None:
            continue
        for source, span in zip(copy.sources, copy.source_spans, strict=True):
            if "://" in source or "$" in source:
                continue
            found = [size for path, size in files_below(document, source) if heavy_kind(path, size) == "data"]
            total = sum(found)
            if total >= _LEAST_BYTES:
                saving = Saving(uncompressed_bytes=measured(total, "files in the build context"))
                message = f"{source} brings {total / 1e6:.0f} MB of data ({len(found)} files)"
                yield Problem(message, span, step.outer, None, saving)
            elif not found and document.directory is None and source.lower().endswith(_SUFFIXES):
                yield Problem(f"{source} looks like data", span, step.outer)


RULE = Rule(
    code="TR6012",
    name="data-copied",
    title="Leave data sets out of the image.",
    why=(
        "Data is not needed to run a model, makes every push and pull slower, and everybody who may pull the "
        "image may read it. Mount it, or fetch it at the start. Sizes are those of the build context where it "
        "is known."
    ),
    severity=Severity.INFO,
    category="size",
    check=check,
    examples=(Example("FROM python:3.12-slim\nCOPY train.parquet /data/\n"),),
    clean=("FROM python:3.12-slim\nCOPY app.py /app/\n",),
)
