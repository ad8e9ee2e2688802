"""TR6003: a CUDA base for packages that cannot use it."""

import re
from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule
from tare.rules.bases import facts_by_stage
from tare.rules.document import Document
from tare.rules.python_installs import Install, python_installs
from tare.rules.shipped import final_chain
from tare.schema.lint import Severity

_CPU_ONLY = frozenset({"tensorflow-cpu", "faiss-cpu", "onnxruntime", "xgboost-cpu", "paddlepaddle"})
_GPU = re.compile(
    r"torch|torchvision|torchaudio|tensorflow|jax-cuda.*|cupy.*|nvidia-.*|.*-gpu.*|vllm|bitsandbytes|xformers|flash-attn|triton"
    r"|deepspeed|numba|pycuda|tensorrt.*|xgboost|lightgbm|catboost|transformers|diffusers|accelerate"
)


def _kind(install: Install, name: str, version: str | None, extras: frozenset[str]) -> str:
    cpu_index = any(index.rstrip("/").endswith("/whl/cpu") for index in install.indexes)
    if name in _CPU_ONLY or (version and version.endswith("+cpu")):
        return "cpu"
    if name in ("torch", "torchvision", "torchaudio") and cpu_index:
        return "cpu"
    if name in ("jax", "spacy"):
        return "gpu" if any("cuda" in extra for extra in extras) else "cpu" if name == "jax" else ""
    return "gpu" if _GPU.fullmatch(name) else ""


def check(document: Document) -> Iterable[Problem]:
    """A CUDA base in the shipped image, where every framework that is installed is its CPU build."""
    chain = final_chain(document)
    facts = facts_by_stage(document)[chain[0].index] if chain else None
    if facts is None or facts.image != "nvidia/cuda":
        return
    numbers = {stage.index for stage in chain}
    found: list[str] = []
    for install in python_installs(document):
        if install.step.stage not in numbers:
            continue
        kinds = [_kind(install, wanted.name, wanted.version, wanted.extras) for wanted in install.wanted]
        if not install.complete or "gpu" in kinds:
            return
        found += [wanted.name for wanted, kind in zip(install.wanted, kinds, strict=True) if kind == "cpu"]
    if found:
        names = ", ".join(dict.fromkeys(found))
        message = f"{names} is the CPU build: nothing uses the CUDA of {facts.reference}"
        yield Problem(message, chain[-1].from_.arguments[0].span, chain[-1].from_)


RULE = Rule(
    code="TR6003",
    name="cpu-wheels-on-cuda-base",
    title="Take a CUDA base only for what uses CUDA.",
    why=(
        "An `nvidia/cuda` runtime image is 2.7 GB unpacked, 4.2 GB with cuDNN (public listings); a slim Python "
        "image is 0.12 GB. Plain `jax`, `+cpu` builds of torch, `tensorflow-cpu`, `onnxruntime` and "
        "`faiss-cpu` never load CUDA: either the wrong build is installed and the GPU idles, or the base is "
        "too big."
    ),
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=("tally/gpu",),
    examples=(
        Example("FROM nvidia/cuda:12.4.1-runtime-ubuntu22.04\nRUN pip install --no-cache-dir jax==0.4.30\n"),
        Example(
            "FROM nvidia/cuda:12.4.1-runtime-ubuntu22.04\nRUN pip install --no-cache-dir "
            "torch==2.4.0 --index-url https://download.pytorch.org/whl/cpu\n"
        ),
    ),
    clean=(
        "FROM nvidia/cuda:12.4.1-runtime-ubuntu22.04\nRUN pip install 'jax[cuda12]==0.4.30'\n",
        ("FROM nvidia/cuda:12.4.1-runtime-ubuntu22.04\nRUN pip install torch==2.4.0 onnxruntime==1.18\n"),
        "FROM python:3.12-slim\nRUN pip install jax==0.4.30\n",
    ),
)
