"""TR3002: do not switch back to root for good."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """The last USER of a stage, when it is root."""
    last = {step.stage: step for step in document.of("USER") if not step.onbuild and step.stage >= 0}
    for step in last.values():
        if step.inner.value.partition(":")[0] in ("root", "0"):
            yield Problem("the last USER should not be root", step.inner.value_span, step.outer)


RULE = Rule(
    code="TR3002",
    name="last-user-is-root",
    title="Do not switch back to root for good.",
    why=(
        "Whoever breaks out of a process that runs as root is root on the host, unless the engine maps "
        "users. Switch to root only for the steps that need it."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=(
        "DL3002",
        "DS-0002",
        "CKV_DOCKER_8",
        "last_user_is_root",
        "last-user-is-root",
    ),
    reads_broken=True,
    examples=(Example("FROM debian:12\nUSER root\n"),),
    clean=("FROM debian:12\nUSER root\nRUN true\nUSER 1000\n",),
)
