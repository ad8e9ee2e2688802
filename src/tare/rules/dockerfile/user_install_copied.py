"""TR6019: pip install --user copied across stages."""

from collections.abc import Iterable

from tare.dockerfile.commands import PipCommand
from tare.rules.base import Example, Problem, Rule
from tare.rules.bases import facts_by_stage
from tare.rules.document import Document
from tare.rules.shipped import chain_of
from tare.rules.typed import commands_of
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """COPY --from of a .local directory that `pip install --user` filled in another stage."""
    filled = {entry.step.stage for entry, typed in commands_of(document, PipCommand, "install") if typed.user}
    facts = facts_by_stage(document)
    for step in document.of("COPY"):
        source = document.dockerfile.stage(step.inner.flag("from") or "")
        if source is None or len(step.inner.arguments) != 2 or not 0 <= step.stage < len(document.stages):
            continue
        if not filled & {stage.index for stage in chain_of(document, source)}:
            continue
        path, dest = step.inner.args
        if not path.rstrip("/").endswith("/.local"):
            continue
        one, two = facts[source.index], facts[step.stage]
        versions = [f.python_version for f in (one, two) if f and f.python_version]
        minors = {".".join(version.split(".")[:2]) for version in versions if version.count(".")}
        if len(minors) > 1:
            message = f"packages of Python {' and '.join(sorted(minors))}: the interpreter here looks in another directory"
        elif f"{dest.rstrip('/')}/bin".lower() not in document.haystack:
            message = f"{dest.rstrip('/')}/bin is not on PATH: installed programs are not found"
        else:
            message = "scripts name the interpreter of the other stage, and only this user's HOME finds the packages"
        yield Problem(message, step.inner.value_span, step.outer)


RULE = Rule(
    code="TR6019",
    name="user-install-copied",
    title="Copy a virtual environment, not a user's directory.",
    why=(
        "`~/.local` is found by the Python version and the HOME that it was made for, its scripts begin with "
        "the path of the builder's interpreter, and its bin directory is on no PATH. `python -m venv "
        "/opt/venv` and `COPY --from=build /opt/venv /opt/venv` work for every user."
    ),
    severity=Severity.WARNING,
    category="correct",
    check=check,
    examples=(
        Example(
            "FROM python:3.12 AS build\nRUN pip install --user --no-cache-dir flask==3.0\n"
            "FROM python:3.12-slim\nCOPY --from=build /root/.local /home/app/.local\n"
            "USER app\n"
        ),
    ),
    clean=(
        (
            "FROM python:3.12 AS build\nRUN python -m venv /opt/venv && /opt/venv/bin/pip install "
            "flask==3.0\nFROM python:3.12-slim\nCOPY --from=build /opt/venv /opt/venv\n"
            "ENV PATH=/opt/venv/bin:$PATH\n"
        ),
    ),
)
