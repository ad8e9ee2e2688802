"""TR6005: a -devel image at run time."""

from collections.abc import Iterable

from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.bases import facts_by_stage, new_base, smaller
from tare.rules.document import Document
from tare.rules.python_installs import python_installs
from tare.rules.shipped import final_chain
from tare.rules.typed import every_command
from tare.schema.lint import Severity

_COMPILERS = frozenset(
    {
        *(
            "make",
            "cmake",
            "ninja",
            "nvcc",
            "gcc",
            "g++",
            "cc",
            "c++",
            "clang",
            "cargo",
            "go",
            "bazel",
            "meson",
            "configure",
        ),
        *("python", "python3", "sh", "bash", "./setup.py"),
    }
)
_COMPILED = frozenset(
    {
        *(
            "flash-attn",
            "apex",
            "detectron2",
            "xformers",
            "deepspeed",
            "mamba-ssm",
            "causal-conv1d",
            "pycuda",
            "cupy",
            "ninja",
        ),
        *(
            "torch-scatter",
            "torch-sparse",
            "torch-cluster",
            "pytorch3d",
            "llama-cpp-python",
            "tensorrt",
            "horovod",
            "vllm",
        ),
    }
)


def check(document: Document) -> Iterable[Problem]:
    """A shipped image that starts from a `devel` variant."""
    chain = final_chain(document)
    facts = facts_by_stage(document)[chain[0].index] if chain else None
    if facts is None or "devel" not in facts.variant or facts.slim_variant is None:
        return
    numbers = {stage.index for stage in chain}
    compiles = any(
        entry.command.name in _COMPILERS for entry in every_command(document) if entry.step.stage in numbers
    )
    unread = [step for step in document.of("RUN") if step.stage in numbers and document.script(step) is None]
    for install in python_installs(document):
        if install.step.stage in numbers:
            compiles = compiles or not install.complete or bool(install.names & _COMPILED)
            compiles = compiles or any("git+" in word.text for word in install.shell_command.arguments)
    edit = None if compiles or unread else new_base(document, chain[0], facts.slim_variant)
    fix = unsafe_fix("Start from the runtime variant", edit) if edit else None
    message = f"{facts.reference} has compilers, headers and static libraries: build from it, ship the runtime variant"
    yield Problem(
        message, chain[-1].from_.arguments[0].span, chain[-1].from_, fix, smaller(facts, facts.slim_variant)
    )


RULE = Rule(
    code="TR6005",
    name="devel-base-shipped",
    title="Ship a runtime image, build in a devel image.",
    why=(
        "The `devel` variants of nvidia/cuda and pytorch add nvcc, headers and static libraries: "
        "`12.1.1-cudnn8-devel` is 9.7 GB unpacked, `12.1.1-cudnn8-runtime` 4.2 GB (public listings). Of 815 "
        "real ML files 7.7 % ship one. What must be compiled is compiled in a first stage and copied."
    ),
    severity=Severity.WARNING,
    category="size",
    check=check,
    equivalents=("tally/gpu",),
    safety=(
        "Whatever compiles while the container runs (torch.compile with Triton needs gcc, some extensions "
        "nvcc) no longer can."
    ),
    examples=(
        Example(
            'FROM nvidia/cuda:12.1.1-devel-ubuntu22.04\nCOPY app /app\nCMD ["/app"]\n',
            'FROM nvidia/cuda:12.1.1-runtime-ubuntu22.04\nCOPY app /app\nCMD ["/app"]\n',
        ),
        Example(
            "FROM nvidia/cuda:12.1.1-devel-ubuntu22.04\nRUN make -C /src install\n",
            "",
            note="something is compiled: that needs a first stage",
        ),
    ),
    clean=(
        (
            "FROM nvidia/cuda:12.1.1-devel-ubuntu22.04 AS build\nRUN make\n"
            "FROM nvidia/cuda:12.1.1-runtime-ubuntu22.04\nCOPY --from=build /app /app\n"
        ),
    ),
)
