"""Editors, version control and debugging tools out of the final stage."""

from tare.core.text import Edit
from tare.dockerfile import Dockerfile, Instruction
from tare.dockerfile.commands import AptCommand
from tare.knowledge.debian import droppable, purpose
from tare.rewrite.anatomy import programs_called, run_steps
from tare.rewrite.facts import Facts
from tare.rewrite.layout import remove
from tare.rewrite.start import implied_programs, possible_programs
from tare.rewrite.system_packages import base_name, plain_install
from tare.rewrite.transform import Example, Outcome, Proposal, Transform
from tare.schema.finding import Applicability

DROPPED = frozenset({"editor", "vcs", "debug", "network", "documentation"})


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Take the tools that nothing calls out of apt-get install; compilers too where nothing is installed by pip."""
    stage = document.final
    steps = run_steps(stage)
    called = programs_called(document, stage, facts.programs | implied_programs(stage, facts))
    called |= possible_programs(stage, facts)
    compiles = any(step.installs_python for step in steps) or any(
        "git+" in step.instruction.value for step in steps
    )
    kinds = DROPPED if compiles else DROPPED | {"build-tool"}
    edits: list[Edit] = []
    dropped: list[str] = []
    for step in steps:
        for typed in step.typed:
            if not isinstance(typed, AptCommand) or not plain_install(typed):
                continue
            words = [
                word
                for word in typed.packages
                if purpose(base_name(word.text)) in kinds
                and not base_name(word.text).endswith("-dev")
                and droppable(word.text, called)
                and not (
                    compiles
                    and purpose(base_name(word.text)) == "vcs"
                    and _fetches(stage.instructions, facts)
                )
            ]
            if not words:
                continue
            dropped += [word.text for word in words]
            if len(words) < len(typed.packages):
                spans = [typed.command.removal_span(word) for word in words]
                edits += [Edit(span, "") for span in spans if span is not None]
                continue
            alone = step.flat and all(isinstance(other, AptCommand) or other is None for other in step.typed)
            if alone and step.kinds == {"system"}:
                edits.append(remove(document, step.instruction))
    if not edits:
        return None
    return Proposal(
        tuple(edits),
        f"nothing in the stage or in the application calls {', '.join(dropped[:6])}{', …' if len(dropped) > 6 else ''}",
        Applicability.UNSAFE,
    )


def _fetches(stage: tuple[Instruction, ...], facts: Facts) -> bool:
    """Whether pip may need version control for its own fetching."""
    return any("git+" in node.value or "hg+" in node.value for node in stage) or facts.vcs_requirements


TRANSFORM = Transform(
    name="drop-tools",
    title="No editors, version control or debugging tools in the final image",
    guide=(
        "Each tool in the image is size to pull, a version to patch and help for an intruder. Where one is needed now and "
        "then, `docker debug` or an ephemeral container brings it along."
    ),
    plan=plan,
    examples=(
        Example(
            "FROM debian:bookworm\nRUN apt-get update && apt-get install -y vim libgl1 htop\n",
            "FROM debian:bookworm\nRUN apt-get update && apt-get install -y libgl1\n",
        ),
        Example(
            "FROM debian:bookworm\nRUN apt-get update && apt-get install -y curl\nRUN curl -O https://example.com/model\n",
            "FROM debian:bookworm\nRUN apt-get update && apt-get install -y curl\nRUN curl -O https://example.com/model\n",
            "a tool that is used stays",
        ),
        Example(
            'FROM debian:bookworm\nRUN apt-get update && apt-get install -y curl vim\nENTRYPOINT ["/entrypoint.sh"]\n',
            'FROM debian:bookworm\nRUN apt-get update && apt-get install -y curl\nENTRYPOINT ["/entrypoint.sh"]\n',
            "a script that nobody has read may fetch",
        ),
        Example(
            "FROM debian:bookworm\nRUN apt-get update && apt-get install -y ffmpeg\n",
            "FROM debian:bookworm\nRUN apt-get update && apt-get install -y ffmpeg\n",
        ),
    ),
)
