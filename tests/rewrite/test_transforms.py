"""Every transform's examples are its tests; on its own and with all the others the file stays valid."""

import pytest

from tare.dockerfile import parse
from tare.rewrite.engine import rewrite
from tare.rewrite.registry import TRANSFORMS
from tare.rewrite.transform import Example, Transform

CASES = [
    pytest.param(transform, example, id=f"{transform.name}-{index}")
    for transform in TRANSFORMS
    for index, example in enumerate(transform.examples)
]


def test_names_are_unique() -> None:
    names = [transform.name for transform in TRANSFORMS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("transform", TRANSFORMS, ids=lambda transform: transform.name)
def test_shows_what_it_does_and_what_it_leaves(transform: Transform) -> None:
    assert any(example.before != example.after for example in transform.examples)
    assert any(example.before == example.after for example in transform.examples)


@pytest.mark.parametrize(("transform", "example"), CASES)
def test_example(transform: Transform, example: Example) -> None:
    assert rewrite(example.before, example.facts, [transform]).text == example.after


@pytest.mark.parametrize(("transform", "example"), CASES)
def test_is_idempotent(transform: Transform, example: Example) -> None:
    assert rewrite(example.after, example.facts, [transform]).text == example.after


@pytest.mark.parametrize(("transform", "example"), CASES)
def test_all_together_stay_valid_with_any_one_left_out(transform: Transform, example: Example) -> None:
    for without in ((), *((other.name,) for other in TRANSFORMS)):
        result = rewrite(example.before, example.facts, TRANSFORMS, without=without)
        parse(result.text)
        assert not [step for step in result.steps if "would" in step.reason and "its edits" in step.reason]
        again = rewrite(result.text, example.facts, TRANSFORMS, without=without)
        assert again.text == result.text, "a second run must find nothing left to do"


@pytest.mark.parametrize(("transform", "example"), CASES)
def test_keeps_the_line_endings(transform: Transform, example: Example) -> None:
    before = example.before.replace("\n", "\r\n")
    assert rewrite(before, example.facts, [transform]).text == example.after.replace("\n", "\r\n")
