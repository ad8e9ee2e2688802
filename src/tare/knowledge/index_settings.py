"""Where packages come from: the settings that pip and uv share, read from what the caller hands over."""

import configparser
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from tare.core.errors import UsageError

PYPI = "https://pypi.org/simple"
_SECTIONS = ("global", "install", "download")
_LISTED = re.compile(r"^(?:[\w:-]*\.)(?P<key>[\w-]+)=(?P<value>'.*'|\".*\")\s*$")


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """An index, further ones, and places with plain files. `cert` is a CA bundle's path; times in seconds."""

    index_url: str = PYPI
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    cert: str | None = None
    timeout_s: float = 60.0

    @property
    def index_urls(self) -> tuple[str, ...]:
        """Every index to ask, the main one first."""
        return () if self.no_index else (self.index_url, *self.extra_index_urls)


def redact(url: str) -> str:
    """The URL without user name and password, for messages."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc="***@" + parts.netloc.rpartition("@")[2]))


def _listed(config_text: str) -> dict[str, str] | None:
    """`pip config list`'s lines (`global.index-url='…'`), None where the text is something else."""
    lines = [line for line in config_text.splitlines() if line.strip()]
    matches = [_LISTED.match(line) for line in lines]
    if not lines or not all(matches):
        return None
    # `:env:` lines are the environment, which is handed over by itself.
    return {m["key"]: m["value"][1:-1] for m in matches if m is not None and not m[0].startswith(":env:")}


def _configured(config_text: str) -> dict[str, str]:
    listed = _listed(config_text)
    if listed is not None:
        return {key: value.replace("\\n", "\n") for key, value in listed.items()}
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(config_text)
    except configparser.Error as error:
        raise UsageError(
            f"the pip configuration cannot be read: {str(error).splitlines()[0]}",
            hint="`pip config debug` lists the files that pip reads",
        ) from error
    values: dict[str, str] = {}
    for section in _SECTIONS:
        if parser.has_section(section):
            values |= {key.replace("_", "-"): value for key, value in parser.items(section)}
    return values


def index_settings_from_pip(environ: Mapping[str, str], config_text: str = "") -> IndexSettings:
    """The settings that pip would use: `PIP_…` variables over the configuration's `[global]`, `[install]`.

    `config_text` is the text of pip.conf (several one after another, the stronger last), or what `pip
    config list` prints. Raises `UsageError` where it is neither.
    """
    values = _configured(config_text)
    for key in ("index-url", "extra-index-url", "find-links", "no-index", "cert", "default-timeout"):
        variable = "PIP_" + key.upper().replace("-", "_")
        if environ.get(variable):
            values[key] = environ[variable]
    timeout = values.get("timeout") or values.get("default-timeout") or ""
    return IndexSettings(
        index_url=values.get("index-url", "").strip() or PYPI,
        extra_index_urls=tuple(values.get("extra-index-url", "").split()),
        find_links=tuple(values.get("find-links", "").split()),
        no_index=values.get("no-index", "").strip().lower() in ("1", "true", "yes", "on"),
        cert=values.get("cert") or None,
        timeout_s=float(timeout) if re.fullmatch(r"\d+(\.\d+)?", timeout) else 60.0,
    )
