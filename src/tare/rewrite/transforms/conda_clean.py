"""conda's downloads and package cache out of the layer that brought them."""

from tare.core.text import Edit
from tare.dockerfile import Dockerfile
from tare.dockerfile.commands import CondaCommand
from tare.rewrite.anatomy import RunStep, run_steps
from tare.rewrite.facts import Facts
from tare.rewrite.script_edits import append
from tare.rewrite.transform import Example, Outcome, Proposal, Transform
from tare.schema.finding import Applicability

FILLS = frozenset({"install", "create", "update", "env create", "env update"})


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Clean up at the end of every step that installs with conda, mamba or micromamba and does not do it itself."""
    edits: list[Edit] = []
    for stage in document.stages:
        edits += [edit for step in run_steps(stage) if (edit := _clean(step)) is not None]
    if not edits:
        return None
    return Proposal(
        tuple(edits),
        "archives and unpacked packages that no environment uses are gone before the layer is written; later they could only "
        "be hidden",
        Applicability.SAFE,
    )


def _clean(step: RunStep) -> Edit | None:
    if step.script is None or step.script.form == "exec" or not step.flat:
        return None
    condas = [typed for typed in step.typed if isinstance(typed, CondaCommand)]
    last = max((index for index, typed in enumerate(condas) if typed.action in FILLS), default=None)
    if last is None or any(typed.action == "clean" for typed in condas[last:]):
        return None
    if any("/pkgs" in mount for mount in step.instruction.flag_values("mount")):
        return None
    name = condas[last].command.effective_argv[0].text
    options = "--all --yes" if condas[last].program == "micromamba" else "-afy"
    return append(step, f"{name} clean {options}")


TRANSFORM = Transform(
    name="conda-clean",
    title="conda: no package cache in the layer",
    guide=(
        "conda keeps every archive that it downloaded, its index and the unpacked packages. Files of environments are hard "
        "links to the unpacked ones, so that cleaning up in the same step takes nothing from them; a cleaning step of its own "
        "comes too late, because the layer below is written."
    ),
    plan=plan,
    examples=(
        Example(
            "FROM continuumio/miniconda3\nRUN conda env create -f environment.yml\n",
            "FROM continuumio/miniconda3\nRUN conda env create -f environment.yml && conda clean -afy\n",
        ),
        Example(
            "FROM mambaorg/micromamba:1.5\nRUN micromamba install -y -n base python && pip install flask\n",
            "FROM mambaorg/micromamba:1.5\nRUN micromamba install -y -n base python && pip install flask "
            "&& micromamba clean --all --yes\n",
        ),
        Example(
            "FROM continuumio/miniconda3\nRUN conda install -y numpy && conda clean -tipy\n",
            "FROM continuumio/miniconda3\nRUN conda install -y numpy && conda clean -tipy\n",
            "cleaned in its own way",
        ),
    ),
)
