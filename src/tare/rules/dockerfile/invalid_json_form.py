"""TR5030: an array that is no valid JSON."""

import ast
import json
import re
from collections.abc import Iterable

from tare.core.text import Edit
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.schema.lint import Severity


def _repaired(text: str) -> str | None:
    """The same words as JSON, where they can be told."""
    try:
        words = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        parts = [part.strip() for part in text[1:-1].split(",")]
        words = parts if all(re.fullmatch(r"[\w./:=@-]+", part) for part in parts) else None
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        return None
    return "[" + ", ".join(json.dumps(word, ensure_ascii=False) for word in words) + "]"


def check(document: Document) -> Iterable[Problem]:
    """Instructions in shell form that begin and end like an array."""
    for step in document.of("CMD", "ENTRYPOINT", "VOLUME", "COPY", "ADD", "RUN", "HEALTHCHECK"):
        node = step.inner
        value = node.value
        command = re.match(r"CMD\s+", value) if step.keyword == "HEALTHCHECK" else None
        start = command.end() if command else 0
        text = value[start:].strip()
        if node.form != "shell" or not (text.startswith("[") and text.endswith("]")) or text.startswith("[["):
            continue
        if step.keyword == "RUN" and not re.match(r"\[\s*['\"][^'\"]*['\"]\s*,", text):
            continue
        fixed = _repaired(text)
        span = node.span_of(start, len(value))
        fix = unsafe_fix("Write valid JSON", Edit(span, fixed)) if fixed else None
        message = f"{step.keyword} looks like an array but is no valid JSON: a shell will run it as text"
        yield Problem(message, span, step.outer, fix)


RULE = Rule(
    code="TR5030",
    name="invalid-json-form",
    title="Write arrays as valid JSON.",
    why=(
        "With single quotes, a comma at the end or words without quotes the array is no JSON, and Docker "
        "silently takes the whole text for a shell command: `[python,` is not found, and the container does "
        "not start."
    ),
    severity=Severity.ERROR,
    category="correct",
    check=check,
    equivalents=("tally/invalid-json-form",),
    safety="Some other command than the obvious one may have been meant.",
    examples=(
        Example(
            "FROM python:3.12\nCMD ['python', 'app.py']\n", 'FROM python:3.12\nCMD ["python", "app.py"]\n'
        ),
    ),
    clean=(
        'FROM python:3.12\nCMD ["python", "app.py"]\n',
        "FROM debian:12\nRUN [ -f /a ] && echo [1, 2]\n",
        'FROM debian:12\nRUN [ "$A" = b ]\n',
    ),
)
