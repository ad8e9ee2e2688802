"""TR3013: pin the versions of Python packages."""

import re
from collections.abc import Iterable

from tare.dockerfile.shell import Word
from tare.rules.base import Example, Problem, Rule
from tare.rules.calls import plain
from tare.rules.document import Document
from tare.rules.packages import pip_calls, without_values
from tare.schema.lint import Severity

_VALUES = frozenset(
    [
        "--abi",
        "-b",
        "--build",
        "-e",
        "--editable",
        "--extra-index-url",
        "-f",
        "--find-links",
        "-i",
        "--index-url",
        "--implementation",
        "--no-binary",
        "--only-binary",
        "--platform",
        "--prefix",
        "--progress-bar",
        "--proxy",
        "--python-version",
        "--root",
        "--src",
        "-t",
        "--target",
        "--trusted-host",
        "--upgrade-strategy",
    ]
)
_FILES = frozenset({"-r", "--requirement", "-c", "--constraint"})
_SYMBOLS = re.compile(r"[=<>~!]=|[<>]")
_VCS = ("git+", "hg+", "svn+", "bzr+")


def check(document: Document) -> Iterable[Problem]:
    """pip install PACKAGE without a version, a file of requirements or a path."""
    for step, found in pip_calls(document, pipx=True):
        for pip in found:
            if any(word.text in _FILES or word.text.startswith("--constraint=") for word in pip.words):
                continue
            if any(word.text == "." for word in pip.words):
                continue
            loose = [word for word in without_values(pip.words, _VALUES) if not _pinned(word)]
            if loose:
                message = (
                    f"pin the version: `{loose[0].text}==<version>`, or install from a file of requirements"
                )
                yield Problem(message, loose[0].span, step.outer)
                break


def _pinned(word: Word) -> bool:
    text = plain(word)
    if text == "." or _SYMBOLS.search(text) or text.endswith((".whl", ".tar.gz")):
        return True
    return "@" in text and "+" in text if text.startswith(_VCS) else "/" in text


RULE = Rule(
    code="TR3013",
    name="pip-package-unpinned",
    title="Pin the versions of Python packages.",
    why=(
        "A rebuild installs whatever the index has that day: it may fail, or pass and behave differently. "
        "Nothing in the repository tells which version the image of last month held."
    ),
    severity=Severity.WARNING,
    category="repro",
    check=check,
    equivalents=(
        "DL3013",
        "unpinned_package_version_in_pip_install",
    ),
    reads_broken=True,
    examples=(Example("FROM debian:12\nRUN pip install --no-cache-dir numpy\n"),),
    clean=(
        "FROM debian:12\nRUN pip install --no-cache-dir numpy==2.1\n",
        "FROM debian:12\nRUN pip install --no-cache-dir -r requirements.txt\n",
        "FROM debian:12\nRUN python3 -m pip install .\n",
    ),
)
