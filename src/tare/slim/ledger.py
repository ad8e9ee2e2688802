"""The ledger: which step took or changed which path, whose it was, how many bytes, on what evidence.

It travels in the image (`usr/share/tare/ledger.json.gz`), so that `tare why IMAGE PATH` can answer anywhere; its digest
stands in the image's annotations and labels.
"""

import gzip
import zlib
from collections.abc import Iterable, Mapping

import msgspec

from tare import __version__
from tare.core.errors import ImageError
from tare.image.catalog import Package
from tare.image.digests import digest_of
from tare.image.mutate import DraftEntry, written
from tare.image.tarhead import FILE
from tare.image.tarwrite import TarEntry
from tare.slim.plan import Outcome, Plan

PATH = "usr/share/tare/ledger.json.gz"
_LIMIT = 512 << 20


class LedgerStep(msgspec.Struct, frozen=True):
    """A step that did something."""

    name: str
    reason: str
    removed: int
    changed: int
    saved_bytes: int


class LedgerEntry(msgspec.Struct, frozen=True):
    """One path. `action`: `removed`, `changed`, or `hidden` (a copy in a lower layer that no path showed)."""

    path: str
    action: str
    step: str
    package: str
    saved_bytes: int
    evidence: str
    content_xxh3: str = ""


class Ledger(msgspec.Struct, frozen=True):
    """The whole record of one run. `source_*` name the image that the removed files can be taken back from."""

    tool: str
    level: str
    verified: str
    source_reference: str
    source_diff_ids: tuple[str, ...]
    steps: tuple[LedgerStep, ...]
    entries: tuple[LedgerEntry, ...]
    notes: tuple[str, ...] = ()
    schema_version: int = 1


class LedgerCatalog:
    """Captures the ledger while an image is analysed; it names no packages."""

    manager = "tare"
    pattern = r"usr/share/tare/ledger\.json\.gz"

    def read(self, files: Mapping[str, bytes]) -> Iterable[Package]:
        """Nothing."""
        return ()


def make_ledger(plan: Plan, level: str, verified: str, notes: Iterable[str] = ()) -> Ledger:
    """The ledger of a plan."""
    image = plan.files.analysis.image
    return Ledger(
        tool=f"tare {__version__}",
        level=level,
        verified=verified,
        source_reference=image.reference,
        source_diff_ids=tuple(layer.diff_id for layer in image.layers),
        steps=tuple(_step(outcome) for outcome in plan.outcomes if outcome.removed or outcome.changed),
        entries=tuple(
            LedgerEntry(
                _text(one.path),
                one.action,
                one.step,
                one.package,
                one.saved_bytes,
                one.evidence,
                f"{one.digest:016x}" if one.digest else "",
            )
            for one in plan.ledger
        ),
        notes=tuple(_text(note) for note in (*plan.view.notes, *notes)),
    )


def _step(outcome: Outcome) -> LedgerStep:
    return LedgerStep(outcome.step, outcome.reason, outcome.removed, outcome.changed, outcome.saved_bytes)


def _text(path: str) -> str:
    """Bytes of a path that are no UTF-8 as escapes: JSON has no place for them."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def after(earlier: Ledger, later: Ledger) -> Ledger:
    """The ledger of an image that was slimmed twice: all entries; the source is the first image."""
    return msgspec.structs.replace(
        later,
        source_reference=earlier.source_reference,
        source_diff_ids=earlier.source_diff_ids,
        steps=(*earlier.steps, *later.steps),
        entries=(*earlier.entries, *(one for one in later.entries if one.path != PATH)),
        notes=tuple(dict.fromkeys((*earlier.notes, *later.notes))),
    )


def encode(ledger: Ledger) -> bytes:
    """JSON; the same ledger gives the same bytes."""
    return msgspec.json.encode(ledger)


def as_file(document: bytes) -> DraftEntry:
    """The ledger as a file of the image."""
    packed = gzip.compress(document, 9, mtime=0)
    return DraftEntry(TarEntry(PATH, FILE, len(packed)), written(packed))


def decode(packed: bytes, what: str) -> tuple[Ledger, str]:
    """A ledger from an image, and the digest of its JSON. Raises `ImageError`."""
    try:
        unpacker = zlib.decompressobj(31)
        document = unpacker.decompress(packed, _LIMIT)
        return msgspec.json.decode(document, type=Ledger), digest_of(document)
    except (zlib.error, msgspec.DecodeError) as error:
        raise ImageError(f"the ledger is broken: {error}", where=what) from error
