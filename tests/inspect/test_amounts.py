import pytest

from tare.core.errors import UsageError
from tare.inspect.amounts import parse_growth, parse_ratio, parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("20MB", 20_000_000), ("1.5GiB", 1_610_612_736), ("42", 42), ("7 kB", 7000), ("1,024 b", 1024),
        ("2k", 2000), ("2Ki", 2048), (".5MB", 500_000), (17, 17), ("0", 0),
    ],
)  # fmt: skip
def test_sizes(text: str | int, size: int) -> None:
    assert parse_size(text, "x") == size


@pytest.mark.parametrize("text", ["", "MB", "-1", -1, "1 XB", "1e9", "NaN", "9999999999EB", "٣MB"])
def test_what_is_no_size(text: str | int) -> None:
    with pytest.raises(UsageError):
        parse_size(text, "x")


def test_ratios_and_growth() -> None:
    assert parse_ratio("95%", "x") == parse_ratio(0.95, "x") == parse_ratio("0.95", "x")
    assert parse_growth("5%", "x") == (0, 0.05)
    assert parse_growth("1MB", "x") == (1_000_000, 0.0)
    for bad in ("nan", "1.01", "-1", "many", "inf%"):
        with pytest.raises(UsageError):
            parse_ratio(bad, "x")
    for bad in ("nan%", "-5%", "x"):
        with pytest.raises(UsageError):
            parse_growth(bad, "x")
