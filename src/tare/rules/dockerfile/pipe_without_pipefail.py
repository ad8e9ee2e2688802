"""TR4006: set pipefail before a pipe."""

from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.calls import flags_of, scripts
from tare.rules.document import Document, Step
from tare.schema.finding import Fix
from tare.schema.lint import Severity

_CAPABLE = frozenset({"bash", "zsh", "ash"})
_WINDOWS = frozenset({"pwsh", "powershell", "powershell.exe", "cmd", "cmd.exe"})


def check(document: Document) -> Iterable[Problem]:
    """RUN with a pipe under a shell without pipefail."""
    fixes: dict[int, Fix] = {}
    for step, script in scripts(document):
        if step.onbuild or _set(step.shell) or _name(step.shell).lower() in _WINDOWS:
            continue
        piped = next(
            (command for command in script if command.in_pipeline and "nested" not in command.contexts), None
        )
        if piped is None:
            continue
        fix = None if script.form == "exec" else fixes.get(step.stage)
        if fix is None and script.form != "exec" and _name(step.shell) in ("sh", "bash", "ash"):
            fix = fixes[step.stage] = _fix(document, step)
        yield Problem("set pipefail before a RUN with a pipe", piped.span, step.outer, fix)


def _name(shell: tuple[str, ...]) -> str:
    words = shell[1:] if shell[0].endswith("/env") and len(shell) > 1 else shell
    return words[0].rpartition("/")[2]


def _set(shell: tuple[str, ...]) -> bool:
    options = shell[1:]
    short = any("o" in flags_of(word) for word in options)
    return _name(shell) in _CAPABLE and "pipefail" in options and short


def _fix(document: Document, step: Step) -> Fix:
    stage = document.stage_of(step)
    small = stage is not None and any(word in stage.base_raw for word in ("alpine", "busybox"))
    shell = "/bin/ash" if small else "/bin/bash"
    start = document.line_span(step.outer.span).start
    edit = Edit(Span(start, start), f'SHELL ["{shell}", "-o", "pipefail", "-c"]\n')
    return unsafe_fix("Set pipefail for the steps that follow", edit)


RULE = Rule(
    code="TR4006",
    name="pipe-without-pipefail",
    title="Set pipefail before a pipe.",
    why=(
        "The shell looks at the last command of a pipe only: `curl … | tar x` succeeds when the download "
        "broke off, and the half-filled layer is cached."
    ),
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=(
        "DL4006",
        "DS-0033",
        "shell_running_a_pipe_without_pipefail_flag",
        "set-pipefail",
    ),
    safety=(
        "Unsafe: the image must have bash (ash on Alpine), and a step whose pipe fails unnoticed today will"
        " fail. A CMD in shell form runs through the new shell too."
    ),
    reads_broken=True,
    examples=(
        Example(
            "FROM debian:12\nRUN curl -f https://example.org/a | tar x\n",
            'FROM debian:12\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN curl -f https://example.org/a | tar x\n',
        ),
    ),
    clean=(
        'FROM debian:12\nSHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN a | b\n',
        "FROM debian:12\nRUN a || b\n",
    ),
)
