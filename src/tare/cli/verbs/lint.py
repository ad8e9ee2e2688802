"""`tare lint`."""

import gc
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from tare.api._lint import ANY, SAFE, lint, stricter
from tare.api.baseline import baseline_text, read_baseline
from tare.api.lint_settings import find_choices, read_hadolint_file
from tare.core.errors import UsageError
from tare.report import formats_of, render
from tare.rules.choices import LintChoices, known, severities, severity_of
from tare.schema.lint import FileError, LintReport

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("paths", nargs=-1, type=_PATH)
@click.option("--fix", is_flag=True, help="Apply the safe fixes.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: the unsafe fixes too.")
@click.option("--diff", is_flag=True, help="Show what --fix would change; exit 1 when that is anything.")
@click.option(
    "--select",
    multiple=True,
    metavar="CODES",
    help="Run these rules only: codes, beginnings of codes, names, ALL.",
)
@click.option("--extend-select", multiple=True, metavar="CODES", help="Run these rules too.")
@click.option("--ignore", multiple=True, metavar="CODES", help="Leave these rules out.")
@click.option(
    "--per-path-ignores", multiple=True, metavar="GLOB:CODES", help="Leave rules out for some files."
)
@click.option("--severity", multiple=True, metavar="CODE=LEVEL", help="Override a severity.")
@click.option("--trusted-registry", multiple=True, metavar="HOST", help="Allow images of this registry only.")
@click.option("--require-label", multiple=True, metavar="NAME:TYPE", help="Demand a label of a type.")
@click.option("--strict-labels", is_flag=True, help="Allow no other labels.")
@click.option("--no-comments", is_flag=True, help="Honour no comments that silence findings.")
@click.option("--fail-on", metavar="LEVEL", help="error, warning, info, style or never [default: warning].")
@click.option("--shellcheck/--no-shellcheck", default=None, help="ShellCheck's findings too (extra `shell`).")
@click.option(
    "--hadolint-config", type=_PATH, help="Settings of hadolint, when they are not in their usual place."
)
@click.option("--baseline", type=_PATH, help="Leave out the findings that this file knows.")
@click.option("--write-baseline", type=_PATH, help="Write all findings into a baseline and exit 0.")
@click.option("--stdin-name", default="-", help="What to call the file that comes by stdin (PATH `-`).")
@click.option("--format", "format_", type=click.Choice(formats_of("lint")), default="text", show_default=True)
@click.option(
    "--output", multiple=True, metavar="FORMAT=FILE", help="Also write the report to a file; repeat for more."
)
@click.option(
    "--jobs", "-j", type=click.IntRange(1), help="Processes at most [default: as many as processors]."
)
def command(paths: tuple[Path, ...], format_: str, output: tuple[str, ...], **options: Any) -> None:
    """Check Dockerfiles; directories are searched for them. PATH `-` is stdin."""
    gc.set_threshold(
        100_000, 50, 50
    )  # nearly all objects here die by their counts: looking for cycles is an eighth of the time
    outputs = [_output(text) for text in output]
    choices = _choices(options)
    stdin = sys.stdin.buffer.read() if Path("-") in paths else None
    places = [path for path in paths if path != Path("-")] or ([Path()] if stdin is None else [])
    wants_fixes = options["fix"] or options["diff"]
    if options["unsafe_fixes"] and not wants_fixes:
        raise UsageError(
            "--unsafe-fixes says which fixes to apply", hint="add --fix, or --diff to look at them"
        )
    report = lint(
        places,
        stdin=stdin,
        stdin_name=options["stdin_name"],
        choices=choices,
        fixes=(ANY if options["unsafe_fixes"] else SAFE) if wants_fixes else (),
        write=options["fix"] and not options["diff"],
        offer=format_ != "text" or any(name != "text" for name, _ in outputs),
        baseline=read_baseline(options["baseline"]) if options["baseline"] else (),
        jobs=options["jobs"],
    )
    options |= {"given": paths, "text": (stdin or b"").decode("utf-8", "replace")}
    _print(report, format_, outputs, options)
    for error in report.errors:
        _tell(error)
    if options["write_baseline"]:
        options["write_baseline"].write_text(baseline_text(report.findings), "utf-8")
        sys.exit(2 if report.errors else 0)
    sys.exit(_exit_code(report, choices, options))


