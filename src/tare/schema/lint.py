"""What `tare lint` answers."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from tare.schema.finding import Applicability, Saving
from tare.schema.report import SCHEMA_VERSION, FileChange


class Severity(StrEnum):
    """How bad, with hadolint's four words. `rank` grows with badness."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    STYLE = "style"

    @property
    def rank(self) -> int:
        """3 for an error, 0 for style."""
        return _RANKS[self.value]


_RANKS = {"error": 3, "warning": 2, "info": 1, "style": 0}

Category = Literal["size", "cache", "repro", "security", "correct", "style"]


@dataclass(frozen=True, slots=True)
class Range:
    """A place in a file: lines and columns from 1, columns in code points, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class TextEdit:
    """Replace a range of the file; `start` and `end` are the same place as code point offsets from 0."""

    range: Range
    start: int
    end: int
    replacement: str


@dataclass(frozen=True, slots=True)
class FindingFix:
    """Edits that end a finding, applied together. `title` is a phrase such as "Add --no-cache-dir"."""

    applicability: Applicability
    title: str
    edits: tuple[TextEdit, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem in one file.

    `line` and `column` are those of the instruction, as other linters report it; `range` is the exact place.
    `excerpt` is the source line where the range begins. `equivalents` are codes of the same check in other tools.
    `fingerprint` stays the same when lines above are added or removed.
    """

    code: str
    name: str
    severity: Severity
    category: Category
    path: str
    line: int
    column: int
    range: Range
    message: str
    excerpt: str
    fingerprint: str
    equivalents: tuple[str, ...] = ()
    saving: Saving | None = None
    fix: FindingFix | None = None


@dataclass(frozen=True, slots=True)
class FileError:
    """A file that could not be linted, or a part of the run that could not be done (ShellCheck missing)."""

    path: str
    message: str
    line: int | None = None
    column: int | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """What a report says of a rule that fired."""

    code: str
    name: str
    title: str
    why: str
    severity: Severity
    category: Category
    equivalents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AppliedFix:
    """A fix that `--fix` or `--diff` applied."""

    path: str
    code: str
    line: int
    title: str
    applicability: Applicability


@dataclass(frozen=True, slots=True)
class LintReport:
    """All findings, by path and line. With fixes applied, `findings` are those that remain.

    `suppressed` counts findings silenced by comments or settings, `baselined` those that the baseline file knows,
    `untried` those with a fix that was not tried, and so is not offered.
    """

    verb: Literal["lint"]
    tool_version: str
    files: tuple[str, ...]
    findings: tuple[Finding, ...]
    errors: tuple[FileError, ...] = ()
    rules: tuple[RuleFacts, ...] = ()
    fixed: tuple[AppliedFix, ...] = ()
    changes: tuple[FileChange, ...] = ()
    suppressed: int = 0
    baselined: int = 0
    untried: int = 0
    schema_version: int = field(default=SCHEMA_VERSION)
