"""Debian's and Ubuntu's own Python as the interpreter of a stage."""

import re

from tare.knowledge.base_model import BaseFacts
from tare.rewrite.anatomy import RunStep
from tare.rewrite.layout import apt_install, run
from tare.rewrite.system_packages import base_name

PYTHON = re.compile(r"^python3(?:-(?:pip|venv|dev|full|minimal|distutils|setuptools|wheel|virtualenv))?$")
BARE = frozenset({"debian", "ubuntu", "nvidia/cuda"})
ONLY_BUILDING = frozenset(
    {"python3-pip", "python3-venv", "python3-dev", "python3-full", "python3-distutils", "python3-wheel"}
    | {"python3-virtualenv", "virtualenv", "python3-setuptools", "python-is-python3", "python3-pip-whl"}
)  # fmt: skip


def is_system_python(base: BaseFacts, steps: tuple[RunStep, ...]) -> bool:
    """Whether a stage on a bare Debian or Ubuntu, or on CUDA's images of it, installs the system's own Python, and none of
    its libraries."""
    if base.family != "debian" or base.python_path is not None or base.image not in BARE:
        return False
    names = {name for step in steps for name in _installed(step)}
    python = {name for name in names if name.startswith("python")}
    return bool({"python3", "python3-pip", "python3-venv"} & python) and all(
        PYTHON.match(name) for name in python - {"python-is-python3"}
    )


def _installed(step: RunStep) -> list[str]:
    return [base_name(word.text) for apt in step.apt if apt.action == "install" for word in apt.packages]


def bringing(steps: tuple[RunStep, ...]) -> RunStep | None:
    """The step that installs the interpreter."""
    wanted = {"python3", "python3-pip", "python3-venv"}
    return next((step for step in steps if wanted & set(_installed(step))), None)


def creation_lines(steps: tuple[RunStep, ...], path: str) -> str:
    """The step that makes an environment with it."""
    names = {name for step in steps for name in _installed(step)}
    commands = [] if names & {"python3-venv", "python3-full"} else apt_install(["python3-venv"])
    return run([*commands, f"python3 -m venv {path}"])


def kept(words: list[str], needed: list[str]) -> list[str]:
    """`needed`, out of the packages `words`, with the interpreter and without its tools."""
    left = [word for word in needed if base_name(word) not in ONLY_BUILDING]
    own = {"python3"} | ONLY_BUILDING - {"virtualenv"}
    if own & {base_name(word) for word in words} and "python3" not in map(base_name, left):
        left.append("python3")
    return left
