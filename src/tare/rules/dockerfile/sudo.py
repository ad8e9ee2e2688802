"""TR3004: do not use sudo."""

from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.calls import Call, calls_in, is_flag, script_of
from tare.rules.document import Document
from tare.schema.finding import Fix
from tare.schema.lint import Severity

_SIMPLE = frozenset({"-E", "-H", "-n", "-S", "-k"})


def check(document: Document) -> Iterable[Problem]:
    """RUN that calls sudo."""
    users: dict[int, str] = {}
    for step in document.steps:
        if step.keyword == "USER" and not step.onbuild:
            users[step.stage] = step.inner.value.partition(":")[0]
        if step.keyword != "RUN":
            continue
        read = script_of(document, step)
        found = [call for call in calls_in(read) if call.name == "sudo"] if read else []
        if found:
            fix = _fix(found) if users.get(step.stage, "root") in ("root", "0") else None
            yield Problem("Do not use sudo", found[0].command.argv[0].span, step.outer, fix)


def _fix(found: list[Call]) -> Fix | None:
    edits: list[Edit] = []
    for call in found:
        rest = [word for word in call.words if word.text not in _SIMPLE]
        if not rest or is_flag(rest[0].text) or "=" in rest[0].text or call.command.exec_form:
            return None
        edits.append(Edit(Span(call.program.span.start, rest[0].span.start), ""))
    return unsafe_fix("Remove sudo", *edits)


RULE = Rule(
    code="TR3004",
    name="sudo",
    title="Do not use sudo.",
    why=(
        "A build runs as root unless USER says otherwise. sudo brings a terminal, an environment and a "
        "process of its own, and stays in the image as a way back to root."
    ),
    severity=Severity.ERROR,
    category="security",
    check=check,
    equivalents=(
        "DL3004",
        "DS-0010",
        "CKV2_DOCKER_1",
        "run_using_sudo",
        "no-sudo-in-dockerfile",
    ),
    safety=(
        "Unsafe: without a USER in the stage the base image decides who runs the step; as another user than"
        " root the command would lose its rights."
    ),
    reads_broken=True,
    examples=(Example("FROM debian:12\nRUN sudo -E make install\n", "FROM debian:12\nRUN make install\n"),),
    clean=("FROM debian:12\nRUN make install\n",),
)
