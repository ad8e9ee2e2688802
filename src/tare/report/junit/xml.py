"""The JUnit XML that GitLab, Jenkins and the like read: suites of cases, a failure with its text.

Format: https://github.com/testmoapp/junitxml (there is no standard; this is the part that all readers know).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from tare.report.units import safe


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `failure` is its text, None where it passed; `skipped` why it was not decided; `kind` the failure's type."""

    suite: str
    name: str
    failure: str | None = None
    kind: str = ""
    skipped: str | None = None
    file: str = ""
    line: int | None = None


def document(name: str, cases: Sequence[Case]) -> str:
    """All cases by suite, in order."""
    suites: dict[str, list[Case]] = {}
    for case in cases:
        suites.setdefault(case.suite, []).append(case)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f"<testsuites name={_attribute(name)} {_counts(cases)}>")
    for suite, members in suites.items():
        lines.append(f"  <testsuite name={_attribute(suite)} {_counts(members)}>")
        for case in members:
            lines += _case(case)
        lines.append("  </testsuite>")
    lines.append("</testsuites>")
    return "\n".join(lines) + "\n"


def _case(case: Case) -> list[str]:
    words = f"classname={_attribute(case.suite)} name={_attribute(case.name)}"
    if case.file:
        words += f" file={_attribute(case.file)}"
    if case.line:
        words += f' line="{case.line}"'
    if case.failure is None and case.skipped is None:
        return [f"    <testcase {words}/>"]
    if case.failure is None:
        return [
            f"    <testcase {words}>",
            f"      <skipped message={_attribute(case.skipped or '')}/>",
            "    </testcase>",
        ]
    first = case.failure.partition("\n")[0]
    return [
        f"    <testcase {words}>",
        f"      <failure message={_attribute(first)} type={_attribute(case.kind)}>{escape(_plain(case.failure))}</failure>",
        "    </testcase>",
    ]


def _counts(cases: Sequence[Case]) -> str:
    failed = sum(case.failure is not None for case in cases)
    skipped = sum(case.failure is None and case.skipped is not None for case in cases)
    return f'tests="{len(cases)}" failures="{failed}" errors="0" skipped="{skipped}"'


def _attribute(text: str) -> str:
    return quoteattr(_plain(text).replace("\n", " ").replace("\t", " "))


def _plain(text: str) -> str:
    """Text without what XML 1.0 cannot hold."""
    shown = safe(text)
    return "".join(char if char.isprintable() or char in "\n\t" else "?" for char in shown)
