"""TR6004: CUDA in the base image and again in wheels."""

import re
from collections.abc import Iterable

from tare.dockerfile.commands import AptCommand
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.bases import facts_by_stage, new_base, smaller
from tare.rules.document import Document
from tare.rules.python_installs import Install, python_installs
from tare.rules.shipped import final_chain
from tare.rules.typed import commands_of
from tare.schema.lint import Severity

_TOOLKIT = re.compile(
    r"cuda(?:-toolkit|-libraries|-runtime)?(?:-\d+-\d+)?|nvidia-cuda-toolkit|libcudnn\d+(?:-cuda-\d+)?|libcublas.*|nvidia-cudnn"
)
_LIBRARIES = frozenset({"runtime", "cudnn-runtime", "devel", "cudnn-devel"})
_NEEDS_SYSTEM = re.compile(
    r"tensorflow.*|cupy.*|onnxruntime-gpu|faiss-gpu.*|paddlepaddle-gpu|jax|jaxlib|tensorrt.*|nvidia-dali.*|pycuda|numba"
    r"|mxnet.*|flash-attn|deepspeed|apex|detectron2|ctranslate2|faster-whisper|llama-cpp-python|cudf.*|cuml.*|vllm|bitsandbytes"
)


def _carries_cuda(install: Install) -> bool:
    if "conda" in install.shell_command.name or any(
        i.rstrip("/").endswith("/whl/cpu") for i in install.indexes
    ):
        return False
    return any(w.name == "torch" and not (w.version and "+cpu" in w.version) for w in install.wanted)


def check(document: Document) -> Iterable[Problem]:
    """torch from wheels that carry CUDA, on an nvidia/cuda image that carries it too."""
    chain = final_chain(document)
    numbers = {stage.index for stage in chain}
    installs = [install for install in python_installs(document) if install.step.stage in numbers]
    torch = next((install for install in installs if _carries_cuda(install)), None)
    if torch is None:
        return
    for entry, typed in commands_of(document, AptCommand, "install"):
        found = [spec for spec in typed.specs if _TOOLKIT.fullmatch(spec.name)]
        if found and entry.step.stage in numbers:
            message = f"torch in line {torch.step.outer.line} brings its own CUDA libraries: {found[0].name} is a second set"
            yield Problem(message, found[0].word.span, entry.step.outer)
    facts = facts_by_stage(document)[chain[0].index]
    if facts is None or facts.image != "nvidia/cuda" or facts.variant not in _LIBRARIES:
        return
    light = re.sub(r"-(?:cudnn\d*-)?runtime-", "-base-", facts.reference)
    others = any(
        not install.complete or any(_NEEDS_SYSTEM.fullmatch(name) for name in install.names)
        for install in installs
    )
    edit = new_base(document, chain[0], light) if light != facts.reference and not others else None
    fix = unsafe_fix("Start from the base variant", edit) if edit else None
    saving = smaller(facts, light) if light != facts.reference else None
    message = f"torch in line {torch.step.outer.line} brings its own CUDA libraries: those of {facts.reference} are not used"
    yield Problem(message, chain[-1].from_.arguments[0].span, chain[-1].from_, fix, saving)


RULE = Rule(
    code="TR6004",
    name="cuda-twice",
    title="Have CUDA once: in the base or in the wheels.",
    why=(
        "torch's wheels depend on NVIDIA's libraries as packages and load those, not the ones of the base: "
        "by public listings 2.5 GB (runtime) to 4 GB (with cuDNN) of the base are dead weight. The `base` variant (0.24 GB) "
        "has what the driver needs. cupy, TensorFlow without extras and code compiled with nvcc do need the "
        "base's libraries."
    ),
    severity=Severity.WARNING,
    category="size",
    check=check,
    equivalents=("tally/gpu",),
    safety="Programs outside of torch that load CUDA from the system no longer find it.",
    examples=(
        Example(
            (
                "FROM nvidia/cuda:12.1.1-runtime-ubuntu22.04\nRUN pip install --no-cache-dir "
                "torch==2.4.0 --index-url https://download.pytorch.org/whl/cu121\n"
            ),
            (
                "FROM nvidia/cuda:12.1.1-base-ubuntu22.04\nRUN pip install --no-cache-dir torch==2.4.0 "
                "--index-url https://download.pytorch.org/whl/cu121\n"
            ),
        ),
        Example(
            (
                "FROM nvidia/cuda:12.1.1-cudnn8-runtime-ubuntu22.04\nRUN pip install --no-cache-dir "
                "torch==2.4.0 cupy-cuda12x==13.2\n"
            ),
            "",
            note="cupy needs the libraries of the base",
        ),
        Example(
            "FROM ubuntu:22.04\nRUN apt-get update && apt-get install -y --no-install-recommends cuda-toolkit-12-4=12 && "
            "rm -rf /var/lib/apt/lists/*\n"
            "RUN pip install --no-cache-dir torch==2.4.0 --index-url https://download.pytorch.org/whl/cu124\n",
            note="a toolkit from apt",
        ),
    ),
    clean=(
        "FROM ubuntu:22.04\nRUN apt-get update && apt-get install -y nvidia-cuda-toolkit\nRUN pip install jax==0.4\n",
        "FROM nvidia/cuda:12.1.1-base-ubuntu22.04\nRUN pip install torch==2.4.0\n",
        (
            "FROM nvidia/cuda:12.1.1-runtime-ubuntu22.04\nRUN pip install torch==2.4.0 --index-url "
            "https://download.pytorch.org/whl/cpu\n"
        ),
    ),
)
