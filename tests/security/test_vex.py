"""VEX in three formats takes findings away where it names the package, and in no other case; OpenVEX out and in again."""

import json
from pathlib import Path
from typing import Any

import pytest
from cvss import CVSS2, CVSS3
from hypothesis import given, settings
from hypothesis import strategies as st

from tare import api
from tare.cli.verbs.scan import exit_code
from tare.core.errors import UsageError
from tare.report import render
from tare.schema.scan import ScanReport
from tare.security.advisories import import_documents
from tare.security.severity import score
from tare.security.vex import read_vex
from tests.support.random_image import Operation, layer_tar, write_docker_archive

PURL = "pkg:pypi/urllib3@1.26.4"


def advisory(name: str, alias: str, **fields: Any) -> dict[str, Any]:
    affected = {
        "package": {"name": "urllib3", "ecosystem": "PyPI"},
        "ranges": [
            {
                "type": "ECOSYSTEM",
                "events": [{"introduced": "0"}, *fields.pop("events", [{"fixed": "1.26.5"}])],
            }
        ],
    }
    return {
        "id": name,
        "modified": "2026-01-01T00:00:00Z",
        "aliases": [alias],
        "affected": [affected],
        **fields,
    }


LOW = [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"}]
FOUR = [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"}]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    kev = {"vulnerabilities": [{"cveID": "CVE-2026-1", "dateAdded": "2026-01-05", "dueDate": "2026-01-26"}]}
    items: list[tuple[str, bytes]] = [
        ("a.json", json.dumps(advisory("PYSEC-1", "CVE-2026-1", severity=LOW)).encode()),
        ("b.json", json.dumps(advisory("PYSEC-2", "CVE-2026-2", severity=LOW, events=[])).encode()),
        ("kev.json", json.dumps(kev).encode()),
        ("epss.csv", b"cve,epss,percentile\nCVE-2026-1,0.02,0.5\nCVE-2026-2,0.7,0.9\n"),
    ]
    import_documents(tmp_path / "db", items)
    info = "usr/lib/python3.11/site-packages/urllib3-1.26.4.dist-info/METADATA"
    tar = layer_tar([Operation("file", info, b"Name: urllib3\nVersion: 1.26.4\n")])
    write_docker_archive(tmp_path / "image.tar", [tar])
    return tmp_path


def scanned(place: Path, *vex: Path) -> ScanReport:
    return api.scan(
        str(place / "image.tar"), database=place / "db", checks=["vulnerabilities"], vex=vex, environ={}
    )


def openvex(status: str = "not_affected", product: Any = PURL, name: str = "CVE-2026-1") -> dict[str, Any]:
    statement = {"vulnerability": {"name": name}, "products": [{"@id": product}], "status": status,
                 "justification": "vulnerable_code_not_in_execute_path"}  # fmt: skip
    return {"@context": "https://openvex.dev/ns/v0.2.0", "statements": [statement]}


CYCLONEDX = {
    "bomFormat": "CycloneDX", "components": [{"bom-ref": "c", "purl": PURL}],
    "vulnerabilities": [{"id": "CVE-2026-1", "analysis": {"state": "false_positive"}, "affects": [{"ref": "c"}]}],
}  # fmt: skip
CSAF = {
    "document": {"csaf_version": "2.0", "category": "csaf_vex"},
    "product_tree": {"branches": [{"branches": [{"product": {
        "product_id": "P1", "product_identification_helper": {"purl": PURL}}}]}]},
    "vulnerabilities": [{"cve": "CVE-2026-1", "product_status": {"known_not_affected": ["P1"]},
                         "flags": [{"label": "component_not_present", "product_ids": ["P1"]}]}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("document", "ignored"),
    [
        (openvex(), True), (openvex("fixed"), True), (openvex(product="pkg:pypi/urllib3"), True), (CYCLONEDX, True), (CSAF, True),
        (openvex("affected"), False), (openvex("under_investigation"), False), (openvex("nonsense"), False),
        (openvex(product="pkg:pypi/urllib3@1.26.3"), False), (openvex(product="pkg:deb/debian/urllib3@1.26.4"), False),
        (openvex(name="CVE-2026-9"), False), (openvex(product="my-image"), False),
    ],
)  # fmt: skip
def test_vex(place: Path, document: dict[str, Any], ignored: bool) -> None:
    (place / "vex.json").write_text(json.dumps(document))
    found = {one.id: one for one in scanned(place, place / "vex.json").vulnerabilities}
    assert bool(found["PYSEC-1"].ignored) is ignored and not found["PYSEC-2"].ignored


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"@context": "openvex", "statements": 5}',
        '{"bomFormat": "CycloneDX", "vulnerabilities": [1]}',
    ],
)
def test_broken_documents(tmp_path: Path, text: str) -> None:
    (tmp_path / "v.json").write_text(text)
    with pytest.raises(UsageError):
        read_vex(tmp_path / "v.json")


def test_openvex_out_and_in_again(place: Path) -> None:
    text = render(scanned(place), "openvex")
    document = json.loads(text)
    assert {one["status"] for one in document["statements"]} == {"affected"} and text == render(
        scanned(place), "openvex"
    )
    for one in document["statements"]:
        one["status"] = "not_affected"
    (place / "vex.json").write_text(json.dumps(document))
    assert all(one.ignored for one in scanned(place, place / "vex.json").vulnerabilities)


def test_gates(place: Path) -> None:
    report = scanned(place)
    found = {one.id: one for one in report.vulnerabilities}
    assert (
        found["PYSEC-1"].exploited == "2026-01-05"
        and found["PYSEC-2"].epss == 0.7
        and found["PYSEC-1"].purl == PURL
    )
    assert exit_code(report, "high") == 0
    assert exit_code(report, "low") == 1
    assert exit_code(report, "high", exploited=True) == 1
    assert exit_code(report, "high", epss=0.5) == 1 and exit_code(report, "high", epss=0.8) == 0
    assert exit_code(report, "high", epss=0.5, fixable_only=True) == 0


_METRICS3 = {"AV": "NALP", "AC": "LH", "PR": "NLH", "UI": "NR", "S": "UC", "C": "HLN", "I": "HLN", "A": "HLN"}
_METRICS2 = {"AV": "LAN", "AC": "HML", "Au": "MSN", "C": "NPC", "I": "NPC", "A": "NPC"}


def vectors(metrics: dict[str, str]) -> st.SearchStrategy[str]:
    parts = [st.sampled_from([f"{name}:{value}" for value in values]) for name, values in metrics.items()]
    return st.tuples(*parts).map("/".join)


@settings(max_examples=150)
@given(vectors(_METRICS3), vectors(_METRICS2), st.sampled_from(["3.0", "3.1"]))
def test_scores_as_another_implementation_has_them(three: str, two: str, version: str) -> None:
    vector = f"CVSS:{version}/{three}"
    assert score(vector) == float(CVSS3(vector).base_score)
    assert score(two) == float(CVSS2(two).base_score)


def test_version_4() -> None:
    assert score(FOUR[0]["score"]) == 9.3
    assert score("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:P/VC:N/VI:L/VA:N/SC:N/SI:N/SA:N") == 5.3
    assert score("CVSS:4.0/AV:N") is None and score("CVSS:4.0/") is None
