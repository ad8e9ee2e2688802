"""What a rule says of itself, for its page."""

from tare.rules.base import Rule
from tare.rules.document import Document
from tare.schema.finding import Applicability
from tare.schema.rule import RuleExample, RulePage


def page_of(rule: Rule) -> RulePage:
    """The page of a rule."""
    return RulePage(
        code=rule.code,
        name=rule.name,
        title=rule.title,
        why=rule.why,
        severity=rule.severity,
        category=rule.category,
        equivalents=rule.equivalents,
        on_by_default=rule.on_by_default,
        fixes=applicabilities(rule),
        safety=rule.safety,
        examples=tuple(RuleExample(e.bad, e.good, e.note, e.files) for e in rule.examples),
        clean=rule.clean,
    )


def applicabilities(rule: Rule) -> tuple[Applicability, ...]:
    """How far the rule's fixes may be trusted, as its examples show, the safer first."""
    found = {
        problem.fix.applicability
        for example in rule.examples
        if example.good
        for problem in rule.check(Document(example.bad, "Dockerfile"))
        if problem.fix is not None
    }
    return tuple(kind for kind in Applicability if kind in found)
