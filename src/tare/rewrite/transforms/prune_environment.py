"""The copied environment without tests, build leftovers and the bytecode of modules that are never imported."""

import re

from tare.dockerfile import Dockerfile, Instruction
from tare.rewrite.anatomy import run_steps
from tare.rewrite.compiled import MARK as MARK_OF_COMPILING
from tare.rewrite.compiled import TAKEN, compiles
from tare.rewrite.copied_environment import copied_environment
from tare.rewrite.facts import Facts
from tare.rewrite.layout import insert_after, run
from tare.rewrite.transform import Example, Outcome, Proposal, Refusal, Transform
from tare.schema.finding import Applicability

MODULE = re.compile(r"^[A-Za-z_]\w*$")
MARK = "-name __pycache__ -prune"
TORCH = frozenset(
    {
        "torch", "torchvision", "torchaudio", "torchtext", "transformers", "sentence-transformers", "accelerate", "peft",
        "timm", "lightning", "pytorch-lightning", "ultralytics", "openai-whisper", "easyocr", "stanza", "flair", "fastai",
        "diffusers", "bitsandbytes", "spacy-transformers", "kornia", "monai", "torchmetrics", "vllm", "xformers",
    }
)  # fmt: skip
"""Distributions that are torch or bring it."""


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Prune in the builder, after the last install, an environment that the final stage copies."""
    if not facts.settings.prune:
        return None
    found = copied_environment(document)
    if found is None:
        return None
    builder, path = found.builder, found.path
    steps = run_steps(builder)
    installs = [step for step in steps if step.installs_python]
    if not installs or any(MARK in step.instruction.value for step in steps):
        return None
    if document.final.instructions and any(_uses_pip(step.instruction) for step in run_steps(document.final)):
        return Refusal("a later step still installs into the environment")
    last = installs[-1].instruction
    for step in steps:
        if step.instruction.line > last.line:
            if not (
                compiles(step)
                or MARK_OF_COMPILING in step.instruction.value
                or TAKEN in step.instruction.value
            ):
                return Refusal("the builder goes on after its last install, with who knows what")
            last = step.instruction
    commands = [f"find {path} -type d -name tests -prune -exec rm -rf {{}} +"]
    if (facts.distributions | facts.imports) & TORCH:
        commands.append(
            f"find {path} -type d \\( -path '*/torch/test' -o -path '*/torch/include' -o -path '*/torch/share/cmake' \\)"
            " -prune -exec rm -rf {} +"
        )
    commands.append(f"find {path} -type f -name '*.a' -delete")
    if "pip" not in facts.programs and not facts.imports & {"pip"}:
        commands.append(
            f"rm -rf {path}/lib/python3*/site-packages/pip {path}/lib/python3*/site-packages/pip-*.dist-info"
        )
    commands.append(f"find {path} -type d {MARK} -exec rm -rf {{}} +")
    modules = sorted(module for module in facts.imports if MODULE.match(module))
    if modules:
        commands.append(f"PYTHONDONTWRITEBYTECODE= {path}/bin/python -c 'import {', '.join(modules)}'")
    return Proposal(
        (insert_after(document, last, run(commands)),),
        "tests, static libraries, pip itself and the bytecode of modules that are never imported stay behind"
        + (
            "; bytecode of what is imported is written at once, so that the start stays as fast"
            if modules
            else ""
        ),
        Applicability.UNSAFE,
    )


def _uses_pip(node: Instruction) -> bool:
    return re.search(r"\bpip3?\b|spacy\s+download|setup\.py|\buv\s", node.value) is not None


_BEFORE = """FROM python:3.11 AS builder
RUN python -m venv /opt/venv
RUN /opt/venv/bin/pip install -r requirements.txt
FROM python:3.11-slim
COPY --from=builder /opt/venv /opt/venv
CMD ["/opt/venv/bin/python", "app.py"]
"""
_PRUNED = """RUN find /opt/venv -type d -name tests -prune -exec rm -rf {} + \\
 && find /opt/venv -type f -name '*.a' -delete \\
 && rm -rf /opt/venv/lib/python3*/site-packages/pip /opt/venv/lib/python3*/site-packages/pip-*.dist-info \\
 && find /opt/venv -type d -name __pycache__ -prune -exec rm -rf {} + \\
 && PYTHONDONTWRITEBYTECODE= /opt/venv/bin/python -c 'import fastapi, numpy'
"""

TRANSFORM = Transform(
    name="prune-environment",
    title="Copy only the part of the environment that runs",
    guide=(
        "A third of a scientific environment is bytecode, a sixth is test suites. Bytecode is worth its bytes only for modules "
        "that are imported: importing what the application imports writes exactly that, transitive imports included."
    ),
    plan=plan,
    examples=(
        Example(
            _BEFORE,
            _BEFORE.replace("requirements.txt\n", "requirements.txt\n" + _PRUNED),
            facts=Facts(imports=frozenset({"numpy", "fastapi"})),
        ),
        Example(
            "FROM python:3.11-slim\nRUN pip install flask\n",
            "FROM python:3.11-slim\nRUN pip install flask\n",
            "in a single stage, deleting afterwards frees nothing",
        ),
    ),
)
