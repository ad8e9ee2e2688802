"""`tare lint` as a function."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from tare import __version__
from tare.api.dockerfiles import decoded, find_dockerfiles, read_dockerfile
from tare.rules.choices import LintChoices
from tare.rules.document import Document
from tare.rules.engine import Checked, Located, check, selected
from tare.rules.fixing import fix_all, offered, without_fixes
from tare.rules.present import facts_of, findings_of
from tare.rules.registry import ENTRIES
from tare.schema.finding import Applicability
from tare.schema.lint import AppliedFix, FileError, Finding, LintReport, RuleFacts
from tare.schema.report import FileChange

SAFE = (Applicability.SAFE, Applicability.VERIFIED)
ANY = tuple(Applicability)
PARALLEL_FROM = 100
"""Files from which on more than one process pays: starting one costs as much as some forty files, or as some eight
whose fixes are all tried."""


@dataclass(frozen=True, slots=True)
class _Task:
    name: str
    text: str
    directory: Path | None
    choices: LintChoices
    fixes: tuple[Applicability, ...]
    offer: bool


@dataclass(frozen=True, slots=True)
class _Result:
    findings: tuple[Finding, ...]
    rules: tuple[RuleFacts, ...]
    suppressed: int
    applied: tuple[AppliedFix, ...]
    after: str | None
    untried: int


def lint(
    paths: Sequence[Path] = (),
    *,
    stdin: bytes | None = None,
    stdin_name: str = "-",
    choices: LintChoices | None = None,
    fixes: Collection[Applicability] = (),
    write: bool = False,
    offer: bool = True,
    baseline: Collection[tuple[str, str]] = (),
    jobs: int | None = None,
) -> LintReport:
    """Check the Dockerfiles at `paths` (directories are searched) and the text of `stdin`, when it is given.

    `fixes` are the kinds of fixes to apply; the changed files are in `changes`, and on the disk with `write`. With
    `offer`, each finding has the fix that passed every check of the engine; without it none is tried, and `untried`
    counts them. `baseline`
    holds (path, fingerprint) of findings to leave out. One bad file never stops the others: see `errors`.
    """
    chosen = choices or LintChoices()
    tasks: list[_Task] = []
    errors: list[FileError] = []
    for name, text, directory in _texts(paths, stdin, stdin_name):
        if isinstance(text, FileError):
            errors.append(text)
        else:
            tasks.append(_Task(name, text, directory, chosen, tuple(fixes), offer))
    extra: Mapping[int, tuple[Located, ...]] = {}
    if chosen.shellcheck is not False:
        shellcheck = import_module("tare.api.shellcheck")
        program = shellcheck.find_shellcheck()
        if program is None and chosen.shellcheck:
            hint = "pip install 'tare-image[shell]', or leave --shellcheck out"
            errors.append(FileError("-", "ShellCheck is not installed", hint=hint))
        elif program is not None:
            extra = shellcheck.check_scripts(program, [_document(task) for task in tasks])
    results = list(_run(tasks, extra, jobs))
    changes = tuple(
        _change(task, result.after)
        for task, result in zip(tasks, results, strict=True)
        if result.after is not None and result.after != task.text
    )
    if write and changes:
        files = {
            Path(change.path): change.after
            for change in changes
            if change.path != stdin_name or stdin is None
        }
        import_module("tare.core.io").write_all(files)
    findings = [finding for result in results for finding in result.findings]
    kept = tuple(finding for finding in findings if (finding.path, finding.fingerprint) not in baseline)
    rules = {rule.code: rule for result in results for rule in result.rules}
    fired = {finding.code for finding in kept}
    return LintReport(
        verb="lint",
        tool_version=__version__,
        files=tuple(task.name for task in tasks),
        findings=kept,
        errors=tuple(errors),
        rules=tuple(rules[code] for code in sorted(fired)),
        fixed=tuple(fix for result in results for fix in result.applied),
        changes=changes,
        suppressed=sum(result.suppressed for result in results),
        baselined=len(findings) - len(kept),
        untried=sum(result.untried for result in results),
    )


def _texts(
    paths: Sequence[Path], stdin: bytes | None, stdin_name: str
) -> Iterator[tuple[str, str | FileError, Path | None]]:
    if stdin is not None:
        yield stdin_name, decoded(stdin, stdin_name), None
    for found in find_dockerfiles(paths):
        if isinstance(found, FileError):
            yield found.path, found, None
        else:
            yield str(found), read_dockerfile(found), found.parent


def _run(
    tasks: Sequence[_Task], extra: Mapping[int, tuple[Located, ...]], jobs: int | None
) -> Iterable[_Result]:
    few = PARALLEL_FROM // (10 if any(task.offer for task in tasks) else 2)
    workers = min(jobs or os.cpu_count() or 1, len(tasks) // few)
    if workers < 2 or extra:
        return _check_all(tasks, extra)
    size = max(1, min(64, len(tasks) // (4 * workers)))
    parts = [tasks[at : at + size] for at in range(0, len(tasks), size)]
    mapped = import_module("tare.api.processes").mapped
    return [result for part in mapped(_check_all, parts, workers) for result in part]


def _check_all(
    tasks: Sequence[_Task], extra: Mapping[int, tuple[Located, ...]] | None = None
) -> list[_Result]:
    memory: dict[object, object] = {}
    return [_check(task, (extra or {}).get(at, ()), memory) for at, task in enumerate(tasks)]


def _document(task: _Task, memory: dict[object, object] | None = None) -> Document:
    return Document(task.text, task.name, task.choices.for_path(task.name), task.directory, memory)


def _check(task: _Task, extra: tuple[Located, ...], memory: dict[object, object]) -> _Result:
    document = _document(task, memory)
    entries = selected(document.settings)
    applied: tuple[AppliedFix, ...] = ()
    if task.fixes and document.error is None:
        watching = tuple(dict.fromkeys((*entries, *(entry for entry in ENTRIES if entry.on_by_default))))
        fixed = fix_all(document, watching, task.fixes, wanted=entries)
        applied = tuple(_applied(task, located, line) for located, line in fixed.applied)
        document = fixed.document
        if applied:
            extra = ()
    ignored = document.settings.ignore
    extra = tuple(
        located for located in extra if not _out(located.rule.code, ignored, document.settings.select)
    )
    checked: Checked = check(document, entries, extra=extra)
    if task.offer and document.error is None:
        checked = offered(document, checked, entries)
    rules = {located.rule.code: located.rule for located in checked.problems}
    untried = checked.untried
    if not task.offer:
        untried = sum(located.problem.fix is not None for located in checked.problems)
        checked = without_fixes(checked)
    findings = findings_of(document, checked.problems)
    return _Result(
        findings,
        tuple(facts_of(rule) for rule in rules.values()),
        checked.suppressed,
        applied,
        document.text if applied else None,
        untried,
    )


def _out(code: str, ignored: Iterable[str], chosen: Sequence[str]) -> bool:
    """Whether a check of ShellCheck is left out: ignored by code, or not among those chosen."""
    if any(code == name.upper() for name in ignored):
        return True
    return bool(chosen) and not any(name.upper() in (code, "SC", "ALL") for name in chosen)


def _applied(task: _Task, located: Located, line: int) -> AppliedFix:
    fix = located.problem.fix
    assert fix is not None
    return AppliedFix(task.name, located.rule.code, line, fix.title, fix.applicability)


def _change(task: _Task, after: str) -> FileChange:
    lines = import_module("difflib").unified_diff(
        task.text.splitlines(keepends=True),
        after.splitlines(keepends=True),
        f"a/{task.name}",
        f"b/{task.name}",
    )
    diff = "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
    return FileChange(task.name, task.text, after, diff)


def stricter(report: LintReport, choices: LintChoices) -> bool:
    """Whether a finding reaches the severity at which the run fails."""
    if choices.fail_on is None:
        return False
    limit = choices.fail_on.rank
    return any(finding.severity.rank >= limit for finding in report.findings)
