"""Two images: the differences lead from one to the other, whatever they are, and shared layers are read once."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

import tare.image.analysis
from tare import api
from tare.report import formats_of, render
from tare.schema.diff import DiffReport
from tests.inspect.pictures import file
from tests.support.random_image import Operation, images, layer_tar, write_docker_archive


def differ(
    directory: Path,
    before: list[list[Operation]],
    after: list[list[Operation]],
    configs: Sequence[dict[str, object]] = ({}, {}),
) -> DiffReport:
    names = []
    for name, layers, config in (("before", before, configs[0]), ("after", after, configs[1])):
        path = directory / f"{name}.tar"
        write_docker_archive(path, [layer_tar(one) for one in layers], **config)
        names.append(f"docker-archive:{path}")
    return api.diff(*names)


def contents(directory: Path, name: str) -> dict[str, tuple[object, ...]]:
    """What `tare inspect --files` lists, as another way to the same names."""
    report = api.inspect(f"docker-archive:{directory / name}.tar", files=True)
    return {
        one.path: (one.kind, one.size_bytes, one.mode, one.uid, one.gid, one.link)
        for one in report.files
        if not one.hidden_in
    }


@settings(max_examples=60, deadline=None)
@given(images(), images())
def test_differences_lead_from_one_to_the_other(
    before: list[list[Operation]], after: list[list[Operation]]
) -> None:
    with TemporaryDirectory() as name:
        directory = Path(name)
        report = differ(directory, before, after)
        state, wanted = contents(directory, "before"), contents(directory, "after")
    for one in report.files:
        if one.before is not None:
            assert one.path in state
            del state[one.path]
        if one.after is not None:
            new = one.after
            state[one.path] = (new.kind, new.size_bytes, new.mode, new.uid, new.gid, new.link)
    # an untouched hard link may have its content by another entry of the same bytes
    assert {path: row[:5] for path, row in state.items()} == {path: row[:5] for path, row in wanted.items()}
    found = report.totals
    assert (found.added, found.removed, found.changed) == tuple(
        sum(one.change == kind for one in report.files) for kind in ("added", "removed", "changed")
    )
    assert sum(one.growth_bytes for one in report.instructions) == (
        found.added_bytes - found.removed_bytes + found.growth_bytes
    )
    assert sum(one.files for one in report.instructions) == len(report.files)
    assert sum(layer.size_bytes for layer in report.layers if layer.before) == report.before.size_bytes
    assert sum(layer.size_bytes for layer in report.layers if layer.after) == report.after.size_bytes


@settings(max_examples=25, deadline=None)
@given(images())
def test_an_image_does_not_differ_from_itself(layers: list[list[Operation]]) -> None:
    with TemporaryDirectory() as name:
        report = differ(Path(name), layers, layers)
    assert not report.differs and report.shared_layers == len(layers) and report.after.read_layers == 0


def test_aspects(tmp_path: Path) -> None:
    before = [[file("c", b"1"), file("m"), Operation("symlink", "l", link="c"), file("k"), file("same")]]
    after = [
        [
            file("c", b"2"),
            file("m", mode=0o755),
            Operation("symlink", "l", link="m"),
            Operation("directory", "k"),
            file("same"),
        ]
    ]
    report = differ(tmp_path, before, after)
    assert {one.path: one.aspects for one in report.files} == {
        "c": ("content",), "m": ("mode",), "l": ("link",), "k": ("kind",),
    }  # fmt: skip


def test_packages_and_configuration(tmp_path: Path) -> None:
    def status(*packages: tuple[str, str]) -> Operation:
        text = "".join(
            f"Package: {name}\nStatus: install ok installed\nVersion: {version}\n\n"
            for name, version in packages
        )
        return file("var/lib/dpkg/status", text.encode())

    report = differ(
        tmp_path,
        [[status(("a", "1"), ("b", "1"), ("same", "1"))]],
        [[status(("a", "2"), ("c", "1"), ("same", "1"))]],
        [
            {"Env": ["PATH=/bin", "API_TOKEN=hunter2", "A=1"], "Cmd": ["x", "y z"]},
            {"Env": ["PATH=/bin", "API_TOKEN=other"], "User": "app"},
        ],
    )
    assert {one.name: (one.before, one.after) for one in report.packages} == {
        "a": (("1",), ("2",)), "b": (("1",), ()), "c": ((), ("1",)),
    }  # fmt: skip
    assert {one.name: (one.before, one.after) for one in report.configuration} == {
        "cmd": ('["x", "y z"]', None),
        "user": (None, "app"),
        "env A": ("1", None),
        "env API_TOKEN": ("***", "***"),
    }
    for format_ in formats_of("diff"):
        assert "hunter2" not in render(report, format_)


def test_shared_layers_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    original = tare.image.analysis.scan_layer

    def counted(*args: object, **named: object) -> object:
        read.append(str(named["diff_id"]))
        return original(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(tare.image.analysis, "scan_layer", counted)
    base = [[file("a", b"1" * 100)], [file("b", b"2" * 200)]]
    report = differ(tmp_path, [*base, [file("x")]], [*base, [file("y")], [file("a", b"3")]])
    assert len(read) == 5 and len(set(read)) == 5
    assert (report.shared_layers, report.shared_bytes, report.after.read_layers) == (2, 300, 2)
    assert report.after.hidden_bytes == {"overwritten": 100}


TEXT = """\
before  docker-archive:before.tar
after   docker-archive:after.tar

                 before        after
disk            2.00 MB      1.10 MB  −45 %
pull                ≈N           ≈N
visible         2.00 MB      1.10 MB  −45 %
hidden              0 B          0 B
duplicates          0 B          0 B
efficiency      100.0 %      100.0 %
layers                1            2
files                 2            2
packages              0            0

layers: 0 shared (0 B)
-   1   2.00 MB  RUN step 0
+   1   1.00 MB  RUN step 0
+   2    100 kB  RUN step 1

instructions: bytes of the files that differ
=   −1.00 MB  RUN step 0
+    +100 kB  RUN step 1

files: +1 (100 kB), −1 (1.00 MB), 1 changed (+0 B; content 1, mode 1, owner 0)
~       +0 B  /a (content, mode 644 → 755)
-   −1.00 MB  /opt/\\x1b[31m%s…%s
+    +100 kB  /new
"""


def test_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = "opt/\x1b[31m" + "n" * 90
    report = differ(
        Path(),
        [[file("a", b"1" * 1_000_000), file(name, b"2" * 1_000_000)]],
        [
            [file("a", b"3" * 1_000_000, 0o755), Operation("directory", "opt", mode=0o755)],
            [file("new", b"4" * 100_000)],
        ],
    )
    text = render(report, "text")
    lines = text.splitlines()
    assert all(len(line) <= 80 for line in lines) and "\x1b" not in text
    lines[5] = lines[5][:4] + " " * 16 + "≈N           ≈N"
    wanted = TEXT.replace("%s…%s", lines[-2].partition("[31m")[2]).splitlines()
    assert lines == wanted
    assert json.loads(render(report, "json"))["totals"]["added"] == 1
    assert "\x1b" not in render(report, "markdown")
