import pytest
from packaging.tags import parse_tag

from tare.core.errors import UsageError
from tare.knowledge.targets import tag_ranks, target_for


def _accepts(tag: str, python: str = "3.11", release: str | None = None, musl: bool = False) -> bool:
    target = target_for(python, release=release)
    ranks = tag_ranks(target.with_musl() if musl else target)
    return any(one in ranks for one in parse_tag(tag))


@pytest.mark.parametrize(
    ("tag", "glibc", "musl"),
    [
        ("py3-none-any", True, True),
        ("cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64", True, False),
        ("cp311-cp311-manylinux1_x86_64", True, False),
        ("cp38-abi3-manylinux_2_28_x86_64", True, False),
        ("cp311-cp311-musllinux_1_2_x86_64", False, True),
        ("cp311-cp311-musllinux_1_1_x86_64", False, True),
        ("cp312-cp312-manylinux2014_x86_64", False, False),
        ("cp311-cp311-manylinux2014_aarch64", False, False),
        ("cp311-cp311-win_amd64", False, False),
        ("cp311-cp311-manylinux_2_39_x86_64", False, False),
    ],
)
def test_which_tags_a_bookworm_image_and_alpine_accept(tag: str, glibc: bool, musl: bool) -> None:
    assert _accepts(tag) == glibc
    assert _accepts(tag, musl=True) == musl


def test_the_release_decides_about_new_glibc() -> None:
    assert _accepts("cp311-cp311-manylinux_2_39_x86_64", release="trixie")
    assert not _accepts("cp311-cp311-manylinux_2_34_x86_64", release="bullseye")


def test_newer_platforms_rank_before_older_ones_and_binary_before_pure() -> None:
    ranks = tag_ranks(target_for("3.11.7"))
    order = ["cp311-cp311-manylinux_2_28_x86_64", "cp311-cp311-manylinux2014_x86_64", "py3-none-any"]
    found = [ranks[next(iter(parse_tag(tag)))] for tag in order]
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("version", "platform"), [("2.7", "linux/amd64"), ("three", "linux/amd64"), ("3.11", "windows/amd64")]
)
def test_unknown_targets_are_errors(version: str, platform: str) -> None:
    with pytest.raises(UsageError):
        target_for(version, platform)
