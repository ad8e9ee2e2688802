"""The text of instructions: whole-line edits, and new instructions written as a person would write them."""

import json
from collections.abc import Iterable, Sequence

from tare.core.text import Edit, Span
from tare.dockerfile import Dockerfile, Instruction


def block_span(document: Dockerfile, instruction: Instruction) -> Span:
    """The whole lines of an instruction with the comments directly above it and the line ending."""
    start = min(instruction.leading.start, instruction.span.start)
    start = document.text.rfind("\n", 0, start) + 1
    end = document.text.find("\n", instruction.span.end)
    return Span(start, len(document.text) if end < 0 else end + 1)


def block_text(document: Dockerfile, instruction: Instruction) -> str:
    """The text of `block_span`, always ending with a line ending."""
    text = block_span(document, instruction).of(document.text)
    return text if text.endswith("\n") else text + document.newline


def remove(document: Dockerfile, instruction: Instruction) -> Edit:
    """Take an instruction away, with its comments, and one of two blank lines that would meet."""
    span = block_span(document, instruction)
    text, end = document.text, span.end
    above_blank = span.start == 0 or text[: span.start].rstrip(" \t").endswith(("\n\n", "\n\r\n"))
    below = text.find("\n", end)
    if above_blank and below >= 0 and not text[end:below].strip():
        end = below + 1
    return Edit(Span(span.start, end), "")


def replace(instruction: Instruction, text: str) -> Edit:
    """Put another text in the place of an instruction; its comments stay."""
    return Edit(instruction.span, text)


def insert_before(document: Dockerfile, instruction: Instruction, text: str) -> Edit:
    """New lines above an instruction and above its comments."""
    at = block_span(document, instruction).start
    return Edit(Span(at, at), text if text.endswith("\n") else text + "\n")


def insert_after(document: Dockerfile, instruction: Instruction, text: str) -> Edit:
    """New lines below an instruction."""
    span = block_span(document, instruction)
    body = text if text.endswith("\n") else text + "\n"
    if not document.text.endswith("\n") and span.end == len(document.text):
        return Edit(Span(span.end, span.end), "\n" + body)
    return Edit(Span(span.end, span.end), body)


def native(document: Dockerfile, edit: Edit) -> Edit:
    """The same edit in the document's own line endings and escape character.

    Transforms write line feeds and backslash continuations.
    """
    text = edit.replacement.replace("\r\n", "\n")
    if document.escape != "\\":
        text = text.replace(" \\\n", f" {document.escape}\n")
    return Edit(edit.span, text.replace("\n", document.newline))


def exec_form(words: Sequence[str]) -> str:
    """A JSON array as Docker reads it."""
    return "[" + ", ".join(json.dumps(word, ensure_ascii=False) for word in words) + "]"


def run(commands: Iterable[str], flags: Iterable[str] = ()) -> str:
    """A RUN whose mounts and commands stand one a line."""
    parts = [*flags]
    head = "RUN " + " \\\n    ".join(parts) + (" \\\n    " if parts else "")
    return head + " \\\n && ".join(commands)


def apt_install(packages: Sequence[str]) -> list[str]:
    """The commands that install packages and leave no lists behind."""
    listing = "".join(f" \\\n      {package}" for package in sorted(packages))
    return [
        "apt-get update",
        f"apt-get install -y --no-install-recommends{listing}",
        "rm -rf /var/lib/apt/lists/*",
    ]
