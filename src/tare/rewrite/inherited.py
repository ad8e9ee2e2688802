"""A final stage that starts from another stage of the file, with that stage's steps as its own."""

import re

from tare.core.text import Edit, Span, apply_edits
from tare.dockerfile import Dockerfile, Stage
from tare.rewrite.layout import block_span, block_text


def flattened(document: Dockerfile) -> str | None:
    """The text in which the final stage begins with the image that its first ancestor begins with, and repeats what its
    ancestors do. Ancestors that nothing else uses are gone. None where the final stage has no ancestor, or one with ONBUILD.
    """
    final = document.final
    chain: list[Stage] = []
    stage = final
    while stage.parent is not None:
        stage = document.stages[stage.parent]
        chain.insert(0, stage)
    if not chain or any(node.keyword == "ONBUILD" for one in chain for node in one.instructions):
        return None
    body = "".join(block_text(document, node) for one in chain for node in one.instructions[1:])
    origin, root = final.from_.as_from(), chain[0].from_.as_from()
    platform = f"--platform={root.platform} " if root.platform else ""
    head = f"FROM {platform}{chain[0].base_raw}" + (f" AS {origin.name}" if origin.name else "")
    at = block_span(document, final.from_).end
    edits = [Edit(final.from_.span, head), Edit(Span(at, at), body)]
    if not re.search(r"from=\d", document.text):
        own = {id(one) for one in chain}
        for one in chain:
            if not _used(document, one, own | {id(final)}):
                start = block_span(document, one.from_).start
                end = block_span(document, one.instructions[-1]).end
                blank = re.match(r"(?:[ \t]*\r?\n)*", document.text[end:])
                edits.append(Edit(Span(start, end + (blank.end() if blank else 0)), ""))
    return apply_edits(document.text, edits)


def _used(document: Dockerfile, stage: Stage, without: set[int]) -> bool:
    """Whether a stage outside `without` starts from this one, or any stage takes files from it."""
    if any(
        id(o) not in without and o.parent is not None and document.stages[o.parent] is stage
        for o in document.stages
    ):
        return True
    if stage.name is None:
        return False
    pattern = re.compile(rf"from={re.escape(stage.name)}(?:[\s,]|$)", re.IGNORECASE)
    return any(pattern.search(node.original) for node in document.instructions)
