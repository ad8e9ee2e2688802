"""TR2013: a base image of another architecture than the platform that FROM names."""

import re
from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.schema.lint import Severity

# Docker Hub's namespaces with the images of one architecture (docker-library/official-images, "Architectures").
_NAMESPACES = {
    "amd64": "amd64",
    "arm32v5": "arm/v5",
    "arm32v6": "arm/v6",
    "arm32v7": "arm/v7",
    "arm64v8": "arm64",
    "i386": "386",
    "mips64le": "mips64le",
    "ppc64le": "ppc64le",
    "riscv64": "riscv64",
    "s390x": "s390x",
    "winamd64": "amd64",
}


def check(document: Document) -> Iterable[Problem]:
    """Images of a one-architecture namespace under another literal platform."""
    for stage in document.stages:
        if stage.parent is not None or not stage.platform or "$" in stage.platform:
            continue
        parts = stage.base.removeprefix("docker.io/").split("/")
        actual = _NAMESPACES.get(parts[0]) if len(parts) == 2 else None
        wanted = stage.platform.lower().split("/")[1:2]
        if actual is None or not wanted:
            continue
        if _plain(wanted[0]) != actual.partition("/")[0]:
            message = f"{stage.base} is an image for linux/{actual}, not for {stage.platform}"
            yield Problem(message, stage.from_.arguments[0].span, stage.from_)


def _plain(architecture: str) -> str:
    aliases = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "armhf": "arm", "armel": "arm"}
    return re.sub(r"^i[3-6]86$", "386", aliases.get(architecture, architecture))


RULE = Rule(
    code="TR2013",
    name="invalid-base-image-platform",
    title="Take a base image of the platform that is built.",
    why="Programs of another architecture do not start (`exec format error`) or run many times slower under emulation. "
    "Without a registry only images are judged whose name says the architecture; BuildKit also asks the image itself.",
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=("InvalidBaseImagePlatform", "tally/platform-mismatch"),
    examples=(Example("FROM --platform=linux/amd64 arm64v8/python:3.12\n"),),
    clean=("FROM --platform=linux/arm64 arm64v8/python:3.12\n", "FROM arm64v8/python:3.12\n"),
)
