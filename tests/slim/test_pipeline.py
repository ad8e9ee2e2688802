"""Slimming as a whole, without an engine: layouts, ledgers, `why`, refusals, twice the same."""

import json
from pathlib import Path

import pytest

from tare import api
from tare.core.errors import ImageError, UsageError, VerificationError
from tare.image import analyse, open_image
from tare.image.compress import compression
from tare.schema.slim import SlimReport
from tare.slim.model import Level
from tare.slim.pipeline import Layout, SlimOptions
from tests.slim.images import BASE, SITE, archive, distribution

GZIP = compression("gzip", None)
FILES = {
    **BASE,
    f"{SITE}/pkg/__init__.py": b"",
    f"{SITE}/pkg/big.bin": b"x" * 5000,
    f"{SITE}/pkg/tests/test_a.py": b"1" * 100,
    **distribution("pkg", ["pkg/__init__.py", "pkg/big.bin", "pkg/tests/test_a.py"]),
    "etc/conf": b"1",
}


def slim(
    source: Path, target: str | None, layout: Layout = "keep", level: Level = Level.SAFE, **more: object
) -> SlimReport:
    options = SlimOptions(level=level, layout=layout, environ={"SOURCE_DATE_EPOCH": "0"}, **more)  # type: ignore[arg-type]
    return api.slim(f"docker-archive:{source}", target, options=options, compression=GZIP, builder="none")


def names(reference: str) -> set[str]:
    with open_image(reference) as image:
        return {node.path for node in analyse(image).tree.walk() if node.children is None}


@pytest.mark.parametrize("layout", ["keep", "squash", "flatten", "by-package"])
def test_every_layout_holds_the_same_files(tmp_path: Path, layout: Layout) -> None:
    source = archive(tmp_path, [FILES, {"app/late.py": b"", f"{SITE}/pkg/big.bin": b"y"}])
    report = slim(source, f"oci:{tmp_path}/out", layout)
    found = names(f"oci:{tmp_path}/out") - {"usr/share/tare/ledger.json.gz"}
    assert found == (set(FILES) | {"app/late.py", f"{SITE}/pkg-1.0.dist-info/tare-modified.json"}) - {
        f"{SITE}/pkg/tests/test_a.py"
    }
    if layout in ("squash", "flatten"):
        assert report.after.layers == 1
    again = slim(source, f"oci:{tmp_path}/again", layout)
    assert again.digest == report.digest and report.verified.startswith("no: no engine")


def test_by_package_an_application_change_moves_one_layer_only(tmp_path: Path) -> None:
    digests = []
    for number, text in enumerate((b"import lib\n", b"import lib\nprint(1)\n")):
        folder = tmp_path / str(number)
        folder.mkdir()
        source = archive(folder, [FILES, {"app/main.py": text}])
        slim(source, f"oci:{folder}/out", "by-package")
        with open_image(f"oci:{folder}/out") as image:
            digests.append({layer.digest for layer in image.layers})
            assert any("python pkg 1.0" in layer.created_by for layer in image.layers)
    assert len(digests[0] - digests[1]) == 1 and len(digests[0]) >= 3


def test_why_answers_from_the_image_itself(tmp_path: Path) -> None:
    source = archive(tmp_path, [FILES])
    target = f"docker-archive:{tmp_path}/out.tar:a:b"
    report = slim(source, target, level=Level.SAFE)
    assert {step.name for step in report.steps if step.status == "applied"} >= {"tests", "python-records"}
    found = api.why(target, f"/{SITE}/pkg/tests")
    assert [(one.step, one.package, one.saved_bytes, one.action) for one in found.entries] == [
        ("tests", "python:pkg 1.0", 100, "removed")
    ]
    assert not api.why(target, "/etc/conf").entries and api.why(target, "etc/conf").present
    with pytest.raises(ImageError, match="no ledger"):
        api.why(f"docker-archive:{source}", "x")


def test_slimming_twice_adds_up(tmp_path: Path) -> None:
    source = archive(tmp_path, [{**FILES, "var/cache/apt/x": b"123"}])
    slim(source, f"docker-archive:{tmp_path}/one.tar", level=Level.LOSSLESS)
    slim(tmp_path / "one.tar", f"docker-archive:{tmp_path}/two.tar", level=Level.SAFE)
    target = f"docker-archive:{tmp_path}/two.tar"
    assert api.why(target, "var/cache/apt/x").entries and api.why(target, f"{SITE}/pkg/tests").entries
    with open_image(target) as image:
        assert not analyse(image).tree.hidden


def test_lossless_changes_nothing_that_is_visible_but_caches(tmp_path: Path) -> None:
    source = archive(tmp_path, [{**FILES, "root/.cache/pip/a": b"1"}, {"etc/conf": b"2"}])
    slim(source, f"oci:{tmp_path}/out", level=Level.LOSSLESS)
    found = names(f"oci:{tmp_path}/out") - {"usr/share/tare/ledger.json.gz"}
    assert found == set(FILES)


def test_a_plan_alone_writes_nothing(tmp_path: Path) -> None:
    source = archive(tmp_path, [FILES])
    report = slim(source, None)
    assert report.written is None and sorted(path.name for path in tmp_path.iterdir()) == ["image.tar"]


