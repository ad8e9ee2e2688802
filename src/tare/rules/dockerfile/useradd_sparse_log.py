"""TR3046: use useradd -l with high user ids."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.calls import Call, flags_of, steps_calling
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """useradd -u with an id of six digits or more, without -l."""
    for step, found in steps_calling(document, "useradd"):
        high = [call for call in found if _high(call) and not call.has_flag("l", "no-log-init")]
        if high:
            fix = safe_fix("Add -l", *(call.insertion(None, "-l") for call in high))
            yield Problem(
                "useradd with a high id and without `-l` makes a huge log",
                high[0].command.span,
                step.outer,
                fix,
            )


def _high(call: Call) -> bool:
    texts = call.texts
    return any(
        "u" in flags_of(word) and not word.startswith("--") and len(texts[at + 1]) > 5
        for at, word in enumerate(texts[:-1])
    )


RULE = Rule(
    code="TR3046",
    name="useradd-sparse-log",
    title="Use useradd -l with high user ids.",
    why=(
        "useradd without `-l` writes /var/log/lastlog and faillog up to the offset of the new id. They are "
        "sparse files, and layers do not know holes: an id of 9 digits makes a layer of many gigabytes."
    ),
    severity=Severity.WARNING,
    category="size",
    check=check,
    equivalents=("DL3046",),
    safety="-l only leaves the login logs alone, which nothing in a container reads.",
    reads_broken=True,
    examples=(
        Example(
            "FROM debian:12\nRUN useradd -u 123456 app\n", "FROM debian:12\nRUN useradd -l -u 123456 app\n"
        ),
    ),
    clean=(
        "FROM debian:12\nRUN useradd -l -u 123456 app\n",
        "FROM debian:12\nRUN useradd -u 1000 app\n",
    ),
)
