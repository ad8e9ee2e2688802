"""TR6002: tensorflow with GPU kernels on a base without a GPU."""

from collections.abc import Iterable

from tare.knowledge.gpu_savings import TENSORFLOW_CUDA
from tare.rules.base import Example, Problem, Rule, unsafe_fix
from tare.rules.document import Document
from tare.rules.edits import replace_word
from tare.rules.python_installs import gpu_hint, python_installs
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """Plain `tensorflow` although nothing in the file shows that a GPU is meant."""
    if gpu_hint(document) is not None or any(
        stage.platform and "arm" in stage.platform for stage in document.stages
    ):
        return
    for install in python_installs(document):
        for wanted in install.wanted:
            if wanted.name != "tensorflow" or wanted.extras or "conda" in install.shell_command.name:
                continue
            edit = None
            if wanted.word is not None and wanted.word.text.startswith("tensorflow"):
                edit = replace_word(wanted.word, "tensorflow-cpu" + wanted.word.text[len("tensorflow") :])
            fix = unsafe_fix("Install tensorflow-cpu", edit) if edit else None
            where = wanted.word.span if wanted.word else install.shell_command.span
            place = f" (in {wanted.file})" if wanted.file else ""
            message = f"tensorflow{place} brings GPU kernels, and nothing here shows that a GPU is meant"
            yield Problem(message, where, install.step.outer, fix, TENSORFLOW_CUDA)


RULE = Rule(
    code="TR6002",
    name="tensorflow-with-cuda",
    title="Install tensorflow-cpu where there is no GPU.",
    why=(
        "The x86-64 wheel of `tensorflow` is 475 to 645 MB (2.15 to 2.21), that of `tensorflow-cpu` 207 to 274 "
        "MB; the import name and the API are the same. `tensorflow[and-cuda]`, an NVIDIA base or a CUDA index "
        "says that a GPU is meant and silences the rule."
    ),
    severity=Severity.WARNING,
    category="size",
    check=check,
    equivalents=("tally/gpu",),
    safety=(
        "Another distribution, which not every release has, and none on arm64; what depends on `tensorflow` by "
        "name installs that as well."
    ),
    examples=(
        Example(
            "FROM python:3.12-slim\nRUN pip install --no-cache-dir tensorflow==2.16.1\n",
            "FROM python:3.12-slim\nRUN pip install --no-cache-dir tensorflow-cpu==2.16.1\n",
        ),
    ),
    clean=(
        "FROM python:3.12-slim\nRUN pip install tensorflow-cpu==2.16.1\n",
        "FROM python:3.12-slim\nRUN pip install 'tensorflow[and-cuda]==2.16.1'\n",
        "FROM tensorflow/tensorflow:2.16.1-gpu\nRUN pip install tensorflow==2.16.1\n",
    ),
)
