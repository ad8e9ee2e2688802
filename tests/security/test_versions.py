"""Orders against the tools that own them."""

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from tare.security.versions import (
    UncomparableVersionError,
    compare,
    compare_apk,
    compare_debian,
    compare_pypi,
    compare_rpm,
    compare_semver,
)

PIECES = ["0", "1", "2", "10", "09", ".", "~", "+", "a", "b1", "rc", "dfsg", "~~", "+b1", "+deb12u1", "z"]
UPSTREAM = st.lists(st.sampled_from(PIECES), min_size=0, max_size=5).map(lambda parts: "1" + "".join(parts))
DEBIAN = st.builds(
    lambda epoch, upstream, revision: epoch + upstream + revision,
    st.sampled_from(["", "0:", "1:", "2:"]),
    UPSTREAM,
    st.sampled_from(["", "-1", "-1~bpo1", "-1+b1", "-0ubuntu1", "-2.1", "-1~"]),
)


@pytest.mark.skipif(shutil.which("dpkg") is None, reason="dpkg is the oracle, and is not here")
@settings(max_examples=6, deadline=None)
@given(st.lists(st.tuples(DEBIAN, DEBIAN), min_size=150, max_size=250))
def test_debian_as_dpkg_does(pairs: list[tuple[str, str]]) -> None:
    script = "".join(
        f"if dpkg --compare-versions '{a}' lt '{b}'; then echo -1; elif dpkg --compare-versions '{a}' eq '{b}'; "
        "then echo 0; else echo 1; fi\n"
        for a, b in pairs
    )
    done = subprocess.run(["sh"], input=script, capture_output=True, text=True, check=True)
    assert [compare_debian(a, b) for a, b in pairs] == [int(line) for line in done.stdout.split()]


PYTHON = st.builds(
    lambda release, pre, post, dev: release + pre + post + dev,
    st.lists(st.integers(0, 12).map(str), min_size=1, max_size=4).map(".".join),
    st.sampled_from(["", "a1", "b2", "rc1"]),
    st.sampled_from(["", ".post1"]),
    st.sampled_from(["", ".dev3"]),
)


@given(PYTHON, PYTHON)
def test_pypi_as_packaging_does(one: str, other: str) -> None:
    a, b = Version(one), Version(other)
    assert compare_pypi(one, other) == (a > b) - (a < b)


def test_local_versions_are_their_release() -> None:
    assert compare_pypi("2.0.1+cu118", "2.0.1") == 0
    assert compare_pypi("2.0.1+cu118", "2.0.2") == -1
    assert compare_pypi("2.0.1+cu118", "2.0.1+cu121") == -1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("1.2.3-r0", "1.2.3-r1", -1),
        ("1.2.3_rc1-r0", "1.2.3-r0", -1),
        ("1.2.3_p1-r0", "1.2.3-r0", 1),
        ("1.2.3_alpha2", "1.2.3_beta1", -1),
        ("1.10", "1.9", 1),
        ("1.2a", "1.2b", -1),
        ("1.2", "1.2.1", -1),
        ("3.0.8_git20230101-r0", "3.0.8-r9", 1),
        ("1.05", "1.1", -1),
    ],
)
def test_alpine(one: str, other: str, expected: int) -> None:
    assert compare_apk(one, other) == expected and compare_apk(other, one) == -expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("1.0-1", "1.0-2", -1),
        ("1:1.0-1", "2.0-1", 1),
        ("1.0~rc1", "1.0", -1),
        ("1.0^git1", "1.0", 1),
        ("1.0^git1", "1.0.1", -1),
        ("1.0a", "1.0.1", -1),
        ("10", "9", 1),
        ("1.0", "1.0.0", -1),
        ("2.34-100.el9", "2.34-60.el9_2.7", 1),
        ("1.0", "1.0-5", 0),
    ],
)
def test_rpm(one: str, other: str, expected: int) -> None:
    assert compare_rpm(one, other) == expected and compare_rpm(other, one) == -expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("1.0.0-alpha", "1.0.0-alpha.1", -1),
        ("1.0.0-alpha.1", "1.0.0-alpha.beta", -1),
        ("1.0.0-beta.2", "1.0.0-beta.11", -1),
        ("1.0.0-rc.1", "1.0.0", -1),
        ("1.0.0+build", "1.0.0", 0),
        ("2.0.0", "1.99.0", 1),
    ],
)
def test_semver(one: str, other: str, expected: int) -> None:
    assert compare_semver(one, other) == expected and compare_semver(other, one) == -expected


@given(
    st.sampled_from(["PyPI", "Debian", "Alpine", "Red Hat", "npm"]),
    st.text(max_size=12),
    st.text(max_size=12),
)
def test_any_text_is_compared_or_unknown(ecosystem: str, one: str, other: str) -> None:
    try:
        found = compare(ecosystem, one, other)
    except UncomparableVersionError:
        return
    assert found in (-1, 0, 1) and compare(ecosystem, other, one) == -found


def test_an_ecosystem_without_an_order_is_unknown() -> None:
    with pytest.raises(UncomparableVersionError):
        compare("Hackage", "1", "2")
