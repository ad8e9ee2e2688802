"""What holds at a place in a stage: user, working directory, environment, shell, command.

Everything here is what the Dockerfile says plus what is known of the base image (`BaseState`); None means that it is
left to a base image about which nothing is known.
Source of the rules: the Dockerfile reference, and BuildKit's `dockerfile2llb`.
"""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tare.dockerfile.expand import expand_known, process_words
from tare.dockerfile.graph import Dependency, dependencies, global_values, needed_stages
from tare.dockerfile.nodes import Dockerfile, Instruction, Stage
from tare.dockerfile.ports import parse_port

DEFAULT_SHELL = ("/bin/sh", "-c")
"""The shell of RUN, CMD and ENTRYPOINT on Linux until a SHELL instruction."""


@dataclass(frozen=True, slots=True)
class BaseState:
    """What an image hands to the stage that starts from it. None, or nothing, where it is not known."""

    user: str | None = None
    workdir: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    shell: tuple[str, ...] = DEFAULT_SHELL
    entrypoint: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None
    healthcheck: tuple[str, ...] | None = None
    exposed: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StageState(BaseState):
    """What holds after an instruction. `args` are the ARGs declared in the stage, None without a value.

    `entrypoint` and `cmd` are the final argument lists, shell included; `healthcheck` is the OCI form ('CMD', ...),
    ('CMD-SHELL', text) or ('NONE',). `exposed` has the form '8080/tcp', ranges spelled out. `variables` is what
    `$NAME` means in the next instruction: ENV and valued ARG, the later one wins. `cmd_given` tells that a CMD stands
    in the Dockerfile; without one, ENTRYPOINT drops the base image's.
    """

    args: Mapping[str, str | None] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    cmd_given: bool = False


def effective(
    dockerfile: Dockerfile,
    stage: Stage | int | str,
    before: Instruction | None = None,
    base: BaseState | None = None,
    build_args: Mapping[str, str] | None = None,
) -> StageState:
    """The state of a stage at its end, or just before one of its instructions.

    `base` describes the image at the bottom of the chain of stages, `build_args` are those of the command line.
    Variables without a known value stay as written (`$NAME`). Raises `KeyError` for a stage that does not exist and
    `ExpansionError` for a word that BuildKit could not expand.
    """
    found = stage if isinstance(stage, Stage) else dockerfile.stage(stage)
    if found is None:
        raise KeyError(stage)
    given = build_args or {}
    state = _start(dockerfile, found, base, given)
    defaults = global_values(dockerfile.global_args, dockerfile.escape, given)
    for instruction in found.instructions[1:]:
        if before is not None and instruction is before:
            break
        state = _Step(state, instruction, dockerfile.escape, defaults, given).apply()
    return state


def _start(
    dockerfile: Dockerfile, stage: Stage, base: BaseState | None, build_args: Mapping[str, str]
) -> StageState:
    """The state after FROM: that of the last stage in the chain of bases. Its ARGs are still declared."""
    chain = [stage]
    while chain[-1].parent is not None:
        chain.append(dockerfile.stages[chain[-1].parent])
    if len(chain) > 1:
        return effective(dockerfile, chain[1], base=base, build_args=build_args)
    given = base or BaseState()
    return StageState(
        user=given.user,
        workdir=given.workdir,
        env=given.env,
        shell=given.shell,
        entrypoint=given.entrypoint,
        cmd=given.cmd,
        healthcheck=given.healthcheck,
        exposed=given.exposed,
        volumes=given.volumes,
        labels=given.labels,
        variables=dict(given.env),
    )


@dataclass(frozen=True, slots=True)
class _Step:
    state: StageState
    instruction: Instruction
    escape: str
    defaults: Mapping[str, str | None]
    build_args: Mapping[str, str]

    def apply(self) -> StageState:
        state = self.state
        match self.instruction.keyword:
            case "USER":
                return replace(state, user=self._word(self.instruction.value))
            case "WORKDIR":
                return replace(state, workdir=self._workdir())
            case "ENV":
                pairs = self._pairs()
                return replace(state, env={**state.env, **pairs}, variables={**state.variables, **pairs})
            case "LABEL":
                return replace(state, labels={**state.labels, **self._pairs()})
            case "ARG":
                args = self._args()
                valued = {key: value for key, value in args.items() if value is not None}
                return replace(state, args={**state.args, **args}, variables={**state.variables, **valued})
            case "SHELL":
                return replace(state, shell=self.instruction.json or state.shell)
            case "ENTRYPOINT":
                cmd = state.cmd if state.cmd_given else ()
                return replace(state, entrypoint=self._command(), cmd=cmd)
            case "CMD":
                return replace(state, cmd=self._command(), cmd_given=True)
            case "HEALTHCHECK":
                return replace(state, healthcheck=self._healthcheck())
            case "EXPOSE":
                return replace(state, exposed=_joined(state.exposed, self._ports()))
            case "VOLUME":
                volumes = tuple(self._word(text) for text in self.instruction.args)
                return replace(state, volumes=_joined(state.volumes, volumes))
        return state

    def _word(self, text: str) -> str:
        return expand_known(text, self.state.variables, self.escape)

    def _workdir(self) -> str:
        path = self._word(self.instruction.value)
        return posixpath.normpath(posixpath.join("/", self.state.workdir or "/", path)).replace("//", "/")

    def _pairs(self) -> dict[str, str]:
        return {self._word(key): self._word(value or "") for key, value in self.instruction.env_pairs()}

    def _args(self) -> dict[str, str | None]:
        found = {}
        for key, value in self.instruction.env_pairs():
            default = self.defaults.get(key) if value is None else self._word(value)
            found[key] = self.build_args.get(key, default)
        return found

    def _command(self) -> tuple[str, ...] | None:
        instruction = self.instruction
        if instruction.json is not None:
            return instruction.json
        return (*self.state.shell, instruction.value) if instruction.value else ()

    def _healthcheck(self) -> tuple[str, ...]:
        kind, *rest = self.instruction.args
        if kind.upper() == "NONE":
            return ("NONE",)
        return ("CMD" if self.instruction.form == "exec" else "CMD-SHELL", *rest)

    def _ports(self) -> tuple[str, ...]:
        words: list[str] = []
        for text in self.instruction.args:
            if "$" in text:
                words += expand_known(text, self.state.variables, self.escape).split()
            else:
                words += process_words(text, {}, self.escape)
        return tuple(port for word in words for port in _ports_of(word))


def _ports_of(word: str) -> tuple[str, ...]:
    """The ports of a word; the word itself when a variable without a value leaves it open."""
    try:
        return parse_port(word)
    except ValueError:
        return (word,)


def _joined(known: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *new)))


__all__ = [
    "DEFAULT_SHELL",
    "BaseState",
    "Dependency",
    "StageState",
    "dependencies",
    "effective",
    "needed_stages",
]
