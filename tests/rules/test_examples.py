"""Every rule's examples are its tests."""

import re
from pathlib import Path

import pytest

from tare.rules.base import Example, Rule
from tare.rules.document import Document
from tare.rules.registry import ENTRIES, Entry, every_rule

RULES = every_rule()
BAD = [
    pytest.param(rule, example, id=f"{rule.name}-{n}")
    for rule in RULES
    for n, example in enumerate(rule.examples)
]
CLEAN = [
    pytest.param(rule, text, id=f"{rule.name}-{n}") for rule in RULES for n, text in enumerate(rule.clean)
]


def document(text: str, example: Example, directory: Path) -> Document:
    """A document in a build context that holds the example's files."""
    for name, content in example.files:
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(content)
    return Document(text, "Dockerfile", directory=directory if example.files else None)


def test_codes_and_names_are_unique_and_well_formed() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert re.fullmatch(r"TR\d{4}", rule.code)
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_registry_says_what_the_rule_says(entry: Entry) -> None:
    rule = entry.load()
    assert (entry.code, entry.name, entry.on_by_default) == (rule.code, rule.name, rule.on_by_default)
    assert set(entry.aliases) <= set(rule.equivalents)
    for example in rule.examples:
        assert entry.wanted(Document(example.bad).haystack)


@pytest.mark.parametrize(("rule", "example"), BAD)
def test_bad_example_is_flagged(rule: Rule, example: Example, tmp_path: Path) -> None:
    assert list(rule.check(document(example.bad, example, tmp_path)))


@pytest.mark.parametrize(("rule", "text"), CLEAN)
def test_clean_example_is_not_flagged(rule: Rule, text: str) -> None:
    assert not list(rule.check(Document(text, "Dockerfile")))
