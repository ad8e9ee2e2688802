"""Listed versions are recognised however they are written, as comparing with each would."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tare.security.versions import UncomparableVersionError, compare, is_listed

TEXTS = "1|1.0|1.0.0|v1.0|01.0|1!1.0|0!1.0|1.0.post0|1.0rc1|1.0.rc1|1.0-rc.1|1.0+cu118|1.0+cpu|10|1.1|2.0.0|0|0.0|1.0.dev0|1.0.1"
VERSIONS = st.sampled_from([*TEXTS.replace("|", "\n").split("\n"), "not a version", "1.0a", "1.0a0", " 1.0 "])


@settings(max_examples=300)
@given(VERSIONS, st.lists(VERSIONS, max_size=4))
def test_as_comparing_with_each(version: str, listed: list[str]) -> None:
    def equal(other: str) -> bool:
        try:
            return compare("PyPI", version, other) == 0
        except UncomparableVersionError:
            return False

    try:
        found = is_listed("PyPI", version, listed)
    except UncomparableVersionError:
        assert not any(equal(other) for other in listed)
    else:
        assert found is any(equal(other) for other in listed)


def test_distributions_list_versions_as_their_archive_has_them() -> None:
    assert is_listed("Debian:12", "1.0-1", ["0:1.0-1"]) and not is_listed("Debian:12", "1.0-2", ["1.0-1"])
