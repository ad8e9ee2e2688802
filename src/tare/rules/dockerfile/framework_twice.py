"""TR6009: a framework installed over the one in the base."""

import re
from collections.abc import Iterable

from tare.knowledge.gpu_savings import TORCH_CUDA
from tare.knowledge.reference_parts import split_reference
from tare.rules.base import Example, Problem, Rule
from tare.rules.bases import facts_by_stage
from tare.rules.document import Document
from tare.rules.python_installs import python_installs
from tare.rules.shipped import shipped_stages
from tare.schema.lint import Severity

_FRAMEWORKS = {
    "pytorch/pytorch": "torch",
    "nvcr.io/nvidia/pytorch": "torch",
    "tensorflow/tensorflow": "tensorflow",
    "nvcr.io/nvidia/tensorflow": "tensorflow",
}


def check(document: Document) -> Iterable[Problem]:
    """torch or tensorflow in another version on an image that brings it."""
    facts = facts_by_stage(document)
    for install in python_installs(document):
        stage = install.step.stage
        base = facts[stage] if 0 <= stage < len(facts) else None
        framework = _FRAMEWORKS.get(base.image) if base else None
        if base is None or framework is None or stage not in shipped_stages(document):
            continue
        parts = split_reference(base.reference)
        tagged = re.match(r"\d+\.\d+(?:\.\d+)?", parts.tag or "") if parts else None
        forced = install.command.has("--force-reinstall", "--ignore-installed", "--upgrade", "--reinstall")
        for wanted in install.wanted:
            if wanted.name not in (framework, f"{framework}-cpu", f"{framework}-gpu"):
                continue
            same = wanted.version is None or (
                tagged is not None and wanted.version.partition("+")[0] == tagged[0]
            )
            if (same and not forced and wanted.name == framework) or base.image.startswith("jupyter/"):
                continue
            where = wanted.word.span if wanted.word else install.shell_command.span
            saving = TORCH_CUDA if framework == "torch" else None
            yield Problem(
                f"{base.reference} brings {framework} already: this one is installed on top",
                where,
                install.step.outer,
                None,
                saving,
            )


RULE = Rule(
    code="TR6009",
    name="framework-twice",
    title="Take the base image of the version that is wanted.",
    why=(
        "pip removes the old version only in the new layer: the base's copy, gigabytes for a CUDA build of "
        "torch, is still pulled and stored. Choose the tag of the wanted version, or a plain Python base and "
        "install the framework once."
    ),
    severity=Severity.WARNING,
    category="size",
    check=check,
    examples=(
        Example(
            "FROM pytorch/pytorch:2.1.0-cuda12.1-cudnn8-runtime\nRUN pip install --no-cache-dir "
            "torch==2.4.0\n"
        ),
    ),
    clean=(
        ("FROM pytorch/pytorch:2.1.0-cuda12.1-cudnn8-runtime\nRUN pip install torch==2.1.0 flask==3.0\n"),
        "FROM python:3.12\nRUN pip install tensorflow-cpu==2.16\n",
    ),
)
