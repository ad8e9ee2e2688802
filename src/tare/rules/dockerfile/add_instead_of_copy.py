"""TR3020: use COPY for files and directories."""

import re
from collections.abc import Iterable

from tare.core.text import Edit
from tare.rules.archives import ARCHIVES
from tare.rules.base import Example, Problem, Rule, safe_fix, unsafe_fix
from tare.rules.document import Document, Step
from tare.schema.finding import Fix
from tare.schema.lint import Severity

_PLAIN = re.compile(r"[\w./-]+")
_TEXTS = re.compile(
    r".*(?:/|\.(?:txt|py|sh|json|toml|ya?ml|cfg|conf|ini|md|lock|jsx?|tsx?|html|css|xml|sql|env|properties|rb|go|rs|java|php|c|h))"
)


def check(document: Document) -> Iterable[Problem]:
    """ADD of something that is neither an address nor an archive."""
    for step in document.of("ADD"):
        words = step.inner.arguments
        if step.onbuild or len(words) < 2 or step.inner.heredocs:
            continue
        if any(not _belongs(word.text.strip("\"'")) for word in words[:-1]):
            yield Problem(
                "Use COPY instead of ADD for files and directories",
                step.inner.keyword_span,
                step.outer,
                _fix(step),
            )


def _belongs(text: str) -> bool:
    return text.startswith(("http://", "https://")) or text.endswith(ARCHIVES)


def _fix(step: Step) -> Fix | None:
    sources = [word.text.strip("\"'") for word in step.inner.arguments[:-1]]
    flags = {flag.name for flag in step.inner.flags}
    if not all(_PLAIN.fullmatch(text) for text in sources) or not flags <= {
        "chown",
        "chmod",
        "link",
        "exclude",
    }:
        return None
    if any(text.endswith((*ARCHIVES, ".git", ".zst")) for text in sources):
        return None
    edit = Edit(step.inner.keyword_span, "COPY")
    harmless = all(text in (".", "..") or _TEXTS.fullmatch(text) for text in sources)
    return (safe_fix if harmless else unsafe_fix)("Use COPY", edit)


RULE = Rule(
    code="TR3020",
    name="add-instead-of-copy",
    title="Use COPY for files and directories.",
    why=(
        "ADD also fetches addresses and unpacks archives, depending on what it is given: a file that "
        "happens to be an archive lands in pieces. COPY does one thing."
    ),
    severity=Severity.ERROR,
    category="security",
    check=check,
    equivalents=(
        "DL3020",
        "DS-0005",
        "CKV_DOCKER_4",
        "add_instead_of_copy",
        "prefer-copy-over-add",
    ),
    safety=(
        "Safe for directories and for files whose names are those of texts: ADD and COPY do the same with "
        "them. Unsafe for other names, because ADD unpacks an archive whatever it is called."
    ),
    reads_broken=True,
    examples=(
        Example(
            "FROM debian:12\nADD requirements.txt /app/\n", "FROM debian:12\nCOPY requirements.txt /app/\n"
        ),
        Example("FROM debian:12\nADD model /app/\n", "FROM debian:12\nCOPY model /app/\n"),
    ),
    clean=(
        "FROM debian:12\nADD a.tar.gz /app/\n",
        "FROM debian:12\nADD https://example.org/a /app/\n",
    ),
)
