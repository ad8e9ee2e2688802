"""TR3026: take base images from trusted registries only."""

from collections.abc import Iterable

from tare.rules.base import Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity

_HUB = ("docker.io", "hub.docker.com")


def check(document: Document) -> Iterable[Problem]:
    """FROM an image of a registry that is not in the settings' list."""
    trusted = document.settings.trusted_registries
    if not trusted:
        return
    names: set[str] = set()
    for step in document.of("FROM"):
        words = step.inner.arguments
        if not words:
            continue
        image = words[0].text
        if image != "scratch" and image not in names and not _allowed(image, trusted):
            yield Problem(
                f"use an image of a trusted registry ({', '.join(trusted)})", words[0].span, step.outer
            )
        names |= {word.text for word in words[2:3]}


def _allowed(image: str, trusted: Iterable[str]) -> bool:
    first, slash, _ = image.partition("/")
    named = bool(slash) and "." in first
    return any(_matches(first, pattern) if named else pattern in ("*", *_HUB) for pattern in trusted)


def _matches(registry: str, pattern: str) -> bool:
    if pattern == "*":
        return True
    if pattern.startswith("*"):
        return registry.endswith(pattern[1:])
    return registry.startswith(pattern[:-1]) if pattern.endswith("*") else registry == pattern


RULE = Rule(
    code="TR3026",
    name="untrusted-registry",
    title="Take base images from trusted registries only.",
    why=(
        "A team that mirrors or vets images lists its registries in `trusted-registries`; without a list "
        "every registry is trusted."
    ),
    severity=Severity.ERROR,
    category="security",
    check=check,
    equivalents=("DL3026",),
    reads_broken=True,
)
