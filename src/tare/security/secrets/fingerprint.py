"""A value's fingerprint: tells whether two places hold the same secret, and is slow to guess by."""

import hashlib
from functools import lru_cache

_SALT = b"tare secret, version 1"


@lru_cache(4096)
def fingerprint(value: bytes) -> str:
    """16 hexadecimal digits from scrypt (RFC 7914; 1 MiB of memory): a weak password is not read off a report or a baseline
    as it would be from a plain hash."""
    return hashlib.scrypt(value, salt=_SALT, n=1024, r=8, p=1, dklen=8).hex()
