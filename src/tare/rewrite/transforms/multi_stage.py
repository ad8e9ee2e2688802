"""Single stage → builder and runtime: compilers, headers and caches stay behind, the environment is copied over.

The builder keeps the original base and every step up to the last install. The runtime stage keeps the rest: it starts
from the slim variant, installs only the system packages that running needs, and receives the environment whole.
"""

import dataclasses
import re

from tare.core.text import Edit, Span, apply_edits
from tare.dockerfile import Dockerfile, Instruction, Stage, parse
from tare.dockerfile.commands import AptCommand
from tare.knowledge.base_model import BaseFacts
from tare.knowledge.bases import base_facts
from tare.rewrite.anatomy import Part, RunStep, programs_called, run_steps
from tare.rewrite.compiled import MARK, brought, compiles, harvest
from tare.rewrite.environment import Environment, environment_of
from tare.rewrite.facts import Facts
from tare.rewrite.inherited import flattened
from tare.rewrite.installers import SCRIPTS, copies_tool, only_tools, run_edits
from tare.rewrite.layout import apt_install, block_text, insert_after, insert_before, remove, replace, run
from tare.rewrite.obstacles import obstacle, takes_environment
from tare.rewrite.smaller_base import smaller_base
from tare.rewrite.start import implied_programs, possible_programs
from tare.rewrite.system_packages import needed_at_run_time, needed_by_wheels, plain_install
from tare.rewrite.system_python import kept
from tare.rewrite.transform import Example, Outcome, Proposal, Refusal, Transform
from tare.schema.finding import Applicability

BUILDER = "builder"
IDLE = frozenset({"cd", ".", "source", "export", "set", "true", ":", "hash"})
"""Commands that mean nothing to the image when they stand alone."""
BOTH = frozenset({"ARG", "ENV", "WORKDIR", "SHELL", "COPY", "ADD"})
DEPENDENCY_NAME = re.compile(
    r"(?:^|/)(?:requirements[^/]*\.(?:txt|in)|constraints[^/]*\.txt|Pipfile(?:\.lock)?|uv\.lock"
    r"|poetry\.lock|pdm\.lock)$"
)


def plan(document: Dockerfile, facts: Facts) -> Outcome:
    """Split the final stage, where everything that the runtime stage needs is understood."""
    stage = document.final
    if takes_environment(stage):
        return None
    if stage.parent is not None:
        return _inherited(document, facts)
    steps = {id(step.instruction): step for step in run_steps(stage)}
    installs = [step for step in steps.values() if step.installs_python]
    if not installs or all(only_tools(step) for step in installs):
        return None
    base = base_facts(stage.base)
    environment = environment_of(stage, tuple(steps.values()), facts)
    reason = obstacle(stage, steps, base, environment, facts)
    if reason or base is None or isinstance(environment, str):
        return Refusal(reason or "the base image is not known")
    return _Split(document, stage, base, facts, steps, installs, environment).proposal()


def _inherited(document: Dockerfile, facts: Facts) -> Outcome:
    """The same for a stage that starts from another one: with that one's steps as its own."""
    text = flattened(document)
    outcome = plan(parse(text, document.path), facts) if text is not None else None
    if text is None or not isinstance(outcome, Proposal):
        return outcome
    return dataclasses.replace(
        outcome, edits=(Edit(Span(0, len(document.text)), apply_edits(text, outcome.edits)),)
    )


