"""TR6020: a recursive chown or chmod of files from an earlier layer."""

import posixpath
import re
from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.dockerfile.expand import ExpansionError
from tare.dockerfile.stages import effective
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document, Step
from tare.rules.edits import remove_instruction
from tare.rules.shipped import shipped_stages, under_mount
from tare.rules.surroundings import files_below
from tare.rules.typed import every_command, same_run
from tare.schema.finding import Saving
from tare.schema.lint import Severity
from tare.schema.quantity import measured


def _copied(document: Document, step: Step) -> list[tuple[Step, str]]:
    """COPY and ADD above in the stage, with the directory or file that they write."""
    found: list[tuple[Step, str]] = []
    for other in document.of("COPY", "ADD"):
        earlier = other.stage == step.stage and other.outer.span.start < step.outer.span.start
        if not earlier or other.onbuild or len(other.inner.arguments) < 2:
            continue
        path = _absolute(document, other, other.inner.arguments[-1].text)
        if path is not None:
            found.append((other, path))
    return found


def _absolute(document: Document, step: Step, path: str) -> str | None:
    """A path as seen from the working directory of a step; None where a variable is part of it."""
    if path.startswith("/"):
        return None if "$" in path else posixpath.normpath(path)
    try:
        workdir = effective(document.dockerfile, step.stage, before=step.outer).workdir or "/"
    except ExpansionError:
        return None
    joined = posixpath.normpath(posixpath.join(workdir, path))
    return None if "$" in joined or "~" in joined else joined


def _covers(document: Document, step: Step, words: list[str], path: str) -> bool:
    for word in words:
        where = _absolute(document, step, word.rstrip("*") or "/")
        if where is not None and (path == where or path.startswith(where.rstrip("/") + "/")):
            return True
    return False


def _edits(
    document: Document, step: Step, plain: list[str], filled: list[tuple[Step, str]]
) -> tuple[Edit, ...] | None:
    """--chown for the one COPY that filled exactly this directory, and the RUN away that does nothing else."""
    copy, path = filled[0]
    simple = len(filled) == 1 and len(plain) == 2 and _absolute(document, step, plain[1]) == path
    if (
        not simple
        or len(same_run(document, step)) != 1
        or copy.inner.flag("chown") is not None
        or step.onbuild
    ):
        return None
    owner = plain[0]
    if not re.fullmatch(r"[\w.-]+(?::[\w.-]+)?", owner):
        return None
    user = owner.partition(":")[0]
    made = any(
        entry.command.name in ("useradd", "adduser")
        and user in [word.text for word in entry.command.arguments]
        for entry in every_command(document)
        if entry.step.outer.span.start < copy.outer.span.start
    )
    if not made and not user.isdigit():
        return None
    between = [
        other
        for other in document.steps
        if copy.outer.span.start < other.outer.span.start < step.outer.span.start and other.keyword == "RUN"
    ]
    at = copy.inner.keyword_span.end
    add = Edit(Span(at, at), f" --chown={owner}")
    return None if between else (add, remove_instruction(document, step.outer))


def check(document: Document) -> Iterable[Problem]:
    """`chown -R` and `chmod -R` of a directory that a COPY or ADD above filled, in a shipped stage."""
    for entry in every_command(document):
        step, command = entry.step, entry.command
        words = [word.text for word in command.arguments]
        options = [word for word in words if word.startswith("-")]
        recursive = any(re.fullmatch(r"-\w*R\w*|--recursive", option) for option in options)
        plain = [word for word in words if not word.startswith("-")]
        if command.name not in ("chown", "chmod", "chgrp") or not recursive or len(plain) < 2:
            continue
        if step.stage not in shipped_stages(document):
            continue
        filled = [
            (copy, path) for copy, path in _copied(document, step) if _covers(document, step, plain[1:], path)
        ]
        if not filled or under_mount(step, plain[1]):
            continue
        sizes = [
            size
            for copy, _ in filled
            for source in copy.inner.as_copy().sources
            for _, size in files_below(document, source)
        ]
        saving = (
            Saving(uncompressed_bytes=measured(sum(sizes), "files in the build context")) if sizes else None
        )
        message = f"{command.name} -R writes every file of line {filled[0][0].outer.line} into a second layer"
        edits = _edits(document, step, plain, filled)
        fix = unsafe_fix("Use COPY --chown", *edits) if edits and command.name == "chown" else None
        yield Problem(message, command.span, step.outer, fix, saving)


RULE = Rule(
    code="TR6020",
    name="recursive-chown",
    title="Set owners while copying, not afterwards.",
    why=(
        "A layer holds whole files: a change of owner or mode copies each of them, so that the directory is in "
        "the image twice. Of 815 real ML files 9.8 % do it, often to a virtual environment or weights. `COPY "
        "--chown=user:group --chmod=...` sets both at once."
    ),
    severity=Severity.WARNING,
    category="size",
    check=check,
    equivalents=("tally/copy-after-user-without-chown",),
    safety=(
        "The directory itself, where it existed before, keeps its owner: a program that creates files in it "
        "may no longer be able to."
    ),
    examples=(
        Example(
            (
                "FROM python:3.12-slim\nRUN useradd --uid 1000 --no-log-init app\n"
                "COPY src /app\nRUN chown -R app:app /app\nUSER app\n"
            ),
            (
                "FROM python:3.12-slim\nRUN useradd --uid 1000 --no-log-init app\n"
                "COPY --chown=app:app src /app\nUSER app\n"
            ),
        ),
    ),
    clean=(
        "FROM python:3.12-slim\nCOPY --chown=1000:1000 src /app\nUSER 1000\n",
        "FROM python:3.12-slim\nRUN mkdir /data && chown -R 1000 /data\nCOPY src /app\n",
    ),
)
