"""Tries a fix before anyone sees it.

A fix passes when the changed file is a Dockerfile, every instruction and shell command that it did not touch is still
there unchanged and in order, its finding is gone, and no other rule fires more often than before.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tare.core.errors import EditConflictError
from tare.core.text import Edit, Span, apply_edits
from tare.dockerfile.nodes import Instruction
from tare.dockerfile.pragmas import pragmas
from tare.rules.document import EVERYTHING, Document
from tare.rules.engine import UNUSED_IGNORE, Checked, Located, check
from tare.rules.registry import Entry


def tried(
    before: Document, checked: Checked, located: Located, entries: Sequence[Entry]
) -> tuple[Document, Checked] | None:
    """The document after a finding's fix, and what `entries` find there; None where the fix must not be offered.

    `checked` is what they found before.
    """
    attempt = _attempted(before, located)
    if attempt is None:
        return None
    after, _, _ = attempt
    result = check(after, entries)
    return (after, result) if _better(checked, result, located.rule.code) else None


def _attempted(
    before: Document, located: Located
) -> tuple[Document, Sequence[Instruction], Sequence[Instruction]] | None:
    """The document after a fix, the instructions that it touches and those that stand there for them; None where the
    file would be broken or anything else changed."""
    fix = located.problem.fix
    if fix is None or before.error is not None:
        return None
    edits = [native(before, edit) for edit in fix.edits]
    try:
        text = apply_edits(before.text, edits)
    except EditConflictError:
        return None
    if text == before.text:
        return None
    after = Document(text, before.path, before.settings, before.directory, before.memory, before)
    if after.error is not None:
        return None
    kept = _kept(before, after, edits)
    return None if kept is None else (after, *kept)


def passes(before: Document, checked: Checked, located: Located, entries: Sequence[Entry]) -> bool:
    """Whether a finding's fix may be offered: what `tried` says, asking only the rules whose answer can be another."""
    attempt = _attempted(before, located)
    if attempt is None:
        return False
    after, touched, new = attempt
    again = _asked_again(before, after, (*touched, *new), entries)
    codes = {entry.code for entry in again}
    known = tuple(there for there in checked.problems if there.rule.code in codes)
    return _better(Checked(known, 0), check(after, again), located.rule.code)


def _asked_again(
    before: Document, after: Document, changed: Iterable[Instruction], entries: Sequence[Entry]
) -> Sequence[Entry]:
    """The rules that read anything of what a fix changed. All of them where it may change what an instruction is to
    others: its stage, its shell, the comments that silence."""
    keywords = {EVERYTHING}
    for instruction in changed:
        keywords |= {instruction.keyword, (instruction.onbuild or instruction).keyword}
    if not keywords.isdisjoint(("FROM", "SHELL")) or pragmas(before.dockerfile) or pragmas(after.dockerfile):
        return entries
    if len(before.dockerfile.directives) != len(after.dockerfile.directives):
        return entries
    reads = before.read_by
    return [
        entry for entry in entries if entry.code not in reads or not keywords.isdisjoint(reads[entry.code])
    ]


def native(document: Document, edit: Edit) -> Edit:
    """The edit with the document's own line endings."""
    if document.newline == "\n" or "\n" not in edit.replacement:
        return edit
    text = edit.replacement.replace("\r\n", "\n").replace("\n", document.newline)
    return replace(edit, replacement=text)


def _better(before: Checked, after: Checked, code: str) -> bool:
    """Fewer findings of the rule and not one more of any other."""
    old = Counter(located.rule.code for located in before.problems)
    new = Counter(located.rule.code for located in after.problems)
    old[UNUSED_IGNORE] = new[UNUSED_IGNORE] = 0
    return new[code] < old[code] and all(count <= old[name] for name, count in new.items())


def touches(edit: Edit, start: int, end: int) -> bool:
    """Whether an edit changes the text `[start, end)`, or adds to its end."""
    if edit.span.start == edit.span.end:
        return start < edit.span.start <= end
    return edit.span.start <= end and edit.span.end > start


def _changes(edit: Edit, command: Span) -> bool:
    """Whether an edit changes the words of a command; what stands behind it may change."""
    if edit.span.start == edit.span.end:
        return command.start < edit.span.start <= command.end
    return edit.span.start < command.end and edit.span.end > command.start


def _kept(
    before: Document, after: Document, edits: Sequence[Edit]
) -> tuple[Sequence[Instruction], Sequence[Instruction]] | None:
    """The instructions that the edits touch and those in their place; None unless everything else is the same in both
    documents."""
    there = {instruction.span.start: instruction for instruction in after.instructions}
    matched: set[int] = set()
    touched: list[Instruction] = []
    for instruction in before.instructions:
        if any(touches(edit, instruction.span.start, instruction.span.end) for edit in edits):
            touched.append(instruction)
            continue
        at = _moved(instruction.span.start, edits)
        twin = there.get(at)
        if twin is None or not _same(instruction, twin):
            return None
        matched.add(at)
    new = [instruction for at, instruction in there.items() if at not in matched]
    added = sum("\n" in edit.replacement for edit in edits)
    if len(new) > len(touched) + added or not _commands_kept(before, after, touched, new, edits):
        return None
    return touched, new


def _moved(offset: int, edits: Iterable[Edit]) -> int:
    return offset + sum(
        len(edit.replacement) - (edit.span.end - edit.span.start) for edit in edits if edit.span.end <= offset
    )


def _same(one: Instruction, other: Instruction) -> bool:
    return (
        one.keyword == other.keyword
        and one.original == other.original
        and [doc.content for doc in one.heredocs] == [doc.content for doc in other.heredocs]
    )


def _same_array(instruction: Instruction, new: Sequence[Instruction]) -> bool:
    """Whether an instruction in exec form still is, with no word that was none of its own and has spaces: such a word
    would be two that were meant to be apart."""
    for other in new:
        if other.keyword == instruction.keyword:
            known = instruction.json or ()
            return other.json is not None and not any(
                " " in word and word not in known for word in other.json
            )
    return True


def _commands_kept(
    before: Document,
    after: Document,
    touched: Sequence[Instruction],
    new: Sequence[Instruction],
    edits: Sequence[Edit],
) -> bool:
    """Whether the commands of changed RUN steps that no edit touches are still run, in the same order."""
    expected: list[tuple[str, ...]] = []
    for step, script in before.runs:
        if any(step.outer is instruction for instruction in touched):
            expected += (
                tuple(word.raw for word in command.argv)
                for command in script
                if not any(_changes(edit, command.span) for edit in edits)
            )
    if not all(_same_array(instruction, new) for instruction in touched if instruction.json):
        return False
    understood = {id(step.outer) for step, _ in before.runs}
    if not expected and not any(id(instruction) in understood for instruction in touched):
        return True
    now: list[tuple[str, ...]] = []
    for step in after.of("RUN"):
        if any(step.outer is instruction for instruction in new):
            changed = after.script(step)
            if changed is None:
                return False
            now += (tuple(word.raw for word in command.argv) for command in changed)
    remaining = iter(now)
    return all(any(words == kept for kept in remaining) for words in expected)
