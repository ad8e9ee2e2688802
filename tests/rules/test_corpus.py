"""All rules over Dockerfiles as people write them, and over random mixtures of them."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tare.core.errors import DockerfileSyntaxError
from tare.dockerfile import parse
from tare.rules.document import Document
from tare.rules.engine import Located, check, selected
from tare.rules.fixing import fix_all
from tare.rules.registry import every_rule
from tare.rules.settings import RuleSettings
from tare.schema.finding import Applicability

FILES = sorted((Path(__file__).parent.parent / "rewrite" / "corpus").glob("*.Dockerfile"))
ALL = selected(RuleSettings())
ANY = tuple(Applicability)
SAFE = (Applicability.SAFE,)
EXAMPLES = tuple(text for rule in every_rule() for text in (*(e.bad for e in rule.examples), *rule.clean))
LINES = tuple(
    dict.fromkeys(
        node.span.of(text)
        for text in EXAMPLES
        for node in Document(text).instructions
        if node.keyword not in ("FROM", "ARG") and not node.heredocs
    )
)
BASES = (
    "python:3.12-slim",
    "debian:12",
    "alpine:3.20",
    "nvidia/cuda:12.1.1-runtime-ubuntu22.04",
    "node:22",
    "x/y:1",
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize("allowed", [SAFE, ANY], ids=["safe", "all"])
def test_fixes_reach_a_fixpoint_in_any_order(path: Path, allowed: tuple[Applicability, ...]) -> None:
    text = path.read_bytes().decode()
    document = Document(text, path.name)
    before = {located.rule.code for located in check(document).problems}
    fixed = fix_all(document, ALL, allowed)
    assert str(parse(fixed.document.text)) == fixed.document.text
    assert {located.rule.code for located in fixed.checked.problems} <= before
    assert not fix_all(fixed.document, ALL, allowed).applied
    shuffled = fix_all(document, ALL, allowed, order=lambda found: shuffle(found, path.name))
    assert shuffled.document.text == fixed.document.text


def shuffle(found: tuple[Located, ...] | list[Located], seed: str) -> tuple[Located, ...]:
    """The same findings in another order, always the same for a seed."""
    rows = list(found)
    random.Random(seed).shuffle(rows)
    return tuple(rows)


@st.composite
def mixtures(draw: st.DrawFn) -> str:
    """One or two stages with instructions from the rules' own examples."""
    stages = draw(
        st.lists(
            st.tuples(st.sampled_from(BASES), st.lists(st.sampled_from(LINES), max_size=6)),
            min_size=1,
            max_size=2,
        )
    )
    return "".join(
        f"FROM {base} AS s{n}\n" + "".join(f"{line}\n" for line in lines)
        for n, (base, lines) in enumerate(stages)
    )


@given(mixtures())
@settings(max_examples=60, deadline=None)
def test_mixtures_stay_valid_and_settle(text: str) -> None:
    try:
        parse(text)
    except DockerfileSyntaxError:
        return
    document = Document(text)
    before = {located.rule.code for located in check(document).problems}
    fixed = fix_all(document, ALL, ANY)
    parse(fixed.document.text)
    assert {located.rule.code for located in fixed.checked.problems} <= before
    assert not fix_all(fixed.document, ALL, ANY).applied


def test_rules_read_what_is_no_dockerfile() -> None:
    for text in (
        "",
        "FROM",
        "FROM a\nRUN",
        "\ufeffFROM a\n",
        "COPY a b\n",
        "FROM a\nCOPY a\nENV x\n",
        "FROM a\nRUN <<EOF\nx",
    ):
        check(Document(text), ALL)
