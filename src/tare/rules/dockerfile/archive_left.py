"""TR5018: a downloaded archive left beside what was unpacked from it."""

import posixpath
import re
from collections.abc import Iterable
from fnmatch import fnmatch

from tare.dockerfile.commands import FetchCommand
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.edits import append_command
from tare.rules.shipped import removed_words, shipped_stages, under_mount
from tare.rules.typed import commands_of, same_run
from tare.schema.lint import Severity

_ARCHIVE = re.compile(r"\.(?:tar|tgz|tbz2?|txz|zip|tar\.\w+|7z|gz|xz|bz2|whl)$")
_UNPACKERS = frozenset({"tar", "unzip", "bsdtar", "7z", "gunzip", "unxz", "bunzip2", "jar", "busybox"})


def _removed(path: str, words: tuple[str, ...]) -> bool:
    name = posixpath.basename(path)
    return any(
        name in word
        or fnmatch(path, word)
        or fnmatch(name, posixpath.basename(word))
        or path.startswith(word + "/")
        for word in words
    )


def check(document: Document) -> Iterable[Problem]:
    """Archives that a RUN fetches and unpacks but does not remove, in a stage that is shipped."""
    for entry, typed in commands_of(document, FetchCommand):
        path = typed.output
        step = entry.step
        if path is None or not _ARCHIVE.search(path) or step.stage not in shipped_stages(document):
            continue
        own = same_run(document, step)
        name = posixpath.basename(path)
        unpacked = any(
            o.command.name in _UNPACKERS and any(name in word.text for word in o.command.arguments)
            for o in own
        )
        if not unpacked or under_mount(step, path) or _removed(path, removed_words(document, step)):
            continue
        moved = any(o.command.name in ("cd", "pushd", "mv") for o in own) and not path.startswith("/")
        edit = None if moved else append_command(document, step, entry.script, f"rm {path}")
        fix = (
            unsafe_fix("Remove it in the same step", edit)
            if edit and re.fullmatch(r"[\w./-]+", path)
            else None
        )
        yield Problem(
            f"{name} stays in the layer beside what was unpacked from it", entry.command.span, step.outer, fix
        )


RULE = Rule(
    code="TR5018",
    name="archive-left",
    title="Remove a downloaded archive in the step that unpacked it.",
    why=(
        "The archive is as large as its compressed content, stays in the layer for ever and is pulled with "
        "every image; a later `rm` only hides it. Unpacking from a pipe (`curl -fsSL URL | tar -xz`) never "
        "writes it."
    ),
    severity=Severity.WARNING,
    category="size",
    check=check,
    equivalents=(
        "tarSomethingRmTheSomething",
        "tally/prefer-add-unpack",
    ),
    safety="Another step, or the application, may read the archive itself.",
    examples=(
        Example(
            (
                "FROM debian:12\nRUN curl -fsSL https://example.org/a.tar.gz -o /tmp/a.tar.gz && tar "
                "-xzf /tmp/a.tar.gz -C /opt\n"
            ),
            (
                "FROM debian:12\nRUN curl -fsSL https://example.org/a.tar.gz -o /tmp/a.tar.gz && tar "
                "-xzf /tmp/a.tar.gz -C /opt && rm /tmp/a.tar.gz\n"
            ),
        ),
    ),
    clean=(
        "FROM debian:12\nRUN curl -fsSL https://example.org/a.tar.gz | tar -xz\n",
        (
            "FROM debian:12\nRUN curl -fsSLO https://example.org/a.tar.gz && tar -xzf a.tar.gz && rm "
            "-f *.tar.gz\n"
        ),
    ),
)
