"""The order of versions in each ecosystem. What cannot be compared raises, and never counts as smaller or greater.

Sources: PEP 440 (packaging); deb-version(7); apk-tools, `src/version.c` as documented in APKBUILD(5); rpm's
`rpmvercmp` as documented in rpm-version(7); semver.org 2.0.0.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import zip_longest

from packaging.version import InvalidVersion, Version

Compare = Callable[[str, str], int]


class UncomparableVersionError(ValueError):
    """A text that is no version in its ecosystem."""


def compare(ecosystem: str, one: str, other: str) -> int:
    """-1, 0 or 1. `ecosystem` is OSV's name, with or without a release (`Debian:12`).

    Raises `UncomparableVersionError` where the order is not known.
    """
    order = ORDERS.get(ecosystem.partition(":")[0])
    if order is None:
        raise UncomparableVersionError(f"the order of versions in {ecosystem} is not known")
    return order(one, other)


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


# -- PyPI -------------------------------------------------------------------------------------------------------------


def compare_pypi(one: str, other: str) -> int:
    """PEP 440. A local version (`2.0.1+cu118`) is compared by its public part where the other has none: that is the
    release that an advisory speaks of."""
    (a, a_public), (b, b_public) = _pep440(one), _pep440(other)
    if a.local is None or b.local is None:
        a, b = a_public, b_public
    return _sign((a > b) - (a < b))


@lru_cache(1 << 16)
def _pep440(text: str) -> tuple[Version, Version]:
    """A version, and its public part."""
    try:
        version = Version(text)
    except InvalidVersion as error:
        raise UncomparableVersionError(str(error)) from error
    return version, version if version.local is None else Version(version.public)


_PLAIN = re.compile(r"([1-9]\d*|0)(?:\.(?:[1-9]\d*|0))*(?![\d.])")


@lru_cache(1 << 18)
def _release(text: str) -> str:
    """The numbers of a version that begins with plain ones, without zeros at the end; '' where only parsing tells."""
    found = _PLAIN.match(text)
    if found is None or "!" in text:
        return ""
    numbers = found[0]
    while numbers.endswith(".0"):
        numbers = numbers[:-2]
    return numbers


def is_listed(ecosystem: str, version: str, listed: Sequence[str]) -> bool:
    """Whether one of the versions that an advisory lists is this one, however it is written. Lists are long, so that only those
    are parsed whose numbers are the same; distributions list versions as their archive has them, and those are compared as texts.

    Raises `UncomparableVersionError` where the version itself is none.
    """
    if ecosystem.partition(":")[0] not in ("PyPI", "npm"):
        compare(ecosystem, version, version)
        plain = version.removeprefix("0:")
        return any(other.removeprefix("0:") == plain for other in listed)
    compare(ecosystem, version, version)
    numbers = _release(version)
    for other in listed:
        others = _release(other)
        if others and numbers and others != numbers:
            continue
        try:
            if compare(ecosystem, version, other) == 0:
                return True
        except UncomparableVersionError:
            continue
    return False


# -- Debian -----------------------------------------------------------------------------------------------------------

_DEBIAN = re.compile(
    r"(?:(?P<epoch>\d+):)?(?P<upstream>[A-Za-z0-9.+:~-]+?)(?:-(?P<revision>[A-Za-z0-9+.~]+))?"
)


def compare_debian(one: str, other: str) -> int:
    """Epoch, upstream version, revision; `~` sorts before everything, also before the end."""
    a, b = _debian(one), _debian(other)
    if a[0] != b[0]:
        return _sign(a[0] - b[0])
    return _debian_part(a[1], b[1]) or _debian_part(a[2], b[2])


def _debian(text: str) -> tuple[int, str, str]:
    found = _DEBIAN.fullmatch(text.strip())
    if found is None:
        raise UncomparableVersionError(f"no Debian version: {text!r}")
    return int(found["epoch"] or 0), found["upstream"], found["revision"] or ""


def _debian_order(character: str) -> int:
    if character == "~":
        return -1
    return ord(character) if character.isalpha() else ord(character) + 256


def _debian_part(one: str, other: str) -> int:
    a, b = one, other
    while a or b:
        text_a, text_b = re.match(r"\D*", a)[0], re.match(r"\D*", b)[0]  # type: ignore[index]
        for x, y in zip_longest(text_a, text_b):
            left = 0 if x is None else _debian_order(x)
            right = 0 if y is None else _debian_order(y)
            if left != right:
                return _sign(left - right)
        a, b = a[len(text_a) :], b[len(text_b) :]
        digits_a, digits_b = re.match(r"\d*", a)[0], re.match(r"\d*", b)[0]  # type: ignore[index]
        difference = int(digits_a or 0) - int(digits_b or 0)
        if difference:
            return _sign(difference)
        a, b = a[len(digits_a) :], b[len(digits_b) :]
    return 0


# -- Alpine -----------------------------------------------------------------------------------------------------------

_APK = re.compile(
    r"(?P<numbers>\d+(?:\.\d+)*)(?P<letter>[a-z]?)(?P<suffixes>(?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*)"
    r"(?P<hash>~[0-9a-f]+)?(?:-r(?P<revision>\d+))?"
)
_APK_SUFFIXES = {
    "alpha": -4,
    "beta": -3,
    "pre": -2,
    "rc": -1,
    "": 0,
    "cvs": 1,
    "svn": 2,
    "git": 3,
    "hg": 4,
    "p": 5,
}


def compare_apk(one: str, other: str) -> int:
    """Numbers (fractions after the first when they begin with 0), letter, suffixes, revision."""
    a, b = _apk(one), _apk(other)
    for index, (x, y) in enumerate(zip_longest(a["numbers"].split("."), b["numbers"].split("."))):
        if x is None or y is None:
            return -1 if x is None else 1
        if index and (x.startswith("0") or y.startswith("0")) and x != y:
            left, right = x.rstrip("0") or "0", y.rstrip("0") or "0"
            if left != right:
                return -1 if left < right else 1
        elif int(x) != int(y):
            return _sign(int(x) - int(y))
    if a["letter"] != b["letter"]:
        return -1 if a["letter"] < b["letter"] else 1
    for left_suffix, right_suffix in zip_longest(_suffixes(a), _suffixes(b), fillvalue=(0, 0)):
        if left_suffix != right_suffix:
            return -1 if left_suffix < right_suffix else 1
    return _sign(int(a["revision"] or 0) - int(b["revision"] or 0))


def _apk(text: str) -> dict[str, str]:
    found = _APK.fullmatch(text.strip())
    if found is None:
        raise UncomparableVersionError(f"no Alpine version: {text!r}")
    return {key: value or "" for key, value in found.groupdict().items()}


def _suffixes(version: Mapping[str, str]) -> list[tuple[int, int]]:
    return [
        (_APK_SUFFIXES[name], int(number or 0))
        for name, number in re.findall(r"_([a-z]+)(\d*)", version["suffixes"])
    ]


# -- RPM --------------------------------------------------------------------------------------------------------------


def compare_rpm(one: str, other: str) -> int:
    """`[epoch:]version[-release]`, each part by segments of digits and letters; `~` before, `^` after the end."""
    a, b = _rpm(one), _rpm(other)
    if a[0] != b[0]:
        return _sign(a[0] - b[0])
    first = _rpm_part(a[1], b[1])
    return first if first or not a[2] or not b[2] else _rpm_part(a[2], b[2])


def _rpm(text: str) -> tuple[int, str, str]:
    epoch, colon, rest = text.strip().partition(":")
    if not colon:
        epoch, rest = "0", text.strip()
    version, _, release = rest.rpartition("-") if "-" in rest else (rest, "", "")
    if not version or not epoch.isdigit():
        raise UncomparableVersionError(f"no RPM version: {text!r}")
    return int(epoch), version, release


def _rpm_part(one: str, other: str) -> int:
    a, b = (re.findall(r"\d+|[A-Za-z]+|[~^]", text) for text in (one, other))
    for x, y in zip_longest(a, b):
        if x == y:
            continue
        for mark, sign in (("~", -1), ("^", 1)):
            if x == mark or y == mark:
                if x == mark and y == mark:
                    continue
                if mark == "^" and (x is None or y is None):
                    return sign if x == mark else -sign
                if mark == "^":
                    return -1 if x == mark else 1
                return sign if x == mark else -sign
        if x is None or y is None:
            return -1 if x is None else 1
        if x.isdigit() != y.isdigit():
            return 1 if x.isdigit() else -1
        if x.isdigit():
            if int(x) != int(y):
                return _sign(int(x) - int(y))
        elif x != y:
            return -1 if x < y else 1
    return 0


# -- npm --------------------------------------------------------------------------------------------------------------

_SEMVER = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")


def compare_semver(one: str, other: str) -> int:
    """Numbers, then pre-release identifiers; a release comes after its pre-releases."""
    a, b = _semver(one), _semver(other)
    if a[0] != b[0]:
        return -1 if a[0] < b[0] else 1
    if not a[1] or not b[1]:
        return _sign(bool(b[1]) - bool(a[1]))
    for x, y in zip_longest(a[1], b[1]):
        if x is None or y is None:
            return -1 if x is None else 1
        if x != y:
            if x.isdigit() and y.isdigit():
                return _sign(int(x) - int(y))
            if x.isdigit() != y.isdigit():
                return -1 if x.isdigit() else 1
            return -1 if x < y else 1
    return 0


def _semver(text: str) -> tuple[tuple[int, int, int], list[str]]:
    found = _SEMVER.fullmatch(text.strip())
    if found is None:
        raise UncomparableVersionError(f"no semantic version: {text!r}")
    return (int(found[1]), int(found[2]), int(found[3])), found[4].split(".") if found[4] else []


ORDERS: Mapping[str, Compare] = {
    "PyPI": compare_pypi,
    "Debian": compare_debian,
    "Ubuntu": compare_debian,
    "Alpine": compare_apk,
    "Wolfi": compare_apk,
    "Chainguard": compare_apk,
    "Red Hat": compare_rpm,
    "Rocky Linux": compare_rpm,
    "AlmaLinux": compare_rpm,
    "openSUSE": compare_rpm,
    "SUSE": compare_rpm,
    "npm": compare_semver,
}
