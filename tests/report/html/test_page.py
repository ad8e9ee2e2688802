import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tare.report.html.page import bytes_text, embedded, share
from tare.schema.quantity import estimated, measured, unknown

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_data_comes_through_a_script_element_as_it_was(data: object) -> None:
    text = str(embedded(data))
    assert not any(char in text for char in "<>&\u2028\u2029")
    assert json.loads(text) == data


def test_bytes_say_how_they_are_known() -> None:
    assert bytes_text(measured(1.5e6)) == "1.50 MB"
    assert bytes_text(estimated(1.5e6, 1e6, 2e6)) == "≈ 1.50 MB"
    assert bytes_text(unknown("why")) == "unknown"


@pytest.mark.parametrize(
    ("part", "whole", "width"),
    [(1, 4, "25.00%"), (5, 4, "100.00%"), (1, 0, "0.00%"), (-1, 4, "0.00%"), (1, 3, "33.33%")],
)
def test_bars_stay_within_their_track(part: float, whole: float, width: str) -> None:
    assert share(part, whole) == width
