"""A Dockerfile as the rules see it: parsed once, shell scripts read once, also where BuildKit would reject the file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TypeVar, cast

from tare.core.errors import DockerfileSyntaxError
from tare.core.text import Source, Span
from tare.dockerfile.expand import ExpansionError, expand_known
from tare.dockerfile.lexer import Lexer
from tare.dockerfile.nodes import Dockerfile, Instruction, Stage
from tare.dockerfile.parser import parse, read_instruction
from tare.dockerfile.shell import DEFAULT_SHELL, Command, ShellScript, parse_run
from tare.rules.settings import RuleSettings

T = TypeVar("T")
EVERYTHING = "*"


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """An instruction of a stage, seen through ONBUILD. `stage` is its index, -1 before the first FROM.

    `outer` is the instruction in the file, `inner` what ONBUILD will run (the same object without ONBUILD). `shell` is
    the SHELL in force.
    """

    outer: Instruction
    inner: Instruction
    stage: int
    shell: tuple[str, ...]

    @property
    def keyword(self) -> str:
        """Keyword of the inner instruction, in capitals."""
        return self.inner.keyword

    @property
    def onbuild(self) -> bool:
        """Whether it is only a trigger."""
        return self.outer is not self.inner


class Document:
    """One file with all that rules ask of it.

    `dockerfile` is the strict tree where BuildKit accepts the text; otherwise `error` says why not, and `dockerfile` is
    built from as many instructions as could be read (its stages may be incomplete). `directory` is the build context,
    None for stdin and wherever it is unknown. `memory` is what documents of one run share about the disk.

    `earlier` is the document that this one is an edit of: scripts before the edit are not read again.

    `reads` holds what was asked for since it was last emptied: keywords of instructions, or `EVERYTHING`. `read_by` is
    what each rule asked for: as long as nothing of that changes, its answer does not.
    """

    def __init__(
        self,
        text: str,
        path: str | None = None,
        settings: RuleSettings | None = None,
        directory: Path | None = None,
        memory: dict[object, object] | None = None,
        earlier: "Document | None" = None,
    ) -> None:
        self.text = text
        self.path = path
        self.settings = settings or RuleSettings()
        self.directory = directory
        self.error: DockerfileSyntaxError | None = None
        try:
            self._tree = parse(text, path)
        except DockerfileSyntaxError as error:
            self.error = error
            self._tree = _lenient(text, path)
        self.escape = self._tree.escape
        self.newline = self._tree.newline
        self.source = self._tree.source
        self.reads: set[str] = set()
        self.read_by: dict[str, frozenset[str]] = {}
        self._scripts: dict[int, ShellScript | None] = {}
        self._read_steps_at: dict[int, tuple[Step, ShellScript | None]] = {}
        self._earlier = earlier._read_steps_at if earlier else {}
        self._known: dict[object, tuple[object, frozenset[str]]] = {}
        self.memory: dict[object, object] = {} if memory is None else memory

    def once(self, compute: "Callable[[Document], T]") -> T:
        """What a function says of this document; it is asked once, however many rules want to know."""
        if compute not in self._known:
            before, self.reads = self.reads, set()
            value = compute(self)
            self._known[compute] = value, frozenset(self.reads)
            self.reads = before
        known, reads = self._known[compute]
        self.reads |= reads
        return cast(T, known)

    @property
    def dockerfile(self) -> Dockerfile:
        """The tree."""
        self.reads.add(EVERYTHING)
        return self._tree

    @property
    def instructions(self) -> tuple[Instruction, ...]:
        """All instructions, those before the first FROM included."""
        return self.dockerfile.instructions

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages."""
        return self.dockerfile.stages

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every instruction with its stage, ONBUILD seen through, in order."""
        self.reads.add(EVERYTHING)
        return self._steps

    @cached_property
    def _steps(self) -> tuple[Step, ...]:
        return tuple(self._read_steps())

    @cached_property
    def _by_keyword(self) -> dict[str, tuple[Step, ...]]:
        found: dict[str, list[Step]] = {}
        for step in self._steps:
            if step.keyword != "FROM" or not step.onbuild:
                found.setdefault(step.keyword, []).append(step)
        return {keyword: tuple(steps) for keyword, steps in found.items()}

    def of(self, *keywords: str) -> tuple[Step, ...]:
        """The steps with one of the keywords (in capitals), in order. `ONBUILD FROM`, which builders reject, is no FROM."""
        self.reads.update(keywords)
        if len(keywords) == 1:
            return self._by_keyword.get(keywords[0], ())
        return tuple(step for step in self._steps if step.keyword in keywords)

    def script(self, step: Step) -> ShellScript | None:
        """The shell script of a RUN (or CMD, ENTRYPOINT, HEALTHCHECK); None where it is no shell that is understood."""
        self.reads.add(step.keyword)
        key = id(step.inner)
        if key not in self._scripts:
            self._scripts[key] = self._script_before(step) or parse_run(step.inner, step.shell)
            self._read_steps_at[step.inner.span.start] = step, self._scripts[key]
        return self._scripts[key]

    def _script_before(self, step: Step) -> ShellScript | None:
        """The script that the earlier document had at the very same place, if it is the same."""
        one = step.inner
        other, script = self._earlier.get(one.span.start, (None, None))
        if other is None or other.shell != step.shell or other.inner.value_offsets != one.value_offsets:
            return None
        there = other.inner
        same = (one.keyword, one.value, one.heredocs) == (there.keyword, there.value, there.heredocs)
        return script if same else None

    def commands(self, step: Step) -> tuple[Command, ...]:
        """The commands of its script; none where it is unknown."""
        script = self.script(step)
        return script.commands if script else ()

    @property
    def runs(self) -> tuple[tuple[Step, ShellScript], ...]:
        """Every RUN whose script is understood."""
        self.reads.add("RUN")
        return self._runs

    @cached_property
    def _runs(self) -> tuple[tuple[Step, ShellScript], ...]:
        pairs = ((step, self.script(step)) for step in self.of("RUN"))
        return tuple((step, script) for step, script in pairs if script is not None)

    @cached_property
    def haystack(self) -> str:
        """All logical lines and here-documents in lower case: what the registry looks for a rule's words in."""
        parts = [directive.name for directive in self._tree.directives]
        for instruction in self._tree.instructions:
            parts.append(instruction.original)
            parts += (doc.content for doc in instruction.heredocs)
        return "\n".join(parts).lower()

    def stage_of(self, step: Step) -> Stage | None:
        """The stage that holds a step."""
        return self.stages[step.stage] if 0 <= step.stage < len(self.stages) else None

    def line_span(self, span: Span) -> Span:
        """The whole lines that a span touches, the last line ending included."""
        start = self.text.rfind("\n", 0, span.start) + 1
        end = self.text.find("\n", max(span.end - 1, span.start))
        return Span(start, len(self.text) if end < 0 else end + 1)

    def _read_steps(self) -> Iterator[Step]:
        shells: dict[int, tuple[str, ...]] = {}
        stage = -1
        shell: tuple[str, ...] = DEFAULT_SHELL
        for instruction in self._tree.instructions:
            if instruction.keyword == "FROM":
                stage += 1
                parent = self._tree.stages[stage].parent if stage < len(self._tree.stages) else None
                shell = shells.get(parent, DEFAULT_SHELL) if parent is not None else DEFAULT_SHELL
            if instruction.keyword == "SHELL" and instruction.json:
                shell = instruction.json
            shells[stage] = shell
            yield Step(instruction, instruction.onbuild or instruction, stage, shell)


