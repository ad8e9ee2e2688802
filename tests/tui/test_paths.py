import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tare import api
from tare.image import analyse, open_image
from tare.image.tree import Tree
from tare.inspect.assemble import make_report
from tare.inspect.survey import survey
from tare.schema.inspect import InspectReport
from tare.tui.paths import Change, Comparison, Filter, Paths, shown
from tare.tui.rows import Rows
from tests.support.random_image import Operation, images, layer_tar, write_docker_archive

LAYERS = (
    [
        Operation("file", "etc/kept", b"k" * 10),
        Operation("file", "etc/edited", b"old" * 10),
        Operation("file", "srv/gone/a", b"g" * 70),
        Operation("file", "opt/tool", b"t" * 40),
    ],
    [Operation("file", "etc/edited", b"new" * 20), Operation("whiteout", "srv/gone")],
    [Operation("file", "opt/tool", b"t" * 40, mode=0o755), Operation("file", "opt/more", b"m" * 5)],
)


def report_of(directory: Path, layers: list[list[Operation]]) -> InspectReport:
    archive = write_docker_archive(directory / "image.tar", [layer_tar(layer) for layer in layers])
    return api.inspect(f"docker-archive:{archive}", files=True, changes=True)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    return Paths(report_of(tmp_path_factory.mktemp("image"), [list(layer) for layer in LAYERS]))


def named(compared: Comparison, change: Change) -> set[str]:
    return {
        node.path
        for node, one in zip(compared.paths.nodes, compared.change, strict=True)
        if one is change and node.path
    }


def test_the_changes_of_one_layer(paths: Paths) -> None:
    compared = Comparison(paths, 1, 2)
    assert named(compared, Change.REMOVED) == {"srv/gone", "srv/gone/a"}
    assert named(compared, Change.MODIFIED) == {"etc", "etc/edited", "srv"}
    assert named(compared, Change.UNMODIFIED) == {"etc/kept", "opt", "opt/tool"}
    assert named(compared, Change.ADDED) == set()


def test_the_changes_of_all_layers_above_the_lowest(paths: Paths) -> None:
    compared = Comparison(paths, 1, 3)
    assert named(compared, Change.ADDED) == {"opt/more"}
    assert named(compared, Change.MODIFIED) == {"etc", "etc/edited", "srv", "opt", "opt/tool"}


def test_sizes_are_of_what_is_there_and_removed_names_keep_theirs(paths: Paths) -> None:
    compared = Comparison(paths, 1, 2)
    sizes = {node.path: size for node, size in zip(paths.nodes, compared.size_bytes, strict=True)}
    assert sizes["etc"] == 70 and sizes[""] == 110
    assert sizes["srv/gone"] == sizes["srv/gone/a"] == 70 and sizes["srv"] == 0


def test_what_a_later_layer_hides(paths: Paths) -> None:
    compared = Comparison(paths, 0, 1)
    hidden = {node.path: by for node, by in zip(paths.nodes, compared.hidden_by, strict=True) if by}
    assert hidden == {"etc/edited": 2, "srv/gone/a": 2, "opt/tool": 3}
    found = shown(compared, Filter(hidden_only=True))
    assert {node.path for node, one in zip(paths.nodes, found, strict=True) if one} == {
        "", "etc", "etc/edited", "srv", "srv/gone", "srv/gone/a", "opt", "opt/tool"
    }  # fmt: skip


def test_rows_fold_filter_and_sort(paths: Paths) -> None:
    rows = Rows(Comparison(paths, 2, 3))

    def visible() -> list[str]:
        return [paths.nodes[place].path for place, _ in rows.rows]

    assert visible() == ["etc", "opt", "srv"]
    assert rows.toggle(0) and visible() == ["etc", "etc/edited", "etc/kept", "opt", "srv"]
    rows.sort = "name"
    rows.rebuild()
    assert rows.parent_row(2) == 0 and not rows.toggle(1)
    rows.filter.pattern = re.compile("tool$")
    rows.refilter()
    assert visible() == ["opt", "opt/tool"]
    assert rows.toggle(0) and visible() == ["opt"]
    rows.filter = Filter(changes={Change.ADDED})
    rows.refilter()
    assert visible() == ["opt"]
    rows.toggle_all()
    assert visible() == ["opt", "opt/more"]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(layers=images())
def test_every_layer_shows_what_the_merged_tree_of_the_layers_below_it_holds(
    layers: list[list[Operation]], tmp_path: Path
) -> None:
    archive = write_docker_archive(tmp_path / "image.tar", [layer_tar(layer) for layer in layers])
    with open_image(f"docker-archive:{archive}") as image:
        analysis = analyse(image)
        paths = Paths(make_report(survey(analysis), files=True, changes=True))
    tree = Tree()
    for number, scan in enumerate(analysis.scans, 1):
        tree.apply(scan.entries)
        compared = Comparison(paths, number - 1, number)
        there = {
            node.path: compared.directory[place]
            for place, node in enumerate(paths.nodes)
            if node.path and compared.change[place] not in (Change.ABSENT, Change.REMOVED)
        }
        assert there == {node.path: node.children is not None for node in tree.walk()}
