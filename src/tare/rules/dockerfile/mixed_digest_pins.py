"""TR5013: the same base image with and without a digest."""

from collections.abc import Iterable

from tare.core.text import Edit
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """A FROM that names an image by tag which another FROM of the file pins by digest."""
    pinned: dict[str, str] = {}
    for stage in document.stages:
        name, at, digest = stage.base.partition("@")
        if at:
            pinned.setdefault(name, digest)
    for stage in document.stages:
        if stage.parent is not None or stage.base not in pinned:
            continue
        image = stage.from_.arguments[0]
        fix = None
        if image.text == stage.base:
            fix = unsafe_fix("Pin it as well", Edit(image.span, f"{stage.base}@{pinned[stage.base]}"))
        message = f"{stage.base} is pinned to a digest in another FROM, but not here"
        yield Problem(message, image.span, stage.from_, fix)


RULE = Rule(
    code="TR5013",
    name="mixed-digest-pins",
    title="Pin the same base image the same way everywhere.",
    why=(
        "As soon as the tag moves, the stages start from different images: what was built against one C "
        "library or Python is copied into another, and the base's layers are pulled and stored twice."
    ),
    severity=Severity.WARNING,
    category="repro",
    check=check,
    equivalents=("dockerfile-source-not-pinned",),
    safety="The tag may have moved since the digest was noted: then the base changes.",
    examples=(
        Example(
            (
                "FROM "
                "python:3.12-slim@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "
                "AS build\nFROM python:3.12-slim\nCOPY --from=build /venv /venv\n"
            ),
            (
                "FROM "
                "python:3.12-slim@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "
                "AS build\nFROM "
                "python:3.12-slim@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
                "COPY --from=build /venv /venv\n"
            ),
        ),
    ),
    clean=(
        (
            "FROM python:3.12 AS a\nFROM "
            "python:3.12-slim@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
        ),
    ),
)
