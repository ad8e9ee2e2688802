"""The ports of EXPOSE: `[[ip:]host:]container[/protocol]`, each number also a range.

Source of the rules: `nat.ParsePortSpec` of docker/go-connections, which BuildKit calls.
"""

import ipaddress
import re

_RANGE = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?\Z")


def parse_port(word: str) -> tuple[str, ...]:
    """The container's ports that an expanded word names, such as `('8080/tcp',)`. Raises `ValueError`."""
    parts = word.split("/")
    protocol = (parts[1] if len(parts) > 1 else "").lower() or "tcp"
    if protocol not in ("tcp", "udp", "sctp"):
        raise ValueError(f"invalid protocol: {parts[1]}")
    *address, container = parts[0].split(":")
    first, last = _range(container)
    if len(address) > 1:
        _check_address(":".join(address[:-1]))
    if address and address[-1]:
        host_first, host_last = _range(address[-1])
        if first != last and last - first != host_last - host_first:
            raise ValueError(f"ranges of different size: {container} and {address[-1]}")
    return tuple(f"{number}/{protocol}" for number in range(first, last + 1))


def _range(text: str) -> tuple[int, int]:
    match = _RANGE.match(text)
    if match is None:
        raise ValueError(f"invalid port: {text or '(empty)'}")
    first = int(match[1])
    last = int(match[2] or first)
    if not first <= last <= 65535:
        raise ValueError(f"invalid port: {text}")
    return first, last


def _check_address(text: str) -> None:
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if bare:
        ipaddress.ip_address(bare)
