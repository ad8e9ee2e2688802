"""Adds a command to the end of a RUN step."""

import re

from tare.core.text import Edit, Span
from tare.rules.document import Document, Step

_AND = re.compile(r"\n([ \t]*)&&")


def appended(document: Document, step: Step, command: str) -> Edit | None:
    """The edit that runs `command` after all of a step; None where that cannot be done without knowing more.

    It can where the script is one chain of `&&`, or a here-document.
    """
    script = document.script(step)
    if script is None or step.onbuild or script.form == "exec" or not script.grammars:
        return None
    grammar = script.grammars[0]
    if grammar.comments:
        return None
    if script.form == "heredoc":
        at = step.inner.heredocs[0].body_span.end
        return Edit(Span(at, at), f"{command}\n")
    if step.inner.heredocs:
        return None
    outer = [sequence for sequence in grammar.sequences if not sequence.contexts]
    if len(outer) != 1 or len(outer[0].lists) != 1:
        return None
    chain = outer[0].lists[0]
    if chain.terminator is not None or any(operator.text != "&&" for operator in chain.operators):
        return None
    at = step.inner.value_span.end
    return Edit(Span(at, at), f"{joint(document, step)}{command}")


def joint(document: Document, step: Step) -> str:
    """` && ` as this step writes it: on a line of its own where the step has several."""
    text = step.inner.value_span.of(document.text)
    if "\n" not in text:
        return " && "
    match = _AND.search(text)
    indent = match[1] if match else "    "
    return f" {document.escape}\n{indent}&& "
