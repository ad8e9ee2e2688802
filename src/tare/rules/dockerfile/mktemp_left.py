"""TR5019: a temporary directory that is not removed."""

import re
from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document
from tare.rules.edits import append_command
from tare.rules.shipped import removed_words, under_mount
from tare.rules.typed import every_command
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """`X=$(mktemp -d)` in a RUN that never removes `$X`."""
    for entry in every_command(document):
        for assignment in entry.command.assignments:
            if (
                not re.search(r"[$`(]\(?\s*mktemp\s+(?:-\w*d|--directory)", assignment.value.text)
                or entry.command.argv
            ):
                continue
            name = assignment.name
            if any(
                f"${name}" in word or f"${{{name}" in word for word in removed_words(document, entry.step)
            ):
                continue
            if under_mount(entry.step, "/tmp/x"):
                continue
            edit = append_command(document, entry.step, entry.script, f'rm -rf "${name}"')
            fix = safe_fix("Remove it at the end", edit) if edit else None
            yield Problem(f"the directory ${name} stays in the layer", assignment.span, entry.step.outer, fix)


RULE = Rule(
    code="TR5019",
    name="mktemp-left",
    title="Remove temporary directories in the step that made them.",
    why=(
        "A directory with a random name under /tmp is found by nobody again, but its files, often a key ring "
        "or sources, are in the layer."
    ),
    severity=Severity.INFO,
    category="size",
    check=check,
    equivalents=("rmRecursiveAfterMktempD",),
    safety="Its name is random and known to this step alone.",
    examples=(
        Example(
            'FROM debian:12\nRUN D="$(mktemp -d)" && tar -xf /a.tar -C "$D" && cp "$D/a" /usr/bin/a\n',
            (
                'FROM debian:12\nRUN D="$(mktemp -d)" && tar -xf /a.tar -C "$D" && cp "$D/a" /usr/bin/a '
                '&& rm -rf "$D"\n'
            ),
        ),
    ),
    clean=('FROM debian:12\nRUN D=$(mktemp -d) && cp a "$D" && rm -rf "$D"\n',),
)
