import json
from pathlib import Path

from tare.api import database_import
from tare.api._fleet import FleetOptions, fleet
from tests.support.fleet import FakeFleet, app_layers, base_layer, small_fleet
from tests.support.random_image import Operation, layer_tar
from tests.support.registries import serving


def advisory(ecosystem: str, name: str, id_: str, fixed: str) -> dict[str, object]:
    return {
        "id": id_,
        "modified": "2026-01-02T00:00:00Z",
        "summary": "a hole",
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        "affected": [
            {
                "package": {"ecosystem": ecosystem, "name": name},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
            }
        ],
    }


def test_vulnerabilities_count_by_image_and_name_their_base(tmp_path: Path) -> None:
    for number, one in enumerate(
        [
            advisory("Debian:12", "openssl", "DSA-1", "3.0.2-1"),
            advisory("Debian:12", "openssl", "DSA-2", "3.0.0-1"),
            advisory("PyPI", "flask", "PYSEC-1", "3.0"),
        ]
    ):
        (tmp_path / f"{number}.json").write_text(json.dumps(one))
    database = tmp_path / "db.sqlite"
    database_import(database, (tmp_path,))
    site = "usr/lib/python3/dist-packages/flask-2.0.dist-info"
    flask = layer_tar(
        [
            Operation("file", f"{site}/METADATA", b"Metadata-Version: 2.1\nName: flask\nVersion: 2.0\n"),
            Operation("file", f"{site}/RECORD", f"{site}/METADATA,,\n".encode()),
        ]
    )
    fake: FakeFleet = small_fleet(2)
    fake.push("team/web:1", [base_layer(), *app_layers(3), flask])
    with serving(fake.registry) as host:
        report = fleet(
            [f"catalog:{host}"], tmp_path / "store", options=FleetOptions(workers=1), database=database
        )
    assert report.security is not None and report.complete
    found = {one.id: one for one in report.security.vulnerabilities}
    assert set(found) == {"DSA-1", "PYSEC-1"}
    assert (found["DSA-1"].images, found["DSA-1"].bases) == (4, (f"docker://{host}/base/debian:12",))
    assert (found["PYSEC-1"].images, found["PYSEC-1"].bases) == (1, ())
    assert found["DSA-1"].fixed_in == ("3.0.2-1",)
    counts = {image.names[0].rpartition("/")[2]: image.vulnerabilities for image in report.images}
    assert counts == {"debian:12": 1, "app0:1": 1, "app1:1": 1, "web:1": 2}
