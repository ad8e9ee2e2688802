"""What a rule is, and what it answers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tare.core.text import Edit, Span
from tare.dockerfile.nodes import Instruction
from tare.rules.document import Document
from tare.schema.finding import Applicability, Fix, Saving
from tare.schema.lint import Category, Severity


def safe_fix(title: str, *edits: Edit) -> Fix:
    """A fix that keeps the runtime behaviour, by argument. The engine tries every fix before it offers it."""
    return Fix(Applicability.SAFE, edits, title)


def unsafe_fix(title: str, *edits: Edit) -> Fix:
    """A fix that may change base, user, packages, files or what a step does."""
    return Fix(Applicability.UNSAFE, edits, title)


@dataclass(frozen=True, slots=True)
class Problem:
    """One violation. `where` is the exact place; the finding is reported on the line of `instruction`, and comments
    that silence it are looked for there. Without an instruction it is reported at `where`. `reported_at` is an offset
    that is reported instead, where another linter's line is the end of an instruction. `equivalents`: the codes of the
    tools that report just this, where that is not all of the rule's."""

    message: str
    where: Span
    instruction: Instruction | None = None
    fix: Fix | None = None
    saving: Saving | None = None
    reported_at: int | None = None
    equivalents: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A Dockerfile that breaks the rule (`bad`), and what all of the rule's own fixes make of it.

    `good` is '' where there is nothing to fix mechanically. Both are tests and documentation. `files` are the names and
    texts of a build context, for rules that look at one.
    """

    bad: str
    good: str = ""
    note: str = ""
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One check.

    `code` (TR and four digits) and `name` (kebab-case) are for ever. `title` is one sentence in the imperative; `why` is
    two to five sentences with bytes, seconds or failures; `safety` argues the fix. `equivalents` are the codes of the
    same check elsewhere. `clean` are Dockerfiles that must not be flagged. A rule with `on_by_default=False` runs when
    it is selected. `check` gets a document and yields problems; it never reads the disk except through the document.
    `reads_broken` tells that it also makes sense of files that BuildKit rejects (`document.error`), where any
    instruction may lack its arguments. Fixes of a lower `turn` are tried first: words before added commands (1) before
    joined steps (2).
    """

    code: str
    name: str
    title: str
    why: str
    severity: Severity
    category: Category
    check: Callable[[Document], Iterable[Problem]]
    equivalents: tuple[str, ...] = ()
    safety: str = ""
    on_by_default: bool = True
    reads_broken: bool = False
    turn: int = 0
    examples: tuple[Example, ...] = ()
    clean: tuple[str, ...] = field(default=())
