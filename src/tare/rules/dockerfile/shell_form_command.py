"""TR3025: write CMD and ENTRYPOINT as JSON arrays."""

import json
from collections.abc import Iterable

from tare.core.text import Edit
from tare.dockerfile.shell import DEFAULT_SHELL
from tare.rules.base import Example, Problem, Rule, safe_fix, unsafe_fix
from tare.rules.document import Document, Step
from tare.schema.finding import Fix
from tare.schema.lint import Severity

_EQUIVALENTS = (
    "DL3025",
    "JSONArgsRecommended",
    "not_using_json_in_cmd_and_entrypoint",
    "prefer-json-notation",
)
_BUILTINS = frozenset(
    [
        ".",
        ":",
        "cd",
        "eval",
        "exec",
        "exit",
        "export",
        "set",
        "source",
        "trap",
        "true",
        "false",
        "ulimit",
        "umask",
        "unset",
        "wait",
    ]
)


def check(document: Document) -> Iterable[Problem]:
    """CMD, ENTRYPOINT or HEALTHCHECK CMD in shell form."""
    for step in document.of("CMD", "ENTRYPOINT", "HEALTHCHECK"):
        inner = step.inner
        if step.onbuild or inner.form == "exec" or not inner.arguments or not inner.value:
            continue
        if inner.keyword == "HEALTHCHECK" and (len(inner.arguments) < 2 or inner.args[0].upper() != "CMD"):
            continue
        if inner.value.replace(" ", "") == "[]":
            continue
        yield Problem(
            f"write the {inner.keyword} as a JSON array",
            inner.arguments[-1].span,
            step.outer,
            _fix(document, step),
            equivalents=_elsewhere(step),
        )


def _elsewhere(step: Step) -> tuple[str, ...]:
    """BuildKit asks for arrays in CMD and ENTRYPOINT only, and not where the file chose its own SHELL."""
    asked = step.keyword != "HEALTHCHECK" and step.shell == DEFAULT_SHELL
    return tuple(code for code in _EQUIVALENTS if asked or code != "JSONArgsRecommended")


def _fix(document: Document, step: Step) -> Fix | None:
    """One plain command, all of its words known, becomes an array."""
    commands = document.commands(step)
    if len(commands) != 1 or step.inner.heredocs or step.shell != ("/bin/sh", "-c"):
        return None
    command = commands[0]
    plain_words = all(word.literal and not word.glob for word in command.argv)
    if (
        not plain_words
        or command.redirects
        or command.assignments
        or command.background
        or command.negated
        or command.contexts
    ):
        return None
    argv = command.argv[1:] if command.argv[0].text == "exec" else command.argv
    if not argv or argv[0].text in _BUILTINS or any("\n" in word.text for word in argv):
        return None
    where = step.inner.arguments[-1].span
    if command.span != where:
        return None
    array = json.dumps([word.text for word in argv], ensure_ascii=False)
    keywords = {other.keyword for other in document.of("CMD", "ENTRYPOINT") if other.stage == step.stage}
    make = unsafe_fix if len(keywords) > 1 and step.keyword != "HEALTHCHECK" else safe_fix
    return make("Write a JSON array", Edit(where, array))


RULE = Rule(
    code="TR3025",
    name="shell-form-command",
    title="Write CMD and ENTRYPOINT as JSON arrays.",
    why=(
        "In shell form `/bin/sh -c` is process 1 and does not pass SIGTERM on: every stop waits ten seconds"
        " and ends in SIGKILL, with requests cut off."
    ),
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=_EQUIVALENTS,
    safety=(
        "Only one command of plain words is rewritten: the shell would start exactly that program with "
        "exactly these words. Unsafe where a stage has both CMD and ENTRYPOINT, since the shell form "
        "changes what one hands to the other."
    ),
    reads_broken=True,
    examples=(
        Example(
            "FROM debian:12\nCMD python -m http.server\n",
            'FROM debian:12\nCMD ["python", "-m", "http.server"]\n',
        ),
        Example("FROM debian:12\nCMD a && b\n"),
    ),
    clean=(
        'FROM debian:12\nCMD ["python"]\n',
        "FROM debian:12\nHEALTHCHECK NONE\n",
    ),
)
