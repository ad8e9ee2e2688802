"""Tests that a token of a form must pass to be one: checksums, and structures that can be decoded.

Sources: GitHub, "Behind GitHub's new authentication token formats" (2021; npm took the same scheme over); Grafana, "service
account tokens"; BIP 173 (Bech32) for age; RFC 7519 (JWT); PyPI's macaroons, libmacaroons format version 2; RFC 7468 (PEM).
"""

import base64
import binascii
import json
import re
import zlib
from urllib.parse import unquote

from tare.security.secrets.plausible import entropy, is_placeholder

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def base62_crc32(text: str, digits: int = 6) -> str:
    """CRC-32 of an ASCII text in base 62, filled up with zeros."""
    value = zlib.crc32(text.encode("latin-1"))
    found = ""
    while value:
        value, digit = divmod(value, 62)
        found = _DIGITS[digit] + found
    return found.rjust(digits, "0")


def crc_at_end(token: str) -> str:
    """GitHub's and npm's scheme: after the first `_`, 30 random characters and the checksum of those."""
    body = token.partition("_")[2]
    return "" if base62_crc32(body[:-6]) == body[-6:] else "its checksum is wrong: it cannot be a live token"


def grafana_crc(token: str) -> str:
    """`glsa_SECRET_CHECKSUM`: CRC-32 of the secret in hexadecimal."""
    secret, _, checksum = token.partition("_")[2].rpartition("_")
    good = f"{zlib.crc32(secret.encode('latin-1')):08x}" == checksum.lower()
    return "" if good else "its checksum is wrong: it cannot be a live token"


def bech32(token: str) -> str:
    """The checksum of a Bech32 text."""
    text = token.lower()
    prefix, _, body = text.rpartition("1")
    values = [ord(char) >> 5 for char in prefix] + [0] + [ord(char) & 31 for char in prefix]
    values += [_BECH32.find(char) for char in body]
    state = 1
    for value in values:
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATOR):
            state ^= generator if top >> place & 1 else 0
    return "" if state == 1 else "its checksum is wrong: it cannot be a live key"


def aws_key_id(token: str) -> str:
    """The part behind the prefix is base 32."""
    return "" if re.fullmatch(r"[A-Z2-7]+", token[4:]) else "no key ID has the digits 0, 1, 8 or 9"


def jwt(token: str) -> str:
    """Header and claims are JSON objects, and the header names an algorithm."""
    header, claims = (_json(part) for part in token.split(".")[:2])
    if not isinstance(header, dict) or "alg" not in header or not isinstance(claims, dict):
        return "it is not a JSON web token"
    return "it is not signed" if str(header["alg"]).lower() == "none" else ""


def base64_json(token: str) -> str:
    """A JSON object in base 64."""
    return "" if isinstance(_json(token), dict) else "it does not decode"


def pypi(token: str) -> str:
    """A macaroon of version 2 (first byte 2) whose location is an index."""
    raw = _decoded(token.partition("-")[2])
    good = (
        raw is not None and raw[:2] == b"\x02\x01" and raw[3 : 3 + raw[2]] in (b"pypi.org", b"test.pypi.org")
    )
    return "" if good else "it does not decode"


def pem(text: str) -> str:
    """The lines between the marks are base 64 of a DER sequence or of OpenSSH's own format."""
    body = re.sub(r"\\[nr]|\s", "", re.sub(r"-----[^-]+-----|^[A-Za-z-]+: .*$", "", text, flags=re.MULTILINE))
    raw = _decoded(body[: len(body) // 4 * 4])
    if raw is None or len(raw) < 16:
        return "there is no key between the marks"
    return (
        ""
        if raw[:1] == b"\x30" or raw.startswith(b"openssh-key-v1\0")
        else "there is no key between the marks"
    )


def basic_auth(text: str) -> str:
    """`user:password` in base 64."""
    raw = _decoded(text)
    user, colon, password = (raw or b"").partition(b":")
    good = bool(colon and password) and user.isascii() and all(32 <= byte < 127 for byte in user)
    return "" if good else "it does not decode to user:password"


_NO_HOSTS = re.compile(
    r"(?:.*\.)?(?:example(?:\.(?:com|org|net))?|invalid|test)|host(?:name)?|server|domain(?:\.com)?|proxy|address|ip",
    re.I,
)
_NO_PASSWORDS = frozenset(
    {
        "pass",
        "pwd",
        "user",
        "username",
        "pw",
        "admin",
        "root",
        "guest",
        "port",
        "postgres",
        "a",
        "b",
        "foo",
        "bar",
    }
)


def url_password(text: str) -> str:
    """`scheme://user:password@host` with a password that may be one and a host that may be there."""
    rest, _, host = text.partition("://")[2].rpartition("@")
    password = unquote(rest.partition(":")[2])
    name = host.rpartition(":")[0] if re.search(r":\d+$", host) else host
    no_secret = is_placeholder(password) or password.lower() in _NO_PASSWORDS or entropy(password) < 2.0
    return "it is not a password" if no_secret or _NO_HOSTS.fullmatch(name) else ""


def _decoded(text: str) -> bytes | None:
    padded = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _json(text: str) -> object:
    raw = _decoded(text)
    try:
        return None if raw is None else json.loads(raw)
    except (ValueError, RecursionError):
        return None