def _lenient(text: str, path: str | None) -> Dockerfile:
    """The instructions that can be read at all, in stages where there are any."""
    source = Source(text, path)
    lexer = Lexer(source)
    instructions = tuple(_readable(lexer))
    starts = [at for at, instruction in enumerate(instructions) if instruction.keyword == "FROM"]
    stages: list[Stage] = []
    for start, end in pairwise((*starts, len(instructions))):
        stages.append(_stage(instructions[start:end], stages, lexer.escape))
    before = instructions[: starts[0]] if starts else instructions
    return Dockerfile(
        text=text,
        path=path,
        source=source,
        directives=tuple(lexer.directives),
        escape=lexer.escape,
        newline="\r\n" if "\r\n" in text else "\n",
        instructions=instructions,
        stages=tuple(stages),
        global_args=tuple(instruction for instruction in before if instruction.keyword == "ARG"),
    )


def _readable(lexer: Lexer) -> Iterator[Instruction]:
    while True:
        try:
            instruction = read_instruction(lexer)
        except DockerfileSyntaxError:
            continue
        if instruction is None:
            return
        yield instruction


def _stage(instructions: tuple[Instruction, ...], earlier: list[Stage], escape: str) -> Stage:
    words = instructions[0].args
    image = words[0] if words else ""
    try:
        base = expand_known(image, {}, escape)
    except ExpansionError:
        base = image
    named = len(words) == 3 and words[1].lower() == "as"
    parents = (stage.index for stage in reversed(earlier) if stage.name == base)
    return Stage(
        index=len(earlier),
        name=words[2].lower() if named else None,
        base=base,
        base_raw=image,
        parent=next(parents, None),
        platform=instructions[0].flag("platform"),
        instructions=instructions,
    )