def _print(
    report: LintReport, format_: str, outputs: list[tuple[str, Path]], options: dict[str, Any]
) -> None:
    """The report on stdout; with --fix and stdin, the fixed text there and the report on stderr."""
    for name, path in outputs:
        path.write_text(render(report, name), "utf-8")
    writing = options["fix"] and not options["diff"]
    shown = replace(report, changes=()) if writing and format_ == "text" else report
    if writing and Path("-") in options["given"]:
        changed = [change.after for change in report.changes if change.path == options["stdin_name"]]
        click.echo(changed[0] if changed else options["text"], nl=False)
        click.echo(render(shown, format_), nl=False, err=True)
        return
    click.echo(render(shown, format_), nl=False)


def _exit_code(report: LintReport, choices: LintChoices, options: dict[str, Any]) -> int:
    if report.errors:
        return 2
    if options["diff"] and report.changes:
        return 1
    return 1 if stricter(report, choices) else 0


def _tell(error: FileError) -> None:
    place = f"{error.path}:{error.line}:{error.column or 1}" if error.line else error.path
    click.echo(f"error: {place}: {error.message}", err=True)
    if error.hint:
        click.echo(f"hint: {error.hint}", err=True)


def _choices(options: dict[str, Any]) -> LintChoices:
    """The settings of files, with the flags laid over them."""
    given = options["hadolint_config"]
    found = read_hadolint_file(given) if given else find_choices(Path(), os.environ)
    rules = found.rules
    if options["select"]:
        rules = replace(rules, select=known(_split(options["select"]), "--select"))
    extend = known(_split(options["extend_select"]), "--extend-select")
    ignore = known(_split(options["ignore"]), "--ignore")
    overrides = dict(_pair(text, "=", "--severity") for text in options["severity"])
    labels = dict(_pair(text, ":", "--require-label") for text in options["require_label"])
    rules = replace(
        rules,
        extend_select=(*rules.extend_select, *extend),
        ignore=(*rules.ignore, *ignore),
        severities={**rules.severities, **severities(overrides, "--severity")},
        trusted_registries=options["trusted_registry"] or rules.trusted_registries,
        label_schema=labels or rules.label_schema,
        strict_labels=options["strict_labels"] or rules.strict_labels,
        honour_comments=rules.honour_comments and not options["no_comments"],
    )
    ignores = {**found.per_path_ignores}
    for text in options["per_path_ignores"]:
        glob, codes = _pair(text, ":", "--per-path-ignores")
        ignores[glob] = (*ignores.get(glob, ()), *known(_split((codes,)), "--per-path-ignores"))
    fail = options["fail_on"]
    if fail is not None:
        found = replace(found, fail_on=None if fail == "never" else severity_of(fail, "--fail-on"))
    if options["shellcheck"] is not None:
        found = replace(found, shellcheck=options["shellcheck"])
    return replace(found, rules=rules, per_path_ignores=ignores)


def _split(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())


def _pair(text: str, separator: str, flag: str) -> tuple[str, str]:
    first, found, second = text.partition(separator)
    if not found or not first or not second:
        raise UsageError(f"{text} is not of the form A{separator}B", where=flag)
    return first, second


def _output(text: str) -> tuple[str, Path]:
    name, path = _pair(text, "=", "--output")
    if name not in formats_of("lint"):
        raise UsageError(
            f"lint has no format {name}", where="--output", hint=f"one of {', '.join(formats_of('lint'))}"
        )
    return name, Path(path)
