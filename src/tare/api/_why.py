"""`tare why` as a function."""

from tare import __version__
from tare.core.errors import ImageError
from tare.core.events import EventSink, null_sink
from tare.image import analyse, open_image
from tare.schema.slim import WhyEntry, WhyReport
from tare.slim.ledger import PATH, LedgerCatalog, decode


def why(
    reference: str, path: str, *, docker_host: str | None = None, on_event: EventSink = null_sink
) -> WhyReport:
    """What slimming did at a path or beneath it. Raises `ImageError` where the image holds no ledger, or another one
    than its configuration names."""
    wanted = path.strip("/")
    with open_image(reference, docker_host=docker_host, on_event=on_event) as image:
        analysis = analyse(image, sample=False, catalogs=(LedgerCatalog(),), on_event=on_event)
        packed = analysis.files.get(PATH)
        if packed is None:
            raise ImageError(
                "the image holds no ledger", where=reference, hint="only images that tare slim wrote have one"
            )
        ledger, digest = decode(packed, f"{reference} {PATH}")
        named = image.config.labels.get("dev.tare.slim.ledger")
        if named is not None and named != digest:
            raise ImageError(
                f"the ledger was altered: its digest is {digest}, the image names {named}", where=reference
            )
        present = analysis.tree.resolve(wanted) is not None
    reasons = {step.name: step.reason for step in ledger.steps}
    entries = tuple(
        WhyEntry(
            one.path,
            one.action,
            one.step,
            reasons.get(one.step, ""),
            one.package,
            one.saved_bytes,
            one.evidence,
        )
        for one in ledger.entries
        if not wanted or one.path == wanted or one.path.startswith(f"{wanted}/")
    )
    restore = (
        f"It is whole in {ledger.source_reference} (layers {', '.join(one[:19] for one in ledger.source_diff_ids[-3:])})."
        " To keep it, slim that image again with --without and the name of the step."
    )
    return WhyReport("why", __version__, reference, path, present, entries, restore if entries else "")
