import pytest

from tare.schema.quantity import Quantity, estimated, measured, unknown


def test_a_sum_is_as_well_known_as_its_worse_part() -> None:
    assert (measured(1) + measured(2)).basis == "measured"
    total = measured(1) + estimated(10, 5, 20)
    assert (total.basis, total.value, total.low, total.high) == ("estimated", 11, 6, 21)
    assert (total + unknown("no index")).basis == "unknown"


def test_an_unknown_quantity_cannot_carry_a_value() -> None:
    with pytest.raises(ValueError, match="unless it is unknown"):
        Quantity("unknown", 3)


def test_an_estimate_without_a_range_is_refused() -> None:
    with pytest.raises(ValueError, match="range"):
        Quantity("estimated", 3)
