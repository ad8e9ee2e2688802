"""Answers of moby/patternmatcher 0.5 and Go's filepath.Match to random patterns, recorded once with their own code."""

import json
from pathlib import Path

import pytest

from tare.context.gomatch import BadPatternError, match
from tare.context.ignore import parse_ignore
from tare.core.errors import ContextError

ROWS = json.loads((Path(__file__).parent / "moby_answers.json").read_text())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: ascii(row[0]))
def test_same_answers(row: tuple[str, dict[str, int] | None, list[tuple[str, str, int]]]) -> None:
    text, verdicts, globs = row
    try:
        rules = parse_ignore(text)
    except ContextError:
        # Go compiles a pattern when a path first needs it; here it is refused at once.
        assert verdicts is None
    else:
        assert verdicts is not None
        assert {path: int(rules.excluded(path)) for path in verdicts} == verdicts
    for pattern, name, expected in globs:
        try:
            assert int(match(pattern, name)) == expected
        except BadPatternError:
            assert expected == 2