def test_the_mark_of_an_unverified_image(tmp_path: Path) -> None:
    source = archive(tmp_path, [FILES])
    options = SlimOptions(environ={})
    api.slim(
        f"docker-archive:{source}", f"oci:{tmp_path}/out", options=options, compression=GZIP, verify=False,
        ledger=tmp_path / "ledger.json",
    )  # fmt: skip
    index = json.loads((tmp_path / "out/index.json").read_bytes())
    manifest = json.loads((tmp_path / "out/blobs/sha256" / index["manifests"][0]["digest"][7:]).read_bytes())
    assert manifest["annotations"]["dev.tare.slim.verified"].startswith("no: --no-verify")
    assert json.loads((tmp_path / "ledger.json").read_text())["verified"].startswith("no: --no-verify")


def test_wrong_requests(tmp_path: Path) -> None:
    source = archive(tmp_path, [FILES])
    with pytest.raises(UsageError, match="is the image itself"):
        slim(source, f"docker-archive:{source}")
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
        api.slim(
            f"docker-archive:{source}", f"oci:{tmp_path}/o", options=SlimOptions(environ={"SOURCE_DATE_EPOCH": "x"}),
            compression=GZIP, builder="none",
        )  # fmt: skip
    with pytest.raises(UsageError, match="no step"):
        slim(source, f"oci:{tmp_path}/o", without=("nope",))
    assert not (tmp_path / "o").exists()


def test_a_step_that_takes_the_program_is_left_out_by_the_static_proof(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from collections.abc import Iterable
    from dataclasses import dataclass

    from tare.slim import registry
    from tare.slim.model import Proposal
    from tare.slim.view import View

    @dataclass(frozen=True)
    class Absurd:
        name: str = "absurd"
        level: Level = Level.LOSSLESS
        reason: str = "takes the interpreter"

        def plan(self, view: View) -> Iterable[Proposal]:
            return [Proposal("usr/bin/python3", "wrong")]

    monkeypatch.setattr(registry, "STEPS", (*registry.STEPS, Absurd()))
    source = archive(tmp_path, [FILES])
    report = slim(source, f"oci:{tmp_path}/out")
    dropped = [step for step in report.steps if step.status == "dropped"]
    assert [step.name for step in dropped] == ["absurd"] and "usr/bin/python3" in dropped[0].reason
    assert "usr/bin/python3" in names(f"oci:{tmp_path}/out")


def test_scratch_images_and_strange_configurations(tmp_path: Path) -> None:
    for number, config in enumerate(
        ({"Cmd": None, "Entrypoint": None}, {"Cmd": ["/static"]}, {"Entrypoint": ["/no/such"]}, {"Cmd": [""]})
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        source = archive(folder, [{"static": b"\x7fELF" + bytes(60)}], **config)
        try:
            slim(source, f"oci:{folder}/out", level=Level.REACH)
        except VerificationError:
            continue
        assert "static" in names(f"oci:{folder}/out")


def test_every_platform_of_an_index(tmp_path: Path) -> None:
    from tare.image.indexes import platforms_of
    from tests.support.random_image import Operation, digest, layer_tar, oci_files, write_files

    files: dict[str, bytes] = {}
    manifests = []
    for architecture in ("amd64", "arm64"):
        operations = [
            Operation("file", "var/cache/apt/x", b"1"),
            Operation("file", "bin/a", architecture.encode()),
        ]
        one = oci_files([layer_tar(operations)], Cmd=["/bin/a"])
        config = next(name for name, content in one.items() if b'"rootfs"' in content)
        document = json.loads(one.pop(config)) | {"architecture": architecture}
        raw = json.dumps(document).encode()
        index = json.loads(one["index.json"])
        manifest = json.loads(one.pop("blobs/sha256/" + index["manifests"][0]["digest"][7:]))
        manifest["config"] |= {"digest": digest(raw), "size": len(raw)}
        body = json.dumps(manifest).encode()
        files |= one | {f"blobs/sha256/{digest(raw)[7:]}": raw, f"blobs/sha256/{digest(body)[7:]}": body}
        kind = "application/vnd.oci.image.manifest.v1+json"
        platform = {"os": "linux", "architecture": architecture}
        manifests.append({"mediaType": kind, "digest": digest(body), "size": len(body), "platform": platform})
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": manifests}).encode()
    write_files(tmp_path / "in", files)
    assert platforms_of(f"oci:{tmp_path}/in") == ("linux/amd64", "linux/arm64")
    report = api.slim(
        f"oci:{tmp_path}/in",
        f"oci:{tmp_path}/out:x",
        options=SlimOptions(environ={}),
        compression=GZIP,
        platform="all",
    )
    assert report.platforms == ("linux/amd64", "linux/arm64") and report.before.files == 4
    assert platforms_of(f"oci:{tmp_path}/out:x") == ("linux/amd64", "linux/arm64")
    for name in report.platforms:
        with open_image(f"oci:{tmp_path}/out:x", platform=name) as image:
            tree = analyse(image).tree
            assert tree.get("bin/a") and not tree.get("var/cache/apt/x")
            assert image.config.platform.architecture == name.partition("/")[2]
    with pytest.raises(UsageError, match="one platform"):
        platforms_of("docker-daemon:x")
