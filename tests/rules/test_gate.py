"""The gate: what it offers is what it would apply, asking no more rules than it must; work on one file is bounded."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings

from tare.core.text import Edit, Span
from tare.rules import fixing
from tare.rules.base import Problem, unsafe_fix
from tare.rules.document import Document
from tare.rules.engine import Located, check, selected
from tare.rules.gate import passes, tried
from tare.rules.registry import ENTRIES
from tare.rules.settings import RuleSettings
from tare.schema.finding import Applicability
from tests.rules.test_corpus import EXAMPLES, FILES, mixtures

ALL = selected(RuleSettings())
PLAIN = json.loads((Path(__file__).parent / "corpus" / "files.json").read_text("utf-8"))[0]["dockerfiles"]


def agree(text: str) -> int:
    """Compare the short way with the full one, for every fix in a file; their number."""
    document = Document(text, "Dockerfile")
    checked = check(document, ALL)
    with_fix = [located for located in checked.problems if located.problem.fix is not None]
    for located in with_fix:
        whole = tried(document, checked, located, ALL) is not None
        assert passes(document, checked, located, ALL) == whole, located.rule.code
    return len(with_fix)


def test_the_short_way_says_what_the_full_one_says() -> None:
    texts = [*EXAMPLES, *(path.read_bytes().decode() for path in FILES[:12]), *PLAIN[::25]]
    assert sum(map(agree, texts)) > 250


@given(mixtures())
@settings(max_examples=25, deadline=None)
def test_the_short_way_in_mixtures(text: str) -> None:
    agree(text)


def located(text: str, *edits: Edit) -> tuple[Document, Located]:
    """A finding of apt-install-asks whose fix is something else."""
    document = Document(text)
    (rule,) = [entry.load() for entry in ENTRIES if entry.code == "TR3014"]
    problem = Problem("x", Span(0, 1), document.instructions[-1], unsafe_fix("x", *edits))
    return document, Located(rule, rule.severity, problem)


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ('FROM a:1\nRUN ["apt-get", "install", "b"]\n', '"install"', '"install -y"'),
        ('FROM a:1\nRUN ["apt-get", "install", "b"]\n', '"b"', "-y b"),
        ("FROM a:1\nRUN apt-get install b\n", "install b", "install -y b\nRUN"),
    ],
)
def test_fixes_that_would_break_more_than_they_mend(text: str, old: str, new: str) -> None:
    at = text.index(old)
    document, finding = located(text, Edit(Span(at, at + len(old)), new))
    checked = check(document, ALL)
    assert tried(document, checked, finding, ALL) is None
    assert not passes(document, checked, finding, ALL)


def test_work_on_one_file_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "FROM debian:12\n" + "RUN apt-get install x=1\nWORKDIR /a\n" * 30
    document = Document(text)
    checked = check(document, ALL)
    fixes = sum(finding.problem.fix is not None for finding in checked.problems)
    monkeypatch.setattr(fixing, "_MOST_OFFERED", 5 * len(text))
    monkeypatch.setattr(fixing, "_MOST_READ", 5 * len(text))
    offered = fixing.offered(document, checked, ALL)
    assert fixes > 30
    assert 20 < offered.untried < fixes
    assert len(offered.problems) == len(checked.problems)
    assert 0 < len(fixing.fix_all(document, ALL, tuple(Applicability)).applied) <= 5
