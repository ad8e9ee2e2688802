"""TR3036: clean up after zypper in the same step."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.calls import steps_calling
from tare.rules.document import Document
from tare.rules.endings import appended
from tare.rules.mounts import kept_out
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """zypper install that leaves its cache in the layer."""
    for step, found in steps_calling(document, "zypper"):
        installs = [call for call in found if call.has_word("install", "in")]
        cleaned = any(call.has_word("clean", "cc") for call in found)
        if installs and not cleaned and not kept_out(step, "/var/cache/zypp"):
            edit = appended(document, step, "zypper clean --all")
            fix = safe_fix("Clean up at the end of the step", edit) if edit else None
            yield Problem("`zypper clean` is missing", installs[0].command.span, step.outer, fix)


RULE = Rule(
    code="TR3036",
    name="zypper-cache-left",
    title="Clean up after zypper in the same step.",
    why=(
        "zypper keeps packages and metadata in /var/cache/zypp. A later step that removes them frees nothing."
    ),
    severity=Severity.WARNING,
    category="size",
    check=check,
    equivalents=(
        "DL3036",
        "DS-0020",
        "missing_zypper_clean",
        "missing-zypper-clean",
    ),
    safety="The cache holds only what can be fetched again: installed packages stay as they are.",
    reads_broken=True,
    turn=1,
    examples=(
        Example(
            "FROM opensuse/leap:15\nRUN zypper -n in httpd=2\n",
            "FROM opensuse/leap:15\nRUN zypper -n in httpd=2 && zypper clean --all\n",
        ),
    ),
    clean=("FROM opensuse/leap:15\nRUN zypper -n in httpd=2 && zypper cc\n",),
)