class _Split:
    """The two stages in the making."""

    def __init__(
        self,
        document: Dockerfile,
        stage: Stage,
        base: BaseFacts,
        facts: Facts,
        steps: dict[int, RunStep],
        installs: list[RunStep],
        environment: Environment,
    ) -> None:
        self.document = document
        self.stage = stage
        self.base = base
        self.facts = facts
        self.steps = steps
        self.last = installs[-1].instruction
        self.environment = environment
        self.compiled = [step for step in steps.values() if compiles(step)]
        self.called = self._called()
        self.spared = self.called | possible_programs(stage, facts)
        self.edits: list[Edit] = []
        self.dropped: list[str] = []
        self.extra = needed_by_wheels(facts, base, self.called)

    def proposal(self) -> Outcome:
        """Both stages as edits to the one."""
        self._runtime()
        slim = self._slim()
        if slim is None and not self.dropped and not self.compiled:
            return None
        builder = self._builder()
        if builder is None:
            return Refusal("where the compiled parts are put is not known")
        self.edits.append(insert_before(self.document, self.stage.from_, builder))
        if slim is not None:
            self.edits.append(Edit(self.stage.from_.as_from().image_span, slim))
        reason = "only the environment and what it needs to run reach the final image"
        if self.dropped:
            names = ", ".join(self.dropped[:6]) + (", …" if len(self.dropped) > 6 else "")
            reason += f"; left behind: {names}"
        return Proposal(tuple(self.edits), reason, Applicability.UNSAFE)

    def _slim(self) -> str | None:
        """The text of the slim base; the tag's variables stay where only a suffix is added."""
        found, raw = smaller_base(self.base, self.facts), self.stage.base_raw
        if found is None:
            return None
        slim, _ = found
        if "$" not in raw:
            return slim
        return raw + slim.removeprefix(self.stage.base) if slim.startswith(self.stage.base) else None

    def _called(self) -> frozenset[str]:
        """Programs called by what stays in the runtime stage, and by the application."""
        called = set(self.facts.programs | implied_programs(self.stage, self.facts))
        for node in self.stage.instructions:
            step = self.steps.get(id(node))
            if step is not None and step not in self.compiled and not SCRIPTS.search(node.value):
                called.update(command.name for command, _ in step.of(Part.OTHER))
        described = tuple(
            n for n in self.stage.instructions if n.keyword in ("FROM", "CMD", "ENTRYPOINT", "HEALTHCHECK")
        )
        bare = Stage(0, None, self.stage.base, self.stage.base_raw, None, None, described)
        return programs_called(self.document, bare, called)

    # The builder: the original's text, without what only describes the final image.

    def _builder(self) -> str | None:
        origin = self.stage.from_.as_from()
        platform = f"--platform={origin.platform} " if origin.platform else ""
        taken = {stage.name for stage in self.document.stages}
        name = next(name for name in (BUILDER, "build", "environment", "venv-builder") if name not in taken)
        made = "\n".join(self.environment.builder_lines)
        head = [f"FROM {platform}{self.stage.base_raw} AS {name}"]
        head += [made] if made and self.environment.after is None else []
        body = ""
        compiled = [step.instruction for step in self.compiled]
        end = max(node.span.start for node in (self.last, *compiled))
        for node in self.stage.instructions[1:]:
            if node.span.start > end:
                break
            step = self.steps.get(id(node))
            if compiled and node is compiled[0]:
                body += f"RUN touch {MARK}\n"
            if node.keyword in BOTH or (step is not None):
                body += self._builder_text(node, step)
            if node is self.environment.after and made:
                body += made + "\n"
            if compiled and node is compiled[-1]:
                gathering = harvest(self.stage, self.compiled, self.environment.path)
                if gathering is None:
                    return None
                body += gathering + "\n"
        text = "\n".join(head) + "\n" + body
        self._copy_environment(name)
        if self.compiled:
            self.edits.append(replace(compiled[-1], brought(self.compiled, name)))
            self.edits += [remove(self.document, node) for node in compiled[:-1]]
        return text + "\n"

    def _builder_text(self, node: Instruction, step: RunStep | None) -> str:
        edits: list[Edit] = []
        for flag in node.flags:
            if node.keyword in ("COPY", "ADD") and flag.name == "chown":
                edits.append(Edit(Span(flag.span.start - 1, flag.span.end), ""))
        if step is not None:
            edits += self.environment.command_edits(step)
        block = block_text(self.document, node)
        start = self.document.text.index(block.rstrip("\r\n"), node.leading.start if node.leading.end else 0)
        shifted = [Edit(edit.span.shifted(-start), edit.replacement) for edit in edits]
        return apply_edits(block, shifted)

    # The runtime stage: the original, edited.

    def _runtime(self) -> None:
        pending = list(self.extra)
        for node in self.stage.instructions[1:]:
            step = self.steps.get(id(node))
            if step in self.compiled:
                continue
            if step is not None:
                pending = self._runtime_step(node, step, pending)
            elif copies_tool(node):
                self.edits.append(remove(self.document, node))
            elif node.keyword in ("COPY", "ADD") and node.span.start < self.last.span.start:
                if self._only_dependencies(node) or self._only_wheels(node):
                    self.edits.append(remove(self.document, node))
            elif node.keyword in ("CMD", "ENTRYPOINT", "HEALTHCHECK"):
                self.edits += self.environment.start_edits(self.document, self.stage, node)
        lines = list(self.environment.runtime_lines)
        if pending:
            lines.append(run(apt_install(pending)))
        if lines:
            self.edits.append(insert_after(self.document, self.stage.from_, "\n".join(lines)))

    def _runtime_step(self, node: Instruction, step: RunStep, pending: list[str]) -> list[str]:
        """Edit one RUN; answers the packages that still wait for an install to join."""
        if not step.kinds & {Part.SYSTEM, Part.PYTHON} or not (step.flat or Part.PYTHON in step.kinds):
            if SCRIPTS.search(node.value) or (self.environment.creates(step) and node is not self.last):
                self.edits.append(remove(self.document, node))
            else:
                self.edits += run_edits(step)
            return pending
        commands: list[str] = []
        joined = False
        for command, typed, part in zip(
            step.script.commands if step.script else (), step.typed, step.parts, strict=True
        ):
            text = command.span.of(self.document.text)
            if isinstance(typed, AptCommand) and typed.action == "install" and plain_install(typed):
                words = [word.text for word in typed.packages]
                needed = needed_at_run_time(words, self.facts, self.base, self.spared)
                needed = needed if self.base.python_path else kept(words, needed)
                self.dropped += [word for word in words if word not in needed]
                wanted = list(dict.fromkeys([*needed, *pending]))
                pending, joined = [], True
                if wanted:
                    commands += apt_install(wanted)
            elif isinstance(typed, AptCommand) and typed.action in (
                "upgrade",
                "dist-upgrade",
                "full-upgrade",
            ):
                commands += ["apt-get update", text]
            elif part is Part.OTHER and not self.environment.is_creation(command):
                edits = [
                    Edit(edit.span.shifted(-command.span.start), edit.replacement)
                    for edit in run_edits(step)
                    if command.span.start <= edit.span.start and edit.span.end <= command.span.end
                ]
                commands.append(apply_edits(text, edits))
        if {text.split()[0] for text in commands} <= IDLE:
            commands = []
        if node is self.last:
            self.remaining = run(dict.fromkeys(commands)) + "\n" if commands else ""
            return pending
        if commands:
            self.edits.append(replace(node, run(dict.fromkeys(commands))))
        else:
            self.edits.append(remove(self.document, node))
        return pending if not joined else []

    def _copy_environment(self, builder: str) -> None:
        """The last install becomes the copy of what it and the others installed."""
        copy = f"COPY --from={builder} {self.environment.path} {self.environment.path}"
        text = f"{copy}\n{self.remaining}".rstrip("\n")
        self.edits.append(replace(self.last, text))

    def _only_wheels(self, node: Instruction) -> bool:
        """Whether a COPY from another stage brings what only the installs read."""
        copy = node.as_copy()
        place = copy.dest.rstrip("/")
        if copy.from_ is None or not place.startswith("/") or place.count("/") < 1 or len(place) < 3:
            return False
        readers = [n for n in self.stage.instructions if n is not node and place in n.original]
        return bool(readers) and all(
            (step := self.steps.get(id(n))) is not None
            and step.installs_python
            and step.kinds <= {Part.PYTHON}
            for n in readers
        )

    def _only_dependencies(self, node: Instruction) -> bool:
        copy = node.as_copy()
        if copy.from_ is not None or copy.heredocs or not copy.sources:
            return False
        if all(DEPENDENCY_NAME.search(source) for source in copy.sources):
            return True
        later = [n for n in self.stage.instructions if n.keyword == "COPY" and n.span.start > node.span.start]
        whole = any(
            n.flag("from") is None and any(s in (".", "./") for s in n.as_copy().sources) for n in later
        )
        named = all(source.lstrip("./") in self.facts.dependency_files for source in copy.sources)
        return whole and named and self.last.span.start < later[-1].span.start


