"""TR5015: chmod in a step of its own, of a file just copied."""

import posixpath
import re
from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document, Step
from tare.rules.edits import remove_instruction
from tare.schema.finding import Applicability, Fix
from tare.schema.lint import Severity


def _above(document: Document, step: Step) -> Step | None:
    """The COPY right above."""
    at = next(index for index, other in enumerate(document.steps) if other is step)
    above = document.steps[at - 1]
    fits = above.keyword == "COPY" and not above.onbuild and above.stage == step.stage
    return above if fits and above.inner.flag("chmod") is None and len(above.inner.arguments) == 2 else None


def _target(copy: Step) -> str | None:
    """The path of the one file that a COPY writes."""
    view = copy.inner.as_copy()
    if len(view.sources) != 1 or view.from_ is not None or not view.dest.startswith("/"):
        return None
    name = posixpath.basename(view.sources[0])
    if not re.fullmatch(r"[\w.-]+\.\w+", name):
        return None
    return f"{view.dest}{name}" if view.dest.endswith("/") else view.dest


def check(document: Document) -> Iterable[Problem]:
    """A RUN that does nothing but `chmod MODE FILE`, where FILE is what the COPY right above brought."""
    for step, script in document.runs:
        command = script.commands[0]
        words = [word.text for word in command.arguments]
        if len(script.commands) != 1 or command.name != "chmod" or len(words) != 2 or command.wrappers:
            continue
        copy = _above(document, step)
        octal = re.fullmatch(r"0?[0-7]{3}", words[0])
        if copy is None or not (octal or re.fullmatch(r"[ua]?\+x", words[0])) or _target(copy) != words[1]:
            continue
        mode = words[0] if octal else "755"
        at = copy.inner.keyword_span.end
        edits = (Edit(Span(at, at), f" --chmod={mode}"), remove_instruction(document, step.outer))
        kind = Applicability.SAFE if octal else Applicability.UNSAFE
        message = f"chmod writes {words[1]} into a second layer: COPY --chmod={mode} sets it at once"
        yield Problem(message, command.span, step.outer, Fix(kind, edits, f"Use COPY --chmod={mode}"))


RULE = Rule(
    code="TR5015",
    name="copy-then-chmod",
    title="Set permissions with COPY --chmod.",
    why=(
        "A layer holds whole files: after a chmod the file is in the image twice, however small the change. "
        "`COPY --chmod` needs BuildKit, which is Docker's builder since version 23."
    ),
    severity=Severity.INFO,
    category="size",
    check=check,
    equivalents=("tally/prefer-copy-chmod",),
    safety=(
        "With an octal mode the file ends up with exactly that mode. `+x` keeps the other bits, which the "
        "Dockerfile does not tell: 755 is what they nearly always are, so that fix is unsafe."
    ),
    examples=(
        Example(
            "FROM debian:12\nCOPY start.sh /start.sh\nRUN chmod 755 /start.sh\nUSER app\n",
            "FROM debian:12\nCOPY --chmod=755 start.sh /start.sh\nUSER app\n",
        ),
        Example(
            "FROM debian:12\nCOPY start.sh /usr/bin/\nRUN chmod +x /usr/bin/start.sh\nUSER app\n",
            "FROM debian:12\nCOPY --chmod=755 start.sh /usr/bin/\nUSER app\n",
        ),
    ),
    clean=(
        "FROM debian:12\nCOPY a b /x/\nRUN chmod 755 /x/a\n",
        "FROM debian:12\nCOPY --chmod=755 start.sh /start.sh\n",
    ),
)
