"""TR3042: install with pip --no-cache-dir."""

import re
from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document
from tare.rules.lineage import image_name, key
from tare.rules.mounts import kept_out
from tare.rules.packages import pip_calls
from tare.schema.lint import Severity

_SWITCHED_OFF = re.compile(r"PIP_NO_CACHE_DIR=(?:1|true|yes|on)\b", re.IGNORECASE)
_TRUE = frozenset({"1", "true", "yes", "on"})


def check(document: Document) -> Iterable[Problem]:
    """pip install that caches: no switch, no PIP_NO_CACHE_DIR, no mount at ~/.cache/pip."""
    off = _stages_without_cache(document)
    for step, found in pip_calls(document):
        caching = [pip for pip in found if not pip.call.has_word("--no-cache-dir")]
        if not caching or _SWITCHED_OFF.search(step.inner.value) or kept_out(step, ".cache/pip"):
            continue
        if off.get(step.outer.span.start, False):
            continue
        fix = safe_fix(
            "Add --no-cache-dir", *(pip.call.insertion(pip.action, "--no-cache-dir") for pip in caching)
        )
        yield Problem(
            "pip keeps its cache in the layer without `--no-cache-dir`",
            caching[0].call.command.span,
            step.outer,
            fix,
        )


def _stages_without_cache(document: Document) -> dict[int, bool]:
    """Whether PIP_NO_CACHE_DIR holds, by the offset of each RUN."""
    named: dict[str, dict[bool, bool]] = {}
    state: dict[bool, bool] = {}
    found: dict[int, bool] = {}
    for step in document.steps:
        if step.keyword == "FROM":
            state = dict(named.get(image_name(step.inner.args[0]), {})) if step.inner.args else {}
            named[key(step)] = state
        if step.keyword == "ENV" and len(step.inner.arguments) % 2 == 0:
            pairs = step.inner.env_pairs()
            if any(
                name == "PIP_NO_CACHE_DIR" and (value or "").strip("\"'").lower() in _TRUE
                for name, value in pairs
            ):
                state[step.onbuild] = True
        found[step.outer.span.start] = state.get(step.onbuild, False)
    return found


RULE = Rule(
    code="TR3042",
    name="pip-cache",
    title="Install with pip --no-cache-dir.",
    why=(
        "pip keeps every wheel that it downloads or builds in ~/.cache/pip: the layer holds each package "
        "twice, once packed. For torch alone that is 200 to 800 MB."
    ),
    severity=Severity.WARNING,
    category="size",
    check=check,
    equivalents=(
        "DL3042",
        "pip_install_keeping_cached_packages",
        "missing-pip-no-cache-dir",
        "pipUseNoCacheDir",
    ),
    safety=(
        "The switch only keeps pip from storing and reusing downloads: the packages are the same. Not "
        "offered where a cache mount makes the cache worth having."
    ),
    reads_broken=True,
    examples=(
        Example(
            "FROM debian:12\nRUN pip install numpy==2.1\n",
            "FROM debian:12\nRUN pip install --no-cache-dir numpy==2.1\n",
        ),
    ),
    clean=(
        "FROM debian:12\nRUN pip install --no-cache-dir numpy\n",
        "FROM debian:12\nENV PIP_NO_CACHE_DIR=1\nRUN pip install numpy\n",
        "FROM debian:12\nRUN --mount=type=cache,target=/root/.cache/pip pip install numpy\n",
    ),
)
