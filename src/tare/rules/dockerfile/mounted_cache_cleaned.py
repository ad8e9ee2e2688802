"""TR6017: a command that empties the mounted cache."""

from collections.abc import Iterable

from tare.core.text import Edit
from tare.dockerfile.commands import AptCommand, CondaCommand, NpmCommand, PipCommand
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document
from tare.rules.shipped import mount_targets
from tare.rules.typed import Typed, every_command
from tare.schema.lint import Severity


def _empties(entry: Typed, targets: tuple[str, ...]) -> bool:
    typed, command = entry.typed, entry.command
    if command.name == "rm":
        words = [
            word.text.rstrip("*").rstrip("/") for word in command.arguments if not word.text.startswith("-")
        ]
        return bool(words) and all(any(w == t or w.startswith(f"{t}/") for t in targets) for w in words)
    if isinstance(typed, AptCommand):
        return typed.action in ("clean", "autoclean") and any(t.startswith("/var/cache/apt") for t in targets)
    if isinstance(typed, PipCommand):
        return typed.action in ("cache purge", "cache remove") and any(t.endswith("/pip") for t in targets)
    if isinstance(typed, NpmCommand):
        return typed.action == "cache clean" and any(t.endswith(".npm") for t in targets)
    return (
        isinstance(typed, CondaCommand)
        and typed.action == "clean"
        and any(t.endswith("/pkgs") for t in targets)
    )


def check(document: Document) -> Iterable[Problem]:
    """`rm -rf /var/lib/apt/lists/*`, `apt-get clean` and the like in a RUN that mounts just that directory as a cache."""
    for entry in every_command(document):
        targets = mount_targets(entry.step, "cache")
        if not targets or not _empties(entry, targets):
            continue
        span = entry.script.removal_span(entry.command)
        fix = safe_fix("Remove the command", Edit(span, "")) if span else None
        yield Problem(
            "this empties the cache that is mounted here", entry.command.span, entry.step.outer, fix
        )


RULE = Rule(
    code="TR6017",
    name="mounted-cache-cleaned",
    title="Do not clean a cache that is mounted.",
    why=(
        "A mounted directory is in no layer: cleaning it saves nothing and makes the next build download "
        "everything again."
    ),
    severity=Severity.WARNING,
    category="cache",
    check=check,
    safety="Only the mount's content is deleted, which is in no layer.",
    examples=(
        Example(
            (
                "FROM python:3.12-slim\nRUN --mount=type=cache,target=/var/cache/apt "
                "--mount=type=cache,target=/var/lib/apt/lists rm -f /etc/apt/apt.conf.d/docker-clean && "
                "apt-get update && apt-get install -y --no-install-recommends curl=8 && rm -rf "
                "/var/lib/apt/lists/*\n"
            ),
            (
                "FROM python:3.12-slim\nRUN --mount=type=cache,target=/var/cache/apt "
                "--mount=type=cache,target=/var/lib/apt/lists rm -f /etc/apt/apt.conf.d/docker-clean && "
                "apt-get update && apt-get install -y --no-install-recommends curl=8\n"
            ),
        ),
    ),
    clean=(
        (
            "FROM python:3.12-slim\nRUN --mount=type=cache,target=/root/.cache/pip pip install -r "
            "r.txt && rm -rf /var/lib/apt/lists/*\n"
        ),
    ),
)
