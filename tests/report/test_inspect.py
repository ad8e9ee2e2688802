"""The formats of `tare inspect`: a snapshot at 80 columns, and names that try to break out of each format."""

import json
import re
import tarfile
from pathlib import Path

import msgspec
import pytest
from rich.cells import cell_len
from sarif_pydantic import Sarif

from tare import api
from tare.api._inspect import BudgetInputs
from tare.inspect.settings import BudgetSettings
from tare.report import formats_of, render
from tare.schema.inspect import InspectReport
from tests.support.random_image import Operation, layer_tar, write_docker_archive

EVIL = "opt/\x1b[31mred\x07|`<b>\n::error::x\u202e漢字" + "y" * 90
STATUS = (
    b"Package: gcc-12\nStatus: install ok installed\nVersion: 12.2\n\n"
    b"Package: app\nStatus: install ok installed\nVersion: 1\n\n"
)
DOCKERFILE = "FROM scratch\nRUN step 0\nRUN step 1\nRUN step 2\n"


def file(path: str, size: int, mode: int = 0o644) -> Operation:
    return Operation("file", path, (path.encode("utf-8", "replace") + b"x" * size)[:size], mode=mode)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> InspectReport:
    directory = tmp_path_factory.mktemp("image")
    layers = [
        [
            Operation("file", "var/lib/dpkg/status", STATUS),
            Operation("file", "var/lib/dpkg/info/gcc-12.list", b"/usr/bin/gcc\n"),
            Operation("file", "var/lib/dpkg/info/app.list", b"/usr/bin/app\n"),
            file("usr/bin/gcc", 3_000_000),
            file("usr/bin/app", 500_000),
            file("data/old", 2_000_000),
            file("var/cache/apt/archives/a.deb", 1_500_000),
            file(EVIL, 1_200_000),
        ],
        [file("usr/bin/app", 500_000, 0o755)],
        [Operation("whiteout", "data"), Operation("whiteout", EVIL)],
    ]
    archive = write_docker_archive(directory / "image.tar", [layer_tar(one) for one in layers])
    (directory / "Dockerfile").write_text(DOCKERFILE)
    found = api.inspect(
        f"docker-archive:{archive}",
        dockerfile=directory / "Dockerfile",
        budget=BudgetInputs(BudgetSettings(size="5MB", layers=3), {"size": "--max-size"}),
    )
    return _portable(found, str(directory))


def _portable(report: InspectReport, directory: str) -> InspectReport:
    text = msgspec.json.encode(report).decode().replace(f"{directory}/", "")
    return msgspec.json.decode(text, type=InspectReport)


TEXT = """\
docker-archive:image.tar (linux/amd64)
disk 8.70 MB · pull ≈N · 3 layers · 11 entries
efficiency 57.5 % · hidden 3.70 MB · duplicates 0 B
base 0 B in 0 layers (by the Dockerfile) · own 8.70 MB

layer       disk     pull   hidden  instruction
   1     8.20 MB ≈N  3.70 MB  RUN step 0  :2
   2      500 kB ≈N        -  RUN step 1  :3
   3         0 B ≈N        -  RUN step 2  :4

hidden  layers   why; what hid it
2.00 MB  1 → 3    deleted with directory, 1 file: RUN step 2
1.20 MB  1 → 3    deleted, 1 file: RUN step 2
 500 kB  1 → 2    chmod/chown copy, 1 file: RUN step 1

packages: 2, 3.50 MB; no package: 1.50 MB
3.00 MB  gcc-12 12.2 (dpkg)             500 kB  app 1 (dpkg)

could go: 8.20 MB on disk, ≈N of a pull; by fix, at most
   disk     pull  what: fix
3.70 MB ≈N  hidden bytes: Write it once, or tare slim --level lossless
3.00 MB ≈N  gcc-12: Compile in a builder stage; copy only what runs
1.50 MB ≈N  package-manager cache: Use a cache mount, or clear it in the…

✘ size 8.70 MB > 5.00 MB [--max-size]
✔ 3 layers ≤ 3
"""


def test_the_terminal(report: InspectReport) -> None:
    text = render(report, "text")
    lines = text.splitlines()
    assert all(cell_len(line) <= 80 for line in lines) and len(lines) <= 40
    assert re.sub(r" *≈ ?[0-9.]+ k?B(?: \(.*?\))?", " ≈N", text) == TEXT


@pytest.mark.parametrize("format_", formats_of("inspect"))
def test_no_name_breaks_out(report: InspectReport, format_: str) -> None:
    text = render(report, format_)
    assert text.endswith("\n")
    for bad in ("\x1b", "\x07", "\n::error::x", *(["\u202e"] if format_ != "json" else [])):
        assert bad not in text


def test_sarif_points_at_the_dockerfile(report: InspectReport) -> None:
    document = json.loads(render(report, "sarif"))
    read = Sarif.model_validate(document)
    assert json.loads(read.model_dump_json(by_alias=True, exclude_unset=True)) == document
    run = document["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == sorted(set(rules))
    by_rule = {result["ruleId"]: result for result in run["results"]}
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "Dockerfile"
    deleted = by_rule["TR9004"]["locations"][0]
    assert deleted["physicalLocation"]["region"]["startLine"] == 2
    assert deleted["logicalLocations"][0]["name"] == "layer 1"
    assert by_rule["TR9090"]["level"] == "error"
    prints = [result["partialFingerprints"]["tareFinding/v1"] for result in run["results"]]
    assert len(set(prints)) == len(prints)


def test_github_lines(report: InspectReport) -> None:
    lines = render(report, "github").splitlines()
    assert all(line.startswith(("::error file=", "::warning file=", "::notice file=")) for line in lines)
    assert lines[0].startswith(
        "::error file=Dockerfile,line=1,col=1,title=TR9090 budget-exceeded::Over budget: size 8.70"
    )
    assert any(line.startswith("::warning file=Dockerfile,line=2,col=1,title=TR9004") for line in lines)


def test_json_reads_back(report: InspectReport) -> None:
    found = json.loads(render(report, "json"))
    for name in (
        "size_bytes",
        "compressed_bytes",
        "layers",
        "waste",
        "efficiency",
        "packages",
        "schema_version",
    ):
        assert name in found
    assert sum(found["waste"]["hidden_bytes"].values()) == found["waste"]["hidden_total_bytes"]


def test_names_that_are_no_utf_8_have_json(tmp_path: Path) -> None:
    layer = layer_tar([Operation("file", "opt/\udcff", b"1" * 10)], format=tarfile.GNU_FORMAT)
    archive = write_docker_archive(tmp_path / "image.tar", [layer])
    found = json.loads(render(api.inspect(f"docker-archive:{archive}", files=True), "json"))
    assert [one["path"] for one in found["files"]] == ["opt", "opt/\\udcff"]
