"""How the commands of a script hang together: sequences of lists of pipelines of commands."""

from dataclasses import dataclass

from tare.dockerfile.shell.model import Command


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator of the script with its range there."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Element:
    """One command of a pipeline; `command` is None for a compound command. The range is that in the script."""

    start: int
    end: int
    command: Command | None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Elements joined by `|`."""

    elements: tuple[Element, ...]
    start: int
    negated: bool

    @property
    def end(self) -> int:
        """End of the last element."""
        return self.elements[-1].end


@dataclass(frozen=True, slots=True)
class AndOr:
    """Pipelines joined by `&&` and `||`; `terminator` separates the list from the next one."""

    pipelines: tuple[Pipeline, ...]
    operators: tuple[Operator, ...]
    terminator: Operator | None


@dataclass(frozen=True, slots=True)
class Sequence:
    """The lists of one group: the script, `( ... )`, a branch and so on; `contexts` names the groups around
    them."""

    lists: tuple[AndOr, ...]
    contexts: tuple[str, ...]
