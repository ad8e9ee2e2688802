"""No text whatever makes a rule, a fix or a comment crash."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from tare.rules.document import Document
from tare.rules.engine import check
from tare.rules.fixing import fix_all
from tare.rules.present import findings_of
from tare.rules.registry import ENTRIES
from tare.rules.settings import RuleSettings
from tare.schema.finding import Applicability
from tests.dockerfile.corpus import rejected
from tests.dockerfile.corpus.accepted import ACCEPTED
from tests.rules.corpus.steps import steps

STRICT = RuleSettings(
    select=("ALL",), label_schema={"a": "url", "b": "text"}, strict_labels=True, trusted_registries=("x.io",)
)
REJECTED = [
    text
    for name, table in vars(rejected).items()
    if name.isupper() and isinstance(table, dict)
    for row in table.values()
    for text in [row if isinstance(row, str) else row[0]]
    if isinstance(text, str)
]
KEYWORDS = "FROM RUN CMD COPY ADD ENV ARG LABEL USER WORKDIR EXPOSE SHELL ENTRYPOINT HEALTHCHECK ONBUILD VOLUME MAINTAINER"
PIECES = st.one_of(
    st.sampled_from([*KEYWORDS.split(), *steps()]),
    st.sampled_from(
        [
            "\n",
            " ",
            "\\\n",
            "<<EOF\n",
            "EOF\n",
            "--mount=",
            "--from=",
            "[",
            '"',
            "'",
            "$",
            "${",
            "=",
            "# ",
            "\r\n",
            "`",
        ]
    ),
    st.sampled_from(
        ["# hadolint ignore=", "# tare: ignore[", "]", "# check=skip=", "# escape=`\n", "--platform="]
    ),
    st.text(max_size=5),
)


def look(text: str) -> None:
    """Check with every rule, and make the report's findings of it."""
    document = Document(text, "Dockerfile", STRICT)
    checked = check(document, ENTRIES)
    for finding in findings_of(document, checked.problems):
        assert 1 <= finding.line <= text.count("\n") + 1
        assert (finding.range.line, finding.range.column) <= (
            finding.range.end_line,
            finding.range.end_column,
        )
    if document.error is not None:
        assert any(located.rule.code == "TR0001" for located in checked.problems)


def test_files_that_builders_reject() -> None:
    assert len(REJECTED) > 80
    for text in (*REJECTED, *ACCEPTED.values()):
        look(text)


def test_every_beginning_of_a_file() -> None:
    for text in (ACCEPTED["service"], ACCEPTED["cuda"], ACCEPTED["heredocs"]):
        for end in range(0, len(text), 3):
            look(text[:end])


def test_files_with_a_line_lost_or_doubled() -> None:
    chance = random.Random(1)
    for text in ACCEPTED.values():
        lines = text.splitlines(keepends=True)
        for _ in range(4):
            at = chance.randrange(len(lines))
            look("".join(lines[:at] + lines[at + 1 :]))
            look("".join(lines[:at] + [lines[at]] * 2 + lines[at:]))


@given(st.lists(PIECES, max_size=25).map("".join))
@settings(max_examples=300, deadline=None)
def test_anything(text: str) -> None:
    look(text)
    look(f"FROM debian:12\nRUN {text}\n")


@given(st.lists(PIECES, max_size=12).map("".join))
@settings(max_examples=60, deadline=None)
def test_fixes_of_anything(text: str) -> None:
    document = Document(f"FROM debian:12\nRUN {text}\n", "Dockerfile")
    fixed = fix_all(document, ENTRIES, tuple(Applicability))
    if fixed.applied:
        assert fixed.document.error is None
        assert not fix_all(fixed.document, ENTRIES, tuple(Applicability)).applied
    else:
        assert fixed.document.text == document.text
