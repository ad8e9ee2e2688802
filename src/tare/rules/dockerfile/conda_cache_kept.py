"""TR6022: conda's package cache left in a layer."""

from collections.abc import Iterable

from tare.dockerfile.commands import CondaCommand
from tare.rules.base import Example, Problem, Rule, safe_fix
from tare.rules.document import Document
from tare.rules.edits import append_command
from tare.rules.shipped import mount_targets, removed_words, shipped_stages
from tare.rules.typed import commands_of, same_run
from tare.schema.lint import Severity


def check(document: Document) -> Iterable[Problem]:
    """conda installs without `conda clean` in the same RUN of a shipped stage."""
    seen: set[int] = set()
    cleaners = [entry for entry, _ in commands_of(document, CondaCommand, "clean")]
    for entry, typed in commands_of(
        document, CondaCommand, "install", "create", "update", "env create", "env update"
    ):
        step = entry.step
        if id(step) in seen or step.stage not in shipped_stages(document):
            continue
        own = same_run(document, step)
        cleaned = any(isinstance(o.typed, CondaCommand) and o.typed.action == "clean" for o in own)
        removed = any("/pkgs" in word for word in removed_words(document, step))
        if cleaned or removed or any("/pkgs" in target for target in mount_targets(step)):
            continue
        seen.add(id(step))
        if any(
            o.step.stage == step.stage and o.step.outer.span.start > step.outer.span.start for o in cleaners
        ):
            continue  # removed-in-later-layer reports it
        edit = append_command(document, step, entry.script, f"{typed.program} clean -afy")
        fix = safe_fix("Clean the cache in the same step", edit) if edit else None
        yield Problem(
            "conda keeps every package as an archive in its pkgs directory",
            entry.command.span,
            step.outer,
            fix,
        )


RULE = Rule(
    code="TR6022",
    name="conda-cache-kept",
    title="Clean conda's cache in the step that filled it.",
    why=(
        "conda downloads each package into pkgs/, unpacks it there and links it into the environment. The "
        "archives, as large as the download, stay in the layer."
    ),
    severity=Severity.WARNING,
    category="size",
    check=check,
    equivalents=("tally/prefer-package-cache-mounts",),
    safety="Installed files are links to what `clean` removes from pkgs/, and stay.",
    examples=(
        Example(
            "FROM condaforge/miniforge3:24.3.0-0\nRUN conda install -y numpy=1.26\n",
            ("FROM condaforge/miniforge3:24.3.0-0\nRUN conda install -y numpy=1.26 && conda clean -afy\n"),
        ),
    ),
    clean=(
        "FROM condaforge/miniforge3:24.3.0-0\nRUN conda install -y numpy=1.26 && conda clean -a\n",
        (
            "FROM mambaorg/micromamba:1.5.8\nRUN --mount=type=cache,target=/opt/conda/pkgs "
            "micromamba install -y numpy\n"
        ),
    ),
)
