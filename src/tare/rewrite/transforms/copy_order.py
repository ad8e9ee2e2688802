"""What hardly ever changes is copied first, as far as the history of the project tells."""

import posixpath

from tare.context.usage import Use, find_uses
from tare.core.text import Edit
from tare.dockerfile import Dockerfile, Instruction, Stage
from tare.rewrite.anatomy import LITERAL, workdir_at
from tare.rewrite.facts import Facts
from tare.rewrite.layout import block_span, block_text
from tare.rewrite.transform import Example, Outcome, Proposal, Transform
from tare.schema.finding import Applicability


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Order neighbouring COPYs whose places do not touch by the number of commits that change what they copy."""
    if not facts.changes or facts.files is None:
        return None
    uses = find_uses(document)
    edits: list[Edit] = []
    moved: list[str] = []
    for stage in document.stages:
        for group in _groups(stage, uses, facts):
            counts = {node.span.start: _commits(node, uses, facts) for node in group}
            ordered = sorted(group, key=lambda node: counts[node.span.start])
            if ordered == group:
                continue
            edits += [
                Edit(block_span(document, old), block_text(document, new))
                for old, new in zip(group, ordered, strict=True)
                if old is not new
            ]
            last = ordered[-1]
            moved.append(
                f"line {last.line}, which {counts[last.span.start]} of {len(facts.changes)} commits change"
            )
    if not edits:
        return None
    return Proposal(
        tuple(edits),
        f"{'; '.join(moved)}, comes last: what is copied above it stays cached",
        Applicability.SAFE,
    )


def _groups(stage: Stage, uses: tuple[Use, ...], facts: Facts) -> list[list[Instruction]]:
    """Longest runs of COPYs that stand below one another, with equal flags and separate places."""
    groups: list[list[Instruction]] = []
    group: list[Instruction] = []
    taken: list[str] = []
    for node in stage.instructions:
        places = _places(stage, node, uses, facts) if node.keyword == "COPY" else None
        fits = places is not None and not any(_touch(one, other) for one in places for other in taken)
        if group and (not fits or _flags(node) != _flags(group[0])):
            groups.append(group)
            group, taken = [], []
        if places is not None:
            group.append(node)
            taken += places
    groups.append(group)
    return [found for found in groups if len(found) > 1]


def _flags(node: Instruction) -> tuple[tuple[str, str | None], ...]:
    return tuple((flag.name, flag.value) for flag in node.flags)


def _touch(one: str, other: str) -> bool:
    return (one + "/").startswith(other + "/") or (other + "/").startswith(one + "/")


def _places(stage: Stage, node: Instruction, uses: tuple[Use, ...], facts: Facts) -> list[str] | None:
    """What a COPY writes onto; None where that is not known from the text and the names of the context."""
    copy = node.as_copy()
    cwd = workdir_at(stage, node)
    own = [use for use in uses if use.instruction is node and not use.mount]
    if copy.from_ is not None or copy.heredocs or cwd is None or not LITERAL.match(copy.dest):
        return None
    if len(own) != len(copy.sources) or any(use.wildcard or not use.known or use.whole for use in own):
        return None
    target = posixpath.normpath(posixpath.join("/", cwd, copy.dest))
    into = copy.dest.endswith(("/", ".")) or len(own) > 1
    places = []
    for use in own:
        if use.source in (facts.files or ()):
            places.append(posixpath.join(target, posixpath.basename(use.source)) if into else target)
        elif any(path.startswith(use.source + "/") for path in facts.files or ()):
            places.append(target)
        else:
            return None
    return places


def _commits(node: Instruction, uses: tuple[Use, ...], facts: Facts) -> int:
    own = [use for use in uses if use.instruction is node]
    return sum(any(use.takes(path) for use in own for path in commit) for commit in facts.changes)


_FILES = frozenset({"main.py", "models/net.bin", "app/api.py", "settings.yaml"})
_OFTEN = (frozenset({"app/api.py"}), frozenset({"app/api.py", "main.py"}), frozenset({"models/net.bin"}))

TRANSFORM = Transform(
    name="copy-order",
    title="Copy what hardly ever changes first",
    guide="A file that changes throws away every layer below its COPY. The history of the project tells which files change "
    "often: they go last, so that the layers of the others stay in the caches of builders, registries and nodes. Only COPYs "
    "that stand together and write to separate places change their order, which gives the same files.",
    plan=plan,
    examples=(
        Example(
            "FROM python:3.11-slim\nWORKDIR /app\nCOPY app/ ./app/\n# weights\nCOPY models/ ./models/\n",
            "FROM python:3.11-slim\nWORKDIR /app\n# weights\nCOPY models/ ./models/\nCOPY app/ ./app/\n",
            facts=Facts(files=_FILES, changes=_OFTEN),
        ),
        Example(
            "FROM python:3.11-slim\nWORKDIR /app\nCOPY app/ ./\nCOPY models/ ./models/\n",
            "FROM python:3.11-slim\nWORKDIR /app\nCOPY app/ ./\nCOPY models/ ./models/\n",
            "the second may write over the first",
            facts=Facts(files=_FILES, changes=_OFTEN),
        ),
        Example(
            "FROM python:3.11-slim\nCOPY app/ /app/\nRUN python -m compileall /app\nCOPY models/ /models/\n",
            "FROM python:3.11-slim\nCOPY app/ /app/\nRUN python -m compileall /app\nCOPY models/ /models/\n",
            "a step stands between them",
            facts=Facts(files=_FILES, changes=_OFTEN),
        ),
    ),
)
