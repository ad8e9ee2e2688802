"""TR3040: clean up after dnf in the same step."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.calls import Call, calls_in, scripts
from tare.rules.document import Document
from tare.rules.endings import appended
from tare.rules.mounts import kept_out
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """dnf install that leaves its cache in the layer."""
    for step, script in scripts(document):
        dirty: Call | None = None
        for call in calls_in(script.commands):
            if call.name in ("dnf", "microdnf") and call.has_word("install", "reinstall", "upgrade"):
                dirty = call
            elif dirty is not None and _cleans(call, dirty.name):
                dirty = None
        if dirty is not None and not kept_out(step, "/var/cache/dnf", "/var/cache/libdnf5", "/var/cache/yum"):
            edit = appended(document, step, f"{dirty.name} clean all")
            fix = safe_fix("Clean up at the end of the step", edit) if edit else None
            yield Problem(f"`{dirty.name} clean all` is missing", dirty.command.span, step.outer, fix)


def _cleans(call: Call, program: str) -> bool:
    """`clean` of the same program; like hadolint, any `rm -rf` passes for a clean-up by hand."""
    if call.name == "rm":
        return call.has_flag("r", "R", "recursive") and call.has_flag("f", "force")
    return call.name == program and call.has_word("clean")


RULE = Rule(
    code="TR3040",
    name="dnf-cache-left",
    title="Clean up after dnf in the same step.",
    why=(
        "dnf keeps metadata and packages, 30 to 300 MB, in its cache. A later step that removes them frees "
        "nothing."
    ),
    severity=Severity.WARNING,
    category="size",
    check=check,
    equivalents=(
        "DL3040",
        "DS-0019",
        "DS-0027",
        "missing_dnf_clean_all",
        "missing-dnf-clean-all",
        "DS-0027",
    ),
    safety="The cache holds only what can be fetched again: installed packages stay as they are.",
    reads_broken=True,
    turn=1,
    examples=(
        Example(
            "FROM fedora:40\nRUN dnf install -y httpd-2.4\n",
            "FROM fedora:40\nRUN dnf install -y httpd-2.4 && dnf clean all\n",
        ),
    ),
    clean=(
        "FROM fedora:40\nRUN dnf install -y httpd-2.4 && dnf clean all\n",
        "FROM fedora:40\nRUN --mount=type=cache,target=/var/cache/dnf dnf install -y httpd-2.4\n",
    ),
)
