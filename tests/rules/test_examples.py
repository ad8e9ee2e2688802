"""Every rule's examples are its tests."""

import re
from pathlib import Path

import pytest

from tare.rules.base import Example, Rule
from tare.rules.document import Document
from tare.rules.engine import selected
from tare.rules.fixing import fix_all
from tare.rules.registry import ENTRIES, Entry, every_rule
from tare.rules.settings import RuleSettings
from tare.schema.finding import Applicability

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


def fixed(text: str, rule: Rule, example: Example, directory: Path) -> str:
    """What the rule's own fixes, safe or not, make of a text, all other rules watching."""
    (own,) = [entry for entry in ENTRIES if entry.code == rule.code]
    entries = tuple({*selected(RuleSettings()), own})
    return fix_all(
        document(text, example, directory), entries, tuple(Applicability), wanted=[own]
    ).document.text


@pytest.mark.parametrize(("rule", "example"), BAD)
def test_fixes_give_the_good_example(rule: Rule, example: Example, tmp_path: Path) -> None:
    assert fixed(example.bad, rule, example, tmp_path) == (example.good or example.bad)
    if example.good:
        assert not list(rule.check(document(example.good, example, tmp_path)))
        assert rule.safety, "a fix needs its argument"


@pytest.mark.parametrize(("rule", "example"), BAD)
def test_fixes_keep_line_endings_and_comments(rule: Rule, example: Example, tmp_path: Path) -> None:
    crlf = fixed(example.bad.replace("\n", "\r\n"), rule, example, tmp_path)
    assert crlf == (example.good or example.bad).replace("\n", "\r\n")


@pytest.mark.parametrize(("rule", "example"), BAD)
def test_all_fixes_together_do_not_depend_on_their_order(
    rule: Rule, example: Example, tmp_path: Path
) -> None:
    entries = selected(RuleSettings())
    one = fix_all(document(example.bad, example, tmp_path), entries, tuple(Applicability))
    other = fix_all(
        document(example.bad, example, tmp_path),
        entries,
        tuple(Applicability),
        order=lambda found: tuple(reversed(found)),
    )
    assert one.document.error is None or one.document.text == example.bad
    assert one.document.text == other.document.text
    again = fix_all(one.document, entries, tuple(Applicability))
    assert not again.applied
