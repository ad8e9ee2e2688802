"""TR6006: wheels of another CUDA than the base."""

import re
from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.bases import facts_by_stage
from tare.rules.document import Document
from tare.rules.python_installs import python_installs
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """An index or a local version such as cu121 on an nvidia/cuda image of another major version."""
    facts = facts_by_stage(document)
    for install in python_installs(document):
        base = facts[install.step.stage] if 0 <= install.step.stage < len(facts) else None
        major = re.search(r":(\d+)\.", base.reference) if base and base.image == "nvidia/cuda" else None
        if base is None or major is None:
            continue
        texts = [*install.indexes, *(w.version or "" for w in install.wanted), *install.names]
        labels = {
            match[1] for text in texts for match in re.finditer(r"(?:\bcu|\+cu|cuda)(\d\d)(?:\d|x|\b)", text)
        }
        other = sorted(label for label in labels if label != major[1])
        if other:
            message = f"packages for CUDA {', '.join(other)} on a base with CUDA {major[1]}"
            yield Problem(message, install.shell_command.span, install.step.outer)


RULE = Rule(
    code="TR6006",
    name="cuda-version-mismatch",
    title="Use wheels and base of the same CUDA version.",
    why=(
        "torch brings its own libraries and may still run, but everything that is compiled against the base "
        "(flash-attn, apex, custom kernels) stops with `The detected CUDA version mismatches the version that "
        "was used to compile PyTorch`, and cupy or onnxruntime-gpu do not find `libcudart.so` of their version."
    ),
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=("tally/gpu",),
    examples=(
        Example(
            "FROM nvidia/cuda:11.8.0-devel-ubuntu22.04\nRUN pip install --no-cache-dir torch==2.4.0 "
            "--index-url https://download.pytorch.org/whl/cu121\n"
        ),
    ),
    clean=(
        (
            "FROM nvidia/cuda:12.1.1-devel-ubuntu22.04\nRUN pip install torch==2.4.0 --index-url "
            "https://download.pytorch.org/whl/cu124\n"
        ),
    ),
)
