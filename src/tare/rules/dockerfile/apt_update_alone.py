"""TR5001: apt-get update in a RUN without an install."""

from collections.abc import Iterable

from tare.core.text import Edit
from tare.dockerfile.commands import AptCommand
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document, Step
from tare.rules.edits import join_runs
from tare.rules.typed import commands_of, same_run
from tare.schema.lint import Severity

_CLEANING = frozenset({"update", "clean", "autoclean"})
_HARMLESS = frozenset({"rm", "echo", "set", "true", "mkdir", "sed", "cp", "mv", "touch", ":"})


def _joined(document: Document, step: Step) -> tuple[Edit, ...] | None:
    """The edits that join the step with the next, when that installs."""
    runs = document.runs
    at = next(index for index, (own, _) in enumerate(runs) if own is step)
    if at + 1 == len(runs):
        return None
    following = same_run(document, runs[at + 1][0])
    installs = any(isinstance(o.typed, AptCommand) and o.typed.action == "install" for o in following)
    return join_runs(document, runs[at], runs[at + 1]) if installs else None


def check(document: Document) -> Iterable[Problem]:
    """RUN steps that fetch apt's lists and do nothing with them."""
    for entry, _ in commands_of(document, AptCommand, "update"):
        own = same_run(document, entry.step)
        used = any(isinstance(o.typed, AptCommand) and o.typed.action not in _CLEANING for o in own)
        if used or any(not isinstance(o.typed, AptCommand) and o.command.name not in _HARMLESS for o in own):
            continue
        edits = _joined(document, entry.step)
        fix = safe_fix("Join it with the install below", *edits) if edits else None
        message = (
            "apt-get update alone: the lists are cached and grow stale while the install below them changes"
        )
        yield Problem(message, entry.command.span, entry.step.outer, fix)


RULE = Rule(
    code="TR5001",
    name="apt-update-alone",
    title="Run apt-get update and install in one step.",
    why=(
        "The builder caches each step by its text. When only the install changes, the lists of an old update "
        "are used: packages are no longer found (404) or are old ones. The lists are also a layer of their "
        "own, 19.9 MB on Debian 12, that no later `rm` makes smaller."
    ),
    severity=Severity.WARNING,
    category="cache",
    check=check,
    equivalents=(
        "aptGetUpdatePrecedesInstall",
        "DS-0017",
        "CKV_DOCKER_5",
        "update_instruction_alone",
    ),
    safety=(
        "The same commands run in the same order, as the same user, with the same shell; only the border "
        "between two layers goes."
    ),
    examples=(
        Example(
            (
                "FROM debian:12\nRUN apt-get update\nRUN apt-get install -y --no-install-recommends "
                "curl=8 && rm -rf /var/lib/apt/lists/*\n"
            ),
            (
                "FROM debian:12\nRUN apt-get update \\\n    && apt-get install -y "
                "--no-install-recommends curl=8 && rm -rf /var/lib/apt/lists/*\n"
            ),
        ),
    ),
    clean=("FROM debian:12\nRUN apt-get update && apt-get install -y curl\n",),
)
