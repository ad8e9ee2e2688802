"""From what the rules found to what a report says: lines, columns, excerpts, fingerprints."""

import hashlib
from collections.abc import Iterable

from tare.core.text import Span
from tare.rules.base import Rule
from tare.rules.document import Document
from tare.rules.engine import Located
from tare.schema.finding import Fix
from tare.schema.lint import Finding, FindingFix, Range, RuleFacts, TextEdit

_EXCERPT = 400


def findings_of(document: Document, problems: Iterable[Located]) -> tuple[Finding, ...]:
    """The findings of a document, in the order given."""
    seen: dict[str, int] = {}
    return tuple(_finding(document, located, seen) for located in problems)


def facts_of(rule: Rule) -> RuleFacts:
    """What a report says of a rule."""
    return RuleFacts(
        rule.code, rule.name, rule.title, rule.why, rule.severity, rule.category, rule.equivalents
    )


def range_of(document: Document, span: Span) -> Range:
    """A span as lines and columns."""
    start, end = (
        document.source.position(span.start),
        document.source.position(span.end),
    )
    return Range(start.line, start.column, end.line, end.column)


def _finding(document: Document, located: Located, seen: dict[str, int]) -> Finding:
    rule, problem = located.rule, located.problem
    source = document.source
    at = source.position(located.offset)
    place = range_of(document, problem.where)
    return Finding(
        code=rule.code,
        name=rule.name,
        severity=located.severity,
        category=rule.category,
        path=document.path or "-",
        line=at.line,
        column=at.column,
        range=place,
        message=problem.message,
        excerpt=source.line_text(place.line)[:_EXCERPT],
        fingerprint=_fingerprint(located, document, seen),
        equivalents=located.equivalents,
        saving=problem.saving,
        fix=_fix(document, problem.fix) if problem.fix else None,
    )


def _fix(document: Document, fix: Fix) -> FindingFix:
    edits = (
        TextEdit(range_of(document, edit.span), edit.span.start, edit.span.end, edit.replacement)
        for edit in fix.edits
    )
    return FindingFix(fix.applicability, fix.title, tuple(edits))


def _fingerprint(located: Located, document: Document, seen: dict[str, int]) -> str:
    """Of the rule, the instruction's words and the message; equal ones are numbered."""
    problem = located.problem
    instruction = problem.instruction
    text = problem.where.of(document.text)[:_EXCERPT] if instruction is None else instruction.original
    key = "\0".join((located.rule.code, " ".join(text.split()), problem.message))
    seen[key] = seen.get(key, 0) + 1
    return hashlib.sha256(f"{key}\0{seen[key]}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
