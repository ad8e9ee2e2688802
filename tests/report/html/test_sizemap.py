from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from tare.report.html.sizemap import MapNode, size_map
from tare.schema.inspect import FileFacts

NAMES = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=5)


def facts(path: str, size: int, *, layer: int = 1, hardlink: bool = False, package: int = -1) -> FileFacts:
    return FileFacts(path, "file", size, layer, 0, "", 0o644, 0, 0, 0, "", package, "other", hardlink)


@st.composite
def trees(draw: st.DrawFn) -> list[FileFacts]:
    """Files none of which is a directory of another."""
    found: dict[str, FileFacts] = {}
    for names in draw(st.lists(NAMES, max_size=30)):
        path = "/".join([*names, "file"])
        found[path] = facts(path, draw(st.integers(0, 50)), layer=draw(st.integers(1, 4)))
    return list(found.values())


def children(nodes: tuple[MapNode, ...]) -> dict[int, list[MapNode]]:
    below = defaultdict(list)
    for node in nodes[1:]:
        below[node.parent].append(node)
    return below


@settings(max_examples=80)
@given(trees(), st.integers(1, 40))
def test_sizes_and_counts_add_up_at_every_limit(files: list[FileFacts], limit: int) -> None:
    nodes = size_map(files, limit)
    assert nodes[0].size_bytes == sum(file.size_bytes for file in files)
    assert nodes[0].files == len(files)
    for place, below in children(nodes).items():
        assert sum(node.size_bytes for node in below) == nodes[place].size_bytes
        assert sum(node.files for node in below) <= nodes[place].files
        assert sum(node.rest for node in below) <= 1
    assert all(node.parent < place for place, node in enumerate(nodes))
    assert sum(not node.rest for node in nodes) <= limit + 1


def test_the_largest_are_kept_with_all_that_is_above_them() -> None:
    files = [facts(f"small/{number}", 1) for number in range(100)] + [facts("deep/er/still/big", 5000)]
    nodes = size_map(files, 5)
    assert [node.name for node in nodes if not node.rest] == ["", "small", "deep", "er", "still", "big"]
    rest = next(node for node in nodes if node.rest)
    assert (rest.size_bytes, rest.files) == (100, 100)


def test_whose_a_directory_is() -> None:
    files = [facts("d/a", 10, layer=2, package=3), facts("d/b", 4, layer=1), facts("d/c", 30, hardlink=True)]
    nodes = {node.name: node for node in size_map(files)}
    assert (nodes["d"].layer, nodes["d"].package, nodes["d"].size_bytes) == (2, 3, 14)
    assert "c" not in nodes


def test_a_path_a_thousand_deep() -> None:
    nodes = size_map([facts("/".join(["d"] * 3000), 7)], 10_000)
    assert len(nodes) == 3001 and nodes[-1].size_bytes == 7
