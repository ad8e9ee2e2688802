"""TR6025: a question to the GPU while building."""

import re
from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.document import Document
from tare.rules.typed import every_command
from tare.schema.lint import Severity

_QUERY = re.compile(
    r"cuda\.(?:is_available|device_count|get_device_\w+|current_device)\(|list_physical_devices\(|jax\.devices\("
)


def check(document: Document) -> Iterable[Problem]:
    """nvidia-smi and `torch.cuda.is_available()` in RUN."""
    for entry in every_command(document):
        text = " ".join(word.text for word in entry.command.effective_argv)
        if entry.command.name in ("nvidia-smi", "rocm-smi", "rocminfo") or _QUERY.search(text):
            message = "a build has no GPU: this fails, or its answer is baked into the image"
            yield Problem(message, entry.command.span, entry.step.outer)


RULE = Rule(
    code="TR6025",
    name="gpu-query-at-build",
    title="Ask for the GPU at run time, not while building.",
    why=(
        "Builders do not pass GPUs to RUN: `nvidia-smi` is not found and `torch.cuda.is_available()` is False, "
        "so that a step fails or chooses the CPU for good. To compile for GPUs that are not there, name them: "
        "`TORCH_CUDA_ARCH_LIST=8.0;9.0`, `FORCE_CUDA=1`."
    ),
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=("tally/gpu",),
    examples=(Example("FROM nvidia/cuda:12.4.1-devel-ubuntu22.04\nRUN nvidia-smi\n"),),
    clean=('FROM nvidia/cuda:12.4.1-base-ubuntu22.04\nCMD ["nvidia-smi"]\n',),
)
