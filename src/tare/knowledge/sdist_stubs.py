"""Stand-ins for packages that exist as source only, so that resolving never runs a stranger's build script.

A resolver that may not build refuses such packages; here it gets an empty wheel of the same name and
version, with the dependencies that the sdist's own metadata states.
"""

import io
import re
import tarfile
import zipfile
from collections.abc import Sequence
from email.parser import HeaderParser
from pathlib import Path

MAX_METADATA_BYTES = 4 * 1024 * 1024


def write_stub(folder: Path, name: str, version: str, requires: Sequence[str] = ()) -> Path:
    """Write `NAME-VERSION-py3-none-any.whl` with nothing but metadata. Returns its path."""
    stem = f"{re.sub(r'[-_.]+', '_', name)}-{version}"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
    tag = "Wheel-Version: 1.0\nGenerator: tare\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{stem}.dist-info/METADATA", metadata)
        archive.writestr(f"{stem}.dist-info/WHEEL", tag)
        archive.writestr(f"{stem}.dist-info/RECORD", "")
    return path


def _requires_txt(text: str) -> list[str]:
    """Setuptools' `requires.txt`: sections `[extra]`, `[:marker]`, `[extra:marker]`; extras are left out."""
    requirements = []
    marker: str | None = ""
    for line in (raw.strip() for raw in text.splitlines()):
        if line.startswith("["):
            extra, _, condition = line.strip("[]").partition(":")
            marker = None if extra else condition
        elif line and marker is not None:
            requirements.append(f"{line}; {marker}" if marker else line)
    return requirements


def sdist_requirements(body: bytes) -> tuple[str, ...]:
    """The dependencies that a `.tar.gz` sdist states in PKG-INFO or `requires.txt`; empty where it
    states none.

    Raises `ValueError` where it is no readable archive.
    """
    stated: list[str] = []
    try:
        with tarfile.open(fileobj=io.BytesIO(body), mode="r:gz") as archive:
            for member in archive:
                depth = member.name.count("/")
                base = member.name.rpartition("/")[2]
                if not member.isfile() or member.size > MAX_METADATA_BYTES:
                    continue
                handle = archive.extractfile(member)
                if handle is None:
                    continue
                if base == "PKG-INFO" and depth == 1:
                    headers = HeaderParser().parsestr(handle.read().decode("utf-8", "replace"))
                    found = [
                        value for value in headers.get_all("Requires-Dist", []) if isinstance(value, str)
                    ]
                    if found:
                        return tuple(value for value in found if "extra ==" not in value)
                elif base == "requires.txt" and member.name.count(".egg-info/") == 1 and not stated:
                    stated = _requires_txt(handle.read().decode("utf-8", "replace"))
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ValueError(f"the source distribution cannot be read: {error}") from error
    return tuple(stated)
