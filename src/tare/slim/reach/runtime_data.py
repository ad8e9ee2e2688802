"""Files that libraries open by names that no import and no NEEDED entry tells: certificates, configuration and modules of
OpenSSL, time zones, name service, locales, users. What led somewhere before must lead there after."""

import re
from collections.abc import Iterator

from tare.image.tarhead import FILE
from tare.slim.view import ImageFiles

FILES = (
    "etc/passwd",
    "etc/group",
    "etc/hosts",
    "etc/host.conf",
    "etc/nsswitch.conf",
    "etc/services",
    "etc/protocols",
    "etc/localtime",
    "etc/timezone",
    "etc/mime.types",
    "etc/os-release",
    "usr/lib/os-release",
    "etc/ld.so.cache",
    "etc/ld.so.conf",
    "etc/gai.conf",
    "etc/ssl/openssl.cnf",
    "etc/ssl/cert.pem",
    "etc/ssl/certs/ca-certificates.crt",
    "etc/pki/tls/cert.pem",
    "etc/pki/tls/certs/ca-bundle.crt",
    "usr/share/zoneinfo/UTC",
    "usr/share/zoneinfo/tzdata.zi",
    "usr/share/zoneinfo/Europe/London",
    "usr/share/zoneinfo/America/New_York",
    "usr/lib/locale/locale-archive",
    "usr/lib/locale/C.utf8/LC_CTYPE",
)
"""Paths that C libraries and Python's own modules open, whatever the application does."""
_FOLDERS = re.compile(rb"\0(/[A-Za-z0-9_./+-]*/(?:ssl|pki/tls|openssl|ossl-modules|engines-[\d.]+))(?=\0)")
_WITHIN = ("cert.pem", "certs", "openssl.cnf", "private")
_SERVICES = re.compile(r"^\s*\w+:\s*(.*)$", re.MULTILINE)
_NSS = re.compile(r".*/libnss_(\w+)\.so\.\d+")


def runtime_data(files: ImageFiles) -> Iterator[tuple[str, str]]:
    """(path, who opens it), for every such path of the image."""
    for path in FILES:
        if files.follow(path) is not None:
            yield path, "the C library, Python or OpenSSL opens it"
    for library, folder in openssl_folders(files):
        node = files.follow(folder)
        if node is None:
            continue
        if node.children is not None and folder.rpartition("/")[2] in ("ossl-modules",):
            for module in node.children.values():
                yield module.path, f"{library} loads its modules from /{folder}"
        for name in _WITHIN:
            if files.follow(f"{folder}/{name}") is not None:
                yield f"{folder}/{name}", f"{library} has its configuration and certificates at /{folder}"
    named = set(
        " ".join(_SERVICES.findall(files.read("etc/nsswitch.conf").decode("utf-8", "replace"))).split()
    )
    for path in files.files:
        match = _NSS.fullmatch(path)
        if match and match[1] in named:
            yield path, "/etc/nsswitch.conf names it"


def openssl_folders(files: ImageFiles) -> tuple[tuple[str, str], ...]:
    """(library, folder without a leading slash): what each libcrypto was built to look into."""
    known = files.cache.get("openssl folders")
    if isinstance(known, tuple):
        return known
    found: list[tuple[str, str]] = []
    for path, node in files.nodes.items():
        name = path.rpartition("/")[2]
        if not name.startswith("libcrypto") or ".so" not in name or node.inode.entry.kind is not FILE:
            continue
        text = files.read(path)
        found += [(path, folder.decode().strip("/")) for folder in dict.fromkeys(_FOLDERS.findall(text))]
    answer = tuple(found)
    files.cache["openssl folders"] = answer
    return answer
