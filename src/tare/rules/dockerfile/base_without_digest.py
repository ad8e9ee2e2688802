"""TR5012: a base image that is not pinned by digest."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """External base images without `@sha256:`."""
    for stage in document.stages:
        if stage.parent is None and stage.base != "scratch" and "@" not in stage.base:
            image = stage.from_.arguments[0]
            yield Problem(f"{image.text} names no exact image: its tag moves", image.span, stage.from_)


RULE = Rule(
    code="TR5012",
    name="base-without-digest",
    title="Pin the base image by its digest.",
    why=(
        "A tag is moved to new images at any time: two builds of the same commit differ, and a cache that has "
        "the old base hides it. `docker buildx imagetools inspect IMAGE` shows the digest; Renovate and "
        "Dependabot keep it up to date."
    ),
    severity=Severity.INFO,
    category="repro",
    check=check,
    equivalents=("dockerfile-source-not-pinned",),
    on_by_default=False,
    examples=(Example("FROM python:3.12-slim\n"),),
    clean=(
        ("FROM python:3.12-slim@sha256:0000000000000000000000000000000000000000000000000000000000000000\n"),
        "FROM scratch\n",
    ),
)
