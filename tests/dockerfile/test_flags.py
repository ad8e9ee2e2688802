"""Values of flags."""

import pytest

from tare.dockerfile import parse
from tare.dockerfile.flags import duration_s, mount_fields
from tare.dockerfile.ports import parse_port
from tare.dockerfile.references import is_reference


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("1s", 1),
        ("1m30s", 90),
        ("1.5h", 5400),
        (".5s", 0.5),
        ("1.s", 1),
        ("-2ms", -0.002),
        ("3µs", 3e-6),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert duration_s(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "30", "s", "1 s", "1s ", "1d", "+", ".s", "1.2.3s", "9999999999h"])
def test_wrong_durations(text: str) -> None:
    with pytest.raises(ValueError, match="invalid duration"):
        duration_s(text)


def test_mount_fields() -> None:
    run = parse("FROM a\nRUN --mount=TYPE=cache,target=/x,rw,'\"id=a,b\"' y\n").instructions[1]
    assert mount_fields(run.flags[0]) == (("type", "cache"), ("target", "/x"), ("rw", None), ("id", "a,b"))


def test_ports() -> None:
    assert parse_port("[::1]:80-81:90-91/UDP") == ("90/udp", "91/udp")
    for wrong in ("", "x", "1-", "2-1", "65536", "1/x", "1:", "x:1", "1.2.3:1:1"):
        with pytest.raises(ValueError, match=r"."):
            parse_port(wrong)


def test_references() -> None:
    good = ["a", "a/b", "a.b:5000/c/d:e", "localhost/a", "a__b-c.d", "a@sha256:" + "0" * 64, "A.b/c:D"]
    assert [text for text in good if not is_reference(text)] == []
    bad = ["", "A", "a:", "a/B", "a b", "-a", "a:-b", "a@sha256:0", "https://a/b", "a//b"]
    assert [text for text in bad if is_reference(text)] == []
