"""TR7018: a secret build argument that a step uses."""

import re
from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.secret_names import is_secret_variable
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """RUN steps that mention an ARG of their stage whose name says that it is a secret, not mounted as one."""
    secrets: dict[int, set[str]] = {}
    for step in document.steps:
        if step.keyword == "ARG" and not step.onbuild:
            names = {key for key, _ in step.inner.env_pairs() if is_secret_variable(key)}
            secrets.setdefault(step.stage, set()).update(names)
        if step.keyword != "RUN" or not secrets.get(step.stage):
            continue
        mounted = " ".join(step.inner.flag_values("mount"))
        for name in sorted(secrets[step.stage]):
            used = re.search(rf"\$\{{?{re.escape(name)}(?![A-Za-z0-9_])", step.inner.value)
            if used and f"env={name}" not in mounted:
                message = f"the value of {name} is recorded in the history of this stage, and of the image built on it"
                yield Problem(message, step.inner.span_of(used.start(), used.end()), step.outer)


RULE = Rule(
    code="TR7018",
    name="secret-in-history",
    title="Hand secrets to a step by a secret mount.",
    why=(
        "The builder records the values of ARGs with every RUN below them (`docker history` shows `RUN |1 "
        "TOKEN=...`), keeps them in its cache and in provenance, also for stages that are not shipped. `RUN "
        "--mount=type=secret,id=token,env=TOKEN` shows the value to one step only; `tare optimize` rewrites "
        "such steps."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=(
        "tally/secrets-in-code",
        "secret-in-build-arg",
    ),
    examples=(
        Example("FROM python:3.12\nARG GIT_TOKEN\nRUN git clone https://x:$GIT_TOKEN@example.org/a\n"),
    ),
    clean=(
        "FROM python:3.12\nARG VERSION\nRUN echo $VERSION\n",
        (
            "FROM python:3.12\nRUN --mount=type=secret,id=t,env=GIT_TOKEN git clone "
            "https://x:$GIT_TOKEN@example.org/a\n"
        ),
    ),
)
