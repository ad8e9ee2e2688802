"""TR6001: torch with CUDA on a base without a GPU."""

from collections.abc import Iterable

from tare.core.text import Edit
from tare.dockerfile.commands import PipCommand, UvCommand
from tare.knowledge.gpu_savings import BRINGS_TORCH, TORCH_CUDA
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.python_installs import Install, gpu_hint, python_installs
from tare.rules.unwanted import settings_of
from tare.schema.lint import Severity

_TORCH = frozenset({"torch", "torchvision", "torchaudio"})
_VARIABLES = frozenset(
    {
        *(
            "PIP_INDEX_URL",
            "PIP_EXTRA_INDEX_URL",
            "PIP_FIND_LINKS",
            "PIP_CONFIG_FILE",
            "UV_INDEX_URL",
            "UV_EXTRA_INDEX_URL",
        ),
        *("UV_INDEX", "UV_DEFAULT_INDEX", "UV_TORCH_BACKEND", "UV_FIND_LINKS"),
    }
)
_CPU = "https://download.pytorch.org/whl/cpu"


def _has_cpu_torch(document: Document, install: Install) -> bool:
    """Whether an earlier command brought torch, so that what depends on it finds it there."""
    for other in python_installs(document):
        if other is install:
            return False
        if "torch" in other.names:
            return True
    return False


def _offer(typed: PipCommand | UvCommand) -> Edit:
    text = f"--extra-index-url {_CPU}"
    if isinstance(typed, UvCommand):
        text += " --index-strategy unsafe-best-match"
    return typed.insertion(text)


def check(document: Document) -> Iterable[Problem]:
    """Installs that bring torch from the default index although nothing in the file shows that a GPU is meant."""
    if gpu_hint(document) is not None or any(setting.name in _VARIABLES for setting in settings_of(document)):
        return
    for install in python_installs(document):
        typed = install.command
        if not isinstance(typed, PipCommand | UvCommand) or typed.has(
            "--torch-backend", "--no-deps", "--no-index"
        ):
            continue
        torch = [w for w in install.wanted if w.name in _TORCH and not (w.version and "+" in w.version)]
        brings = [w for w in install.wanted if w.name in BRINGS_TORCH]
        if not torch and not brings:
            continue
        if any("/whl/" in index for index in install.indexes) or (typed.index_url is not None):
            continue
        if not torch and _has_cpu_torch(document, install):
            continue
        names = ", ".join(sorted({w.name for w in torch} or {w.name for w in brings}))
        message = f"{names} from the default index brings CUDA, and nothing here shows that a GPU is meant"
        place = next((w.word.span for w in torch if w.word), install.shell_command.span)
        fix = unsafe_fix("Take the CPU build", _offer(typed))
        yield Problem(message, place, install.step.outer, fix, TORCH_CUDA)


RULE = Rule(
    code="TR6001",
    name="torch-without-index",
    title="Say which build of torch is meant.",
    why=(
        "On Linux, PyPI's torch comes with CUDA: 5.7 GB unpacked against 0.75 GB for the CPU build (torch 2.13 "
        "and 2.14, CPython 3.11). Without a GPU the difference is dead weight in every pull. The index "
        "`https://download.pytorch.org/whl/cpu` has the same versions as `X+cpu`, which pip prefers to `X`; an "
        "index such as `whl/cu124` says that a GPU is meant and silences the rule."
    ),
    severity=Severity.WARNING,
    category="size",
    check=check,
    equivalents=("tally/gpu",),
    safety=(
        "The CPU build has the same API but no CUDA: right for a machine without a GPU, wrong for one whose "
        "GPU the file does not mention."
    ),
    examples=(
        Example(
            "FROM python:3.12-slim\nRUN pip install --no-cache-dir torch==2.4.0\n",
            (
                "FROM python:3.12-slim\nRUN pip install --extra-index-url "
                "https://download.pytorch.org/whl/cpu --no-cache-dir torch==2.4.0\n"
            ),
        ),
        Example(
            (
                "FROM python:3.12-slim\nCOPY requirements.txt .\nRUN pip install --no-cache-dir -r "
                "requirements.txt\n"
            ),
            (
                "FROM python:3.12-slim\nCOPY requirements.txt .\nRUN pip install --extra-index-url "
                "https://download.pytorch.org/whl/cpu --no-cache-dir -r requirements.txt\n"
            ),
            note="requirement files in the build context are read",
            files=(("requirements.txt", "torch==2.4.0\nflask==3.0\n"),),
        ),
    ),
    clean=(
        (
            "FROM python:3.12-slim\nRUN pip install torch==2.4.0 --index-url "
            "https://download.pytorch.org/whl/cu124\n"
        ),
        "FROM nvidia/cuda:12.4.1-runtime-ubuntu22.04\nRUN pip install torch==2.4.0\n",
        "FROM python:3.12-slim\nENV NVIDIA_VISIBLE_DEVICES=all\nRUN pip install torch==2.4.0\n",
        "FROM python:3.12-slim\nRUN pip install flask==3.0\n",
    ),
)
