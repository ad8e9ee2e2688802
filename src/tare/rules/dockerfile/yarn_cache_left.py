"""TR3060: clean up after yarn in the same step."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.calls import Call, steps_calling
from tare.rules.document import Document
from tare.rules.endings import appended
from tare.rules.lineage import shipped
from tare.rules.mounts import kept_out
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """yarn install that leaves its cache in the layer."""
    stages = shipped(document)
    for step, found in steps_calling(document, "yarn"):
        dirty: Call | None = None
        for call in found:
            if call.has_word("install"):
                dirty = call
            elif call.has_word("cache") and call.has_word("clean"):
                dirty = None
        if dirty is None or not (step.onbuild or step.stage in stages) or kept_out(step, "/.cache/yarn"):
            continue
        if kept_out(step, "/.cache/yarn/v6"):
            continue
        edit = appended(document, step, "yarn cache clean")
        fix = safe_fix("Clean up at the end of the step", edit) if edit else None
        yield Problem("`yarn cache clean` is missing", dirty.command.span, step.outer, fix)


RULE = Rule(
    code="TR3060",
    name="yarn-cache-left",
    title="Clean up after yarn in the same step.",
    why=(
        "yarn keeps every package that it downloads, packed, in its cache: often as much again as "
        "node_modules itself."
    ),
    severity=Severity.INFO,
    category="size",
    check=check,
    equivalents=(
        "DL3060",
        "yarnCacheCleanAfterInstall",
    ),
    safety="The cache holds only what can be fetched again: installed packages stay as they are.",
    reads_broken=True,
    turn=1,
    examples=(
        Example("FROM node:20\nRUN yarn install\n", "FROM node:20\nRUN yarn install && yarn cache clean\n"),
    ),
    clean=("FROM node:20\nRUN yarn install && yarn cache clean\n",),
)
