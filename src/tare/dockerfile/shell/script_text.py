"""A script as the shell reads it, with the way back to the Dockerfile it was written in.

The shell never sees what Docker took away first: line continuations, comment lines between them, the tabs of
`<<-`. So every character of a script carries the offset at which it stands in the Dockerfile, and a range
of the script maps to a `Span` there.
"""

import re
from dataclasses import dataclass

from tare.core.text import Span
from tare.dockerfile.nodes import Heredoc, Instruction

_ONLY_HEREDOC = re.compile(r"\d*<<-?(?:\w+|'[^'\n]+'|\"[^\"\n]+\")")


@dataclass(frozen=True, slots=True)
class ScriptText:
    """`text[i]` stands at `offsets[i]` of the Dockerfile."""

    text: str
    offsets: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.text) != len(self.offsets):
            raise ValueError(f"{len(self.text)} characters with {len(self.offsets)} offsets")

    def span(self, start: int, end: int) -> Span:
        """Where `text[start:end]` stands; an empty range is an empty span before `text[start]`."""
        if start < end:
            return Span(self.offsets[start], self.offsets[end - 1] + 1)
        if start < len(self.offsets):
            return Span(self.offsets[start], self.offsets[start])
        after = self.offsets[-1] + 1 if self.offsets else 0
        return Span(after, after)

    def part(self, start: int, end: int) -> "ScriptText":
        """The range as a script of its own."""
        return ScriptText(self.text[start:end], self.offsets[start:end])

    def breaks_after(self, index: int) -> bool:
        """Whether a line of the Dockerfile ends right after `text[index]`, be it by a continuation."""
        if self.text[index] == "\n" or index + 1 >= len(self.offsets):
            return True
        return self.offsets[index + 1] != self.offsets[index] + 1 and self.text[index + 1] != "\n"

    def line_start(self, index: int) -> int:
        """First index of the Dockerfile's line that `text[index]` stands on."""
        while index > 0 and not self.breaks_after(index - 1):
            index -= 1
        return index

    def line_end(self, index: int) -> int:
        """Index after the last character of that line; a newline of the script is included."""
        while not self.breaks_after(index):
            index += 1
        return index + 1


def instruction_script(instruction: Instruction) -> tuple[ScriptText, bool]:
    """The script that the shell gets from an instruction in shell form, and whether it is a here-document.

    BuildKit: a RUN that is nothing but one here-document runs its body; with any other text, the bodies
    follow the text and the shell reads them itself (`dispatchRun` in dockerfile2llb/convert.go).
    """
    line = ScriptText(instruction.value, instruction.value_offsets)
    if not instruction.heredocs:
        return line, False
    if len(instruction.heredocs) == 1 and _ONLY_HEREDOC.fullmatch(instruction.value.strip()):
        return _body(instruction.heredocs[0], chomp=instruction.heredocs[0].chomp), True
    text, offsets = [line.text], list(line.offsets)
    for doc in instruction.heredocs:
        body = _body(doc, chomp=False)
        text += ("\n", body.text, doc.name)
        at = doc.body_span.end
        offsets += (doc.body_span.start - 1, *body.offsets, *range(at, at + len(doc.name)))
    return ScriptText("".join(text), tuple(offsets)), False


def _body(doc: Heredoc, *, chomp: bool) -> ScriptText:
    """A body with `\\r\\n` read as `\\n`."""
    kept: list[int] = []
    at_start = True
    for index, char in enumerate(doc.content):
        dropped = (chomp and at_start and char == "\t") or doc.content[index : index + 2] == "\r\n"
        at_start = char == "\n" or (at_start and char == "\t")
        if not dropped:
            kept.append(index)
    text = "".join(doc.content[index] for index in kept)
    return ScriptText(text, tuple(doc.body_span.start + index for index in kept))
