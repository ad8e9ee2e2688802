"""TR6023: git clone with its whole history."""

from collections.abc import Iterable

from tare.dockerfile.commands import GitCommand
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.shipped import removed_words, shipped_stages
from tare.rules.typed import commands_of, same_run
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """`git clone` without --depth in a shipped stage, unless .git is removed or a commit is checked out afterwards."""
    for entry, typed in commands_of(document, GitCommand, "clone"):
        step = entry.step
        if step.stage not in shipped_stages(document) or typed.has(
            "--depth", "--shallow-since", "--filter", "--revision"
        ):
            continue
        if typed.repository is None or typed.has("--mirror", "--bare"):
            continue
        own = same_run(document, step)
        checks = any(
            isinstance(o.typed, GitCommand) and o.typed.action in ("checkout", "reset", "switch") for o in own
        )
        name = typed.directory or ""
        gone = any(
            word.endswith(".git") or (name and word.rstrip("/").endswith(name))
            for word in removed_words(document, step)
        )
        if gone:
            continue
        fix = None if checks else unsafe_fix("Clone the last commit only", typed.insertion("--depth 1"))
        yield Problem("the whole history is cloned and stays in .git", entry.command.span, step.outer, fix)


RULE = Rule(
    code="TR6023",
    name="full-git-clone",
    title="Clone without history.",
    why=(
        "`.git` holds every version of every file, often several times the size of the working tree. Of 815 "
        "real ML files 21.5 % clone in the shipped stage. `--depth 1` takes one commit; `ADD "
        "https://….git#tag` or `pip install git+https://…@commit` leave no history at all."
    ),
    severity=Severity.INFO,
    category="size",
    check=check,
    safety="Versions derived from tags (setuptools-scm) and a later checkout of another commit need the history.",
    examples=(
        Example(
            "FROM python:3.12\nRUN git clone https://github.com/example/model.git /srv/model\n",
            ("FROM python:3.12\nRUN git clone --depth 1 https://github.com/example/model.git /srv/model\n"),
        ),
    ),
    clean=(
        "FROM python:3.12\nRUN git clone --depth 1 https://github.com/example/model.git\n",
        ("FROM python:3.12\nRUN git clone https://github.com/example/model.git && rm -rf model/.git\n"),
    ),
)
