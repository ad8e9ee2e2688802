"""Secrets that a Dockerfile holds or copies: where they stand, and what a build needs once they are mounts."""

import posixpath
import re
from pathlib import Path

from tare.core.redaction import is_secret_name
from tare.dockerfile import Dockerfile

CREDENTIAL_FILES = frozenset(
    {
        ".netrc",
        "_netrc",
        ".pypirc",
        ".git-credentials",
        "id_rsa",
        "id_dsa",
        "id_ecdsa",
        "id_ed25519",
        ".npmrc",
        "pip.conf",
        ".condarc",
        ".yarnrc.yml",
    }
)
"""Files that hold credentials by their nature or, as pip.conf, only now and then: then a mount does no harm."""
MOUNTED = re.compile(r"--mount=type=secret,(?:[\w=/.,-]*,)?id=([\w.-]+)")
_LARGEST_SECRET_BYTES = 500 * 1024


def secret_id(source: str) -> str:
    """The ID of the secret that takes the place of a copied file."""
    return posixpath.basename(source).lstrip("._")


def literal_secrets(document: Dockerfile) -> dict[str, str]:
    """Values that ARG and ENV give to names of secrets, as plain text; what only refers to a variable is none."""
    found: dict[str, str] = {}
    for node in document.instructions:
        if node.keyword in ("ARG", "ENV"):
            for name, value in node.env_pairs():
                text = (value or "").strip("\"'")
                if is_secret_name(name) and text and "$" not in text:
                    found[name] = text
    return found


def secret_values(document: Dockerfile, text: str, root: Path) -> dict[str, str]:
    """What must be handed to a build of `text` as secrets because the original `document` held or copied it itself: the
    defaults of its build arguments, and files of its context, by ID."""
    wanted = set(MOUNTED.findall(text))
    found = {name: value for name, value in literal_secrets(document).items() if name in wanted}
    for node in document.instructions:
        if node.keyword in ("COPY", "ADD") and node.flag("from") is None:
            for source in node.as_copy().sources:
                if secret_id(source) in wanted and posixpath.basename(source) in CREDENTIAL_FILES:
                    value = _read(root, source)
                    if value is not None:
                        found[secret_id(source)] = value
    return found


def _read(root: Path, source: str) -> str | None:
    place = root / source.lstrip("/")
    try:
        if not place.resolve().is_relative_to(root.resolve()) or not place.is_file():
            return None
        data = place.read_bytes() if place.stat().st_size <= _LARGEST_SECRET_BYTES else b""
        return data.decode() or None
    except (OSError, UnicodeDecodeError, RuntimeError):
        return None
