"""What inspect says that slimming would free is what slimming frees."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings

from tare import api
from tare.image.compress import compression
from tare.report import render
from tare.report.registry import render_page
from tare.schema.inspect import InspectReport
from tare.slim.model import Level
from tare.slim.pipeline import SlimOptions
from tests.support.random_image import Operation, images, layer_tar, write_docker_archive

SITE = "usr/local/lib/python3.11/site-packages"
LAYERS = (
    [
        Operation("file", "usr/local/bin/python3.11", b"\x7fELF" + b"p" * 5000),
        Operation("file", f"{SITE}/pkg/__init__.py", b"import json\n" * 50),
        Operation("file", f"{SITE}/pkg/__pycache__/__init__.cpython-311.pyc", b"\xa7\r\r\n" + b"c" * 4000),
        Operation("file", f"{SITE}/pkg/tests/__init__.py", b""),
        Operation("file", f"{SITE}/pkg/tests/test_it.py", b"assert True\n" * 400),
        Operation("file", f"{SITE}/pkg-1.0.dist-info/METADATA", b"Name: pkg\nVersion: 1.0\n"),
        Operation(
            "file",
            f"{SITE}/pkg-1.0.dist-info/RECORD",
            b"pkg/__init__.py,,\npkg/tests/__init__.py,,\npkg/tests/test_it.py,,\npkg-1.0.dist-info/METADATA,,\n"
            b"pkg-1.0.dist-info/RECORD,,\n",
        ),
        Operation("file", "root/.cache/pip/http/a", b"w" * 9000),
        Operation("file", "srv/data", b"d" * 7000),
    ],
    [Operation("whiteout", "srv/data"), Operation("file", "app/main.py", b"import pkg\n")],
)


def check(report: InspectReport) -> None:
    assert [one.level for one in report.slim] == ["lossless", "safe", "reach"]
    for one in report.slim:
        assert one.freed_bytes + one.left_bytes == report.size_bytes
        assert sum(step.freed_bytes for step in one.steps) == one.freed_bytes + one.added_bytes
        assert one.added_bytes >= 0


def test_every_level_frees_what_slimming_then_frees(tmp_path: Path) -> None:
    archive = write_docker_archive(tmp_path / "image.tar", [layer_tar(one) for one in LAYERS])
    report = api.inspect(f"docker-archive:{archive}", slim=True)
    check(report)
    assert report.slim[0].freed_bytes > 15_000 and report.slim[1].freed_bytes > report.slim[0].freed_bytes
    for one in report.slim:
        target = tmp_path / one.level
        done = api.slim(
            f"docker-archive:{archive}",
            f"oci:{target}",
            options=SlimOptions(level=Level(one.level)),
            compression=compression("gzip", None),
            builder="none",
        )
        assert done.after.size_bytes.value is not None
        written = api.inspect(f"oci:{target}")
        assert abs(written.size_bytes - one.left_bytes) < 200, (
            "only the ledger's words on verification differ"
        )
        applied = {step.name: step.saved_bytes for step in done.steps if step.status == "applied"}
        assert applied == {step.name: step.freed_bytes for step in one.steps}


def test_every_view_has_the_levels(tmp_path: Path) -> None:
    archive = write_docker_archive(tmp_path / "image.tar", [layer_tar(one) for one in LAYERS])
    report = api.inspect(f"docker-archive:{archive}", slim=True)
    text = render(report, "text")
    assert all(len(line) <= 80 for line in text.splitlines())
    for shown in (text, render(report, "markdown"), render_page(report)):
        assert "as planned (not run)" in shown and "hidden-bytes" in shown and "reach" in shown
    plain = api.inspect(f"docker-archive:{archive}")
    assert "as planned" not in render(plain, "text") + render(plain, "markdown") + render_page(plain)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(images())
def test_the_levels_add_up(tmp_path: Path, layers: list[list[Operation]]) -> None:
    archive = write_docker_archive(tmp_path / "image.tar", [layer_tar(one) for one in layers])
    check(api.inspect(f"docker-archive:{archive}", slim=True))
