"""TR6016: a cache mount that docker-clean empties."""

from collections.abc import Iterable

from tare.core.text import Edit, Span
from tare.dockerfile.commands import AptCommand
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.bases import facts_by_stage
from tare.rules.document import Document
from tare.rules.shipped import mount_targets
from tare.rules.typed import commands_of
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """apt with /var/cache/apt mounted, on a Debian or Ubuntu image whose docker-clean setting is still in force."""
    if "docker-clean" in document.haystack or "keep-downloaded-packages" in document.haystack:
        return
    facts = facts_by_stage(document)
    seen: set[int] = set()
    for entry, _ in commands_of(document, AptCommand, "update", "install"):
        step = entry.step
        base = facts[step.stage] if 0 <= step.stage < len(facts) else None
        mounted = any(
            t in ("/var/cache/apt", "/var/cache/apt/archives", "/var/cache")
            for t in mount_targets(step, "cache")
        )
        if id(step) in seen or not mounted or base is None or base.package_manager != "apt":
            continue
        seen.add(id(step))
        at = entry.command.span.start
        plain = (
            entry.command.separator in ("", "&&")
            and not entry.command.wrappers
            and not entry.command.contexts
        )
        first = entry.script.form == "shell" and plain
        edit = Edit(Span(at, at), "rm -f /etc/apt/apt.conf.d/docker-clean && ") if first else None
        fix = safe_fix("Remove docker-clean first", edit) if edit else None
        message = (
            "the base's docker-clean deletes downloaded packages after each install: the mount stays empty"
        )
        yield Problem(message, entry.command.span, step.outer, fix)


RULE = Rule(
    code="TR6016",
    name="apt-cache-mount-emptied",
    title="Remove docker-clean before using apt with a cache mount.",
    why=(
        "Official Debian and Ubuntu images hold /etc/apt/apt.conf.d/docker-clean, which deletes every "
        "downloaded package after each command. With it the mount keeps nothing, and each build downloads "
        "everything again."
    ),
    severity=Severity.WARNING,
    category="cache",
    check=check,
    safety=(
        "What apt downloads lies in the mount, not in the layer; a later apt without a mount does keep its "
        "downloads, which other rules report."
    ),
    examples=(
        Example(
            (
                "FROM python:3.12-slim\nRUN --mount=type=cache,target=/var/cache/apt,sharing=locked "
                "--mount=type=cache,target=/var/lib/apt/lists,sharing=locked apt-get update && apt-get "
                "install -y --no-install-recommends curl=8\n"
            ),
            (
                "FROM python:3.12-slim\nRUN --mount=type=cache,target=/var/cache/apt,sharing=locked "
                "--mount=type=cache,target=/var/lib/apt/lists,sharing=locked rm -f "
                "/etc/apt/apt.conf.d/docker-clean && apt-get update && apt-get install -y "
                "--no-install-recommends curl=8\n"
            ),
        ),
    ),
    clean=(
        (
            "FROM python:3.12-slim\nRUN rm -f /etc/apt/apt.conf.d/docker-clean\n"
            "RUN --mount=type=cache,target=/var/cache/apt apt-get update && apt-get install -y curl\n"
        ),
    ),
)
