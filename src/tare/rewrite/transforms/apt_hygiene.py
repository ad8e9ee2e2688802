"""apt in one step: lists fetched and removed where they are used, and nothing installed that nobody asked for."""

from tare.core.text import Edit, Span
from tare.dockerfile import Dockerfile, Stage
from tare.dockerfile.commands import AptCommand
from tare.rewrite.anatomy import Part, RunStep, run_steps
from tare.rewrite.facts import Facts
from tare.rewrite.layout import remove
from tare.rewrite.transform import Example, Outcome, Proposal, Transform
from tare.schema.finding import Applicability

LISTS = "rm -rf /var/lib/apt/lists/*"
NO_RECOMMENDS = "--no-install-recommends"


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Give each apt step its own update, no recommends and no left-over lists; drop steps that only update."""
    edits: list[Edit] = []
    for stage in document.stages:
        edits += _stage(document, stage)
    if not edits:
        return None
    return Proposal(
        tuple(edits),
        "the lists are fresh when packages are installed and gone afterwards, and recommended packages stay out",
        Applicability.UNSAFE,
    )


def _stage(document: Dockerfile, stage: Stage) -> list[Edit]:
    edits: list[Edit] = []
    steps = run_steps(stage)
    installing = [step for step in steps if any(apt.action == "install" for apt in step.apt)]
    for step in steps:
        if _only_updates(step) and step.flat:
            later = [other for other in installing if other.instruction.line > step.instruction.line]
            if later and all(other.flat for other in later):
                edits.append(remove(document, step.instruction))
    for step in installing:
        if step.flat:
            edits += _install(step)
    return edits


def _only_updates(step: RunStep) -> bool:
    return bool(step.apt) and step.kinds == {Part.SYSTEM} and all(apt.action == "update" for apt in step.apt)


def _install(step: RunStep) -> list[Edit]:
    assert step.script is not None
    edits: list[Edit] = []
    updated = False
    for command, typed in zip(step.script.commands, step.typed, strict=True):
        if not isinstance(typed, AptCommand):
            continue
        updated = updated or typed.action == "update"
        if typed.action != "install":
            continue
        words = [word.text for word in command.argv]
        start, action = command.span.start, next(word for word in command.argv if word.text == "install")
        if not updated:
            edits.append(Edit(Span(start, start), "apt-get update && "))
            updated = True
        if NO_RECOMMENDS not in words and not any("Install-Recommends" in word for word in words):
            edits.append(Edit(Span(action.span.end, action.span.end), f" {NO_RECOMMENDS}"))
    if not _cleans(step) and step.script.form != "exec":
        end = step.script.commands[-1].span.end
        last = step.script.commands[-1]
        end = max([end, *(redirect.span.end for redirect in last.redirects)])
        joint = "\n" if step.script.form == "heredoc" else " && "
        if edits and edits[-1].span == Span(end, end):
            edits[-1] = Edit(Span(end, end), edits[-1].replacement + joint + LISTS)
        else:
            edits.append(Edit(Span(end, end), f"{joint}{LISTS}"))
    return edits


def _cleans(step: RunStep) -> bool:
    mounts = " ".join(flag.value or "" for flag in step.instruction.flags if flag.name == "mount")
    return "/var/lib/apt" in mounts or any(
        command.name == "rm" and any(word.text.startswith("/var/lib/apt") for word in command.arguments)
        for command in (step.script or ())
    )


TRANSFORM = Transform(
    name="apt-hygiene",
    title="apt: update and install in one step, no recommends, no lists",
    guide=(
        "An update in a step of its own is cached for months, and the install below it then asks for versions that the "
        "mirror no longer has. Lists that are removed in a later step stay in the image all the same. Recommended packages "
        "are documentation, helpers and whole mail servers."
    ),
    plan=plan,
    examples=(
        Example(
            "FROM debian:bookworm\nRUN apt-get update\nRUN apt-get install -y libgl1\n",
            "FROM debian:bookworm\n"
            "RUN apt-get update && apt-get install --no-install-recommends -y libgl1 && rm -rf /var/lib/apt/lists/*\n",
        ),
        Example(
            "FROM debian:bookworm\nRUN apt-get update && \\\n    apt-get install -y \\\n      libgl1 \\\n      libpq5\n",
            "FROM debian:bookworm\nRUN apt-get update && \\\n    apt-get install --no-install-recommends -y \\\n"
            "      libgl1 \\\n      libpq5 && rm -rf /var/lib/apt/lists/*\n",
        ),
        Example(
            "FROM debian:bookworm\nRUN apt-get update && apt-get install -y --no-install-recommends libgl1 "
            "&& rm -rf /var/lib/apt/lists/*\n",
            "FROM debian:bookworm\nRUN apt-get update && apt-get install -y --no-install-recommends libgl1 "
            "&& rm -rf /var/lib/apt/lists/*\n",
        ),
    ),
)
