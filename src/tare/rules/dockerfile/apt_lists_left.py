"""TR3009: remove the lists of apt in the step that fetches them."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.calls import Call, calls_in, scripts
from tare.rules.document import Document, Step
from tare.rules.endings import appended
from tare.rules.lineage import shipped
from tare.rules.mounts import kept_out
from tare.schema.lint import Severity

_INSTALLING = ("install", "build-dep", "upgrade", "dist-upgrade", "source", "satisfy", "full-upgrade")


def check(document: Document) -> Iterable[Problem]:
    """RUN that updates the lists and does not remove them, in a stage whose files are in an image."""
    stages = shipped(document)
    for step, script in scripts(document):
        found = list(calls_in(script.commands))
        updates = [call for call in found if call.name in ("apt-get", "apt") and call.has_word("update")]
        removed = any(call.name == "rm" and _lists(call) for call in found)
        if not updates or removed or kept_out(step, "/var/lib/apt/lists"):
            continue
        if not step.onbuild and step.stage not in stages:
            continue
        if kept_out(step, "/var/lib/apt") and kept_out(step, "/var/cache/apt"):
            continue
        edit = (
            None if _needed_later(document, step) else appended(document, step, "rm -rf /var/lib/apt/lists/*")
        )
        fix = unsafe_fix("Remove the lists at the end of the step", edit) if edit else None
        yield Problem("the lists of apt stay in the layer", updates[0].command.span, step.outer, fix)


def _lists(call: Call) -> bool:
    return any(text.startswith("/var/lib/apt/lists") for text in call.texts)


def _needed_later(document: Document, step: Step) -> bool:
    """Whether a later step installs packages without updating the lists first."""
    for later, script in document.runs:
        if later.outer.line <= step.outer.line:
            continue
        for call in calls_in(script.commands):
            if call.name in ("apt-get", "apt", "sudo") and call.has_word("update"):
                break
            if call.has_word(*_INSTALLING):
                return True
    return False


RULE = Rule(
    code="TR3009",
    name="apt-lists-left",
    title="Remove the lists of apt in the step that fetches them.",
    why=(
        "`apt-get update` writes 20 to 50 MB of package lists. They stay in the layer, are out of date the "
        "next day, and a later step that removes them frees nothing."
    ),
    severity=Severity.INFO,
    category="size",
    check=check,
    equivalents=(
        "DL3009",
        "apt_get_install_lists_were_not_deleted",
        "remove-package-lists",
        "aptGetInstallThenRemoveAptLists",
    ),
    safety=(
        "Unsafe: a program that runs apt-get in the finished container would have to update first. Refused "
        "where a later step installs from these lists."
    ),
    reads_broken=True,
    turn=1,
    examples=(
        Example(
            "FROM debian:12\nRUN apt-get update && apt-get download a=8\n",
            "FROM debian:12\nRUN apt-get update && apt-get download a=8 && rm -rf /var/lib/apt/lists/*\n",
        ),
    ),
    clean=(
        "FROM debian:12\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n",
        "FROM debian:12\nRUN --mount=type=cache,target=/var/lib/apt --mount=type=cache,target=/var/cache/apt apt-get update\n",
    ),
)
