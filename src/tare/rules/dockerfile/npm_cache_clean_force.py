"""TR5009: npm cache clean without --force."""

from collections.abc import Iterable

from tare.dockerfile.commands import NpmCommand
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document
from tare.rules.typed import commands_of
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """`npm cache clean`, which npm refuses since version 5."""
    for entry, typed in commands_of(document, NpmCommand, "cache clean"):
        if typed.program == "npm" and not typed.has("--force"):
            fix = safe_fix("Add --force", typed.insertion("--force"))
            yield Problem(
                "npm refuses to clean its cache without --force", entry.command.span, entry.step.outer, fix
            )


RULE = Rule(
    code="TR5009",
    name="npm-cache-clean-force",
    title="Clean npm's cache with --force.",
    why="Since npm 5 the command fails without `--force`, and with it the step.",
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=("npmCacheCleanUseForce",),
    safety="Without it the step fails, or (before npm 5) does the same.",
    examples=(
        Example(
            "FROM node:22\nRUN npm ci && npm cache clean\n",
            "FROM node:22\nRUN npm ci && npm cache clean --force\n",
        ),
    ),
    clean=("FROM node:22\nRUN npm ci && npm cache clean --force\n",),
)
