import re
from dataclasses import replace

import pytest

from tare.report.html.optimize import render
from tests.report.test_snapshots import optimize

NASTY = "</script><img src=x onerror=alert(1)>\x1b[31m"


@pytest.mark.parametrize("built", [True, False])
def test_it_carries_plan_numbers_proof_and_diff(built: bool) -> None:
    report = optimize(built=built)
    text = render(report)
    for item in report.plan:
        assert item.title.replace("'", "&#39;") in text
    assert "FROM python:3.11-slim" in text
    assert ("6.35 GB" in text) is built
    assert ('id="verification"' in text) is built and ("Planned; not built" in text) is not built
    assert not re.search(r"<link|<iframe|@import|url\(", text)


def test_names_are_text() -> None:
    report = optimize(built=True)
    change = replace(report.dockerfile, path=NASTY, diff=f"--- a\n+++ b\n@@ -1 +1 @@\n+RUN {NASTY}\n")
    text = render(replace(report, path=NASTY, dockerfile=change, notes=(NASTY,)))
    assert "<img" not in text and "\x1b" not in text
    assert text.count("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;\\x1b[31m") >= 4


def test_bars_are_in_proportion() -> None:
    text = render(optimize(built=True))
    row = text[text.index(">size on disk<") :]
    widths = re.findall(r'class="first" width="([\d.]+)%"', row)[:2]
    assert widths == ["100.00", f"{1_123_000_000 / 6_351_000_000 * 100:.2f}"]
