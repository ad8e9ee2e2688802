"""TR6008: jax with CUDA but without its index."""

import re
from collections.abc import Iterable

from tare.dockerfile.commands import PipCommand
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.python_installs import python_installs
from tare.schema.lint import Severity

_OLD = re.compile(r"cuda\d*-(?:pip|local|cudnn\d+)|cuda")
_PAGE = "https://storage.googleapis.com/jax-releases/jax_cuda_releases.html"


def check(document: Document) -> Iterable[Problem]:
    """`jax[cuda12_pip]` without the page that has its jaxlib."""
    for install in python_installs(document):
        for wanted in install.wanted:
            old = sorted(extra for extra in wanted.extras if _OLD.fullmatch(extra))
            if wanted.name != "jax" or not old or any("jax-releases" in index for index in install.indexes):
                continue
            typed = install.command
            edit = typed.insertion(f"-f {_PAGE}") if isinstance(typed, PipCommand) else None
            fix = unsafe_fix("Add the page", edit) if edit else None
            where = wanted.word.span if wanted.word else install.shell_command.span
            yield Problem(
                f"jax[{old[0]}] finds its jaxlib only on jax's own page", where, install.step.outer, fix
            )


RULE = Rule(
    code="TR6008",
    name="jax-cuda-without-index",
    title="Give pip the page with jax's CUDA builds.",
    why=(
        "The extras `cuda11_pip`, `cuda12_pip` and `cuda12_local` ask for a jaxlib with a local version that "
        "PyPI does not have: pip fails, or falls back to an old jax that runs on the CPU. New releases have "
        "`jax[cuda12]`, whose parts are on PyPI."
    ),
    severity=Severity.WARNING,
    category="correct",
    check=check,
    safety="Another place to install from.",
    examples=(
        Example(
            "FROM python:3.12-slim\nRUN pip install --no-cache-dir 'jax[cuda12_pip]==0.4.20'\n",
            (
                "FROM python:3.12-slim\nRUN pip install -f "
                "https://storage.googleapis.com/jax-releases/jax_cuda_releases.html --no-cache-dir "
                "'jax[cuda12_pip]==0.4.20'\n"
            ),
        ),
    ),
    clean=("FROM python:3.12-slim\nRUN pip install 'jax[cuda12]==0.4.30'\n",),
)
