"""Why a stage cannot be split into a builder and a runtime stage."""

import re

from tare.dockerfile import Stage
from tare.knowledge.base_model import BaseFacts
from tare.knowledge.debian import COMMANDS
from tare.rewrite.anatomy import Part, RunStep
from tare.rewrite.compiled import compiles
from tare.rewrite.environment import Environment
from tare.rewrite.facts import Facts
from tare.rewrite.installers import RUNNERS
from tare.rewrite.system_packages import COMPILERS, base_name, compiles_later
from tare.rewrite.system_python import is_system_python


def takes_environment(stage: Stage) -> bool:
    """Whether the stage receives what it runs from another stage or image already."""
    for node in stage.instructions:
        if node.keyword == "COPY" and node.flag("from") is not None:
            text = " ".join(node.args)
            if re.search(r"venv|site-packages|/usr/local(?:/lib)?/?(?:\s|$)|/root/\.local", text):
                return True
    return False


def obstacle(
    stage: Stage,
    steps: dict[int, RunStep],
    base: BaseFacts | None,
    environment: Environment | str,
    facts: Facts,
) -> str | None:
    """Why the stage cannot be split, None when it can."""
    if base is None:
        return f"nothing is known of the base image {stage.base}"
    official = base.family == "debian" and base.python_path == "/usr/local/bin/python"
    if not official and not is_system_python(base, tuple(steps.values())):
        return f"{stage.base} is not an official Debian-based Python image, whose slim variant runs the same environment"
    later = compiles_later(facts, base)
    if later:
        return f"{later}, for which the image has nvcc and headers"
    if isinstance(environment, str):
        return environment
    if any(node.keyword == "ONBUILD" for node in stage.instructions):
        return "ONBUILD steps belong to images that are built from this one"
    tools = sorted((facts.start_programs or frozenset()) & RUNNERS)
    if tools:
        return f"the script that starts the container calls {tools[0]}, which stays in the builder"
    return _steps(stage, steps)


def _steps(stage: Stage, steps: dict[int, RunStep]) -> str | None:
    last = max(step.instruction.line for step in steps.values() if step.installs_python)
    carried = {
        program
        for step in steps.values()
        for apt in step.apt
        for word in apt.packages
        for program in COMMANDS.get(base_name(word.text), ())
    } - COMPILERS
    for step in steps.values():
        line = step.instruction.line
        mixed = Part.OTHER in step.kinds and Part.PYTHON in step.kinds
        if mixed and not step.flat:
            return f"the step in line {line} installs Python packages and does other things that cannot be told apart"
        if "site-packages" in step.instruction.value:
            return f"the step in line {line} reaches into site-packages"
        if compiles(step):
            continue
        if step.instruction.line > last and step.programs & COMPILERS:
            return f"the step in line {line} compiles after everything is installed"
        missing = {command.name for command, _ in step.of(Part.OTHER)} & COMPILERS - carried
        if missing:
            return f"the step in line {line} calls {sorted(missing)[0]}, which the slim image does not have"
    return None
