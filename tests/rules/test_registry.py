"""The words that a rule waits for: without them it has nothing to say, in any file of the corpora."""

import json
from pathlib import Path

from tare.rules.document import Document
from tare.rules.registry import ENTRIES
from tare.rules.settings import RuleSettings
from tests.dockerfile.corpus.accepted import ACCEPTED
from tests.rules.corpus.steps import steps

FILES = json.loads((Path(__file__).parent / "corpus" / "files.json").read_text("utf-8"))


def test_no_rule_fires_without_its_words() -> None:
    texts = [text for group in FILES for text in group["dockerfiles"]]
    texts += [f"FROM debian:12\nRUN {step}\n" for step in steps()]
    texts += [*ACCEPTED.values(), *(example.bad for e in ENTRIES for example in e.load().examples)]
    silent = RuleSettings(select=("ALL",))
    wrong = []
    for text in dict.fromkeys(texts):
        document = Document(text, "Dockerfile", silent)
        haystack = document.haystack
        for entry in ENTRIES:
            if entry.wanted(haystack) or (document.error and not entry.load().reads_broken):
                continue
            wrong += [(entry.code, text) for _ in entry.load().check(document)]
    assert [row for row in wrong if "apt\\-get" not in row[1]] == []
