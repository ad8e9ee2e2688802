import base64
import hashlib
import json
import re
from dataclasses import replace

import pytest

from tare.report.html.inspect import render
from tare.schema.inspect import FileFacts, InspectReport
from tests.report.html.images import HOSTILE, small


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> InspectReport:
    return small(tmp_path_factory.mktemp("image"))


def test_the_policy_names_the_hashes_of_what_the_page_runs(report: InspectReport) -> None:
    text = render(report)
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert policy.startswith("default-src &#39;none&#39;") and "unsafe" not in policy
    for tag in ("style", "script"):
        (inline,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"sha256-{digest}" in policy.replace("&#43;", "+")


def test_nothing_is_loaded_from_anywhere(report: InspectReport) -> None:
    text = render(report)
    assert not re.search(r"<link|<iframe|<object|<embed|@import|url\(|\bfetch\(|XMLHttpRequest", text)
    assert set(re.findall(r"https?://[^\s\"'<)]+", text)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(
        r"\sstyle=|\son[a-z]+=[\"']", re.sub(r"&[#\w]+;", "", re.sub(r">[^<]*<", "><", text))
    )


def test_names_are_text_and_nothing_else(report: InspectReport) -> None:
    text = render(report)
    assert "<img" not in text and "<b>latest" not in text and "<svg onload" not in text
    assert not any(char in text for char in "\x1b\u202e")
    assert "&lt;img src=x onerror=document.title=&#39;owned&#39;&gt;" in text
    (block,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert not any(char in block for char in "<>&\u2028\u2029")
    names = json.loads(block)["map"][0]
    assert HOSTILE[7].removeprefix("srv/") in names


def test_every_table_says_what_it_leaves_out(report: InspectReport) -> None:
    more = tuple(
        FileFacts(f"many/d{n % 700}/{'n' * 60}{n}", "file", 1000 + n, 1, 0, "", 420, 0, 0, 0, "", -1, "other")
        for n in range(46_000)
    )
    text = render(replace(report, files=(*report.files, *more)))
    assert len(text.encode()) < 1_500_000
    left = re.search(r"<td>(\d+) smaller files</td>", text)
    total = re.search(r">500 of (\d+)<", text)
    assert left and total and int(left[1]) + 500 == int(total[1]) >= 46_000


def test_a_report_without_files_packages_or_waste(report: InspectReport) -> None:
    waste = replace(report.waste, items=(), duplicates=(), hidden_total_bytes=0)
    bare = replace(report, files=(), packages=(), waste=waste, size_bytes=0, visible_bytes=0, layers=())
    assert "No package database was found" in render(bare)
