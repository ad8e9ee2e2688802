"""TR5002: apt-get install where there are no package lists."""

from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.dockerfile.commands import AptCommand
from tare.knowledge.bases import base_facts
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document, Step
from tare.rules.shipped import base_of, chain_of, mount_targets, removed_words
from tare.rules.typed import commands_of, every_command
from tare.schema.lint import Severity


def _has_lists(document: Document, step: Step, offset: int) -> bool:
    """Whether an update ran before in this stage or below, and nothing removed its lists in an earlier step."""
    chain = {stage.index for stage in chain_of(document, document.stages[step.stage])}
    lists = False
    last: Step | None = None
    for entry in every_command(document):
        if entry.command.span.start >= offset:
            break
        if entry.step.stage not in chain:
            continue
        if (
            last is not None
            and last is not entry.step
            and any("/apt/lists" in w for w in removed_words(document, last))
        ):
            lists = False
        last = entry.step
        updates = isinstance(entry.typed, AptCommand) and entry.typed.action == "update"
        unknown = entry.typed is None and (
            entry.command.name.endswith(".sh") or entry.command.name in _MAY_UPDATE
        )
        lists = lists or updates or unknown
    if (
        last is not None
        and last is not step
        and any("/apt/lists" in w for w in removed_words(document, last))
    ):
        lists = False
    unread = [
        other for other in document.of("RUN") if other.stage in chain and document.script(other) is None
    ]
    return lists or any(other.outer.span.start < offset for other in unread)


_MAY_UPDATE = frozenset(
    {"bash", "sh", "add-apt-repository", "apt-add-repository", "make", "python", "python3", ""}
)


def check(document: Document) -> Iterable[Problem]:
    """Installs by name, on a base known to come without lists, that no update precedes, or whose lists were removed."""
    for entry, typed in commands_of(document, AptCommand, "install"):
        stage = document.stage_of(entry.step)
        if stage is None or all(spec.path for spec in typed.specs):
            continue
        facts = base_facts(base_of(document, stage))
        known = facts is not None and facts.package_manager == "apt" and not facts.mirror
        if not known or any("/apt" in target for target in mount_targets(entry.step)):
            continue
        if _has_lists(document, entry.step, entry.command.span.start):
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
