"""The baseline file: findings that a project had when it began to lint, by fingerprint."""

import json
from collections.abc import Iterable
from pathlib import Path

from tare.core.errors import UsageError
from tare.schema.lint import Finding

VERSION = 1


def baseline_text(findings: Iterable[Finding]) -> str:
    """A file that knows these findings, one a line and in order, so that changes of it read well."""
    rows = sorted({(finding.path, finding.fingerprint, finding.code) for finding in findings})
    lines = ",\n".join(
        json.dumps({"path": path, "code": code, "fingerprint": mark}) for path, mark, code in rows
    )
    return f'{{"version": {VERSION}, "findings": [\n{lines}\n]}}\n'


def read_baseline(path: Path) -> frozenset[tuple[str, str]]:
    """Paths and fingerprints. Raises `UsageError` for a file that is no baseline."""
    try:
        table = json.loads(path.read_text("utf-8"))
        if table["version"] != VERSION:
            raise UsageError(f"version {table['version']} is not known", where=str(path))
        return frozenset((row["path"], row["fingerprint"]) for row in table["findings"])
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            "not a baseline", where=str(path), hint="`tare lint --write-baseline FILE` writes one"
        ) from error
