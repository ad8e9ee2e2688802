"""What the images will weigh, and what each optimization frees or would free, where nothing is built."""

from collections.abc import Mapping
from dataclasses import dataclass

from tare.dockerfile import parse
from tare.knowledge.debian_archive import OFFICIAL, ArchiveSettings, cache_directory
from tare.optimize.expected_parts import Outlook
from tare.optimize.project import Workplace
from tare.optimize.shares import Shares, expected_shares, total
from tare.rewrite.engine import Rewrite, rewrite
from tare.rewrite.registry import TRANSFORMS
from tare.rewrite.transforms import cpu_torch
from tare.schema.finding import Saving

WEIGHTY = frozenset(
    {
        "multi-stage",
        "slim-base",
        "cpu-torch",
        "drop-tools",
        "apt-hygiene",
        "prune-environment",
        "cache-mounts",
    }
)
"""Transforms that free bytes; of the others nothing is expected."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """Estimates of both images, the share of each applied optimization, and what must be said about them."""

    before: Saving
    after: Saving
    shares: Shares
    notes: tuple[str, ...]


def outlook(place: Workplace, environ: Mapping[str, str], mirror: str | None, cache_days: int) -> Outlook:
    """Where the estimates of a project come from."""
    settings = ArchiveSettings(
        mirror or OFFICIAL, cache_directory(environ), cache_days, cert=environ.get("SSL_CERT_FILE")
    )
    return Outlook(place, environ, settings)


def expect(place: Workplace, after: str, applied: frozenset[str], source: Outlook) -> Expectation:
    """Compare the project as it is with the Dockerfile `after` and the proposed ignore file, part by part."""
    old = source.parts(place.dockerfile, place.context.ignore_text)
    new = source.parts(parse(after), place.proposed_ignore)
    return Expectation(
        total(old.values()), total(new.values()), expected_shares(old, new, applied), tuple(source.notes)
    )


def would_free(place: Workplace, result: Rewrite, source: Outlook) -> dict[str, Saving]:
    """For each weighty transform that was not applied, what it would free on top of the plan.

    Of one that was left out, the same plan with it is estimated. Of one that refused, only cpu-torch is known by itself.
    """
    out = {step.transform for step in result.steps if step.status == "dropped"}
    found: dict[str, Saving] = {}
    for step in result.steps:
        if step.transform not in WEIGHTY:
            continue
        if step.status == "dropped":
            tried = rewrite(place.text, place.facts, TRANSFORMS, without=out - {step.transform})
            if step.transform in tried.applied:
                without = source.parts(parse(result.text), place.proposed_ignore)
                with_it = source.parts(parse(tried.text), place.proposed_ignore)
                found[step.transform] = (
                    total(expected_shares(without, with_it, {step.transform}).savings.values())
                    + expected_shares(without, with_it, {step.transform}).remainder
                )
        elif step.status == "refused" and step.transform == "cpu-torch":
            found[step.transform] = cpu_torch.SAVING
    return found
