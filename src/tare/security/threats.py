"""What is known of attacks: CISA's list of exploited vulnerabilities (KEV, cisa.gov/kev, JSON) and FIRST's estimates of
exploitation within 30 days (EPSS, first.org/epss, CSV)."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from tare.core.errors import AdvisoryError


@dataclass(frozen=True, slots=True)
class Exploited:
    """An entry of KEV; dates as ISO 8601 writes them."""

    cve: str
    added: str
    due: str
    ransomware: bool


@dataclass(frozen=True, slots=True)
class Predicted:
    """An entry of EPSS; both numbers are between 0 and 1."""

    cve: str
    score: float
    percentile: float


@dataclass(frozen=True, slots=True)
class Threat:
    """What both say of one vulnerability."""

    exploited: Exploited | None = None
    epss: float | None = None


class _Entry(msgspec.Struct, frozen=True, rename="camel"):
    cve_id: str = msgspec.field(name="cveID")
    date_added: str = ""
    due_date: str = ""
    known_ransomware_campaign_use: str = ""


class _Catalog(msgspec.Struct, frozen=True):
    vulnerabilities: list[_Entry]


def is_threat_list(name: str, raw: bytes) -> bool:
    """Whether a document is one of the two lists, and no advisory."""
    return name.endswith(".csv") or (name.endswith(".json") and b'"cveID"' in raw[:20_000])


def read_threats(name: str, raw: bytes) -> Sequence[Exploited] | Sequence[Predicted]:
    """The entries of a list. Raises `AdvisoryError` for an empty or broken one."""
    found: Sequence[Exploited] | Sequence[Predicted] = (
        _epss(name, raw) if name.endswith(".csv") else _kev(name, raw)
    )
    if not found:
        raise AdvisoryError("there is no entry in it", where=name)
    return found


def _kev(name: str, raw: bytes) -> list[Exploited]:
    try:
        entries = msgspec.json.decode(raw, type=_Catalog).vulnerabilities
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise AdvisoryError(f"no KEV catalog: {error}", where=name) from error
    return [
        Exploited(one.cve_id, one.date_added, one.due_date, one.known_ransomware_campaign_use == "Known")
        for one in entries
    ]


def _epss(name: str, raw: bytes) -> list[Predicted]:
    found = []
    lines = (line for line in raw.decode("utf-8", "replace").splitlines() if not line.startswith("#"))
    try:
        for row in csv.DictReader(lines):
            score, percentile = float(row["epss"]), float(row["percentile"])
            if not (0 <= score <= 1 and 0 <= percentile <= 1):
                raise ValueError(f"not between 0 and 1: {score}")
            found.append(Predicted(row["cve"], score, percentile))
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise AdvisoryError(
            f"no list of EPSS: {error}", where=name, hint="a CSV file with cve, epss, percentile"
        ) from error
    return found


def kev_text(entries: Sequence[Exploited]) -> bytes:
    """A list that `read_threats` reads."""
    rows = [
        {
            "cveID": one.cve,
            "dateAdded": one.added,
            "dueDate": one.due,
            "knownRansomwareCampaignUse": "Known" if one.ransomware else "Unknown",
        }
        for one in entries
    ]
    return msgspec.json.format(msgspec.json.encode({"vulnerabilities": rows}))


def epss_text(entries: Sequence[Predicted]) -> bytes:
    """A list that `read_threats` reads."""
    rows = "".join(f"{one.cve},{one.score!r},{one.percentile!r}\n" for one in entries)
    return f"cve,epss,percentile\n{rows}".encode()
