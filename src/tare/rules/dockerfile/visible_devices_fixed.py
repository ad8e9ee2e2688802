"""TR6026: a GPU chosen in the image."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.unwanted import settings_of
from tare.schema.lint import Severity

_FRAMEWORK = frozenset({"CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"})


def check(document: Document) -> Iterable[Problem]:
    """CUDA_VISIBLE_DEVICES, or numbers in NVIDIA_VISIBLE_DEVICES, set by ENV."""
    for setting in settings_of(document):
        if setting.step.keyword != "ENV" or "$" in setting.value:
            continue
        numbers = setting.value.replace(",", "").isdigit()
        if (setting.name in _FRAMEWORK and setting.value not in ("all", "", "-1")) or (
            setting.name == "NVIDIA_VISIBLE_DEVICES" and numbers
        ):
            fix = unsafe_fix(f"Remove {setting.name}", setting.edit) if setting.edit else None
            message = f"{setting.name}={setting.value} chooses GPUs for every machine that this image runs on"
            yield Problem(message, setting.where, setting.step.outer, fix)


RULE = Rule(
    code="TR6026",
    name="visible-devices-fixed",
    title="Leave the choice of GPUs to whoever runs the container.",
    why=(
        "The scheduler (`--gpus`, Kubernetes, Slurm) shows each container its own devices, numbered from 0. A "
        "fixed number makes all containers share one GPU, or find none."
    ),
    severity=Severity.WARNING,
    category="correct",
    check=check,
    equivalents=("tally/gpu",),
    safety="Containers that were kept to one GPU by the image now see all that they are given.",
    examples=(
        Example(
            "FROM nvidia/cuda:12.4.1-base-ubuntu22.04\nENV CUDA_VISIBLE_DEVICES=0\nUSER app\n",
            "FROM nvidia/cuda:12.4.1-base-ubuntu22.04\nUSER app\n",
        ),
    ),
    clean=("FROM nvidia/cuda:12.4.1-base-ubuntu22.04\nENV NVIDIA_VISIBLE_DEVICES=all\n",),
)
