"""Which text to delete so that a command is gone and the rest of the script means what it meant.

The command is taken to succeed when it runs. Under that assumption alone the remaining script must behave as
before, also when one of its other commands fails; where it would not, there is no span.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tare.core.text import Span
from tare.dockerfile.shell.grammar import Grammar
from tare.dockerfile.shell.model import Command
from tare.dockerfile.shell.script_text import ScriptText
from tare.dockerfile.shell.structure import AndOr, Operator, Sequence

_REMOVABLE_IN = frozenset({"subshell", "brace", "branch", "loop", "nested"})
_ALWAYS_TRUE = frozenset({"true", ":"})
_PLAIN_CONTINUATION = 3  # backslash, carriage return, newline


@dataclass(frozen=True, slots=True)
class _Gap:
    """A command that may go: its range, what stands on both sides, and which operator has to stay."""

    start: int
    end: int
    before: Operator | None
    after: Operator | None
    previous_end: int | None
    next_start: int | None
    keep_before: bool
    keep_after: bool


def removal_span(grammar: Grammar, command: Command, *, errexit: bool, maybe_errexit: bool) -> Span | None:
    """The span to delete, or None when `command` cannot be removed on its own.

    `errexit`: a failing command surely ends the script; `maybe_errexit`: it may.
    """
    for sequence in grammar.sequences:
        for index, and_or in enumerate(sequence.lists):
            for place, pipeline in enumerate(and_or.pipelines):
                if any(element.command is command for element in pipeline.elements):
                    if len(pipeline.elements) > 1 or pipeline.negated:
                        return None
                    gap = _gap(sequence, index, place, errexit, maybe_errexit)
                    return _checked(grammar, _span(grammar, gap)) if gap else None
    return None


def _gap(sequence: Sequence, index: int, place: int, errexit: bool, maybe_errexit: bool) -> _Gap | None:
    if sequence.contexts and sequence.contexts[-1] not in _REMOVABLE_IN:
        return None
    if not {"condition", "substitution", "function", "case"}.isdisjoint(sequence.contexts):
        return None
    and_or = sequence.lists[index]
    if and_or.terminator is not None and and_or.terminator.text == "&":
        return None
    last = place
    operators = and_or.operators
    if (
        last < len(operators)
        and operators[last].text == "||"
        and (place == 0 or operators[place - 1].text == "&&")
    ):
        if place == 0 and _is_true(and_or, last + 1):
            last += 1
        elif place == 0:
            return None
    start, end = and_or.pipelines[place].start, and_or.pipelines[last].end
    first_in_list, last_in_list = place == 0, last == len(and_or.pipelines) - 1
    if first_in_list and last_in_list:
        return _whole_list(sequence, index, start, end, errexit)
    if first_in_list:
        if operators[last].text != "&&":
            return None
        previous = sequence.lists[index - 1] if index else None
        return _Gap(
            start,
            end,
            previous.terminator if previous else None,
            operators[last],
            _end(previous) if previous else None,
            and_or.pipelines[last + 1].start,
            True,
            False,
        )
    if operators[place - 1].text != "&&":
        return None
    previous_end = and_or.pipelines[place - 1].end
    if last_in_list:
        at_end = index == len(sequence.lists) - 1
        if maybe_errexit and not (at_end and not sequence.contexts):
            return None
        left = and_or.pipelines[place - 1].elements
        if maybe_errexit and any(element.command is None for element in left):
            # `set -e` is ignored inside a compound command that `&&` follows, and no longer when it ends the list.
            return None
        return _Gap(
            start,
            end,
            operators[place - 1],
            and_or.terminator,
            previous_end,
            None if at_end else sequence.lists[index + 1].pipelines[0].start,
            False,
            True,
        )
    same = operators[last].text == "&&"
    return _Gap(
        start,
        end,
        operators[place - 1],
        operators[last],
        previous_end,
        and_or.pipelines[last + 1].start,
        same,
        True,
    )


def _whole_list(sequence: Sequence, index: int, start: int, end: int, errexit: bool) -> _Gap | None:
    if len(sequence.lists) == 1:
        return None
    previous = sequence.lists[index - 1] if index else None
    following = sequence.lists[index + 1] if index + 1 < len(sequence.lists) else None
    if following is None:
        # The status of the group becomes that of the command before, which a later success hid so far.
        assert previous is not None
        simple = len(previous.pipelines) == 1 and not previous.pipelines[0].negated
        if not (
            errexit
            and not sequence.contexts
            and simple
            and previous.pipelines[0].elements[-1].command is not None
        ):
            return None
    before = previous.terminator if previous else None
    if following is None and before is not None and before.text == "&":
        return None
    return _Gap(
        start,
        end,
        before,
        sequence.lists[index].terminator,
        _end(previous) if previous else None,
        following.pipelines[0].start if following else None,
        following is not None,
        before is None or before.text != "&",
    )


def _is_true(and_or: AndOr, place: int) -> bool:
    elements = and_or.pipelines[place].elements
    command = elements[0].command
    return (
        len(elements) == 1 and command is not None and command.name in _ALWAYS_TRUE and not command.redirects
    )


def _end(and_or: AndOr) -> int:
    return and_or.pipelines[-1].end


def _span(grammar: Grammar, gap: _Gap) -> tuple[int, int, Span] | None:
    """The range of the script that goes, and the span of the Dockerfile: whole lines where that is
    possible."""
    script = grammar.script
    first, last = script.line_start(gap.start), script.line_end(gap.end - 1)
    in_middle = gap.next_start is not None or (gap.before is not None and gap.before.text == "\n")
    if in_middle and _alone_on_lines(grammar, gap, first, last):
        if script.text[last - 1] == "\n":
            return first, last, script.span(first, last)
        if first > 0 and script.text[first - 1] != "\n" and last < len(script.text):
            return first, last, Span(script.offsets[first - 1] + 1, script.offsets[last - 1] + 1)
    if gap.previous_end is None:
        return _span_of_first(grammar, gap, last)
    if gap.next_start is not None and gap.keep_before:
        if not gap.keep_after or script.line_start(gap.next_start) == first:
            return gap.start, gap.next_start, Span(script.offsets[gap.start], script.offsets[gap.next_start])
    elif not gap.keep_after:
        return None
    return (
        gap.previous_end,
        gap.end,
        Span(script.offsets[gap.previous_end - 1] + 1, script.offsets[gap.end - 1] + 1),
    )


def _span_of_first(grammar: Grammar, gap: _Gap, line_end: int) -> tuple[int, int, Span] | None:
    """Up to the next command; only up to the line's end when comments stand before that command."""
    if gap.next_start is None or gap.after is None:
        return None
    offsets = grammar.script.offsets
    stop = gap.next_start
    jumps = [offsets[i + 1] - offsets[i] - 1 for i in range(gap.end - 1, stop)]
    commented = any(gap.end <= place[0] < stop for place in grammar.comments)
    if (commented or max(jumps) > _PLAIN_CONTINUATION) and gap.after.end <= line_end:
        return gap.start, line_end, Span(offsets[gap.start], offsets[line_end - 1] + 1)
    return gap.start, stop, Span(offsets[gap.start], offsets[stop])


