"""TR7024: no USER at all: the container runs as root."""

from collections.abc import Iterable

from tare.knowledge.bases import base_facts
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """A last stage that, with the stages below it, sets no USER on a base that runs as root or whose user is not known."""
    if not document.stages:
        return
    chain = [document.stages[-1]]
    while (parent := chain[-1].parent) is not None:
        chain.append(document.stages[parent])
    numbers = {stage.index for stage in chain}
    if any(step.stage in numbers for step in document.of("USER")):
        return
    base = chain[-1].base
    facts = base_facts(base)
    if (
        "nonroot" in base
        or "rootless" in base
        or (facts is not None and facts.default_user not in ("root", "0"))
    ):
        return
    if any(program in document.haystack for program in ("gosu", "su-exec", "setpriv", "runuser")):
        return
    known = facts is not None or base == "scratch"
    message = (
        "no USER: the container runs as root"
        if known
        else f"no USER: the container runs as root unless {base} sets one"
    )
    yield Problem(message, chain[0].from_.keyword_span, chain[0].from_)


RULE = Rule(
    code="TR7024",
    name="no-user",
    title="Run the container as a user of its own.",
    why=(
        "A program that runs as root and is taken over owns the container, and needs one kernel or mount "
        "mistake to own the host. Of 815 real files 83 % set no user. `tare optimize` adds one and proves that "
        "the service still starts."
    ),
    severity=Severity.INFO,
    category="security",
    check=check,
    equivalents=(
        "CKV_DOCKER_3",
        "missing_user_instruction",
        "missing-user",
        "missing-user-entrypoint",
        "DS-0002",
        "tally/stateful-root-runtime",
    ),
    examples=(Example('FROM python:3.12\nCMD ["python", "app.py"]\n'),),
    clean=(
        "FROM python:3.12\nUSER 1000\n",
        "FROM python:3.12 AS base\nUSER app\nFROM base\nCOPY . /app\n",
        "FROM gcr.io/distroless/python3-debian12:nonroot\n",
    ),
)
