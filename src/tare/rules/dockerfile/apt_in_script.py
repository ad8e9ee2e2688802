"""TR3027: use apt-get in scripts."""

from collections.abc import Iterable

from tare.core.text import Edit
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.calls import steps_calling
from tare.rules.document import Document
from tare.schema.lint import Severity

_SHARED = frozenset(
    [
        "install",
        "update",
        "upgrade",
        "remove",
        "purge",
        "autoremove",
        "autopurge",
        "clean",
        "autoclean",
        "reinstall",
        "build-dep",
        "source",
        "download",
    ]
)


def check(document: Document) -> Iterable[Problem]:
    """RUN that calls apt."""
    for step, found in steps_calling(document, "apt"):
        shared = all(any(word.text in _SHARED for word in call.words) for call in found)
        edits = (Edit(call.program.span, "apt-get") for call in found)
        fix = safe_fix("Use apt-get", *edits) if shared else None
        yield Problem("apt is for people, scripts use apt-get", found[0].program.span, step.outer, fix)


RULE = Rule(
    code="TR3027",
    name="apt-in-script",
    title="Use apt-get in scripts.",
    why=(
        "apt is made for people at a terminal: its options and output may change between releases, and it "
        "says so itself when its output is piped."
    ),
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=(
        "DL3027",
        "CKV_DOCKER_9",
        "run_using_apt",
        "prefer-apt-get",
    ),
    safety=(
        "For these subcommands apt-get takes the same words and does the same. The fix is not offered where"
        " checks of apt-get would then fire: correct those first."
    ),
    reads_broken=True,
    examples=(
        Example("FROM debian:12\nRUN apt clean\n", "FROM debian:12\nRUN apt-get clean\n"),
        Example("FROM debian:12\nRUN apt list\n"),
    ),
    clean=("FROM debian:12\nRUN apt-get clean\n",),
)
