"""TR6015: a cache mount that an option switches off."""

import re
from collections.abc import Iterable

from tare.dockerfile.commands import PipCommand, UvCommand
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document
from tare.rules.shipped import chain_of, mount_targets
from tare.rules.typed import every_command
from tare.rules.unwanted import settings_of
from tare.schema.lint import Severity


def _all_mounted(document: Document, tool: str) -> bool:
    kind = UvCommand if tool == "uv" else PipCommand
    entries = [e for e in every_command(document) if isinstance(e.typed, kind) and e.typed.action]
    return all(mount_targets(entry.step, "cache") for entry in entries)


def check(document: Document) -> Iterable[Problem]:
    """pip or uv with a cache mount and without its cache."""
    for entry in every_command(document):
        typed = entry.typed
        if not isinstance(typed, PipCommand | UvCommand) or typed.action in (
            "",
            "cache purge",
            "cache prune",
        ):
            continue
        tool = "uv" if isinstance(typed, UvCommand) else "pip"
        if not any(
            re.search(rf"(?:^|/)(?:\.cache|cache|{tool})(?:/{tool})?$", t)
            for t in mount_targets(entry.step, "cache")
        ):
            continue
        names = ("--no-cache",) if tool == "uv" else ("--no-cache-dir",)
        option = typed.option(*names)
        if option is not None:
            edit = None if entry.command.exec_form else typed.without(option)
            fix = safe_fix(f"Remove {option.written}", edit) if edit else None
            message = f"{option.written} switches off the cache that is mounted here"
            yield Problem(message, option.words[0].span, entry.step.outer, fix)
            continue
        chain = {stage.index for stage in chain_of(document, document.stages[entry.step.stage])}
        variable = "UV_NO_CACHE" if tool == "uv" else "PIP_NO_CACHE_DIR"
        for setting in settings_of(document):
            on = setting.name == variable and setting.value.lower() not in ("", "0", "false", "no", "off")
            if on and setting.step.stage in chain and setting.step.keyword in ("ENV", "ARG"):
                fixes = [setting.edit] if setting.edit else []
                fix = (
                    safe_fix(f"Remove {variable}", *fixes) if fixes and _all_mounted(document, tool) else None
                )
                message = f"{variable} in line {setting.step.outer.line} switches off the cache that is mounted here"
                yield Problem(message, entry.command.span, entry.step.outer, fix)
                break


RULE = Rule(
    code="TR6015",
    name="cache-mount-unused",
    title="Let pip and uv use the cache that is mounted.",
    why=(
        "The mount stays empty, and each build downloads everything again: the option that keeps a cache out "
        "of a layer is not needed where the cache lies in a mount. A popular course on slim images has both."
    ),
    severity=Severity.WARNING,
    category="cache",
    check=check,
    safety=(
        "The mount is no part of a layer: the image is the same. A variable goes only where every such command "
        "has a mount."
    ),
    examples=(
        Example(
            (
                "FROM python:3.12-slim\nRUN --mount=type=cache,target=/root/.cache/pip pip install "
                "--no-cache-dir -r requirements.txt\n"
            ),
            (
                "FROM python:3.12-slim\nRUN --mount=type=cache,target=/root/.cache/pip pip install -r "
                "requirements.txt\n"
            ),
        ),
        Example(
            (
                "FROM python:3.12-slim\nENV PIP_NO_CACHE_DIR=1\nRUN "
                "--mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt\n"
            ),
            (
                "FROM python:3.12-slim\nRUN --mount=type=cache,target=/root/.cache/pip pip install -r "
                "requirements.txt\n"
            ),
        ),
    ),
    clean=(
        (
            "FROM python:3.12-slim\nRUN --mount=type=cache,target=/root/.cache/pip pip install -r "
            "requirements.txt\n"
        ),
        "FROM python:3.12-slim\nRUN pip install --no-cache-dir -r requirements.txt\n",
    ),
)
