"""TR6018: programs in root's home for a user that cannot enter it."""

import re
from collections.abc import Iterable

from tare.core.text import Span
from tare.dockerfile.commands import PipCommand
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document, Step
from tare.rules.shipped import final_chain, is_root
from tare.rules.typed import every_command
from tare.schema.lint import Severity

_OPENED = re.compile(r"chmod\s+(?:-\S+\s+)*\S+\s+/root(?:\s|/|$)|chown\s+(?:-\S+\s+)*\S+\s+/root(?:\s|/|$)")
_PLACES = re.compile(
    r"/root/(?:\.local|\.pyenv|\.nvm|\.cargo|\.poetry|miniconda\d?|anaconda\d?|\.venv|venv|\.conda|\.deno|\.bun)"
)


def _below_root(document: Document, step: Step) -> list[tuple[Span, str]]:
    node = step.inner
    if step.keyword == "COPY" and len(node.arguments) > 1 and _PLACES.match(node.arguments[-1].text):
        return [(node.arguments[-1].span, node.arguments[-1].text)]
    if step.keyword == "ENV" and len(node.arguments) % 2 == 0:
        for key, value in zip(node.arguments[::2], node.arguments[1::2], strict=True):
            found = _PLACES.search(value.text)
            if key.text == "PATH" and found:
                return [(value.span, found[0])]
    if step.keyword == "RUN" and is_root(document, step):
        return [
            (entry.command.span, "what --user installs")
            for entry in every_command(document)
            if entry.step is step
            and isinstance(entry.typed, PipCommand)
            and entry.typed.user
            and entry.typed.action == "install"
            and not any(a.name in ("PYTHONUSERBASE", "HOME") for a in entry.command.assignments)
            and "pythonuserbase" not in document.haystack
        ]
    return []


def check(document: Document) -> Iterable[Problem]:
    """Packages or PATH entries below /root in an image whose last USER is not root."""
    chain = final_chain(document)
    numbers = {stage.index for stage in chain}
    users = [step for step in document.of("USER") if step.stage in numbers and not step.onbuild]
    last = users[-1].inner.value.strip().partition(":")[0] if users else "root"
    if last in ("root", "0") or last.startswith("$") or _OPENED.search(document.haystack):
        return
    for step in document.steps:
        if step.stage in numbers and not step.onbuild:
            for where, what in _below_root(document, step):
                message = f"{what} is below /root, which only root may enter: user {last} finds nothing there"
                yield Problem(message, where, step.outer)


RULE = Rule(
    code="TR6018",
    name="home-of-root-unreadable",
    title="Keep programs out of root's home when another user runs them.",
    why=(
        "/root has mode 700: `uvicorn: not found`, or `No module named`, although the files are in the image. "
        "The final example of a popular course on slim images does not start for this reason. A virtual "
        "environment in /opt or an install without `--user` is readable by all."
    ),
    severity=Severity.ERROR,
    category="correct",
    check=check,
    examples=(
        Example(
            "FROM python:3.12 AS build\nRUN pip install --user --no-cache-dir uvicorn==0.30\n"
            "FROM python:3.12-slim\nCOPY --from=build /root/.local /root/.local\n"
            'ENV PATH=/root/.local/bin:$PATH\nUSER 1000\nCMD ["uvicorn", "app:app"]\n'
        ),
        Example("FROM python:3.12-slim\nRUN pip install --user --no-cache-dir uvicorn==0.30\nUSER 1000\n"),
    ),
    clean=(
        ("FROM python:3.12-slim\nENV PATH=/root/.local/bin:$PATH\nRUN pip install --user flask==3.0\n"),
        (
            "FROM python:3.12 AS build\nRUN pip install --user flask==3.0\n"
            "FROM python:3.12-slim\nCOPY --from=build /root/.local /home/app/.local\n"
            "USER app\n"
        ),
    ),
)
