"""A plan: steps run one after another over the tree of an image, and what each took away."""

from collections.abc import Sequence
from dataclasses import dataclass

from tare.core.events import Event, EventSink, null_sink
from tare.slim.model import Level, Removed, Step
from tare.slim.registry import TRUTH
from tare.slim.view import ImageFiles, View

HIDDEN = "hidden-bytes"
_CAUSES = {
    "overwritten": "a later layer overwrote it",
    "metadata": "a later layer holds the same content again",
    "whiteout": "a later layer removed it",
    "directory-whiteout": "a later layer removed its directory",
    "opaque": "a later layer emptied its directory",
    "replaced-directory": "a later layer put something else in place of its directory",
    "repeated": "its own layer holds the path twice",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one step did: names it took away, files it changed, bytes saved."""

    step: str
    level: Level
    reason: str
    removed: int
    changed: int
    saved_bytes: int


@dataclass(frozen=True)
class Plan:
    """The steps' work on one image. `steps` are those that ran, whether or not they found something."""

    files: ImageFiles
    view: View
    steps: tuple[Step, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def ledger(self) -> tuple[Removed, ...]:
        """Every removed or changed path."""
        return tuple(self.view.ledger)


def make_plan(files: ImageFiles, steps: Sequence[Step], *, on_event: EventSink = null_sink) -> Plan:
    """Run steps, then bring the package databases up to date."""
    view = View(files)
    outcomes = [_hidden(view)]
    for step in (*steps, *TRUTH):
        before = len(view.ledger)
        saved = view.take(step, step.plan(view))
        done = view.ledger[before:]
        removed = sum(entry.action == "removed" for entry in done)
        if done:
            on_event(Event("detail", f"{step.name}: {removed} removed, {len(done) - removed} changed"))
        outcomes.append(Outcome(step.name, step.level, step.reason, removed, len(done) - removed, saved))
    return Plan(files, view, tuple(steps), tuple(outcomes))


def _hidden(view: View) -> Outcome:
    """What lower layers hold and no path shows: rewriting the layers leaves it out."""
    total = 0
    hidden = view.files.analysis.tree.hidden
    for gone in hidden:
        entry = gone.inode.entry
        total += entry.size_bytes
        evidence = f"layer {gone.inode.layer + 1}: {_CAUSES[gone.cause]} (layer {gone.gone_in + 1})"
        view.ledger.append(
            Removed(gone.path, "hidden", HIDDEN, "", entry.size_bytes, evidence, entry.content)
        )
    reason = "no path shows them, and every pull moves them"
    return Outcome(HIDDEN, Level.LOSSLESS, reason, len(hidden), 0, total)
