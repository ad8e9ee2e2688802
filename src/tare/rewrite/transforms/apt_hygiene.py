"""apt in one step: lists fetched and removed where they are used, and nothing installed that nobody asked for."""

from tare.core.text import Edit, Span
from tare.dockerfile import Dockerfile, Stage
from tare.dockerfile.commands import AptCommand
from tare.knowledge.base_model import BaseFacts
from tare.knowledge.bases import base_facts
from tare.rewrite.anatomy import Part, RunStep, run_steps
from tare.rewrite.facts import Facts
from tare.rewrite.layout import remove
from tare.rewrite.script_edits import append
from tare.rewrite.system_packages import companions
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
            edits += _install(step, base_facts(_root(document, stage).base))
    return edits


def _root(document: Dockerfile, stage: Stage) -> Stage:
    """The stage at the bottom, which starts from an image."""
    while stage.parent is not None:
        stage = document.stages[stage.parent]
    return stage


def _only_updates(step: RunStep) -> bool:
    return bool(step.apt) and step.kinds == {Part.SYSTEM} and all(apt.action == "update" for apt in step.apt)


def _install(step: RunStep, base: BaseFacts | None) -> list[Edit]:
    assert step.script is not None
    edits: list[Edit] = []
    updated = False
    for command, typed in zip(step.script.commands, step.typed, strict=True):
        if not isinstance(typed, AptCommand):
            continue
        updated = updated or typed.action == "update"
        if typed.action != "install":
            continue
        start = min([command.span.start, *(part.span.start for part in command.assignments)])
        if not updated:
            edits.append(Edit(Span(start, start), "apt-get update && "))
            updated = True
        if typed.action_words and typed.recommends is None:
            edits.append(typed.insertion(NO_RECOMMENDS))
            if typed.packages and step.script.form != "exec":
                end = max(word.span.end for word in typed.packages)
                installed = [word.text for apt in step.apt for word in apt.packages]
                edits += [Edit(Span(end, end), f" {name}") for name in companions(installed, base)]
    if not _cleans(step) and step.script.form != "exec":
        edits.append(append(step, LISTS))
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
            "FROM ubuntu:24.04\nRUN apt-get update && apt-get install -qq -y gcc curl && apt-get clean\n",
            "FROM ubuntu:24.04\nRUN apt-get update && apt-get install --no-install-recommends -qq -y gcc curl "
            "ca-certificates libc6-dev && apt-get clean && rm -rf /var/lib/apt/lists/*\n",
            "gcc compiles nothing without the C library's headers, and curl trusts no server without certificates",
        ),
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
