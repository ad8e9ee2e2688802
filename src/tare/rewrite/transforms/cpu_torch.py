"""The CPU build of torch where nothing shows that a GPU is meant."""

import re

from tare.core.text import Edit, Span
from tare.dockerfile import Dockerfile
from tare.dockerfile.commands import PipCommand, UvCommand
from tare.rewrite.anatomy import is_python_install, run_steps
from tare.rewrite.facts import Facts
from tare.rewrite.transform import Example, Outcome, Proposal, Refusal, Transform
from tare.schema.finding import Applicability, Saving
from tare.schema.quantity import estimated

TORCH = frozenset({"torch", "torchvision", "torchaudio"})
GPU_BASE = re.compile(r"(?:^|/)(?:nvidia|cuda|rocm|pytorch)(?:/|:|$)|cuda|rocm")
CUDA_INDEX = re.compile(r"/whl/(?:cu\d+|rocm)")
SOURCE = "torch 2.13/2.14 wheels for CPython 3.11, Linux x86_64: the CUDA set against the CPU wheel"
SAVING = Saving(estimated(2.5e9, 1.5e9, 3.0e9, SOURCE), estimated(4.9e9, 3.5e9, 5.2e9, SOURCE))


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Offer the CPU index to every install that brings torch."""
    if facts.settings.torch == "keep" or not facts.distributions & TORCH:
        return None
    if any(stage.parent is None and GPU_BASE.search(stage.base) for stage in document.stages):
        return Refusal("the base image is made for a GPU")
    if facts.gpu_hints:
        return Refusal(f"a GPU seems to be meant: {facts.gpu_hints[0]}")
    edits: list[Edit] = []
    for stage in document.stages:
        for step in run_steps(stage):
            for typed in step.typed:
                if not isinstance(typed, PipCommand | UvCommand) or not is_python_install(typed):
                    continue
                named = [
                    word.text
                    for word in (*typed.extra_index_urls, typed.index_url, *typed.find_links)
                    if word
                ]
                if any(CUDA_INDEX.search(url) for url in named):
                    return Refusal("an index of CUDA or ROCm wheels is named")
                if any("/whl/cpu" in url or url == facts.settings.torch_index for url in named):
                    continue
                if isinstance(typed, UvCommand) and typed.action == "sync":
                    return Refusal(
                        "uv.lock pins the CUDA wheels: set the index in [tool.uv.sources] and lock again"
                    )
                if _may_bring_torch(typed):
                    edits.append(_offer(typed, facts))
    if not edits:
        return None
    return Proposal(
        tuple(edits),
        "nothing in the project asks for a GPU, and the CPU build is a sixteenth of the CUDA set",
        Applicability.UNSAFE,
        SAVING,
    )


def _may_bring_torch(typed: PipCommand | UvCommand) -> bool:
    """Files and the project itself may, and so may anything that is not known to be harmless."""
    words = [word.text for word in typed.requirements]
    names = {re.split(r"[\[=<>~!@; ]", word)[0].lower() for word in words}
    return bool(
        typed.requirement_files or typed.editable or names - {"pip", "setuptools", "wheel", "uv", "poetry"}
    )


def _offer(typed: PipCommand | UvCommand, facts: Facts) -> Edit:
    words = typed.command.argv
    at = next(word for word in words if word.text in ("install", "sync")).span.end
    extra = f" --extra-index-url {facts.settings.torch_index}"
    if isinstance(typed, UvCommand):
        extra += " --index-strategy unsafe-best-match"
    return Edit(Span(at, at), extra)


TRANSFORM = Transform(
    name="cpu-torch",
    title="The CPU build of torch",
    guide=(
        "On Linux, PyPI's torch brings CUDA along: several gigabytes that do nothing without a GPU. A local version such as "
        "`2.1.0+cpu` sorts above `2.1.0` (PEP 440), so that one more index is enough and no pin has to change. `--torch keep` "
        "leaves it alone; `--torch-index` names another index."
    ),
    plan=plan,
    examples=(
        Example(
            "FROM python:3.11\nRUN pip install -r requirements.txt\n",
            "FROM python:3.11\nRUN pip install --extra-index-url https://download.pytorch.org/whl/cpu -r requirements.txt\n",
            facts=Facts(distributions=frozenset({"torch", "fastapi"})),
        ),
        Example(
            "FROM python:3.11\nRUN pip install -r requirements.txt\n",
            "FROM python:3.11\nRUN pip install -r requirements.txt\n",
            "a GPU is meant",
            Facts(distributions=frozenset({"torch"}), gpu_hints=("model.py:3 calls .cuda()",)),
        ),
        Example(
            "FROM python:3.11\nRUN pip install -r requirements.txt\n",
            "FROM python:3.11\nRUN pip install -r requirements.txt\n",
            "no torch",
        ),
    ),
)
