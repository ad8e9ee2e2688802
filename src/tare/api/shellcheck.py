"""ShellCheck's findings about the scripts of RUN steps, at their places in the Dockerfile.

All scripts of a run go to one ShellCheck process, equal ones once. Its columns count code points (format `json1`).
"""

import json
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tare.core.text import Source, Span
from tare.dockerfile.shell.reader import is_posix_shell
from tare.dockerfile.shell.script_text import ScriptText, instruction_script
from tare.rules.base import Problem, Rule
from tare.rules.document import Document, Step
from tare.rules.engine import Located
from tare.schema.lint import Severity

EXCLUDED = ("1090", "1091", "2187")
"""Sourced files, which are not there to follow, and `ash`, which ShellCheck takes for dash anyway."""

_LEVELS = {
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "info": Severity.INFO,
    "style": Severity.STYLE,
}
_PREDEFINED = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "FTP_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "ftp_proxy",
    "no_proxy",
)


@dataclass(frozen=True, slots=True)
class _Job:
    document: Document
    step: Step
    script: ScriptText
    head: int
    text: str


def find_shellcheck() -> str | None:
    """The program: that of the extra `shell` beside this Python, else the one on the PATH."""
    return shutil.which("shellcheck", path=sysconfig.get_path("scripts")) or shutil.which("shellcheck")


def check_scripts(program: str, documents: Sequence[Document]) -> Mapping[int, tuple[Located, ...]]:
    """Findings by the index of the document; those without any are left out."""
    jobs = [(at, job) for at, document in enumerate(documents) for job in _jobs(document)]
    if not jobs:
        return {}
    alike: dict[str, list[int]] = {}
    for number, (_, job) in enumerate(jobs):
        alike.setdefault(job.text, []).append(number)
    owners = list(alike.values())
    with tempfile.TemporaryDirectory(prefix="tare-shellcheck-") as directory:
        names = [str(number) for number in range(len(owners))]
        for name, text in zip(names, alike, strict=True):
            (Path(directory) / name).write_text(text, "utf-8", newline="")
        command = [program, "--norc", "-f", "json1", "-e", ",".join(EXCLUDED), *names]
        run = subprocess.run(command, cwd=directory, capture_output=True, check=False)
    found: dict[int, list[Located]] = {}
    for comment in json.loads(run.stdout or b'{"comments": []}')["comments"]:
        for number in owners[int(comment["file"])]:
            at, job = jobs[number]
            located = _located(job, comment)
            if located is not None:
                found.setdefault(at, []).append(located)
    return {at: tuple(rows) for at, rows in found.items()}


def _jobs(document: Document) -> list[_Job]:
    jobs: list[_Job] = []
    names: list[str] = list(_PREDEFINED)
    for step in document.steps:
        if step.keyword == "FROM" and not step.onbuild:
            names = list(_PREDEFINED)
        if step.keyword in ("ENV", "ARG") and not (step.keyword == "ENV" and len(step.inner.arguments) % 2):
            names += (name for name, _ in step.inner.env_pairs() if name.isidentifier() and name.isascii())
        if step.keyword != "RUN" or step.inner.form == "exec" or not is_posix_shell(step.shell):
            continue
        script, _ = instruction_script(step.inner)
        if script.text.startswith("#!") or not script.text.strip():
            continue
        used = [name for name in dict.fromkeys(names) if name in script.text]
        head = f"#!{_shebang(step.shell)}\n" + (
            f"export {' '.join(f'{name}=1' for name in used)}\n" if used else ""
        )
        jobs.append(_Job(document, step, script, head.count("\n"), head + script.text + "\n"))
    return jobs


def _shebang(shell: tuple[str, ...]) -> str:
    name = next((word for word in shell if not word.endswith("env")), "/bin/sh").rpartition("/")[2]
    return "/bin/bash" if name in ("bash", "zsh") else "/bin/ksh" if name == "ksh" else "/bin/sh"


def _located(job: _Job, comment: Mapping[str, Any]) -> Located | None:
    if comment["line"] <= job.head:
        return None
    source = Source(job.script.text)
    start = _offset(source, comment["line"] - job.head, comment["column"])
    end = max(start, _offset(source, comment["endLine"] - job.head, comment["endColumn"]))
    where = job.script.span(start, end)
    if start == end:
        where = Span(where.start, where.start)
    severity = _LEVELS[comment["level"]]
    rule = rule_of(f"SC{comment['code']}")
    severity = job.document.settings.severities.get(rule.code, severity)
    return Located(rule, severity, Problem(comment["message"], where, job.step.outer))


def _offset(source: Source, line: int, column: int) -> int:
    lines = source.text.count("\n") + 1
    if line > lines:
        return len(source.text)
    return min(len(source.text), source.offset(line, column))


@cache
def rule_of(code: str) -> Rule:
    """A check of ShellCheck as a rule."""
    return Rule(
        code=code,
        name=code.lower(),
        title=f"Follow ShellCheck's advice {code}.",
        why=f"ShellCheck explains it at https://www.shellcheck.net/wiki/{code}.",
        severity=Severity.WARNING,
        category="correct",
        check=lambda document: (),
    )
