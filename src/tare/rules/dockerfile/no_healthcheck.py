"""TR3057: say how to tell that the container works."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.lineage import inherited
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """A stage without HEALTHCHECK that no stage with one starts from or goes on into."""
    parents = inherited(document)
    having = {step.stage for step in document.of("HEALTHCHECK") if not step.onbuild}
    for index, step in enumerate(document.of("FROM")):
        chain = index
        while chain not in having and chain in parents:
            chain = parents[chain]
        if chain not in having and not any(
            parents.get(child) == index and child in having for child in having
        ):
            yield Problem("HEALTHCHECK is missing", step.outer.span, step.outer)


RULE = Rule(
    code="TR3057",
    name="no-healthcheck",
    title="Say how to tell that the container works.",
    why=(
        "Without HEALTHCHECK an engine only knows that the process exists. Orchestrators such as Kubernetes"
        " bring probes of their own, so the rule is off by default."
    ),
    severity=Severity.STYLE,
    category="correct",
    check=check,
    equivalents=(
        "DL3057",
        "DS-0026",
        "CKV_DOCKER_2",
        "healthcheck_instruction_missing",
    ),
    on_by_default=False,
    reads_broken=True,
    examples=(Example("FROM debian:12\n"),),
    clean=('FROM debian:12\nHEALTHCHECK CMD ["true"]\n',),
)
