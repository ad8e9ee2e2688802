"""Edits to the script of a RUN: commands taken out, and one more put at its end."""

from collections.abc import Iterable, Sequence

from tare.core.text import Edit, Span, apply_edits
from tare.dockerfile import Dockerfile, parse
from tare.dockerfile.shell import Command
from tare.rewrite.anatomy import RunStep, run_step


def append(step: RunStep, command: str) -> Edit:
    """Run one more command when all the others have succeeded. For flat scripts that are not in exec form."""
    assert step.script is not None
    last = step.script.commands[-1]
    end = max([last.span.end, *(redirect.span.end for redirect in last.redirects)])
    return Edit(Span(end, end), ("\n" if step.script.form == "heredoc" else " && ") + command)


def removals(document: Dockerfile, step: RunStep, unwanted: Sequence[Command]) -> list[Edit] | None:
    """Edits that take several commands out of one script; None where one cannot go.

    Neighbours share the operators between them, so that they are taken out together.
    """
    assert step.script is not None
    commands = step.script.commands
    places = [index for index, command in enumerate(commands) if any(command is one for one in unwanted)]
    edits: list[Edit] = []
    for group in _neighbours(places):
        span = (
            step.script.removal_span(commands[group[0]])
            if len(group) == 1
            else _together(document, step, group)
        )
        if span is None:
            return None
        edits.append(Edit(span, ""))
    return edits


def _neighbours(places: Iterable[int]) -> list[list[int]]:
    groups: list[list[int]] = []
    for place in places:
        if groups and groups[-1][-1] == place - 1:
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def _together(document: Dockerfile, step: RunStep, group: Sequence[int]) -> Span | None:
    """The range that neighbouring commands leave free when they are taken out one after the other."""
    at = next(i for i, node in enumerate(document.instructions) if node is step.instruction)
    for order in (sorted(group, reverse=True), [group[0]] * len(group)):
        text: str | None = document.text
        for place in order:
            text = _without(text, document.path, at, place) if text is not None else None
        if text is not None:
            return _deleted(document.text, text)
    return None


def _without(text: str, path: str | None, at: int, place: int) -> str | None:
    current = parse(text, path)
    node = current.instructions[at]
    stage = current.stage_of(node)
    script = run_step(stage, node).script if stage is not None else None
    if script is None or place >= len(script.commands):
        return None
    span = script.removal_span(script.commands[place])
    return apply_edits(text, [Edit(span, "")]) if span is not None else None


def _deleted(before: str, after: str) -> Span | None:
    """The one range of `before` that `after` lacks; None when they differ in another way."""
    start = 0
    while start < len(after) and before[start] == after[start]:
        start += 1
    end = len(before) - (len(after) - start)
    return Span(start, end) if before[end:] == after[start:] else None
