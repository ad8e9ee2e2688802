"""Small directories for tests."""

from collections.abc import Mapping
from pathlib import Path

from tare.context.project import ProjectFacts, read_project
from tare.context.propose import IgnoreProposal, propose_ignore
from tare.context.walk import Context, read_context
from tare.dockerfile import parse


def plant(root: Path, files: Mapping[str, str | bytes | int]) -> Path:
    """Write files: text, bytes, or a number of zero bytes."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, int):
            with path.open("wb") as handle:
                handle.truncate(content)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def look(root: Path, files: Mapping[str, str | bytes | int]) -> Context:
    """The context of such a directory."""
    return read_context(plant(root, files), Path("Dockerfile"))


def facts(root: Path, files: Mapping[str, str | bytes | int]) -> ProjectFacts:
    """The facts of a project with these files."""
    return read_project(root, look(root, files))


def proposal(root: Path, files: Mapping[str, str | bytes | int]) -> IgnoreProposal:
    """What is proposed for a project with these files, its `Dockerfile` among them."""
    context = look(root, files)
    dockerfile = parse((root / "Dockerfile").read_text(), "Dockerfile")
    return propose_ignore(context, dockerfile, read_project(root, context))
