"""TR2007: an instruction uses a variable that is not defined there."""

from collections.abc import Iterable

from tare.core.text import Edit
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.spelling import suggestion
from tare.rules.variables import mentions, place_of
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """Undefined variables. On a base of which nothing is known only likely slips count: it may define others."""
    for mention in mentions(document):
        if mention.name in mention.defined or not mention.name.isidentifier():
            continue
        near = suggestion(mention.name, mention.defined)
        if not mention.certain and near is None:
            continue
        if mention.name.startswith("NV_") and "CUDA_VERSION" in mention.defined:
            continue
        step = mention.step
        where = place_of(document, step.inner, mention.name)
        exact = where.of(document.text) == mention.name
        hint = f"; did you mean {near}?" if near else ""
        fix = unsafe_fix(f"Write {near}", Edit(where, near)) if near and exact else None
        yield Problem(f"${mention.name} is not defined here{hint}", where, step.outer, fix)


RULE = Rule(
    code="TR2007",
    name="undefined-var",
    title="Define a variable before an instruction uses it.",
    why="The builder puts nothing in the place of an undefined variable: `COPY $DIR/app /app` copies `/app`, and no error is "
    "shown. ENV and ARG count from the next instruction on; an ARG above the first FROM only where the stage repeats it. "
    "What the usual base images define is known; on others only likely slips are reported.",
    severity=Severity.WARNING,
    category="correct",
    check=check,
    reads_broken=True,
    equivalents=("UndefinedVar", "tally/UndefinedVar"),
    safety="A name that differs by one or two letters from a defined one is likely a slip, but only likely.",
    examples=(
        Example(
            "FROM alpine:3.20\nARG DIR_ASSETS=assets\nCOPY $DIR_ASSET .\n",
            "FROM alpine:3.20\nARG DIR_ASSETS=assets\nCOPY $DIR_ASSETS .\n",
        ),
        Example("FROM debian:12\nENV PYTHONPATH=$PYTHONPATH:/app\n"),
        Example(
            "ARG V=1\nFROM debian:12\nLABEL version=$V\n", note="a global ARG must be repeated in the stage"
        ),
    ),
    clean=(
        "FROM alpine:3.20 AS a\nARG D=x\nFROM a\nCOPY $D .\n",
        "FROM debian:12\nENV PATH=/opt/bin:$PATH\nRUN echo $HOME\n",
        "FROM example.org/base:1\nENV X=$JAVA_HOME\n",
        "FROM nvidia/cuda:12.1.1-runtime-ubuntu22.04\nENV LD_LIBRARY_PATH=/opt/lib:$LD_LIBRARY_PATH\n",
    ),
)
