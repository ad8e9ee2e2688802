"""TR5021: a signature file left after it was verified."""

import re
from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.edits import append_command
from tare.rules.shipped import removed_words, shipped_stages
from tare.rules.typed import named, same_run
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """`gpg --verify X.asc` in a RUN that does not remove X.asc."""
    for entry in named(document, "gpg", "gpg2", "gpgv"):
        words = [word.text for word in entry.command.arguments]
        files = [word for word in words if word.endswith((".asc", ".sig", ".sign"))]
        if ("--verify" not in words and entry.command.name != "gpgv") or not files:
            continue
        removed = removed_words(document, entry.step)
        left = [
            name for name in files if not any(name == word or "*" in word or word in name for word in removed)
        ]
        if not left or entry.step.stage not in shipped_stages(document):
            continue
        moved = any(o.command.name in ("cd", "pushd") for o in same_run(document, entry.step))
        plain = re.fullmatch(r"[\w./-]+", left[0]) and not (moved and not left[0].startswith("/"))
        edit = append_command(document, entry.step, entry.script, f"rm {left[0]}") if plain else None
        fix = unsafe_fix("Remove it", edit) if edit else None
        yield Problem(f"{left[0]} is of no use after the check", entry.command.span, entry.step.outer, fix)


RULE = Rule(
    code="TR5021",
    name="signature-left",
    title="Remove signature files after the check.",
    why="A detached signature is small, but it is one more file of unknown purpose in the image.",
    severity=Severity.STYLE,
    category="size",
    check=check,
    equivalents=("gpgVerifyAscRmAsc",),
    safety="Another step may verify again.",
    examples=(
        Example(
            "FROM debian:12\nRUN gpg --batch --verify a.tar.asc a.tar && tar -xf a.tar\n",
            ("FROM debian:12\nRUN gpg --batch --verify a.tar.asc a.tar && tar -xf a.tar && rm a.tar.asc\n"),
        ),
    ),
    clean=("FROM debian:12\nRUN gpg --batch --verify a.tar.asc a.tar && rm a.tar.asc\n",),
)
