"""Data: what GPU parts of Python distributions weigh.

Provenance: wheels for CPython 3.11 on Linux x86_64. torch: 2.13.0+cpu against 2.14.1 with its nvidia wheels, unpacked.
TensorFlow: sizes of `tensorflow` and `tensorflow-cpu` 2.15 to 2.21 on pypi.org, read on 2026-11-24.
"""

from tare.schema.finding import Saving
from tare.schema.quantity import estimated, unknown

_TORCH = "torch 2.13/2.14 wheels for CPython 3.11, Linux x86_64: the CUDA set against the CPU wheel"
_TENSORFLOW = "tensorflow against tensorflow-cpu 2.15 to 2.21 for CPython 3.11, wheel sizes on pypi.org"

TORCH_CUDA = Saving(estimated(2.5e9, 1.5e9, 3.0e9, _TORCH), estimated(4.9e9, 3.5e9, 5.2e9, _TORCH))
"""What the CPU build of torch saves against the default one."""

TENSORFLOW_CUDA = Saving(
    estimated(3.7e8, 2.6e8, 4.0e8, _TENSORFLOW), unknown("the unpacked difference was not measured")
)
"""What tensorflow-cpu saves against tensorflow."""

BRINGS_TORCH = frozenset(
    {
        *(
            "accelerate",
            "bertopic",
            "captum",
            "detoxify",
            "easyocr",
            "fastai",
            "flair",
            "keybert",
            "lightning",
        ),
        *(
            "openai-whisper",
            "peft",
            "pytorch-lightning",
            "segmentation-models-pytorch",
            "sentence-transformers",
        ),
        *(
            "silero-vad",
            "speechbrain",
            "stable-baselines3",
            "stanza",
            "timm",
            "torchmetrics",
            "trl",
            "ultralytics",
        ),
        *("whisperx",),
    }
)
"""Distributions that depend on torch."""
