"""TR3010: let ADD unpack a local archive."""

from collections.abc import Iterable

from tare.rules.archives import ARCHIVES
from tare.rules.base import Example, Problem, Rule
from tare.rules.calls import calls_in, script_of
from tare.rules.document import Document, Step
from tare.schema.lint import Severity

_UNPACKERS = ("gunzip", "bunzip2", "unxz", "unlzma", "uncompress", "zcat", "gzcat", "unzip")


def check(document: Document) -> Iterable[Problem]:
    """COPY of a local archive that a later RUN of the stage unpacks by its name."""
    for step in document.of("COPY"):
        words = [word.text.strip("\"'") for word in step.inner.arguments]
        if step.onbuild or step.inner.flag("from") is not None or len(words) < 2:
            continue
        target = _base(words[-1])
        named = (target,) if target.endswith(ARCHIVES) else map(_base, words[:-1])
        names = {name for name in named if name.endswith(ARCHIVES)}
        if names and any(
            _unpacks(document, later, names) for later in document.of("RUN") if _after(step, later)
        ):
            yield Problem("Use ADD to unpack an archive into the image", step.outer.span, step.outer)


def _base(text: str) -> str:
    return text.replace("\\", "/").rpartition("/")[2]


def _after(step: Step, later: Step) -> bool:
    return later.stage == step.stage and later.outer.line > step.outer.line and not later.onbuild


def _unpacks(document: Document, step: Step, names: set[str]) -> bool:
    for call in calls_in(script_of(document, step) or ()):
        unpacking = call.name in _UNPACKERS or (call.name == "tar" and call.has_flag("x", "extract", "get"))
        if unpacking and any(_base(text) in names for text in call.texts):
            return True
    return False


RULE = Rule(
    code="TR3010",
    name="copied-archive-extracted",
    title="Let ADD unpack a local archive.",
    why=(
        "COPY keeps the archive in a layer of its own even when the next step removes it: its whole size is"
        " pulled by everyone. ADD unpacks local tar archives while copying."
    ),
    severity=Severity.INFO,
    category="size",
    check=check,
    equivalents=("DL3010",),
    reads_broken=True,
    examples=(Example("FROM debian:12\nCOPY model.tar.gz /tmp/\nRUN tar -xzf /tmp/model.tar.gz -C /srv\n"),),
    clean=("FROM debian:12\nCOPY model.tar.gz /tmp/\n",),
)
