"""TR5002: apt-get install where there are no package lists."""

from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.dockerfile import Stage
from tare.dockerfile.commands import AptCommand
from tare.knowledge.bases import base_facts
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document, Step
from tare.rules.shipped import base_of, chain_of, mount_targets, removed_words
from tare.rules.typed import commands_of, every_command
from tare.schema.lint import Severity


def _lists_before(document: Document, stage: Stage) -> dict[int, bool]:
    """Offset of each command → whether an update ran before it, in this stage or below, whose lists no step in between
    removed."""
    chain = {one.index for one in chain_of(document, stage)}
    unread = min(
        (
            step.outer.span.start
            for step in document.of("RUN")
            if step.stage in chain and document.script(step) is None
        ),
        default=None,
    )
    found: dict[int, bool] = {}
    lists = False
    last: Step | None = None
    for entry in every_command(document):
        if entry.step.stage not in chain:
            continue
        if last is not None and last is not entry.step:
            lists = lists and not any("/apt/lists" in word for word in removed_words(document, last))
        last = entry.step
        start = entry.command.span.start
        found.setdefault(start, lists or (unread is not None and unread < start))
        updates = isinstance(entry.typed, AptCommand) and entry.typed.action == "update"
        unknown = entry.typed is None and (
            entry.command.name.endswith(".sh") or entry.command.name in _MAY_UPDATE
        )
        lists = lists or updates or unknown
    return found


_MAY_UPDATE = frozenset(
    {"bash", "sh", "add-apt-repository", "apt-add-repository", "make", "python", "python3", ""}
)


def check(document: Document) -> Iterable[Problem]:
    """Installs by name, on a base known to come without lists, that no update precedes, or whose lists were removed."""
    lists: dict[int, dict[int, bool]] = {}
    for entry, typed in commands_of(document, AptCommand, "install"):
        stage = document.stage_of(entry.step)
        if stage is None or all(spec.path for spec in typed.specs):
            continue
        facts = base_facts(base_of(document, stage))
        known = facts is not None and facts.package_manager == "apt" and not facts.mirror
        if not known or any("/apt" in target for target in mount_targets(entry.step)):
            continue
        if stage.index not in lists:
            lists[stage.index] = _lists_before(document, stage)
        if lists[stage.index][entry.command.span.start]:
            continue
        plain = (
            entry.command.separator in ("", "&&")
            and not entry.command.wrappers
            and not entry.command.exec_form
        )
        at = entry.command.span.start
        fix = unsafe_fix("Update before it", Edit(Span(at, at), "apt-get update && ")) if plain else None
        yield Problem(
            "there are no package lists here: apt-get update is missing",
            entry.command.span,
            entry.step.outer,
            fix,
        )


RULE = Rule(
    code="TR5002",
    name="apt-install-without-update",
    title="Run apt-get update before the install.",
    why=(
        "Official base images ship without package lists, and a step that ends in `rm -rf "
        "/var/lib/apt/lists/*` takes them away again: apt-get then finds no package at all (`Unable to locate "
        "package`)."
    ),
    severity=Severity.ERROR,
    category="correct",
    check=check,
    equivalents=(
        "aptGetUpdatePrecedesInstall",
        "DS-0017",
    ),
    safety="Where a base does have lists, newer versions may be installed.",
    examples=(
        Example(
            (
                "FROM debian:12\nRUN apt-get install -y --no-install-recommends curl=8 && rm -rf "
                "/var/lib/apt/lists/*\n"
            ),
            (
                "FROM debian:12\nRUN apt-get update && apt-get install -y --no-install-recommends curl=8 "
                "&& rm -rf /var/lib/apt/lists/*\n"
            ),
        ),
    ),
    clean=(
        "FROM debian:12\nRUN apt-get update && apt-get install -y curl\n",
        "FROM debian:12\nCOPY a.deb /tmp/\nRUN apt-get install -y /tmp/a.deb\n",
        "FROM example.org/base\nRUN apt-get install -y curl\n",
    ),
)
