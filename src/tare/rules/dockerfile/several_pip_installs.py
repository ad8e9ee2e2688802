"""TR6029: many pip installs, each a layer and a resolution of its own."""

from collections.abc import Iterable

from tare.dockerfile.commands import PipCommand, UvCommand
from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.python_installs import INSTALLERS, python_installs
from tare.rules.shipped import mount_targets, shipped_stages
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """Three or more RUN steps of a stage that install distributions by pip, one right below the other."""
    runs = document.of("RUN")
    steps = {id(step): at for at, step in enumerate(document.steps)}
    groups: list[list[int]] = []
    for install in python_installs(document):
        if not isinstance(install.command, PipCommand | UvCommand) or install.step not in runs:
            continue
        if install.step.stage not in shipped_stages(document) or (
            install.complete and install.names <= INSTALLERS
        ):
            continue
        at = steps[id(install.step)]
        if groups and groups[-1][-1] == at:
            continue
        if groups and groups[-1][-1] == at - 1:
            groups[-1].append(at)
        else:
            groups.append([at])
    for group in groups:
        if len(group) >= 3 and not mount_targets(document.steps[group[0]]):
            step = document.steps[group[1]]
            message = f"{len(group)} steps install packages one after the other: later ones may replace what earlier ones chose"
            yield Problem(message, step.inner.keyword_span, step.outer)


RULE = Rule(
    code="TR6029",
    name="several-pip-installs",
    title="Install Python packages in one step.",
    why=(
        "Each `pip install` resolves without knowing of the next: shared dependencies are up- and downgraded "
        "from layer to layer, and every replaced copy stays in the image. Of 815 real ML files 40.6 % have two "
        "or more such steps. One requirements file is resolved at once."
    ),
    severity=Severity.INFO,
    category="size",
    check=check,
    equivalents=("tally/prefer-run-heredoc",),
    examples=(
        Example(
            "FROM python:3.12-slim\nRUN pip install --no-cache-dir numpy==2.0\n"
            "RUN pip install --no-cache-dir pandas==2.2\nRUN pip install --no-cache-dir scipy==1.14\n"
        ),
    ),
    clean=(
        ("FROM python:3.12-slim\nRUN pip install --no-cache-dir numpy==2.0 pandas==2.2 scipy==1.14\n"),
        (
            "FROM python:3.12-slim\nRUN pip install -U pip\nRUN pip install numpy==2.0\n"
            "RUN echo\nRUN pip install pandas==2.2\n"
        ),
    ),
)
