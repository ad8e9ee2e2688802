"""The database as one zip of OSV documents, for machines without a network: the same content gives the same bytes."""

import os
import tempfile
import zipfile
from pathlib import Path

import msgspec

from tare.core.errors import OutputError
from tare.security.advisories import AdvisoryDatabase
from tare.security.threats import epss_text, kev_text

_TIME = (1980, 1, 1, 0, 0, 0)


def export(database: AdvisoryDatabase, target: Path) -> int:
    """Write the file, whole or not at all; gives the number of advisories. `tare db import` reads it. Raises `OutputError`."""
    count = 0
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", where=str(target)) from error
    try:
        with (
            os.fdopen(descriptor, "wb") as handle,
            zipfile.ZipFile(handle, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for advisory in database.advisories():
                _put(archive, f"{advisory.id.replace('/', '_')}.json", msgspec.json.encode(advisory))
                count += 1
            exploited, predicted = database.threats()
            if exploited:
                _put(archive, "known_exploited_vulnerabilities.json", kev_text(exploited))
            if predicted:
                _put(archive, "epss_scores.csv", epss_text(predicted))
        Path(name).chmod(0o644)
        os.replace(name, target)
    except OSError as error:
        raise OutputError(
            f"cannot be written: {error.strerror}", where=str(target), hint="nothing was changed"
        ) from error
    finally:
        Path(name).unlink(missing_ok=True)
    return count


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, _TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, data)