_BEFORE = """FROM python:3.11-bookworm
RUN apt-get update && apt-get install -y build-essential libpq-dev vim
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
CMD ["python", "app.py"]
"""
_AFTER = """FROM python:3.11-bookworm AS builder
RUN python -m venv /opt/venv
ENV VIRTUAL_ENV=/opt/venv PATH="/opt/venv/bin:$PATH"
RUN apt-get update && apt-get install -y build-essential libpq-dev vim
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt

FROM python:3.11-slim-bookworm
ENV VIRTUAL_ENV=/opt/venv PATH="/opt/venv/bin:$PATH"
RUN apt-get update \\
 && apt-get install -y --no-install-recommends \\
      libpq5 \\
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=builder /opt/venv /opt/venv
COPY . .
CMD ["python", "app.py"]
"""

TRANSFORM = Transform(
    name="multi-stage",
    title="Leave compilers, headers and caches in a builder stage",
    guide=(
        "What an install needs and what an application needs are two different things. The builder may be as big as it "
        "likes: only the virtual environment is copied out of it, to a path that every user can read."
    ),
    plan=plan,
    examples=(
        Example(_BEFORE, _AFTER),
        Example(_AFTER, _AFTER, "already split"),
        Example(
            'FROM ghcr.io/acme/runtime:7\nRUN pip install flask\nCMD ["python", "app.py"]\n',
            'FROM ghcr.io/acme/runtime:7\nRUN pip install flask\nCMD ["python", "app.py"]\n',
            "a base that nobody knows",
        ),
    ),
)
