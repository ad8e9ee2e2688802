"""Which stages become layers of the image that is shipped."""

import posixpath

from tare.dockerfile.nodes import Stage
from tare.rules.document import Document, Step
from tare.rules.typed import same_run


def shipped_stages(document: Document) -> frozenset[int]:
    """The last stage and those that it starts from: what they write is in the image. Others only lend files."""
    return frozenset(stage.index for stage in final_chain(document))


def final_chain(document: Document) -> tuple[Stage, ...]:
    """The last stage, the stage that it starts from, and so on; empty for a file without stages."""
    return document.once(_final_chain)


def _final_chain(document: Document) -> tuple[Stage, ...]:
    return chain_of(document, document.stages[-1]) if document.stages else ()


def chain_of(document: Document, stage: Stage) -> tuple[Stage, ...]:
    """A stage with those below it, its own base image's stage last."""
    chain = [stage]
    while (parent := chain[-1].parent) is not None and len(chain) <= len(document.stages):
        chain.append(document.stages[parent])
    return tuple(chain)


def base_of(document: Document, stage: Stage) -> str:
    """The image at the bottom of a stage's chain, global ARG defaults filled in."""
    return chain_of(document, stage)[-1].base


def mount_targets(step: Step, kind: str = "") -> tuple[str, ...]:
    """Targets of the mounts of a RUN, without a slash at the end; of one kind (`cache`) if it is given."""
    found: list[str] = []
    for value in step.inner.flag_values("mount"):
        fields = {key: text for key, _, text in (part.partition("=") for part in value.split(","))}
        target = fields.get("target") or fields.get("dst") or fields.get("destination")
        if target and (not kind or fields.get("type", "bind") == kind):
            found.append(target.rstrip("/") or "/")
    return tuple(found)


def under_mount(step: Step, path: str) -> bool:
    """Whether a path lies in a mount, and so in no layer."""
    clean = posixpath.normpath(path)
    return any(clean == target or clean.startswith(f"{target}/") for target in mount_targets(step))


def removed_words(document: Document, step: Step) -> tuple[str, ...]:
    """The words that `rm`, `find -delete` and the like name in a RUN."""
    return tuple(
        word.text
        for entry in same_run(document, step)
        if entry.command.name in ("rm", "find", "shred", "unlink", "rmdir")
        for word in entry.command.arguments
        if not word.text.startswith("-")
    )


def is_root(document: Document, step: Step) -> bool:
    """Whether nothing in the file made another user run this step."""
    for stage in (
        chain_of(document, document.stages[step.stage]) if 0 <= step.stage < len(document.stages) else ()
    ):
        users = [
            other
            for other in document.of("USER")
            if other.stage == stage.index and (other.outer.span.start < step.outer.span.start)
        ]
        if users:
            return users[-1].inner.value.strip().partition(":")[0] in ("root", "0")
    return True