def _alone_on_lines(grammar: Grammar, gap: _Gap, first: int, last: int) -> bool:
    """Whether the lines hold nothing but the command and the one operator that may go with it."""
    taken = [(gap.start, gap.end)]
    within = [op for op in (gap.before, gap.after) if op is not None and first <= op.start and op.end <= last]
    if len(within) != 1:
        return False
    if not (gap.keep_after if within[0] is gap.before else gap.keep_before):
        return False
    taken.append((within[0].start, within[0].end))
    taken += [place for place in grammar.comments if first <= place[0] and place[1] <= last]
    text = grammar.script.text
    left = [text[i] for i in range(first, last) if not any(start <= i < end for start, end in taken)]
    if text[last - 1] == "\n" and len(left) > 1 and left[-2:] == ["\\", "\n"]:
        left = left[:-2]
    return not "".join(left).strip()


def _checked(grammar: Grammar, removal: tuple[int, int, Span] | None) -> Span | None:
    """The gate: read what is left; exactly the commands in the span may be gone, and no here-document."""
    if removal is None:
        return None
    start, end, span = removal
    if any(body[0] < end and start < body[1] for body in grammar.bodies):
        return None
    script = grammar.script
    kept = [i for i, offset in enumerate(script.offsets) if not span.start <= offset < span.end]
    rest = Grammar(
        ScriptText("".join(script.text[i] for i in kept), tuple(script.offsets[i] for i in kept)),
        grammar.contexts,
    )
    if not rest.read():
        return None
    wanted = _words(command for command in grammar.commands if not _inside(command.span, span))
    return span if _words(rest.commands) == wanted else None


def _inside(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _words(commands: Iterable[Command]) -> list[tuple[str, ...]]:
    return [
        (*(word.raw for word in command.argv), *(assigned.name for assigned in command.assignments))
        for command in commands
    ]
