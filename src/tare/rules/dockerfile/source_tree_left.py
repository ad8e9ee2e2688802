"""TR5020: sources left in /usr/src after they were built."""

import re
from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.edits import append_command
from tare.rules.shipped import removed_words, shipped_stages, under_mount
from tare.rules.typed import named, same_run
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """`mkdir /usr/src/X` in a RUN that builds there and removes nothing of it, in a stage that is shipped."""
    for entry in named(document, "mkdir"):
        step = entry.step
        paths = [word.text for word in entry.command.arguments if word.text.startswith("/usr/src/")]
        if not paths or step.stage not in shipped_stages(document) or under_mount(step, paths[0]):
            continue
        builds = any(o.command.name in ("make", "ninja", "cmake") for o in same_run(document, step))
        if not builds or any(word.startswith("/usr/src") for word in removed_words(document, step)):
            continue
        plain = re.fullmatch(r"/usr/src/[\w.-]+", paths[0])
        edit = append_command(document, step, entry.script, f"rm -rf {paths[0]}") if plain else None
        fix = unsafe_fix("Remove the sources", edit) if edit else None
        yield Problem(
            f"the sources and objects in {paths[0]} stay in the layer", entry.command.span, step.outer, fix
        )


RULE = Rule(
    code="TR5020",
    name="source-tree-left",
    title="Remove sources after building from them.",
    why=(
        "Sources and object files are many times the size of what `make install` puts into place. Better "
        "still, build in a stage of its own and copy the result."
    ),
    severity=Severity.INFO,
    category="size",
    check=check,
    equivalents=("mkdirUsrSrcThenRemove",),
    safety="A program may be run from its source tree rather than installed.",
    examples=(
        Example(
            (
                "FROM debian:12\nRUN mkdir -p /usr/src/lib && tar -xf lib.tar -C /usr/src/lib && make -C "
                "/usr/src/lib install\n"
            ),
            (
                "FROM debian:12\nRUN mkdir -p /usr/src/lib && tar -xf lib.tar -C /usr/src/lib && make -C "
                "/usr/src/lib install && rm -rf /usr/src/lib\n"
            ),
        ),
    ),
    clean=("FROM debian:12\nRUN mkdir -p /usr/src/app\n",),
)
