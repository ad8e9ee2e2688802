"""TR3059: join short RUN steps that follow each other."""

from collections.abc import Iterable
from itertools import pairwise

from tare.core.text import Edit, Span
from tare.dockerfile.shell import Command
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.calls import call_of, script_of
from tare.rules.document import Document, Step
from tare.schema.finding import Fix
from tare.schema.lint import Severity

_STICKY = frozenset(
    [
        "cd",
        "export",
        "set",
        "source",
        ".",
        "umask",
        "exec",
        "exit",
        "trap",
        "alias",
        "unset",
        "readonly",
        "shopt",
        "eval",
        "return",
    ]
)


def check(document: Document) -> Iterable[Problem]:
    """RUN of one command right after such a RUN with the same flags."""
    group: list[Step] = []
    for step in (*document.steps, None):
        if step is not None and step.keyword == "RUN" and not step.onbuild and _short(document, step):
            if not group or _flags(step) == _flags(group[-1]):
                group.append(step)
                continue
            yield from _problems(document, group)
            group = [step]
        else:
            yield from _problems(document, group)
            group = []


def _problems(document: Document, group: list[Step]) -> Iterable[Problem]:
    if len(group) < 2:
        return
    fix = _fix(document, group)
    for step in group[1:]:
        yield Problem("join consecutive RUN steps", step.outer.keyword_span, step.outer, fix)


def _short(document: Document, step: Step) -> bool:
    script = script_of(document, step)
    if script is None:
        return not step.inner.heredocs and step.inner.value.startswith("#")
    return sum(map(_counted, script.commands)) <= 1


def _counted(command: Command) -> int:
    """For how many commands hadolint takes one: `time` is one of its own, a substitution's result is none."""
    call = call_of(command)
    if call is None or call.name in ("[", "[[") or call.name.startswith(("$(", "`")):
        return 0
    return 2 if command.argv[0].text == "time" else 1


def _flags(step: Step) -> frozenset[tuple[str, str | None]]:
    return frozenset((flag.name, flag.value) for flag in step.inner.flags)


def _fix(document: Document, group: list[Step]) -> Fix | None:
    edits: list[Edit] = []
    for step in group:
        script = document.script(step)
        if script is None or script.form != "shell" or step.inner.heredocs or script.grammars[0].comments:
            return None
        sticky = any(
            not command.argv or command.argv[0].text in _STICKY or command.background for command in script
        )
        if sticky and step is not group[-1]:
            return None
    for first, second in pairwise(group):
        between = Span(first.inner.value_span.end, second.inner.value_span.start)
        gap = document.text[first.outer.span.end : second.outer.span.start]
        comments = [line.strip() for line in gap.splitlines() if line.strip()]
        lines = "".join(f"\n    {comment}" for comment in comments)
        edits.append(Edit(between, f" {document.escape}{lines}\n    && "))
    return safe_fix("Join the steps", *edits)


RULE = Rule(
    code="TR3059",
    name="consecutive-runs",
    title="Join short RUN steps that follow each other.",
    why=(
        "Each RUN is a layer: another round trip on every pull, and a file changed in the second step is "
        "stored twice."
    ),
    severity=Severity.INFO,
    category="cache",
    check=check,
    equivalents=(
        "DL3059",
        "multiple_run_add_copy_instructions_listed",
    ),
    safety=(
        "The commands run in the same order with the same stop at the first failure. Steps that change the "
        "shell itself (cd, export, set and the like) are left alone."
    ),
    reads_broken=True,
    turn=2,
    examples=(
        Example(
            "FROM debian:12\nRUN make\n# then\nRUN make install\n",
            "FROM debian:12\nRUN make \\\n    # then\n    && make install\n",
        ),
    ),
    clean=(
        "FROM debian:12\nRUN a && b\nRUN c\n",
        "FROM debian:12\nRUN a\nCOPY b /c\nRUN d\n",
    ),
)
