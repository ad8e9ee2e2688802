from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tare.optimize.culprits import first_culprit


@given(st.integers(1, 20), st.data())
def test_finds_the_one_that_breaks(count: int, data: st.DataObject) -> None:
    changes = [f"t{number}" for number in range(count)]
    guilty = data.draw(st.sampled_from(changes))
    tries: list[int] = []

    def works(kept: Sequence[str]) -> bool:
        tries.append(len(kept))
        return guilty not in kept

    assert first_culprit(changes, works) == guilty
    assert len(tries) <= count.bit_length() + 1


def test_blames_the_later_of_two_that_fail_together() -> None:
    assert first_culprit(["a", "b", "c", "d"], lambda kept: not {"a", "c"} <= set(kept)) == "c"
