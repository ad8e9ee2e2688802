"""CMD and ENTRYPOINT in exec form, so that the application is process 1 and receives SIGTERM."""

import re
import shlex

from tare.core.text import Edit
from tare.dockerfile import Dockerfile, Instruction
from tare.rewrite.facts import Facts
from tare.rewrite.layout import exec_form, replace
from tare.rewrite.transform import Example, Outcome, Proposal, Refusal, Transform
from tare.schema.finding import Applicability

SHELL_SYNTAX = re.compile(r"[|&;<>()`*?\[\]{}!#~\n]|\$\(")
VARIABLE = re.compile(r"\$")
ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
BUILTINS = frozenset(
    {"cd", "exec", "export", "set", "source", ".", ":", "true", "false", "eval", "exit", "ulimit"}
)


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Rewrite the effective CMD and ENTRYPOINT of the final stage when they stand in shell form."""
    stage = document.final.instructions
    command = _last(stage, "CMD")
    entrypoint = _last(stage, "ENTRYPOINT")
    shells = [node for node in (entrypoint, command) if node is not None and node.form == "shell"]
    if not shells:
        return None
    if any(node.keyword == "SHELL" for node in stage):
        return Refusal("SHELL is set, and shell form runs through it: only a person can say what it does")
    if entrypoint is not None and command is not None and command.form == "shell":
        if entrypoint.form == "exec":
            return Refusal("with an exec-form ENTRYPOINT, a shell-form CMD is passed on as `/bin/sh -c …`")
        shells = [entrypoint]
    edits: list[Edit] = []
    for node in shells:
        text = node.value.strip()
        if SHELL_SYNTAX.search(text) or ASSIGNMENT.match(text):
            return Refusal(f"`{text}` needs a shell: write the steps into a script that ends with `exec`")
        try:
            words = shlex.split(text)
        except ValueError:
            return Refusal(f"`{text}` has an open quote")
        if not words or words[0] in BUILTINS:
            return None if words[:1] == ["exec"] else Refusal(f"`{text}` needs a shell")
        if VARIABLE.search(text):
            edits.append(replace(node, f"{node.keyword} exec {text}"))
        else:
            edits.append(replace(node, f"{node.keyword} {exec_form(words)}"))
    return Proposal(
        tuple(edits),
        "the application itself becomes process 1 and stops at once when asked to, instead of after ten seconds",
        Applicability.SAFE,
    )


def _last(stage: tuple[Instruction, ...], keyword: str) -> Instruction | None:
    return next((node for node in reversed(stage) if node.keyword == keyword), None)


TRANSFORM = Transform(
    name="exec-form",
    title="Start the application without a shell in between",
    guide=(
        "Shell form runs `/bin/sh -c`, which does not pass SIGTERM on: every stop waits ten seconds and ends in "
        "SIGKILL, with requests cut off. Exec form starts the program itself. Where a variable must be expanded, "
        "`exec` lets the shell replace itself by the program."
    ),
    plan=plan,
    examples=(
        Example(
            "FROM python:3.11-slim\nCMD uvicorn main:app --port 8000\n",
            'FROM python:3.11-slim\nCMD ["uvicorn", "main:app", "--port", "8000"]\n',
        ),
        Example(
            "FROM python:3.11-slim\nCMD gunicorn app:app --bind 0.0.0.0:$PORT\n",
            "FROM python:3.11-slim\nCMD exec gunicorn app:app --bind 0.0.0.0:$PORT\n",
            "a variable still needs a shell",
        ),
        Example(
            "FROM python:3.11-slim\nCMD python migrate.py && python serve.py\n",
            "FROM python:3.11-slim\nCMD python migrate.py && python serve.py\n",
            "two commands are for a script",
        ),
    ),
)
