"""What a transform is: one improvement of a Dockerfile, with its reason, its safety and its expected saving.

A transform looks at a parsed Dockerfile and at the facts of the project and answers one of three things: a
`Proposal` (edits), a `Refusal` (it would apply here, but must not, and why) or None (nothing to do). It never
writes anything and knows nothing of other transforms: the engine parses the text again after every one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from tare.core.text import Edit
from tare.dockerfile import Dockerfile
from tare.rewrite.facts import Facts
from tare.schema.finding import Applicability, Saving


@dataclass(frozen=True, slots=True)
class Proposal:
    """Edits to the Dockerfile that belong together.

    `reason` is a sentence for the person who reads the plan; `saving` what it is expected to free. `needs_probe`
    tells that only a build and a verification can show whether it is right for this project.
    """

    edits: tuple[Edit, ...]
    reason: str
    applicability: Applicability
    saving: Saving = field(default_factory=Saving)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The transform is wanted here but would be wrong or unproven; `reason` says why."""

    reason: str


Outcome = Proposal | Refusal | None


@dataclass(frozen=True, slots=True)
class Transform:
    """One improvement. `name` is kebab-case and for ever; `title` reads as an item of a checklist.

    `guide` is the rationale in two or three sentences. `examples` are (before, after) Dockerfiles that are at once
    documentation and tests; `kept` are Dockerfiles that must come back unchanged.
    """

    name: str
    title: str
    guide: str
    plan: Callable[[Dockerfile, Facts], Outcome]
    examples: tuple["Example", ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A Dockerfile and what the transform makes of it; equal texts say that it keeps its hands off."""

    before: str
    after: str
    note: str = ""
    facts: Facts = field(default_factory=Facts)
