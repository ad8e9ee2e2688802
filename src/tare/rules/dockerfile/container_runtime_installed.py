"""TR6027: a container runtime or GPU driver inside the image."""

import re
from collections.abc import Iterable

from tare.dockerfile.commands import AptCommand, DnfCommand
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.typed import every_command
from tare.schema.lint import Severity

_HOST = re.compile(
    r"nvidia-(?:container-toolkit|container-runtime|docker2|driver-\d+(?:-server)?|utils-\d+|dkms-\d+)|libnvidia-container.*|cuda-drivers(?:-\d+)?"
)


def check(document: Document) -> Iterable[Problem]:
    """Packages that belong to the host."""
    for entry in every_command(document):
        typed = entry.typed
        if isinstance(typed, AptCommand | DnfCommand) and typed.action == "install":
            for word in typed.packages:
                if _HOST.fullmatch(word.text.partition("=")[0]):
                    message = (
                        f"{word.text} belongs to the host: the driver of the host is mounted into containers"
                    )
                    yield Problem(message, word.span, entry.step.outer)


RULE = Rule(
    code="TR6027",
    name="container-runtime-installed",
    title="Leave drivers and container runtimes to the host.",
    why=(
        "The NVIDIA runtime mounts the host's driver into the container. A second one in the image is dead "
        "weight, and where its version differs from the kernel module's, CUDA stops with `Driver/library "
        "version mismatch`."
    ),
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=("tally/gpu",),
    examples=(
        Example(
            "FROM ubuntu:22.04\nRUN apt-get update && apt-get install -y --no-install-recommends "
            "nvidia-container-toolkit=1.16 && rm -rf /var/lib/apt/lists/*\n"
        ),
    ),
    clean=(
        (
            "FROM ubuntu:22.04\nRUN apt-get update && apt-get install -y --no-install-recommends "
            "nvidia-cuda-toolkit=11 && rm -rf /var/lib/apt/lists/*\n"
        ),
    ),
)
