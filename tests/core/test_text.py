import pytest
from hypothesis import given
from hypothesis import strategies as st

from tare.core.errors import EditConflictError
from tare.core.text import Edit, Source, Span, apply_edits


@given(st.text())
def test_positions_and_offsets_are_inverse(text: str) -> None:
    source = Source(text)
    for offset in range(len(text) + 1):
        position = source.position(offset)
        assert source.offset(position.line, position.column) == offset


@given(st.text(min_size=1), st.data())
def test_one_edit_is_a_slice_replacement(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    replacement = data.draw(st.text())
    edited = apply_edits(text, [Edit(Span(start, end), replacement)])
    assert edited == text[:start] + replacement + text[end:]


def test_insertions_at_one_place_keep_their_order() -> None:
    assert apply_edits("ab", [Edit(Span(1, 1), "1"), Edit(Span(1, 1), "2")]) == "a12b"


def test_overlap_is_refused() -> None:
    with pytest.raises(EditConflictError):
        apply_edits("abc", [Edit(Span(0, 2), "x"), Edit(Span(1, 3), "y")])


def test_an_edit_past_the_end_is_refused() -> None:
    with pytest.raises(EditConflictError):
        apply_edits("abc", [Edit(Span(2, 5), "x")])
