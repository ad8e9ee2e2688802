"""Where a stage cannot be split: compilers installed, used and purged in one step, so that no layer holds them."""

from tare.core.text import Edit, Span
from tare.dockerfile import Dockerfile, Stage
from tare.dockerfile.commands import AptCommand
from tare.dockerfile.shell import Word
from tare.knowledge.bases import base_facts
from tare.knowledge.debian import droppable, is_build_package
from tare.rewrite.anatomy import Part, RunStep, programs_called, run_steps, shell_at
from tare.rewrite.facts import Facts
from tare.rewrite.layout import remove
from tare.rewrite.script_edits import append
from tare.rewrite.start import implied_programs
from tare.rewrite.system_packages import base_name, plain_install
from tare.rewrite.transform import Example, Outcome, Proposal, Refusal, Transform
from tare.schema.finding import Applicability

KEEP = (
    "find / -xdev -path '*-packages/*' -name '*.so*' -exec ldd {} + 2>/dev/null \\\n"
    '      | awk \'/=> \\// { so = $(NF-1); sub("^/(usr/)?", "", so); print "*" so }\' | sort -u \\\n'
    "      | xargs -r dpkg-query --search 2>/dev/null | cut -d: -f1 | sort -u | xargs -r apt-mark manual"
)
"""Marks the packages of all libraries that installed extension modules load, so that auto-removal spares them."""
CLEAN = "apt-get clean && rm -rf /var/lib/apt/lists/*"


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Bring the build packages of the final stage into its only install of Python packages, and purge them there."""
    stage = document.final
    steps = run_steps(stage)
    installs = [step for step in steps if step.installs_python]
    if not installs or any("purge" in step.instruction.value for step in steps):
        return None
    called = _called(document, stage, steps, facts)
    found = [
        (step, typed, word)
        for step in steps
        for typed in step.apt
        if plain_install(typed)
        for word in typed.packages
        if _only_builds(word, called)
    ]
    if not found:
        return None
    base = base_facts(stage.base)
    if base is not None and base.family not in ("debian", "ubuntu"):
        return None
    target = installs[-1]
    if len(installs) > 1 or target.script is None or not target.flat or target.script.form != "shell":
        return Refusal("build packages are used by more than one step, or by one that is too involved")
    if "pipefail" in shell_at(stage, target.instruction):
        return Refusal("the shell stops where one part of a pipe fails")
    edits = _moves(document, steps, target, found)
    if isinstance(edits, Refusal):
        return edits
    words = list(dict.fromkeys(word.text for _, _, word in found))
    names = " ".join(base_name(word) for word in words)
    mounted = "/var/cache/apt" in target.instruction.original
    end = [KEEP, f"apt-get purge -y --auto-remove {names}", *([] if mounted else [CLEAN])]
    edits.append(append(target, " \\\n && ".join(end)))
    shown = ", ".join(words[:6]) + (", …" if len(words) > 6 else "")
    return Proposal(
        tuple(edits),
        f"{shown}: installed, used and purged in one step, so that no layer holds them; libraries that extension modules load "
        "are marked to stay",
        Applicability.UNSAFE,
    )


def _called(document: Dockerfile, stage: Stage, steps: tuple[RunStep, ...], facts: Facts) -> frozenset[str]:
    """Programs that something else than an install of Python packages calls."""
    own = {command.name for step in steps for command, _ in step.of(Part.OTHER)}
    unknown = {word for step in steps if step.script is None for word in step.instruction.value.split()}
    described = tuple(
        node for node in stage.instructions if node.keyword in ("FROM", "CMD", "ENTRYPOINT", "HEALTHCHECK")
    )
    bare = Stage(stage.index, None, stage.base, stage.base_raw, None, None, described)
    return programs_called(document, bare, own | unknown | facts.programs | implied_programs(stage, facts))


def _only_builds(word: Word, called: frozenset[str]) -> bool:
    name = base_name(word.text)
    if not word.literal or (name.startswith("python3-") and name != "python3-dev"):
        return False
    return is_build_package(name) and droppable(name, called)


def _moves(
    document: Dockerfile,
    steps: tuple[RunStep, ...],
    target: RunStep,
    found: list[tuple[RunStep, AptCommand, Word]],
) -> list[Edit] | Refusal:
    """Edits that take the packages out of the steps above and install them where they are used."""
    edits: list[Edit] = []
    moved: list[str] = []
    for step in steps:
        own = [(typed, word) for owner, typed, word in found if owner is step]
        if not own or step is target:
            continue
        if step.instruction.span.start > target.instruction.span.start:
            return Refusal(f"line {step.instruction.line} installs build packages after they are needed")
        if not step.flat:
            return Refusal(f"the step in line {step.instruction.line} is too involved to be told apart")
        moved += [word.text for _, word in own]
        if all(len([1 for other, _ in own if other is typed]) == len(typed.packages) for typed, _ in own):
            if step.kinds != {Part.SYSTEM} or sum(apt.action == "install" for apt in step.apt) != 1:
                return Refusal(
                    f"the step in line {step.instruction.line} does more than install build packages"
                )
            edits.append(remove(document, step.instruction))
            continue
        spans = [typed.command.removal_span(word) for typed, word in own]
        if any(span is None for span in spans):
            return Refusal(f"the step in line {step.instruction.line} is too involved to be told apart")
        edits += [Edit(span, "") for span in spans if span is not None]
    if moved:
        assert target.script is not None
        first = target.script.commands[0]
        start = min([first.span.start, *(part.span.start for part in first.assignments)])
        names = " ".join(dict.fromkeys(moved))
        install = f"apt-get update \\\n && apt-get install -y --no-install-recommends {names} \\\n && "
        edits.append(Edit(Span(start, start), install))
    return edits


_PURGE = f" \\\n && apt-get purge -y --auto-remove {{}} \\\n && {CLEAN}\n"
_SPLIT = "FROM acme/base:7\nRUN apt-get update && apt-get install -y {}\nCOPY requirements.txt .\nRUN {}"

TRANSFORM = Transform(
    name="purge-build-tools",
    title="Compilers purged in the step that uses them",
    guide=(
        "What one step installs and another removes is in the image twice: as files and as their absence. Where a stage cannot "
        "be split in two, because nothing is known of its base, compilers and headers are installed, used and purged in one "
        "step. The libraries that extension modules load were often brought by the headers: they are marked as wanted first."
    ),
    plan=plan,
    examples=(
        Example(
            _SPLIT.format("python3-pip gcc libpq-dev", "pip3 install -r requirements.txt\n"),
            _SPLIT.format(
                "python3-pip",
                "apt-get update \\\n && apt-get install -y --no-install-recommends gcc libpq-dev \\\n"
                f" && pip3 install -r requirements.txt && {KEEP}" + _PURGE.format("gcc libpq-dev"),
            ),
        ),
        Example(
            "FROM acme/base:7\nRUN apt-get update && apt-get install -y gcc && pip install lxml\n",
            f"FROM acme/base:7\nRUN apt-get update && apt-get install -y gcc && pip install lxml && {KEEP}"
            + _PURGE.format("gcc"),
        ),
        Example(
            _SPLIT.format("gcc make", "pip3 install -r requirements.txt\nRUN make\n"),
            _SPLIT.format("make", "pip3 install -r requirements.txt\nRUN make\n").replace(
                "RUN pip3 install -r requirements.txt\n",
                "RUN apt-get update \\\n && apt-get install -y --no-install-recommends gcc \\\n"
                f" && pip3 install -r requirements.txt && {KEEP}" + _PURGE.format("gcc"),
            ),
            "make is called again, and stays",
        ),
        Example(
            _SPLIT.format("gcc", "pip3 install wheel-of-mine\nRUN pip3 install -r requirements.txt\n"),
            _SPLIT.format("gcc", "pip3 install wheel-of-mine\nRUN pip3 install -r requirements.txt\n"),
            "two steps may compile",
        ),
    ),
)
