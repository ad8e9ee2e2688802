"""`tare context` as a function."""

from pathlib import Path

from tare import __version__
from tare.context.ignore import parse_ignore
from tare.context.propose import propose_ignore
from tare.context.usage import unused
from tare.context.walk import shown
from tare.optimize import read_workplace
from tare.optimize.pipeline import file_change
from tare.rewrite.facts import RewriteSettings
from tare.schema.context import ContextItem, ContextReport


def context(path: Path, *, dockerfile: Path | None = None) -> ContextReport:
    """What a build would send, what no COPY takes, what must not travel, and the ignore file that says so."""
    place = read_workplace(path, dockerfile, RewriteSettings())
    proposal = propose_ignore(place.context, place.dockerfile, place.project)
    lost = {entry.path for entry in unused(place.context, place.dockerfile)}
    secrets = {secret.path: secret.reason for secret in proposal.secrets}
    rules = parse_ignore(proposal.text, str(proposal.path))
    items = []
    for entry in place.context.entries:
        if entry.kind == "directory":
            continue
        if entry.ignored:
            items.append(ContextItem(shown(entry.path), entry.size_bytes, "ignored"))
        elif entry.path in secrets:
            items.append(ContextItem(shown(entry.path), entry.size_bytes, "unsafe", secrets[entry.path]))
        elif entry.path in lost:
            items.append(ContextItem(shown(entry.path), entry.size_bytes, "unused", "no COPY takes it"))
        else:
            reason = "left out by the proposal" if rules.excluded(entry.path) else ""
            items.append(ContextItem(shown(entry.path), entry.size_bytes, "sent", reason))
    order = {"unsafe": 0, "sent": 1, "unused": 1, "ignored": 2}
    items.sort(key=lambda item: (order[item.verdict], -item.size_bytes, item.path))
    before = place.context.ignore_text if place.context.ignore_path is not None else None
    return ContextReport(
        verb="context",
        tool_version=__version__,
        path=str(path),
        sent_bytes=place.context.size_bytes,
        sent_files=len(place.context.files),
        proposed_bytes=place.context.size_bytes - proposal.size_bytes,
        items=tuple(items),
        dockerignore=file_change(proposal.path, before, proposal.text, place.root),
        problems=tuple(f"{problem.path}: {problem.message}" for problem in place.context.problems),
    )
