"""The checklist: every optimization, what became of it, and the bytes that it frees, or would."""

from collections.abc import Mapping
from dataclasses import replace

from tare.context.propose import IgnoreProposal
from tare.optimize.shares import IGNORE_FILE, Shares
from tare.rewrite.engine import Rewrite, Step
from tare.schema.finding import Applicability, Saving
from tare.schema.optimize import PlanItem
from tare.schema.run import Verification

IGNORE_TITLE = "Leave out of the build context what no image needs"


def checklist(
    result: Rewrite,
    verification: Verification | None,
    shares: Shares,
    ignore: PlanItem | None,
    expected: Mapping[str, Saving],
) -> tuple[PlanItem, ...]:
    """Every transform in the order of the plan, then the ignore file where it changes.

    An applied item has its share, with the transform's own estimate where the share is unknown; one that was not applied has
    what it would be `expected` to free.
    """
    proved = verification is not None and verification.ok
    items = [_item(step, shares, expected, proved=proved) for step in result.steps]
    if ignore is not None:
        items.append(replace(ignore, saving=shares.savings.get(IGNORE_FILE)))
    return tuple(items)


def _item(step: Step, shares: Shares, expected: Mapping[str, Saving], *, proved: bool) -> PlanItem:
    trust = step.applicability
    if trust is Applicability.UNSAFE and proved:
        trust = Applicability.VERIFIED
    saving = shares.savings.get(step.transform) if step.status == "applied" else expected.get(step.transform)
    if step.status == "applied" and saving is not None and step.saving is not None:
        saving = _known(saving, step.saving)
    return PlanItem(step.transform, step.title, step.status, step.reason, trust, saving)


def _known(share: Saving, own: Saving) -> Saving:
    """The share; of what it leaves unknown, the transform's own estimate."""
    return Saving(
        own.compressed_bytes if share.compressed_bytes.value is None else share.compressed_bytes,
        own.uncompressed_bytes if share.uncompressed_bytes.value is None else share.uncompressed_bytes,
    )


def ignore_item(proposal: IgnoreProposal, *, changed: bool) -> PlanItem | None:
    """The proposed ignore file as an item; None where it leaves nothing to improve."""
    if not changed:
        return None
    files = sum(added.files for added in proposal.added)
    if files == 1:
        reason = "1 file of the context is no longer sent to the builder"
    elif files:
        reason = f"{files} files of the context are no longer sent to the builder"
    else:
        reason = "the file says what stays out"
    return PlanItem(IGNORE_FILE, IGNORE_TITLE, "applied", reason, Applicability.SAFE)
