"""The virtual environment that the final stage takes out of a builder stage."""

from dataclasses import dataclass

from tare.dockerfile import Dockerfile, Instruction, Stage
from tare.rewrite.anatomy import run_steps
from tare.rewrite.environment import creation


@dataclass(frozen=True, slots=True)
class CopiedEnvironment:
    """`copy` brings the directory `path` from `builder` to the same path of the final stage."""

    builder: Stage
    copy: Instruction
    path: str


def copied_environment(document: Dockerfile) -> CopiedEnvironment | None:
    """The first COPY of a virtual environment into the final stage; None when there is none."""
    for node in document.final.instructions:
        if node.keyword != "COPY" or node.flag("from") is None:
            continue
        copy = node.as_copy()
        builder = document.stage(copy.from_ or "")
        if builder is None or len(copy.sources) != 1 or copy.sources[0] != copy.dest:
            continue
        path = copy.dest.rstrip("/")
        name = path.rpartition("/")[2]
        if ("venv" in name or name in _made(builder)) and path.startswith("/") and "$" not in path:
            return CopiedEnvironment(builder, node, path)
    return None


def _made(builder: Stage) -> frozenset[str]:
    """Names of the directories in which the stage creates environments."""
    paths = (creation(command) for step in run_steps(builder) for command in step.script or ())
    return frozenset(path.rstrip("/").rpartition("/")[2] for path in paths if path)
