"""TR3019: install with apk add --no-cache."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.calls import steps_calling
from tare.rules.document import Document
from tare.rules.mounts import kept_out
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """apk add without --no-cache and without a cache mount."""
    for step, found in steps_calling(document, "apk"):
        caching = [call for call in found if call.has_word("add") and not call.has_flag("no-cache")]
        if caching and not kept_out(step, "/var/cache/apk"):
            fix = safe_fix(
                "Add --no-cache", *(call.insertion(call.word("add"), "--no-cache") for call in caching)
            )
            yield Problem(
                "apk add keeps its index without `--no-cache`", caching[0].command.span, step.outer, fix
            )


RULE = Rule(
    code="TR3019",
    name="apk-cache",
    title="Install with apk add --no-cache.",
    why="Without it the index of every repository, a few megabytes, stays in /var/cache/apk.",
    severity=Severity.INFO,
    category="size",
    check=check,
    equivalents=(
        "DL3019",
        "DS-0025",
        "apk_add_using_local_cache_path",
        "missing-apk-no-cache",
        "apkAddUseNoCache",
    ),
    safety="--no-cache fetches the index anew and does not keep it: the packages are the same.",
    reads_broken=True,
    examples=(
        Example("FROM alpine:3\nRUN apk add curl=8\n", "FROM alpine:3\nRUN apk add --no-cache curl=8\n"),
    ),
    clean=("FROM alpine:3\nRUN apk add --no-cache curl\n",),
)
