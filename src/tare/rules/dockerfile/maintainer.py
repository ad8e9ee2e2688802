"""TR4000: use a label in place of MAINTAINER."""

from collections.abc import Iterable

from tare.core.text import Edit
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """MAINTAINER."""
    for step in document.of("MAINTAINER"):
        if step.onbuild:
            continue
        text = step.inner.value
        bare = text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
        fix = None
        if bare and "\n" not in document.text[step.outer.span.start : step.outer.span.end]:
            value = bare.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
            fix = safe_fix("Write a label", Edit(step.outer.span, f'LABEL maintainer="{value}"'))
        yield Problem(
            "MAINTAINER is deprecated", step.inner.keyword_span, step.outer, fix if step.stage >= 0 else None
        )


RULE = Rule(
    code="TR4000",
    name="maintainer",
    title="Use a label in place of MAINTAINER.",
    why="MAINTAINER is deprecated. A label can be read with `docker inspect` and found by registries.",
    severity=Severity.ERROR,
    category="style",
    check=check,
    equivalents=(
        "DL4000",
        "MaintainerDeprecated",
        "DS-0022",
        "CKV_DOCKER_6",
        "maintainer_instruction_being_used",
        "maintainer-is-deprecated",
    ),
    safety="Only the metadata changes: the name moves from the field Author to a label.",
    reads_broken=True,
    examples=(
        Example(
            "FROM debian:12\nMAINTAINER Ada <ada@example.org>\n",
            'FROM debian:12\nLABEL maintainer="Ada <ada@example.org>"\n',
        ),
    ),
    clean=('FROM debian:12\nLABEL maintainer="Ada"\n',),
)
