"""TR3000: use an absolute path in WORKDIR."""

import re
from collections.abc import Iterable

from tare.core.text import Edit
from tare.rules.base import Example, Problem, Rule, safe_fix, unsafe_fix
from tare.rules.document import Document, Step
from tare.rules.shipped import chain_of
from tare.schema.lint import Severity

_EQUIVALENTS = ("DL3000", "WorkdirRelativePath", "DS-0009", "CKV_DOCKER_10", "workdir_path_not_absolute")
_ABSOLUTE = re.compile(r"/|\$|[A-Za-z]:[\\/]")


def check(document: Document) -> Iterable[Problem]:
    """WORKDIR with a path that begins with neither `/`, a variable nor a drive."""
    current: dict[int, str] = {}
    for step in document.of("WORKDIR"):
        path = step.inner.value.strip("\"'")
        if step.onbuild or not path:
            continue
        if _ABSOLUTE.match(path):
            current[step.stage] = path
            continue
        below = current.get(step.stage)
        if below is not None and below.startswith("/") and "$" not in below:
            joined = f"{below.rstrip('/')}/{path}"
            current[step.stage] = joined
            fix = safe_fix(f"Write {joined}", Edit(step.inner.value_span, joined))
        else:
            fix = unsafe_fix(f"Write /{path}", Edit(step.inner.value_span, f"/{path}"))
        elsewhere = tuple(
            code for code in _EQUIVALENTS if code != "WorkdirRelativePath" or _is_first(document, step)
        )
        where = step.inner.value_span
        yield Problem("Use an absolute WORKDIR", where, step.outer, fix, equivalents=elsewhere)


def _is_first(document: Document, step: Step) -> bool:
    """Whether no WORKDIR comes before it, here or in the stages below: BuildKit looks at the first one only."""
    chain = (
        {stage.index for stage in chain_of(document, document.stages[step.stage])}
        if document.stages
        else {-1}
    )
    return not any(
        other.stage in chain and other.outer.span.start < step.outer.span.start
        for other in document.of("WORKDIR")
        if not other.onbuild
    )


RULE = Rule(
    code="TR3000",
    name="relative-workdir",
    title="Use an absolute path in WORKDIR.",
    why=(
        "A relative WORKDIR depends on the one before it, or on the base image: moving a line or changing "
        "the base moves the files."
    ),
    severity=Severity.ERROR,
    category="correct",
    check=check,
    equivalents=_EQUIVALENTS,
    safety=(
        "Below an absolute WORKDIR of the same stage the path is spelled out: the same directory. Otherwise"
        " it depends on the base image, and the fix, which takes the root directory, is unsafe."
    ),
    reads_broken=True,
    examples=(
        Example(
            "FROM debian:12\nWORKDIR /srv\nWORKDIR app\n", "FROM debian:12\nWORKDIR /srv\nWORKDIR /srv/app\n"
        ),
        Example("FROM debian:12\nWORKDIR app\n", "FROM debian:12\nWORKDIR /app\n"),
    ),
    clean=(
        "FROM debian:12\nWORKDIR /app\n",
        "FROM debian:12\nWORKDIR $HOME\n",
        "FROM debian:12\nWORKDIR C:\\app\n",
    ),
)
