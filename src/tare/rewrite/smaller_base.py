"""The smaller image of the same family that a stage can run on."""

import re

from tare.knowledge.base_model import BaseFacts
from tare.rewrite.facts import Facts

CUDA_TAG = re.compile(r":([\d.]+)(?:-cudnn\d*)?-(?:devel|runtime)-(\w[\w.]*)$")
SELF_SUFFICIENT = frozenset({"torch"})
"""Distributions whose wheels bring the CUDA libraries that they use."""
FROM_SYSTEM = re.compile(
    r"^(?:tensorflow|tensorflow-gpu|tf-nightly|onnxruntime-gpu|cupy.*|faiss-gpu.*|tensorrt.*|paddlepaddle-gpu|jax|jaxlib|pycuda"
    r"|ctranslate2|faster-whisper|llama-cpp-python|mxnet.*|numba|cudf.*|cuml.*|rmm.*|nvidia-dali.*|tritonclient|vllm|deepspeed)$"
)
"""Distributions that look for CUDA libraries where the image has them."""
WHY_BASE = "torch's wheels bring the CUDA libraries, which the image would hold a second time"


def smaller_base(base: BaseFacts, facts: Facts) -> tuple[str, str] | None:
    """Its reference, and what to know of it; None where there is none."""
    if base.image.endswith("nvidia/cuda") and facts.distributions & SELF_SUFFICIENT:
        match = CUDA_TAG.search(base.reference)
        if match and not any(FROM_SYSTEM.match(name) for name in facts.distributions | facts.imports):
            return f"{base.reference[: match.start()]}:{match[1]}-base-{match[2]}", WHY_BASE
    if base.slim is None:
        return None
    return base.slim.reference, base.slim.note
