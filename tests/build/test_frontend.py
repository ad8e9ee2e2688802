"""A Dockerfile whose front end cannot be fetched, for the engine's own."""

import pytest

from tare.build.docker import FRONTEND_MISSING, with_own_frontend
from tare.dockerfile import parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# syntax=docker/dockerfile:1\nFROM x\n", "#\nFROM x\n"),
        (
            "# syntax = docker.io/docker/dockerfile:1.7\r\n# escape=`\r\nFROM x\r\n",
            "# escape=`\r\n#\r\nFROM x\r\n",
        ),
        ("# escape=`\n# syntax=docker/dockerfile:1\nFROM x\n", "# escape=`\n#\nFROM x\n"),
        ("FROM x\n", None),
        ("# syntax=acme/frontend:1\nFROM x\n", None),
    ],
)
def test_the_line_goes_and_the_others_count_as_before(text: str, expected: str | None) -> None:
    made = with_own_frontend(text)
    assert made == expected
    if made is not None:
        before, after = parse(text), parse(made)
        assert [one.name for one in after.directives] == [
            one.name for one in before.directives if one.name != "syntax"
        ]
        assert [node.line for node in after.instructions] == [node.line for node in before.instructions]


def test_only_a_front_end_that_is_missing_counts() -> None:
    missing = "#3 resolve image config for docker.io/docker/dockerfile:1\n#3 ERROR: failed to do request\n"
    assert FRONTEND_MISSING.search(missing)
    later = "#3 resolve image config for docker.io/docker/dockerfile:1\n#3 DONE 0.1s\n#5 [2/2] RUN x\n#5 ERROR: x\n"
    assert not FRONTEND_MISSING.search(later)
