"""Which instruction made the difference: by layers, by words, and by the lines of Dockerfiles."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tare import api
from tare.core.errors import AdvisoryError
from tare.report import render
from tare.schema.diff import DiffReport
from tests.inspect.pictures import file, gone
from tests.support.random_image import Operation, digest, layer_tar, write_tar

BASE = [file("usr/base", b"b" * 300)]
OLD = "FROM base\nRUN pip install torch\nCOPY . /app\nRUN rm /usr/base\n"
NEW = "FROM base\n\nRUN pip install --no-cache-dir torch numpy\nCOPY . /app\nRUN apt-get install -y vim\n"


def image(path: Path, layers: Sequence[tuple[str, list[Operation]]]) -> str:
    """A docker archive whose history has these instructions."""
    tars = [layer_tar(operations) for _, operations in layers]
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": [digest(tar) for tar in tars]},
            "history": [{"created_by": f"{words} # buildkit"} for words, _ in layers],
        }
    ).encode()
    names = [f"{place}/layer.tar" for place in range(len(tars))]
    manifest = [{"Config": "config.json", "RepoTags": ["x:y"], "Layers": names}]
    members = dict(zip(names, tars, strict=True))
    members |= {"config.json": config, "manifest.json": json.dumps(manifest).encode()}
    return f"docker-archive:{write_tar(path, members)}"


def pair(directory: Path, dockerfiles: bool = True, database: Path | None = None) -> DiffReport:
    """Two images of one base: another installation, the same copy with other content, a removal and an addition."""
    run = "RUN /bin/sh -c"
    before = image(
        directory / "before.tar",
        [
            ("ADD base /", BASE),
            (
                f"{run} pip install torch",
                [file("site-packages/torch.so", b"t" * 5000), file("root/.cache/x", b"c" * 900)],
            ),
            ("COPY . /app", [file("app/main.py", b"1" * 10)]),
            (f"{run} rm /usr/base", [gone("usr/base")]),
        ],
    )
    after = image(
        directory / "after.tar",
        [
            ("ADD base /", BASE),
            (
                f"{run} pip install --no-cache-dir torch numpy",
                [file("site-packages/torch.so", b"t" * 5000), file("site-packages/numpy.so", b"n" * 2000)],
            ),
            ("COPY . /app", [file("app/main.py", b"2" * 14)]),
            (f"{run} apt-get install -y vim", [file("usr/bin/vim", b"v" * 700)]),
        ],
    )
    (directory / "old.Dockerfile").write_text(OLD)
    (directory / "new.Dockerfile").write_text(NEW)
    return api.diff(
        before,
        after,
        dockerfile_before=directory / "old.Dockerfile" if dockerfiles else None,
        dockerfile_after=directory / "new.Dockerfile" if dockerfiles else None,
        database=database,
    )


def test_every_difference_is_laid_to_one_instruction(tmp_path: Path) -> None:
    report = pair(tmp_path)
    found = {(one.change, one.line_before, one.line_after): one.growth_bytes for one in report.instructions}
    assert found == {
        ("changed", 2, 3): 2000 - 900,  # one installation, in other words
        ("rebuilt", 3, 4): 4,
        ("removed", 4, None): 300,  # the base's file is back, because nothing removes it any more
        ("added", None, 5): 700,
    }
    assert "2 → 3: RUN pip install --no-cache-dir torch numpy" in render(report, "text")
    assert "| 2 → 3 |" in render(report, "markdown")


def test_without_dockerfiles_there_are_no_lines(tmp_path: Path) -> None:
    report = pair(tmp_path, dockerfiles=False)
    assert len(report.instructions) == 4
    assert not any(one.line_before or one.line_after for one in report.instructions)


def test_another_images_dockerfile_gives_no_lines(tmp_path: Path) -> None:
    pair(tmp_path)
    (tmp_path / "other.Dockerfile").write_text("FROM x\nRUN make world\nRUN echo done\n")
    report = api.diff(
        f"docker-archive:{tmp_path / 'before.tar'}",
        f"docker-archive:{tmp_path / 'after.tar'}",
        dockerfile_after=tmp_path / "other.Dockerfile",
    )
    assert not any(one.line_after for one in report.instructions)
    assert "does not fit the history" in report.notes[0]


def test_a_path_that_a_later_instruction_removes(tmp_path: Path) -> None:
    before = image(tmp_path / "a.tar", [("ADD base /", BASE)])
    after = image(
        tmp_path / "b.tar", [("ADD base /", BASE), ("RUN /bin/sh -c rm /usr/base", [gone("usr/base")])]
    )
    (one,) = api.diff(before, after).instructions
    assert (one.change, one.layer_after, one.growth_bytes) == ("added", 2, -300)


# -- vulnerabilities --------------------------------------------------------------------------------------------------


def advisory(name: str, package: str, fixed: str) -> str:
    """An OSV document about a PyPI package."""
    events = [{"introduced": "0"}, {"fixed": fixed}]
    affected = [
        {
            "package": {"ecosystem": "PyPI", "name": package},
            "ranges": [{"type": "ECOSYSTEM", "events": events}],
        }
    ]
    document = {"id": name, "modified": "2024-01-01T00:00:00Z", "affected": affected}
    return json.dumps(document)


def installed(name: str, version: str) -> list[Operation]:
    """A Python distribution's metadata."""
    folder = f"usr/lib/python3/site-packages/{name}-{version}.dist-info"
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
    return [
        file(f"{folder}/METADATA", text),
        file(f"{folder}/RECORD", f"{name}-{version}.dist-info/METADATA,,\n".encode()),
    ]


def test_vulnerabilities_that_only_one_image_has(tmp_path: Path) -> None:
    for name, package, fixed in (
        ("PYSEC-1", "old", "2.0"),
        ("PYSEC-2", "new", "9"),
        ("PYSEC-3", "both", "9"),
    ):
        (tmp_path / f"{name}.json").write_text(advisory(name, package, fixed))
    database = tmp_path / "advisories.sqlite"
    api.database_import(database, tuple(tmp_path.glob("PYSEC-*.json")))
    before = image(tmp_path / "a.tar", [("RUN x", [*installed("old", "1.0"), *installed("both", "1.0")])])
    after = image(
        tmp_path / "b.tar",
        [("RUN x", [*installed("old", "2.0"), *installed("both", "2.0"), *installed("new", "1.0")])],
    )
    report = api.diff(before, after, database=database)
    known = report.vulnerabilities
    assert known is not None and (known.before, known.after) == (2, 2)
    assert {(one.change, one.id, one.version) for one in known.changes} == {
        ("removed", "PYSEC-1", "1.0"),
        ("added", "PYSEC-2", "1.0"),
    }
    assert "2 before, 2 after; 1 gone, 1 new" in render(report, "text")
    assert "| + | unknown | PYSEC-2 |" in render(report, "markdown")
    with pytest.raises(AdvisoryError):
        api.diff(before, after, database=tmp_path / "none.sqlite")
    assert api.diff(before, after).vulnerabilities is None
