"""Runs rules over a document and takes away what comments silence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tare.dockerfile.pragmas import Pragma, pragmas
from tare.rules.base import Problem, Rule
from tare.rules.document import Document
from tare.rules.registry import ENTRIES, WORDS, Entry, find_entries
from tare.rules.settings import RuleSettings
from tare.schema.lint import Severity

SYNTAX_ERROR = "TR0001"
UNUSED_IGNORE = "TR0002"


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """A problem with the rule that found it and the severity that the settings give it. `offset` is where it is
    reported: the start of its instruction."""

    rule: Rule
    severity: Severity
    problem: Problem

    @property
    def equivalents(self) -> tuple[str, ...]:
        """Codes of the tools that report this too."""
        given = self.problem.equivalents
        return self.rule.equivalents if given is None else given

    @property
    def offset(self) -> int:
        """Offset of the instruction, or of the place itself."""
        if self.problem.reported_at is not None:
            return self.problem.reported_at
        instruction = self.problem.instruction
        return self.problem.where.start if instruction is None else instruction.span.start

    @property
    def order(self) -> tuple[int, str, int]:
        """By instruction, code, exact place."""
        return self.offset, self.rule.code, self.problem.where.start


@dataclass(frozen=True, slots=True)
class Checked:
    """What the rules found in one document: in order, without the `suppressed` that comments silence. `untried`: fixes
    that are not offered because nobody tried them."""

    problems: tuple[Located, ...]
    suppressed: int
    untried: int = 0


def selected(settings: RuleSettings) -> tuple[Entry, ...]:
    """The rules that run under these settings."""
    return _selected(settings.select, settings.extend_select, settings.ignore)


@lru_cache(64)
def _selected(select: tuple[str, ...], extend: tuple[str, ...], ignore: tuple[str, ...]) -> tuple[Entry, ...]:
    chosen = {entry.code for entry in find_entries((*select, *extend))}
    if not select:
        chosen |= {entry.code for entry in ENTRIES if entry.on_by_default}
    chosen -= {entry.code for entry in find_entries(ignore)}
    return tuple(entry for entry in ENTRIES if entry.code in chosen)


def check(
    document: Document, entries: Sequence[Entry] | None = None, *, extra: Iterable[Located] = ()
) -> Checked:
    """Run the rules that the document's settings select (or `entries`) and honour its comments.

    `extra` are findings from elsewhere (ShellCheck) that obey the same comments.
    """
    chosen = selected(document.settings) if entries is None else tuple(entries)
    found = [*run(document, chosen), *extra]
    if not document.settings.honour_comments:
        return Checked(tuple(sorted(found, key=lambda located: located.order)), 0)
    comments = pragmas(document.dockerfile)
    if not comments:
        return Checked(tuple(sorted(found, key=lambda located: located.order)), 0)
    used: set[tuple[int, str]] = set()
    kept = [located for located in found if not _silenced(located, comments, used)]
    suppressed = len(found) - len(kept)
    unused = next((entry for entry in chosen if entry.code == UNUSED_IGNORE), None)
    if unused is not None and document.error is None:
        names = _known_names(chosen)
        kept += _unused(document, unused.load(), comments, used, names)
    return Checked(tuple(sorted(kept, key=lambda located: located.order)), suppressed)


def run(document: Document, entries: Iterable[Entry]) -> list[Located]:
    """Everything that the rules find, in the order of the entries, comments not yet looked at."""
    found: list[Located] = []
    haystack = document.haystack
    present = {word for word in WORDS if word in haystack}
    for entry in entries:
        if entry.words and present.isdisjoint(entry.words):
            continue
        rule = entry.load()
        if document.error is not None and not rule.reads_broken:
            continue
        severity = document.settings.severities.get(rule.code, rule.severity)
        document.reads = set()
        found += (Located(rule, severity, problem) for problem in rule.check(document))
        document.read_by[rule.code] = frozenset(document.reads)
    return found


def names_of(rule: Rule) -> tuple[str, ...]:
    """Everything that a comment may call a rule."""
    return rule.code, rule.name, *rule.equivalents


def _silenced(located: Located, comments: Sequence[Pragma], used: set[tuple[int, str]]) -> bool:
    if located.rule.code == SYNTAX_ERROR:
        return False
    silenced = False
    for index, pragma in enumerate(comments):
        if pragma.instruction is not None and pragma.instruction is not located.problem.instruction:
            continue
        for name in names_of(located.rule):
            if pragma.covers(name):
                used |= {
                    (index, code.lower()) for code in pragma.codes if code.lower() in (name.lower(), "all")
                }
                used.add((index, ""))
                silenced = True
    return silenced


def _known_names(entries: Iterable[Entry]) -> frozenset[str]:
    """Names of the rules that ran: of the others nobody can say whether a comment is needed."""
    names: set[str] = set()
    for entry in entries:
        names |= {entry.code.lower(), entry.name, *(alias.lower() for alias in entry.aliases)}
    return frozenset(names)


def _unused(
    document: Document,
    rule: Rule,
    comments: Sequence[Pragma],
    used: set[tuple[int, str]],
    names: frozenset[str],
) -> Iterable[Located]:
    severity = document.settings.severities.get(rule.code, rule.severity)
    for index, pragma in enumerate(comments):
        if pragma.dialect == "check":
            continue
        if pragma.void:
            idle = [pragma.void]
        elif not pragma.codes:
            idle = [] if (index, "") in used else ["all rules"]
        else:
            idle = [
                code for code in pragma.codes if code.lower() in names and (index, code.lower()) not in used
            ]
        if idle:
            message = f"this comment silences nothing: {', '.join(idle)}"
            yield Located(rule, severity, Problem(message, pragma.span))
