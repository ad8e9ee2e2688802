"""What the server knows of one open file: its findings and fixes, as the editor asks for them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tare.core.text import Span
from tare.report.markdown.rule import page
from tare.rules.choices import LintChoices
from tare.rules.document import Document
from tare.rules.engine import Checked, Located, check, selected
from tare.rules.fixing import fix_all, offered
from tare.rules.gate import native
from tare.rules.pages import page_of
from tare.schema.finding import Applicability

SAFE = (Applicability.SAFE, Applicability.VERIFIED)


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A text and what was found there. Fixes are tried when somebody asks for them, not at every keystroke."""

    document: Document
    checked: Checked

    def at(self, start: int, end: int) -> tuple[Located, ...]:
        """The findings whose place touches `[start, end]`."""
        return tuple(
            located
            for located in self.checked.problems
            if located.problem.where.start <= end and start <= located.problem.where.end
        )

    def fixes(self, start: int, end: int) -> tuple[tuple[Located, tuple[tuple[Span, str], ...]], ...]:
        """The findings there that have a fix which passed the gate, with its edits."""
        here = Checked(self.at(start, end), 0)
        passed = offered(self.document, here, selected(self.document.settings), self.checked)
        rows = []
        for located in passed.problems:
            if located.problem.fix is not None:
                edits = (native(self.document, edit) for edit in located.problem.fix.edits)
                rows.append((located, tuple((edit.span, edit.replacement) for edit in edits)))
        return tuple(rows)

    def all_safe(self) -> str | None:
        """The text after all safe fixes; None when there is none."""
        if self.document.error is not None:
            return None
        fixed = fix_all(self.document, selected(self.document.settings), SAFE)
        return fixed.document.text if fixed.applied else None


def open_file(text: str, path: Path | None, choices: Callable[[Path], LintChoices]) -> OpenFile:
    """Check a text. `choices` gives the settings of a directory."""
    found = choices(path.parent) if path else LintChoices()
    document = Document(
        text, str(path) if path else None, found.for_path(str(path or "")), path.parent if path else None
    )
    return OpenFile(document, check(document))


def hover_text(located: Located) -> str:
    """The page of the rule, in Markdown."""
    return page(page_of(located.rule))
