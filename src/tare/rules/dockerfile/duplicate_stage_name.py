"""TR3024: give each stage a name of its own."""

from collections.abc import Iterable, Sequence

from tare.core.text import Edit
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document, Step
from tare.schema.finding import Fix
from tare.schema.lint import Severity

_BUILDKIT = "DuplicateStageName"
_EQUIVALENTS = ("DL3024", _BUILDKIT, "DS-0012", "CKV_DOCKER_11", "same_alias_in_different_froms")


def check(document: Document) -> Iterable[Problem]:
    """FROM … AS NAME where NAME was taken. BuildKit compares names without case, hadolint as they are written."""
    exact: set[str] = set()
    lowered: set[str] = set()
    for step in document.of("FROM"):
        for word in step.inner.arguments[2:3]:
            if word.text.lower() in lowered:
                yield Problem(
                    f"there is a stage `{word.text}` already",
                    word.span,
                    step.outer,
                    _fix(document, word.text.lower()),
                    equivalents=_EQUIVALENTS if word.text in exact else (_BUILDKIT,),
                )
            exact.add(word.text)
            lowered.add(word.text.lower())


def _fix(document: Document, name: str) -> Fix | None:
    """New names for all of these stages but the last, which is the one that the name means from then on, and for what
    starts from them. None where anything else before the last one may mean one of the others."""
    froms = document.of("FROM")
    named = [step for step in froms if _name(step) == name]
    last = named[-1].stage
    taken = {_name(step) for step in froms} | {
        step.inner.args[0].lower() for step in froms if step.inner.args
    }
    edits: list[Edit] = []
    current = ""
    number = 0
    for step in froms[: last + 1]:
        if not step.inner.arguments or "$" in step.inner.args[0]:
            return None
        if current and step.inner.args[0].lower() == name:
            edits.append(Edit(step.inner.arguments[0].span, current))
        if step in named and step is not named[-1]:
            number += 1
            while f"{name}-{number}" in taken:
                number += 1
            current = f"{name}-{number}"
            edits.append(Edit(step.inner.arguments[2].span, current))
    if _mentioned(document.steps, name, last):
        return None
    return safe_fix(f"Rename the stages that `{name}` does not mean", *edits)


def _name(step: Step) -> str:
    return step.inner.args[2].lower() if len(step.inner.args) == 3 else ""


def _mentioned(steps: Sequence[Step], name: str, last: int) -> bool:
    """Whether a step up to the last stage of the name copies from it, or may: such a file depends on which one is
    known when."""
    for step in steps:
        if step.stage > last:
            return False
        for flag in step.inner.flags:
            value = (flag.value or "").lower()
            if "from" in (flag.name, *value.replace("=", ",").split(",")) and (name in value or "$" in value):
                return True
    return False


RULE = Rule(
    code="TR3024",
    name="duplicate-stage-name",
    title="Give each stage a name of its own.",
    why=(
        "Of two stages with one name, a later FROM or COPY --from means the last: a stage put in between "
        "changes what is copied."
    ),
    severity=Severity.ERROR,
    category="correct",
    check=check,
    equivalents=_EQUIVALENTS,
    safety=(
        "The name goes on to mean the last of the stages, for `--target` too; those before it can be reached by nothing "
        "but a FROM in between, which follows them to the new name. Refused where a COPY or a mount in between "
        "names the stage."
    ),
    reads_broken=True,
    examples=(
        Example(
            "FROM debian:12 AS a\nRUN make\nFROM debian:12 AS a\nRUN true\n",
            "FROM debian:12 AS a-1\nRUN make\nFROM debian:12 AS a\nRUN true\n",
        ),
        Example(
            "FROM debian:12 AS a\nFROM a AS b\nFROM debian:12 AS A\nCOPY --from=b /x /x\n",
            "FROM debian:12 AS a-1\nFROM a-1 AS b\nFROM debian:12 AS A\nCOPY --from=b /x /x\n",
        ),
        Example("FROM debian:12 AS a\nFROM debian:12 AS b\nCOPY --from=a /x /x\nFROM debian:12 AS a\n"),
    ),
    clean=("FROM debian:12 AS a\nFROM debian:12 AS b\n",),
)
