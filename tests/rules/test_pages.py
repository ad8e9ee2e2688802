"""docs/rules holds a page a rule, made from the rule itself; pages, table and code agree."""

import json
import runpy
from pathlib import Path

import pytest
from click.testing import CliRunner

from tare import api
from tare.cli.main import tare
from tare.core.errors import UsageError
from tare.dockerfile import parse
from tare.inspect.findings import CODES
from tare.inspect.findings import RULES as RULES_OF_IMAGES
from tare.inspect.remedies import CAUSES
from tare.rules.registry import ENTRIES, every_rule

DOCS = Path(__file__).parent.parent.parent / "docs"
RULES = every_rule()


def test_pages_are_current() -> None:
    """`python docs/make_pages.py` writes them anew."""
    pages = runpy.run_path(str(DOCS / "make_pages.py"))["rule_pages"]()
    written = {path.name: path.read_text() for path in (DOCS / "rules").glob("*.md")}
    assert written.pop("not-done.md")
    assert written.keys() == pages.keys()
    assert [name for name in pages if pages[name] != written[name]] == []


def test_every_entry_has_a_row_and_a_page() -> None:
    table = (DOCS / "rules" / "README.md").read_text()
    for entry in ENTRIES:
        assert f"[{entry.code}]({entry.code}.md) | {entry.name} |" in table
        assert (DOCS / "rules" / f"{entry.code}.md").read_text().startswith(f"# {entry.code} {entry.name}\n")


def test_every_finding_of_an_image_has_a_row_and_a_page() -> None:
    """The table, the pages and what `tare inspect` reports agree."""
    table = (DOCS / "rules" / "README.md").read_text()
    assert {*CAUSES, "duplicates", "class", "package", "budget"} == CODES.keys()
    for code, name in CODES.values():
        assert f"[{code}]({code}.md) | {name} | {RULES_OF_IMAGES[name]} |" in table
        assert (DOCS / "rules" / f"{code}.md").read_text().startswith(f"# {code} {name}\n")
        (page,) = api.rule([code.lower()]).rules
        assert (page.code, page.name, page.title) == (code, name, RULES_OF_IMAGES[name])
        assert api.rule([name]).rules == (page,)
        for example in page.examples:
            parse(example.bad)
            parse(example.good)
        text = CliRunner().invoke(tare, ["rule", code], standalone_mode=False).output
        assert text.startswith(f"{code} {name}: ") and "Found by tare inspect" in text
    assert not {entry.name for entry in ENTRIES} & RULES_OF_IMAGES.keys()
    with pytest.raises(UsageError) as caught:
        api.rule(["TR9008"])
    assert caught.value.hint == "did you mean TR9090?"


def test_a_rule_is_found_by_code_name_and_other_tools_code() -> None:
    by_code, by_name = api.rule(["tr6015"]), api.rule(["cache-mount-unused"])
    assert by_code == by_name
    assert [rule.name for rule in by_code.rules] == ["cache-mount-unused"]
    assert "TR5001" in [rule.code for rule in api.rule(["DS-0017"]).rules]


def test_an_unknown_rule_is_an_error_with_a_hint() -> None:
    with pytest.raises(UsageError) as caught:
        api.rule(["cache-mount-unusd"])
    assert caught.value.hint == "did you mean cache-mount-unused?"


def test_the_verb_prints_pages_and_all_rules() -> None:
    one = CliRunner().invoke(tare, ["rule", "TR2004"], standalone_mode=False)
    assert one.output.startswith("TR2004 no-empty-continuation: Leave no empty line inside an instruction.\n")
    everything = json.loads(
        CliRunner().invoke(tare, ["rule", "--all", "--format", "json"], standalone_mode=False).output
    )
    assert [rule["code"] for rule in everything["rules"]] == [
        *(rule.code for rule in RULES),
        *(code for code, _ in CODES.values()),
    ]
    assert everything["verb"] == "rule"
    table = CliRunner().invoke(tare, ["rule", "--all", "--format", "markdown"], standalone_mode=False).output
    assert table.count("\n") == len(RULES) + len(CODES) + 2


def test_every_rule_says_what_a_reader_needs() -> None:
    for rule in RULES:
        assert rule.title.endswith("."), rule.code
        assert len(rule.why) >= 30, rule.code
        assert rule.examples or rule.code.startswith(("TR000", "TR1001", "TR3026", "TR304", "TR305")), (
            rule.code
        )
