"""The flags of each instruction and what their values may be.

Source of the rules: BuildKit's `frontend/dockerfile/instructions` (`bflag.go`, `parse.go`, `commands_run*.go`). Flags of
the `labs` channel (`--device`) are taken too, since a `# syntax=` line can ask for it.
"""

import difflib
import re
from collections.abc import Callable
from enum import Enum

from tare.dockerfile.nodes import Flag, Instruction


class Rejection(ValueError):
    """BuildKit rejects an instruction; `at` is the source offset of what is wrong."""

    def __init__(self, message: str, at: int, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.hint = hint


class _Kind(Enum):
    SWITCH = "switch"
    VALUE = "value"
    VALUES = "values"


_COPY = {
    "chmod": _Kind.VALUE,
    "chown": _Kind.VALUE,
    "exclude": _Kind.VALUES,
    "link": _Kind.SWITCH,
}
_FLAGS: dict[str, dict[str, _Kind]] = {
    "ADD": {**_COPY, "checksum": _Kind.VALUE, "keep-git-dir": _Kind.SWITCH, "unpack": _Kind.SWITCH},
    "COPY": {**_COPY, "from": _Kind.VALUE, "parents": _Kind.SWITCH},
    "FROM": {"platform": _Kind.VALUE},
    "HEALTHCHECK": {
        "interval": _Kind.VALUE,
        "retries": _Kind.VALUE,
        "start-interval": _Kind.VALUE,
        "start-period": _Kind.VALUE,
        "timeout": _Kind.VALUE,
    },
    "RUN": {
        "device": _Kind.VALUES,
        "mount": _Kind.VALUES,
        "network": _Kind.VALUE,
        "security": _Kind.VALUE,
    },
}
_UNCHECKED = frozenset({"ARG", "STOPSIGNAL"})

_MOUNT_KEYS = {
    *("type", "from", "source", "src", "target", "dst", "destination", "readonly", "ro", "readwrite", "rw"),
    *("id", "sharing", "required", "mode", "uid", "gid", "size", "env"),
}
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def check_flags(instruction: Instruction) -> None:
    """Raise `Rejection` on a flag that BuildKit rejects: unknown, repeated, without its value, with a wrong one."""
    keyword = instruction.keyword
    if keyword in _UNCHECKED or (keyword == "HEALTHCHECK" and instruction.args[0].upper() == "NONE"):
        return
    known = _FLAGS.get(keyword, {})
    seen: set[str] = set()
    for flag in instruction.flags:
        kind = known.get(flag.name)
        at = flag.span.start
        if kind is None:
            raise Rejection(f"unknown flag: --{flag.name}", at, _unknown_hint(keyword, flag.name, known))
        if flag.name in seen and kind is not _Kind.VALUES:
            raise Rejection(f"duplicate flag specified: --{flag.name}", at, "Give it once.")
        seen.add(flag.name)
        if flag.value == "" and kind is _Kind.SWITCH:
            raise Rejection(f"missing a value on flag: --{flag.name}", at, "Write true or false, or no '='.")
        if kind is _Kind.SWITCH:
            if flag.value is not None and flag.value.lower() not in ("true", "false"):
                raise Rejection(
                    f"expecting boolean value for flag --{flag.name}, not: {flag.value}",
                    at,
                    "Write true or false.",
                )
        elif flag.value is None:
            raise Rejection(f"missing a value on flag: --{flag.name}", at, f"Write --{flag.name}=VALUE.")
        check = _CHECKS.get((keyword, flag.name))
        if check:
            check(flag)


def _unknown_hint(keyword: str, name: str, known: dict[str, _Kind]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"Did you mean --{close[0]}?"
    return f"{keyword} takes " + (", ".join(f"--{flag}" for flag in known) if known else "no flags") + "."


def duration_s(text: str) -> float:
    """Seconds of a Go duration such as `1m30s`. Raises `ValueError`. Source: Go's `time.ParseDuration`."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    sign = -1.0 if text.startswith("-") else 1.0
    if digits == "0":
        return 0.0
    total = 0.0
    at = 0
    while at < len(digits):
        match = _NUMBER.match(digits, at)
        if match is None:
            break
        total += float(match[0][: -len(match[1])]) * _SECONDS[match[1]]
        at = match.end()
    if not digits or at < len(digits) or total * 1e9 >= 2.0**63:
        raise ValueError(f"invalid duration {text!r}")
    return sign * total


def _check_duration(flag: Flag) -> None:
    if not flag.value:
        return
    try:
        seconds = duration_s(flag.value)
    except ValueError as error:
        raise Rejection(
            str(error), flag.span.start, "Write a number with a unit, such as 30s or 1m30s."
        ) from error
    if seconds != 0 and seconds < 0.001:
        raise Rejection(f"--{flag.name} cannot be less than 1ms", flag.span.start)


def _check_retries(flag: Flag) -> None:
    text = flag.value or ""
    if not text:
        return
    if not re.fullmatch(r"[+-]?[0-9]+", text) or not -(2**31) <= int(text[:12]) < 2**31 or len(text) > 12:
        raise Rejection(f"invalid number of retries: {text}", flag.span.start, "Write a whole number.")
    if int(text) < 0:
        raise Rejection(f"--retries cannot be negative ({text})", flag.span.start)


def _check_network(flag: Flag) -> None:
    if flag.value not in ("default", "none", "host"):
        raise Rejection(f"invalid network mode {flag.value!r}", flag.span.start, "Use default, none or host.")


def _check_security(flag: Flag) -> None:
    if flag.value not in ("insecure", "sandbox"):
        raise Rejection(f"security {flag.value!r} is not valid", flag.span.start, "Use sandbox or insecure.")


def _check_mount(flag: Flag) -> None:
    at = flag.span.start
    fields = mount_fields(flag)
    options = dict(fields)
    if re.search(r"\$.", options.get("from") or ""):
        raise Rejection(
            "'from' of a mount doesn't support variable expansion",
            at,
            "Name the image in a stage of its own (FROM image AS name) and mount from that.",
        )
    for key, value in fields:
        if value is None and key not in ("readonly", "ro", "readwrite", "rw", "required"):
            raise Rejection(f"invalid field '{key}' must be a key=value pair", at, f"Write {key}=VALUE.")
        if key not in _MOUNT_KEYS:
            close = difflib.get_close_matches(key, _MOUNT_KEYS, n=1)
            raise Rejection(
                f"unexpected key '{key}' in --mount", at, f"Did you mean {close[0]}?" if close else None
            )
    if "$" in (flag.value or ""):
        return
    kind = (options.get("type") or "bind").lower()
    if kind not in ("bind", "cache", "tmpfs", "secret", "ssh"):
        raise Rejection(f"unsupported mount type {kind!r}", at, "Use bind, cache, tmpfs, secret or ssh.")
    sharing = options.get("sharing")
    if sharing is not None and sharing.lower() not in ("shared", "private", "locked"):
        raise Rejection(f"unsupported sharing value {sharing!r}", at, "Use shared, private or locked.")
    if sharing is not None and kind != "cache":
        raise Rejection(f"invalid cache sharing set for {kind} mount", at, "Only cache mounts are shared.")
    if "required" in options and kind not in ("secret", "ssh"):
        raise Rejection(f"unexpected key 'required' for mount type '{kind}'", at)
    if "size" in options and kind != "tmpfs":
        raise Rejection(f"unexpected key 'size' for mount type '{kind}'", at)
    if kind == "secret" and not any(options.get(key) for key in ("id", "source", "src", *_TARGETS)):
        raise Rejection("invalid secret mount: one of source, target required", at, "Write id=NAME.")
    for key in ("mode", "uid", "gid"):
        if key in options and kind in ("bind", "tmpfs"):
            raise Rejection(f"{key} not allowed for {kind!r} type mounts", at)


_TARGETS = ("target", "dst", "destination")


def mount_fields(flag: Flag) -> tuple[tuple[str, str | None], ...]:
    """Keys (lower case) and values of a `--mount`, in order; None for a key alone such as `rw`.

    Raises `Rejection` when the comma-separated list is broken. Source of its grammar: Go's `encoding/csv`.
    """
    text = flag.value or ""
    fields: list[str] = []
    at = 0
    broken = Rejection("failed to parse the fields of --mount", flag.span.start, "Write key=value,key=value.")
    if not text:
        raise broken
    while at <= len(text):
        if text[at : at + 1] == '"':
            match = re.compile(r'"((?:[^"]|"")*)"(?=,|\Z)').match(text, at)
            if match is None:
                raise broken
            fields.append(match[1].replace('""', '"'))
            at = match.end() + 1
            continue
        end = text.find(",", at)
        end = len(text) if end < 0 else end
        if '"' in text[at:end]:
            raise broken
        fields.append(text[at:end])
        at = end + 1
    pairs = (field.partition("=") for field in fields)
    return tuple((key.lower(), value if equals else None) for key, equals, value in pairs)


_CHECKS: dict[tuple[str, str], Callable[[Flag], None]] = {
    **{
        ("HEALTHCHECK", name): _check_duration
        for name in ("interval", "timeout", "start-period", "start-interval")
    },
    ("HEALTHCHECK", "retries"): _check_retries,
    ("RUN", "mount"): _check_mount,
    ("RUN", "network"): _check_network,
    ("RUN", "security"): _check_security,
}
