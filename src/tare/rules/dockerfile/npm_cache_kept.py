"""TR5008: npm's cache left in a layer."""

from collections.abc import Iterable

from tare.dockerfile.commands import NpmCommand
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document
from tare.rules.edits import append_command
from tare.rules.shipped import mount_targets, removed_words, shipped_stages
from tare.rules.typed import commands_of, same_run
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """npm installs in a stage that is shipped, whose cache is neither cleaned nor mounted."""
    seen: set[int] = set()
    cleaners = [entry for entry, _ in commands_of(document, NpmCommand, "cache clean")]
    for entry, typed in commands_of(document, NpmCommand, "install", "ci", "update"):
        step = entry.step
        if typed.program != "npm" or id(step) in seen or step.stage not in shipped_stages(document):
            continue
        cleaned = any(
            (isinstance(o.typed, NpmCommand) and o.typed.action == "cache clean")
            for o in same_run(document, step)
        )
        removed = any(".npm" in word or "/root/.*" in word for word in removed_words(document, step))
        mounted = any("npm" in target or target.endswith("/.cache") for target in mount_targets(step))
        if cleaned or removed or mounted or typed.has("--cache") or "npm_config_cache" in document.haystack:
            continue
        seen.add(id(step))
        if any(
            o.step.stage == step.stage and o.step.outer.span.start > step.outer.span.start for o in cleaners
        ):
            continue  # removed-in-later-layer reports it
        edit = append_command(document, step, entry.script, "npm cache clean --force")
        fix = safe_fix("Clean the cache in the same step", edit) if edit else None
        yield Problem(
            "npm keeps every downloaded package a second time in ~/.npm", entry.command.span, step.outer, fix
        )


RULE = Rule(
    code="TR5008",
    name="npm-cache-kept",
    title="Clean npm's cache in the step that filled it.",
    why=(
        "npm stores every archive that it downloaded in ~/.npm/_cacache, beside what it unpacked into "
        "node_modules: the layer holds the dependencies twice, once compressed. A cache mount "
        "(`--mount=type=cache,target=/root/.npm`) keeps it out of the layer and makes rebuilds faster."
    ),
    severity=Severity.WARNING,
    category="size",
    check=check,
    equivalents=(
        "npmCacheCleanAfterInstall",
        "tally/prefer-package-cache-mounts",
    ),
    safety="Only npm reads its cache, and fetches again what is not there.",
    examples=(
        Example("FROM node:22\nRUN npm ci\n", "FROM node:22\nRUN npm ci && npm cache clean --force\n"),
    ),
    clean=(
        "FROM node:22\nRUN --mount=type=cache,target=/root/.npm npm ci\n",
        "FROM node:22 AS build\nRUN npm ci\nFROM nginx:1.27\nCOPY --from=build /app /app\n",
    ),
)
