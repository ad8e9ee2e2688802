"""TR6024: Alpine for packages that have no musllinux wheel."""

import re
from collections.abc import Iterable

from tare.knowledge.musl_wheels import lacks_musl_wheel
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.bases import facts_by_stage, new_base
from tare.rules.document import Document
from tare.rules.python_installs import python_installs
from tare.rules.shipped import chain_of
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """Distributions known to lack musllinux wheels, installed on an Alpine base."""
    facts = facts_by_stage(document)
    for install in python_installs(document):
        stage = document.stage_of(install.step)
        base = facts[stage.index] if stage else None
        if stage is None or base is None or base.family != "alpine" or "conda" in install.shell_command.name:
            continue
        for wanted in install.wanted:
            reason = lacks_musl_wheel(wanted.name, wanted.version)
            if reason is None:
                continue
            where = wanted.word.span if wanted.word else install.shell_command.span
            numbers = {below.index for below in chain_of(document, stage)}
            musl = any(word in document.haystack for word in ("apk ", "addgroup", "adduser", "musl"))
            slim = re.sub(r"-alpine[\d.]*$", "-slim", base.reference)
            fits = base.image == "python" and not musl and len(numbers) == 1 and slim != base.reference
            edit = new_base(document, stage, slim) if fits else None
            fix = unsafe_fix("Start from the slim image", edit) if edit else None
            yield Problem(
                f"{wanted.name} {reason}: on Alpine it is compiled, or cannot be installed",
                where,
                install.step.outer,
                fix,
            )
            break


RULE = Rule(
    code="TR6024",
    name="alpine-without-wheels",
    title="Use a Debian-based slim image for compiled Python packages.",
    why=(
        "Wheels for manylinux need glibc, which Alpine has not. pip then compiles for minutes to hours, and "
        "the compilers eat what the small base saved; torch, TensorFlow and others publish no source at all. "
        "`python:3.12-slim` is 122 MB unpacked against 50 MB. Which distributions lack such wheels was read "
        "from pypi.org on 2026-11-24."
    ),
    severity=Severity.WARNING,
    category="correct",
    check=check,
    safety="Another distribution: shell, users and package names differ.",
    examples=(
        Example(
            "FROM python:3.12-alpine\nRUN pip install --no-cache-dir scikit-learn==1.5\n",
            "FROM python:3.12-slim\nRUN pip install --no-cache-dir scikit-learn==1.5\n",
        ),
    ),
    clean=(
        "FROM python:3.12-alpine\nRUN pip install numpy==2.1.0 flask==3.0\n",
        (
            "FROM python:3.12-slim\nRUN pip install torch==2.4.0 --index-url "
            "https://download.pytorch.org/whl/cpu\n"
        ),
    ),
)
