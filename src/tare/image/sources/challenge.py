"""`WWW-Authenticate` challenges (RFC 9110, section 11.6.1) and the token protocol's parts of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PART = re.compile(rf'\s*,?\s*(?P<name>{_TOKEN})\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^\s,"]+))')
_SCHEME = re.compile(rf"\s*,?\s*(?P<scheme>{_TOKEN})(?=\s|,|$)(?!\s*=)")


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to authenticate. `scheme` is lower case, so are the parameters' names."""

    scheme: str
    parameters: Mapping[str, str]


def parse_challenges(header: str) -> tuple[Challenge, ...]:
    """The challenges of a header, in order; what is no challenge ends the reading."""
    found: list[Challenge] = []
    at = 0
    while scheme := _SCHEME.match(header, at):
        at = scheme.end()
        parameters: dict[str, str] = {}
        while part := _PART.match(header, at):
            quoted = part["quoted"]
            value = part["plain"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            parameters[part["name"].lower()] = value
            at = part.end()
        found.append(Challenge(scheme["scheme"].lower(), parameters))
    return tuple(found)
