"""TR5028: an ARG that nothing reads."""

import re
from collections.abc import Iterable

from tare.core.text import Span
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document, Step
from tare.rules.shipped import chain_of
from tare.rules.spelling import suggestion
from tare.rules.unwanted import without_pair
from tare.schema.lint import Severity

_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)")
_BUILDERS = frozenset(
    {"SOURCE_DATE_EPOCH", "BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE", "BUILDKIT_SYNTAX"}
)


def _is_read(document: Document, step: Step, name: str) -> bool:
    mention = re.compile(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])")
    for other in document.steps:
        if other.outer.span.start <= step.outer.span.start:
            continue
        if step.stage >= 0:
            stage = document.stages[other.stage]
            if step.stage not in {below.index for below in chain_of(document, stage)}:
                continue
            if other.keyword == "RUN" and not other.onbuild:
                return True
        if mention.search(other.inner.original) or any(
            mention.search(doc.content) for doc in other.inner.heredocs
        ):
            return True
    return False


def _is_misspelt(document: Document, name: str) -> bool:
    """Whether some variable differs from the name by a slip: then the slip is what must go."""
    mentioned = {match[1] for node in document.instructions for match in _VARIABLE.finditer(node.original)}
    return any(suggestion(other, (name,)) for other in mentioned)


def check(document: Document) -> Iterable[Problem]:
    """Global ARGs that no FROM and no stage takes up, and ARGs of a stage that no later instruction can read."""
    for step in document.of("ARG"):
        if step.onbuild:
            continue
        for argument, (name, _) in zip(step.inner.arguments, step.inner.env_pairs(), strict=True):
            if name in _BUILDERS or _is_read(document, step, name) or _is_misspelt(document, name):
                continue
            edit = without_pair(document, step.inner, (argument,))
            fix = safe_fix("Remove it", edit) if edit else None
            where = Span(argument.span.start, argument.span.start + len(name))
            yield Problem(f"nothing reads ARG {name}", where, step.outer, fix)


RULE = Rule(
    code="TR5028",
    name="unused-arg",
    title="Remove ARGs that nothing reads.",
    why=(
        "Whoever passes `--build-arg` for it believes in an effect that it does not have. A RUN below an ARG "
        "runs again whenever its value changes, used or not; such ARGs are not reported, because a program may "
        "read them."
    ),
    severity=Severity.INFO,
    category="style",
    check=check,
    safety=(
        "No instruction mentions it and no step runs with it; a build that passes it gets a note from the "
        "builder."
    ),
    examples=(
        Example("ARG REGISTRY=docker.io\nFROM debian:12\nUSER app\n", "FROM debian:12\nUSER app\n"),
        Example("FROM debian:12\nUSER app\nARG VERSION=1\n", "FROM debian:12\nUSER app\n"),
    ),
    clean=(
        "ARG V=12\nFROM debian:$V\n",
        "FROM debian:12\nARG MODE\nRUN ./build.sh\n",
        "ARG V=1\nFROM debian:12\nARG V\nRUN echo $V\n",
    ),
)
