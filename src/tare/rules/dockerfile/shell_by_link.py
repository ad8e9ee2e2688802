"""TR4005: use SHELL to change the shell."""

from collections.abc import Iterable

from tare.core.text import Edit
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.calls import Call, steps_calling
from tare.rules.document import Document, Step
from tare.schema.finding import Fix
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """ln with /bin/sh among its words."""
    for step, found in steps_calling(document, "ln"):
        links = [call for call in found if call.has_word("/bin/sh")]
        if links:
            yield Problem(
                "use SHELL to change the default shell",
                links[0].command.span,
                step.outer,
                _fix(document, step, links[0]),
            )


def _fix(document: Document, step: Step, call: Call) -> Fix | None:
    target = next((word.text for word in call.operands if word.text.endswith("bash")), None)
    if (
        target is None
        or step.onbuild
        or step.inner.heredocs
        or len(document.commands(step)) != 1
        or call.command.exec_form
    ):
        return None
    path = target if target.startswith("/") else f"/bin/{target}"
    return unsafe_fix("Use SHELL", Edit(step.outer.span, f'SHELL ["{path}", "-c"]'))


RULE = Rule(
    code="TR4005",
    name="shell-by-link",
    title="Use SHELL to change the shell.",
    why="Every program that calls /bin/sh gets another shell, in this image and in those built on it.",
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=(
        "DL4005",
        "changing_default_shell_using_run_command",
        "use-shell-instruction",
    ),
    safety="Unsafe: programs that start /bin/sh themselves get the shell of the base image again.",
    reads_broken=True,
    examples=(
        Example(
            "FROM debian:12\nRUN ln -sf /bin/bash /bin/sh\n", 'FROM debian:12\nSHELL ["/bin/bash", "-c"]\n'
        ),
    ),
    clean=("FROM debian:12\nRUN ln -s /bin/a /bin/b\n",),
)
