"""What `tare rule` answers."""

from dataclasses import dataclass, field
from typing import Literal

from tare.schema.finding import Applicability
from tare.schema.lint import Category, Severity
from tare.schema.report import SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class RuleExample:
    """A Dockerfile that breaks a rule and what the rule's fixes make of it; `good` is '' where nothing is fixed.

    `files` are the names and texts of a build context.
    """

    bad: str
    good: str = ""
    note: str = ""
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RulePage:
    """One rule. `fixes`: how far its fixes may be trusted, empty when it has none; `safety` argues that. `found_by` is the verb
    that reports it."""

    code: str
    name: str
    title: str
    why: str
    severity: Severity
    category: Category
    equivalents: tuple[str, ...]
    on_by_default: bool
    fixes: tuple[Applicability, ...]
    safety: str
    examples: tuple[RuleExample, ...]
    clean: tuple[str, ...]
    found_by: Literal["lint", "inspect"] = "lint"


@dataclass(frozen=True, slots=True)
class RuleReport:
    """The rules that were asked for, by code."""

    verb: Literal["rule"]
    tool_version: str
    rules: tuple[RulePage, ...]
    schema_version: int = field(default=SCHEMA_VERSION)
