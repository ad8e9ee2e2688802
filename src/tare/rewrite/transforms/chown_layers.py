"""`chown -R` after a COPY → the owner on the COPY itself."""

import posixpath
import re
from dataclasses import dataclass

from tare.core.text import Edit, Span
from tare.dockerfile import Dockerfile, Instruction, Stage
from tare.dockerfile.shell import Command
from tare.rewrite.anatomy import LITERAL, Part, RunStep, run_step, workdir_at
from tare.rewrite.facts import Facts
from tare.rewrite.layout import insert_before, run
from tare.rewrite.script_edits import removals
from tare.rewrite.transform import Example, Outcome, Proposal, Refusal, Transform
from tare.schema.finding import Applicability

OWNER = re.compile(r"[\w-]+(?::[\w-]+)?")
ACCOUNTS = frozenset({"useradd", "groupadd", "adduser", "addgroup"})
RECURSIVE = frozenset({"-R", "--recursive", "-hR", "-Rh", "-vR", "-Rv"})


@dataclass(frozen=True, slots=True)
class Change:
    """A recursive change of owner: its step and command, the owner and the directories."""

    step: RunStep
    command: Command
    owner: str
    places: tuple[str, ...]


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Give the owner to each COPY below the directories; what stays is a change of the directories themselves."""
    stage = document.final
    for node in stage.instructions:
        if node.keyword == "RUN":
            change = _change(stage, run_step(stage, node))
            if change is not None:
                return _move(document, stage, change)
    return None


def _change(stage: Stage, step: RunStep) -> Change | None:
    if step.script is None or step.script.form == "exec" or not step.flat:
        return None
    cwd = workdir_at(stage, step.instruction)
    for command in step.script.commands:
        options = [word.text for word in command.arguments if word.text.startswith("-")]
        words = [word for word in command.arguments if not word.text.startswith("-")]
        if command.name != "chown" or not set(options) <= RECURSIVE or not options or len(words) < 2:
            continue
        literal = all(word.literal and not word.glob for word in words)
        if not literal or not OWNER.fullmatch(words[0].text) or cwd is None:
            continue
        places = tuple(posixpath.normpath(posixpath.join(cwd, word.text)) for word in words[1:])
        return Change(step, command, words[0].text, places)
    return None


def _move(document: Dockerfile, stage: Stage, change: Change) -> Outcome:
    above = stage.instructions[1 : stage.instructions.index(change.step.instruction)]
    copies = [node for node in above if _lands_in(stage, node, change.places)]
    if not copies:
        return None
    if any(node.flag("chown") is not None for node in copies):
        return None
    line = change.step.instruction.line
    for node in above:
        if node.keyword == "RUN" and not _leaves_alone(run_step(stage, node), change.places):
            return Refusal(f"line {node.line} may leave files behind whose owner line {line} changes as well")
    created = [
        command
        for command in change.step.script or ()
        if command.name in ACCOUNTS and command.span.start < change.command.span.start
    ]
    edits: list[Edit] = []
    if created:
        texts = [command.span.of(document.text) for command in created]
        taken = removals(document, change.step, created)
        if (
            taken is None
            or any("\n" in text for text in texts)
            or any(place in text for place in change.places for text in texts)
        ):
            return Refusal(f"the step in line {line} makes its user in a way that cannot be told apart")
        edits += [insert_before(document, copies[0], run(texts)), *taken]
    elif not _known_before(stage, copies[0], change.owner):
        return Refusal(f"the user of line {line} is made after the files are copied")
    edits += [
        Edit(Span(node.keyword_span.end, node.keyword_span.end), f" --chown={change.owner}")
        for node in copies
    ]
    shallow = [place for place in change.places if any(_lands_in(stage, node, (place,)) for node in copies)]
    deep = [place for place in change.places if place not in shallow]
    commands = [f"chown {change.owner} {' '.join(shallow)}"]
    commands += [f"chown -R {change.owner} {' '.join(deep)}"] if deep else []
    edits.append(Edit(change.command.span, " && ".join(commands)))
    return Proposal(
        tuple(edits),
        f"files get their owner when they are copied: the step in line {line} stored every one of them a second time",
        Applicability.UNSAFE,
    )


def _lands_in(stage: Stage, node: Instruction, places: tuple[str, ...]) -> bool:
    if node.keyword not in ("COPY", "ADD"):
        return False
    copy = node.as_copy()
    cwd = workdir_at(stage, node)
    if cwd is None or not LITERAL.match(copy.dest):
        return False
    dest = posixpath.normpath(posixpath.join(cwd, copy.dest))
    return any(dest == place or dest.startswith(place.rstrip("/") + "/") for place in places)


def _leaves_alone(step: RunStep, places: tuple[str, ...]) -> bool:
    """Whether a step surely writes nothing below the places."""
    if step.script is None:
        return False
    for command, part in zip(step.script.commands, step.parts, strict=True):
        text = " ".join(word.text for word in command.argv)
        if part is Part.OTHER and command.name not in ACCOUNTS:
            return False
        if part is Part.PYTHON and any(place in text for place in places):
            return False
        if part is Part.PYTHON and re.search(r"(?:\s|^)(?:-e|--editable|\.|venv|sync)(?:\s|$|\[)", text):
            return False
    return True


def _known_before(stage: Stage, node: Instruction, owner: str) -> bool:
    """Whether the owner is a number, or a user that the stage makes above."""
    user = owner.partition(":")[0]
    if user.isdecimal():
        return True
    above = stage.instructions[: stage.instructions.index(node)]
    return any(
        command.name in ACCOUNTS and any(word.text == user for word in command.arguments)
        for other in above
        if other.keyword == "RUN"
        for command in run_step(stage, other).script or ()
    )


_BEFORE = (
    "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\n"
    "RUN groupadd -r app && useradd -r -g app app && chown -R app:app /app\nUSER app\n"
)

TRANSFORM = Transform(
    name="chown-layers",
    title="The owner on the COPY, not in a layer of its own",
    guide=(
        "A layer holds whole files: `chown -R` writes every file of the directory into the image a second time, for a change "
        "of its owner. `COPY --chown` sets it when the file is written first; only the directory itself is changed afterwards."
    ),
    plan=plan,
    examples=(
        Example(
            _BEFORE,
            "FROM python:3.11-slim\nWORKDIR /app\nRUN groupadd -r app \\\n && useradd -r -g app app\n"
            "COPY --chown=app:app . .\nRUN chown app:app /app\nUSER app\n",
        ),
        Example(
            "FROM python:3.11-slim\nRUN useradd -m app\nCOPY src /srv/src\nRUN mkdir /data\nCOPY --chown=app x /srv/\n",
            "FROM python:3.11-slim\nRUN useradd -m app\nCOPY src /srv/src\nRUN mkdir /data\nCOPY --chown=app x /srv/\n",
        ),
        Example(
            "FROM python:3.11-slim\nCOPY . /app\nRUN make -C /app\nRUN chown -R 1000:1000 /app\n",
            "FROM python:3.11-slim\nCOPY . /app\nRUN make -C /app\nRUN chown -R 1000:1000 /app\n",
            "what make wrote would keep its owner",
        ),
    ),
)
