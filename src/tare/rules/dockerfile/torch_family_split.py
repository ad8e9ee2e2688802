"""TR6007: torch and torchvision from different indexes."""

import re
from collections.abc import Iterable

from tare.core.text import Edit
from tare.dockerfile.commands import PipCommand
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.python_installs import Install, python_installs
from tare.schema.lint import Severity


def _wheels(install: Install) -> list[str]:
    return [index for index in install.indexes if "/whl/" in index]


def check(document: Document) -> Iterable[Problem]:
    """torchvision or torchaudio installed without the index that torch came from."""
    torch: dict[int, Install] = {}
    for install in python_installs(document):
        stage = install.step.stage
        family = sorted(install.names & {"torchvision", "torchaudio"})
        before = torch.get(stage)
        if (
            family
            and before is not None
            and "torch" not in install.names
            and not _wheels(install)
            and _wheels(before)
        ):
            index = _wheels(before)[0]
            typed = install.command
            edit: Edit | None = None
            if isinstance(typed, PipCommand) and re.fullmatch(r"[\w:/.-]+", index):
                edit = typed.insertion(f"--extra-index-url {index}")
            fix = unsafe_fix("Name the same index", edit) if edit else None
            message = (
                f"{', '.join(family)} comes from another index than torch in line {before.step.outer.line}"
            )
            yield Problem(message, install.shell_command.span, install.step.outer, fix)
        if "torch" in install.names:
            torch[stage] = install


RULE = Rule(
    code="TR6007",
    name="torch-family-split",
    title="Install torch, torchvision and torchaudio from one index.",
    why=(
        "torchvision's and torchaudio's operators are compiled against one build of torch. From the default "
        "index they either replace the chosen torch by the CUDA one (5.7 GB, while the first stays in its "
        "layer) or fail at import with `operator torchvision::nms does not exist`."
    ),
    severity=Severity.WARNING,
    category="correct",
    check=check,
    safety="The index may lack the version that was found elsewhere.",
    examples=(
        Example(
            (
                "FROM python:3.12-slim\nRUN pip install --no-cache-dir torch==2.4.0 --index-url "
                "https://download.pytorch.org/whl/cpu\nRUN pip install --no-cache-dir "
                "torchvision==0.19.0\n"
            ),
            (
                "FROM python:3.12-slim\nRUN pip install --no-cache-dir torch==2.4.0 --index-url "
                "https://download.pytorch.org/whl/cpu\nRUN pip install --extra-index-url "
                "https://download.pytorch.org/whl/cpu --no-cache-dir torchvision==0.19.0\n"
            ),
        ),
    ),
    clean=(
        (
            "FROM python:3.12-slim\nRUN pip install torch==2.4.0 torchvision==0.19.0 --index-url "
            "https://download.pytorch.org/whl/cpu\n"
        ),
    ),
)
