"""One place for a version that several FROM lines repeat."""

import re
from collections import Counter

from tare.core.text import Edit, Span
from tare.dockerfile import Dockerfile
from tare.rewrite.facts import Facts
from tare.rewrite.layout import insert_before
from tare.rewrite.transform import Example, Outcome, Proposal, Refusal, Transform
from tare.schema.finding import Applicability

PYTHON = re.compile(r"^(?P<head>(?:docker\.io/)?(?:library/)?python:)(?P<version>3\.\d+(?:\.\d+)?)(?=[-@]|$)")
ARGUMENT = "PYTHON_VERSION"


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Move the Python version that two or more stages name into a global ARG."""
    found = [(stage, PYTHON.match(stage.base_raw)) for stage in document.stages if stage.parent is None]
    versions = Counter(match["version"] for _, match in found if match)
    version, count = max(versions.items(), key=lambda item: item[1], default=("", 0))
    if count < 2:
        return None
    if any(
        name == ARGUMENT
        for node in document.instructions
        if node.keyword == "ARG"
        for name, _ in node.env_pairs()
    ):
        return Refusal(f"the name {ARGUMENT} is taken")
    edits = [insert_before(document, document.stages[0].from_, f"ARG {ARGUMENT}={version}")]
    for stage, match in found:
        if match and match["version"] == version:
            at = stage.from_.as_from().image_span.start
            edits.append(
                Edit(Span(at + match.start("version"), at + match.end("version")), f"${{{ARGUMENT}}}")
            )
    return Proposal(
        tuple(edits),
        f"Python {version} stands in one place, and --build-arg {ARGUMENT}=… tries another",
        Applicability.SAFE,
    )


TRANSFORM = Transform(
    name="version-args",
    title="Name the version once",
    guide="Stages that must agree on a version should not repeat it: an upgrade that misses one breaks the copied environment.",
    plan=plan,
    examples=(
        Example(
            "FROM python:3.11 AS builder\nFROM python:3.11-slim\nCOPY --from=builder /opt/venv /opt/venv\n",
            "ARG PYTHON_VERSION=3.11\nFROM python:${PYTHON_VERSION} AS builder\nFROM python:${PYTHON_VERSION}-slim\n"
            "COPY --from=builder /opt/venv /opt/venv\n",
        ),
        Example("FROM python:3.11-slim\n", "FROM python:3.11-slim\n", "one place already"),
    ),
)
