"""TR7021: VOLUME or WORKDIR on a directory of the system."""

import posixpath
from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity

_WHOLE = frozenset({"/proc", "/sys", "/dev", "/boot", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/run"})
_ONLY_THEMSELVES = frozenset(
    {
        "/",
        "/usr",
        "/usr/bin",
        "/usr/sbin",
        "/usr/lib",
        "/usr/lib64",
        "/var",
        "/var/lib",
        "/var/run",
        "/usr/local/bin",
    }
)


def check(document: Document) -> Iterable[Problem]:
    """VOLUME and WORKDIR that name a directory of the operating system."""
    for step in document.of("VOLUME", "WORKDIR"):
        for argument in step.inner.arguments:
            path = posixpath.normpath(argument.text.strip("'\""))
            first = "/" + path.strip("/").partition("/")[0]
            alone = path in _ONLY_THEMSELVES and (step.keyword == "VOLUME" or path != "/")
            if path.startswith("/") and (alone or first in _WHOLE):
                yield Problem(f"{path} belongs to the system", argument.span, step.outer)


RULE = Rule(
    code="TR7021",
    name="system-directory",
    title="Keep VOLUME and WORKDIR off the system's directories.",
    why=(
        "A volume over /etc or /usr hides what the image brought there, or shows it to the host; an "
        "application that works in /proc, /sys or /bin mixes its files with the system's."
    ),
    severity=Severity.WARNING,
    category="security",
    check=check,
    equivalents=("DS-0030",),
    examples=(
        Example("FROM debian:12\nVOLUME /etc\n"),
        Example("FROM debian:12\nWORKDIR /usr/bin\n"),
    ),
    clean=(
        "FROM debian:12\nWORKDIR /usr/src/app\nVOLUME /var/lib/data /data\n",
        "FROM debian:12\nWORKDIR /\n",
    ),
)
