"""TR3003: use WORKDIR to change the directory."""

import re
from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.calls import Call, calls_in, script_of
from tare.rules.document import Document, Step
from tare.schema.finding import Fix
from tare.schema.lint import Severity

_PLAIN = re.compile(r"/[\w./-]*")


def check(document: Document) -> Iterable[Problem]:
    """RUN that calls cd."""
    workdirs: dict[int, str | None] = {}
    for step in document.steps:
        if step.keyword == "WORKDIR" and not step.onbuild:
            workdirs[step.stage] = step.inner.value if _PLAIN.fullmatch(step.inner.value) else None
        if step.keyword != "RUN" or step.onbuild:
            continue
        read = script_of(document, step)
        found = [call for call in calls_in(read) if call.name == "cd"] if read else []
        if found:
            fix = _fix(document, step, found, workdirs.get(step.stage))
            yield Problem("Use WORKDIR to switch to a directory", found[0].command.span, step.outer, fix)


def _fix(document: Document, step: Step, found: list[Call], before: str | None) -> Fix | None:
    """`cd /x && rest` becomes WORKDIR /x, RUN rest, and WORKDIR as it was."""
    script = document.script(step)
    call = found[0]
    if script is None or script.form != "shell" or len(found) != 1 or before is None or step.inner.flags:
        return None
    commands = [command for command in script if "nested" not in command.contexts]
    if commands[0] is not call.command or commands[0].contexts or len(call.words) != 1:
        return None
    target = call.words[0].text
    if not _PLAIN.fullmatch(target) or call.command.redirects or len(commands) < 2:
        return None
    if commands[1].separator != "&&" or commands[1].contexts:
        return None
    at, start = step.outer.span.start, document.line_span(step.outer.span)
    if document.text[start.start : at].strip() or document.text[start.end - 1] != "\n":
        return None
    keyword = document.text[step.outer.keyword_span.start : step.outer.keyword_span.end]
    workdir = "WORKDIR" if keyword.isupper() else "workdir"
    return safe_fix(
        f"Switch to {target} with WORKDIR",
        Edit(Span(at, commands[1].span.start), f"{workdir} {target}\n{keyword} "),
        Edit(Span(start.end, start.end), f"{workdir} {before}\n"),
    )


RULE = Rule(
    code="TR3003",
    name="cd-in-run",
    title="Use WORKDIR to change the directory.",
    why=(
        "Each RUN starts in the WORKDIR again: a chain of `cd` is easy to misread, and a step that is split"
        " later silently runs elsewhere."
    ),
    severity=Severity.WARNING,
    category="style",
    check=check,
    equivalents=(
        "DL3003",
        "DS-0013",
        "run_command_cd_instead_of_workdir",
        "use-workdir",
    ),
    safety=(
        "Only a chain that begins with `cd` to an absolute directory is taken apart, and only where the "
        "WORKDIR before is known: it is set again after the step."
    ),
    reads_broken=True,
    examples=(
        Example(
            "FROM debian:12\nWORKDIR /srv\nRUN cd /src && make\n",
            "FROM debian:12\nWORKDIR /srv\nWORKDIR /src\nRUN make\nWORKDIR /srv\n",
        ),
        Example("FROM debian:12\nRUN cd /src && make\n"),
    ),
    clean=("FROM debian:12\nWORKDIR /src\nRUN make\n",),
)
