"""Every byte in one place: classes, packages, remedies and layers add up, on images by hand and random ones."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings

from tare.inspect.assemble import make_report
from tare.inspect.survey import survey
from tare.schema.inspect import InspectReport
from tests.inspect.pictures import analysed, file, folder, gone
from tests.support.random_image import Operation, images


def report(directory: Path, layers: list[list[Operation]]) -> InspectReport:
    with analysed(directory, layers) as analysis:
        return make_report(survey(analysis), files=True, changes=True)


def check_sums(found: InspectReport) -> None:
    size = found.size_bytes
    assert sum(layer.size_bytes for layer in found.layers) == size
    assert sum(one.size_bytes for one in found.classes) == found.visible_bytes
    assert sum(one.size_bytes for one in found.packages) + found.unowned.size_bytes == found.visible_bytes
    assert found.visible_bytes + found.waste.hidden_total_bytes == size
    assert sum(found.waste.hidden_bytes.values()) == found.waste.hidden_total_bytes
    assert sum(item.size_bytes for item in found.waste.items) == found.waste.hidden_total_bytes
    assert sum(layer.hidden_bytes for layer in found.layers) == found.waste.hidden_total_bytes
    assert sum(layer.hides_bytes for layer in found.layers) == found.waste.hidden_total_bytes
    assert sum(item.size_bytes for item in found.what_if.items) == found.what_if.freeable_bytes
    assert found.what_if.freeable_bytes + found.what_if.kept_bytes == size
    assert 0 <= found.efficiency <= 1
    visible = [one for one in found.files if not one.hidden_in]
    assert (
        sum(one.size_bytes for one in visible if one.kind == "file" and not one.hardlink)
        == found.visible_bytes
    )
    whole = found.compressed_bytes
    for part in (*found.classes, *found.packages, *found.what_if.items):
        share = part.compressed_bytes
        assert share.value is not None and whole.value is not None and share.value <= whole.value + 1
        if share.basis == "estimated":
            assert share.low is not None and share.high is not None and share.low <= share.value <= share.high


@settings(max_examples=60, deadline=None)
@given(images())
def test_everything_adds_up(layers: list[list[Operation]]) -> None:
    with TemporaryDirectory() as directory:
        check_sums(report(Path(directory), layers))


@settings(max_examples=60, deadline=None)
@given(images())
def test_changes_lead_to_the_tree(layers: list[list[Operation]]) -> None:
    """Played one after another, the changes of all layers give the visible names."""
    with TemporaryDirectory() as directory:
        found = report(Path(directory), layers)
    names: set[str] = set()
    for change in found.changes:
        if change.change == "added":
            assert change.path not in names
            names.add(change.path)
        elif change.change == "removed":
            names.remove(change.path)
        else:
            assert change.path in names
    assert {one.path for one in found.files if not one.hidden_in} == names


def test_waste_names_cause_layers_and_instructions(tmp_path: Path) -> None:
    found = report(
        tmp_path,
        [[file("d/a", b"1" * 1000), file("k", b"2" * 50)], [file("k", b"2" * 50, 0o600)], [gone("d")]],
    )
    assert found.waste.hidden_bytes == {"directory-whiteout": 1000, "metadata": 50}
    first = found.waste.items[0]
    assert (first.cause, first.written_in, first.hidden_in) == ("directory-whiteout", 1, 3)
    assert (first.wrote, first.hid) == ("RUN step 0", "RUN step 2")
    assert first.remedy.slim_step == "hidden-bytes" and first.paths == ("d/a",)


def test_whole_layers_have_an_exact_share(tmp_path: Path) -> None:
    found = report(tmp_path, [[folder("a"), file("a/x.pyc", bytes(5000))]])
    share = found.classes[0].compressed_bytes
    assert share.value == found.layers[0].compressed_bytes.value


def test_an_image_without_bytes(tmp_path: Path) -> None:
    found = report(tmp_path, [[]])
    assert (found.size_bytes, found.efficiency, found.what_if.items) == (0, 1.0, ())


def test_a_cache_that_shares_its_files_frees_nothing(tmp_path: Path) -> None:
    shared = [
        file("opt/conda/pkgs/x/share/y", b"1" * 9000),
        Operation("hardlink", "opt/conda/share/y", link="opt/conda/pkgs/x/share/y"),
        file("opt/conda/pkgs/x.conda", b"2" * 500),
    ]
    found = report(tmp_path, [shared])
    assert {item.name: item.size_bytes for item in found.what_if.items} == {"package-manager cache": 500}
    check_sums(found)
