"""The table of forms (`forms.toml`), read once."""

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files

import msgspec

from tare.security.secrets import checks
from tare.security.secrets.form import Form, Severity

_IS = r"""["']?\s{0,4}(?::=|=>|=|:)\s{0,4}["']?"""
CHECKS: Mapping[str, Callable[[str], str]] = {
    "aws_key_id": checks.aws_key_id,
    "base64_json": checks.base64_json,
    "basic_auth": checks.basic_auth,
    "bech32": checks.bech32,
    "crc_at_end": checks.crc_at_end,
    "grafana_crc": checks.grafana_crc,
    "jwt": checks.jwt,
    "pem": checks.pem,
    "pypi": checks.pypi,
    "url_password": checks.url_password,
}


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    name: str
    title: str
    keywords: tuple[str, ...]
    pattern: str
    severity: Severity = "high"
    before: int = 0
    after: int = 512
    tail: str = "A-Za-z0-9_"
    entropy: float = 0.0
    shown: int = 4
    revoke: str = ""
    check: str = ""
    alone: bool = False


@cache
def forms() -> tuple[Form, ...]:
    """Every form, in the order of the table."""
    table = tomllib.loads(files("tare.security.secrets").joinpath("forms.toml").read_text("utf-8"))
    return tuple(_form(row) for row in msgspec.convert(table["form"], list[_Row]))


def _form(row: _Row) -> Form:
    return Form(
        row.code,
        row.name,
        row.title,
        row.keywords,
        row.pattern.replace("{is}", _IS),
        row.severity,
        row.before,
        row.after,
        row.tail,
        row.entropy,
        CHECKS[row.check] if row.check else None,
        row.shown,
        row.revoke,
        row.alone,
    )
