"""Values that are given to variables with a secret's name: `DB_PASSWORD=…`, `"token": "…"`, `password: …`."""

import posixpath
import re
from dataclasses import dataclass
from typing import Literal

from tare.core.redaction import is_secret_name
from tare.security.secrets.plausible import is_password

KEYWORDS = (
    "passwd",
    "password",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "access_key",
    "private_key",
    "credential",
)
Shape = Literal["environment", "configuration", "code", "command", ""]
"""`command`: Dockerfiles, shell commands, build histories; a value ends at a blank."""
_CONFIGURATION = (
    ".ini", ".cfg", ".conf", ".toml", ".yaml", ".yml", ".json", ".properties", ".sh", ".bash", ".tf", ".tfvars", ".xml", ".netrc",
    ".pypirc", ".npmrc", ".my.cnf", ".pgpass", ".ipynb",
)  # fmt: skip
_NAME = re.compile(rb"[A-Za-z0-9_.\-]{0,64}\Z")
_REST = re.compile(
    rb"""(?P<name>[A-Za-z0-9_\-]{1,64})["'\]]{0,2}[ \t]{0,8}(?::=|=>|=(?!=)|:(?!:))[ \t]{0,8}"""
    rb"""(?:(?P<quote>["'])(?P<quoted>[^"'\r\n]{4,200})(?P=quote)|(?P<plain>[^\s"',;\[\]{}]{4,200}))"""
)
_WORDS = re.compile(
    rb"""(?P<name>[A-Za-z0-9_\-]{1,64})[ \t]{1,8}"""
    rb"""(?:(?P<quote>["'])(?P<quoted>[^"'\r\n]{4,200})(?P=quote)|(?P<plain>[^\s"',;\[\]{}|&-][^\s"',;\[\]{}|&]{3,200}))"""
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_EXPORT = re.compile(rb"(?:export|set|ENV|ARG)[ \t]+\Z")


@dataclass(frozen=True, slots=True)
class Assignment:
    """A value that a variable gets; `sure` where the file is one of settings and not of code."""

    name: str
    value: bytes
    start: int
    end: int
    sure: bool


def shape_of(path: str) -> Shape:
    """What values may look like in a file: any in a file of variables, unquoted ones in configuration, quoted ones in code."""
    name = posixpath.basename(path).lower()
    if re.match(r"\.?env(?:$|[.\-_])|.*\.env$", name) and not name.endswith((".py", ".js", ".ts", ".json")):
        return "environment"
    if name.endswith(_CONFIGURATION) or name in ("config", "credentials", "settings"):
        return "configuration"
    return "code"


def assignment_at(data: bytes, at: int, shape: Shape) -> Assignment | None:
    """The assignment whose variable has a keyword at `at`, if its value may be a secret."""
    before = _NAME.search(data, max(0, at - 64), at)
    start = before.start() if before is not None else at
    found = _REST.match(data, at, at + 420)
    if found is None and shape == "command" and _takes_a_word(data, start):
        found = _WORDS.match(data, at, at + 420)
    if found is None:
        return None
    name = (data[start:at] + found["name"]).decode("latin-1").lstrip("-.")
    if not is_secret_name(_CAMEL.sub("_", name).replace("-", "_").replace(".", "_").lower()):
        return None
    quoted = found["quoted"] is not None
    value: bytes = found["quoted"] if quoted else found["plain"]
    if not quoted and not _may_be_plain(data, start, found, shape):
        return None
    if not is_password(value.decode("latin-1"), strict=shape == "code"):
        return None
    begin = found.start("quoted" if quoted else "plain")
    return Assignment(name, value, begin, begin + len(value), shape != "code")


def _may_be_plain(data: bytes, start: int, found: re.Match[bytes], shape: Shape) -> bool:
    """An unquoted value counts where a line holds nothing else."""
    if shape in ("code", "command"):
        return shape == "command"
    line = data[max(0, start - 200) : start].rpartition(b"\n")[2]
    clean = not line.strip() or line.strip() in (b"-", b'"', b"'") or _EXPORT.search(line) is not None
    rest = data[found.end("plain") : found.end("plain") + 200].partition(b"\n")[0].strip()
    return (
        clean
        and (not rest or rest.startswith((b"#", b";")))
        and not (shape == "configuration" and b"(" in found["plain"])
    )


def _takes_a_word(data: bytes, start: int) -> bool:
    """`--token VALUE`, and the old form `ENV TOKEN VALUE`."""
    return (
        data[max(0, start - 2) : start + 2].find(b"--") >= 0
        or re.search(rb"\bENV[ \t]+$", data[max(0, start - 8) : start]) is not None
    )
