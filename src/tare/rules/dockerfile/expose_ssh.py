"""TR7020: port 22 exposed."""

from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.edits import remove_instruction
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """`EXPOSE 22`."""
    for step in document.of("EXPOSE"):
        arguments = step.inner.arguments
        for at, argument in enumerate(arguments):
            if argument.text.strip("'\"").partition("/")[0].rpartition(":")[2] != "22":
                continue
            edit = remove_instruction(document, step.outer)
            if len(arguments) > 1:
                after = Span(argument.span.start, arguments[at + 1].span.start) if at == 0 else argument.span
                before = after if at == 0 else Span(arguments[at - 1].span.end, argument.span.end)
                edit = Edit(before, "")
            fix = None if step.onbuild else unsafe_fix("Remove port 22", edit)
            yield Problem(
                "port 22 is for SSH: containers are entered with `docker exec`",
                argument.span,
                step.outer,
                fix,
            )


RULE = Rule(
    code="TR7020",
    name="expose-ssh",
    title="Run no SSH server in a container.",
    why=(
        "An SSH server needs keys, passwords and updates of its own and is one more way in. `docker exec` and "
        "`kubectl exec` need none of that."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=(
        "DS-0004",
        "CKV_DOCKER_1",
        "exposing_port_22",
    ),
    safety="Whoever does enter by SSH loses the documented port; a server that listens there still does.",
    examples=(Example("FROM debian:12\nEXPOSE 22 80\n", "FROM debian:12\nEXPOSE 80\n"),),
    clean=("FROM debian:12\nEXPOSE 8022\n",),
)
