"""Base images: what a reference in FROM stands for, how big it is, and which smaller variant it has.

Everything here is knowledge with a date (`base_sizes.RECORDED_ON`), for use where the image itself is
not at hand; sizes are estimates with ranges, never measurements.
"""

import re
from functools import lru_cache

from tare.knowledge.base_model import BaseFacts, BaseVariant, SlimVariant
from tare.knowledge.base_sizes import RECORDED_ON, ROWS
from tare.knowledge.base_tags import READERS, TagFacts, default_debian
from tare.knowledge.reference_parts import DOCKER_HUB, ReferenceParts, split_reference
from tare.schema.quantity import Quantity, estimated, unknown

__all__ = ["BaseFacts", "BaseVariant", "SlimVariant", "base_facts", "slim_variant", "variants"]

MB = 1_000_000
PYTHON_MINORS = tuple(f"3.{minor}" for minor in range(8, 15))
# Repositories that end like an official one and are something else.
NOT_MIRRORS = (
    "cgr.dev",
    "mcr.microsoft.com",
    "registry.access.redhat.com",
    "lscr.io",
    "bitnami",
    "lambda",
    "chainguard",
    "devcontainers",
    "distroless",
    "vscode",
    "ubi",
)
_SOURCE = f"public registry listings, linux/amd64, noted {RECORDED_ON}, not re-measured"


def _sizes() -> dict[tuple[str, str, str], tuple[Quantity, Quantity]]:
    table = {}
    for line in ROWS.strip().splitlines():
        name, compressed, uncompressed = (part.split() for part in line.split("|"))
        low, typical, high = (float(number) * MB for number in compressed)
        pulled = estimated(typical, low, high, _SOURCE)
        low, typical, high = (float(number) * MB for number in uncompressed)
        table[name[0], name[1], name[2]] = (pulled, estimated(typical, low, high, _SOURCE))
    return table


SIZES = _sizes()


def _hull(quantities: list[Quantity]) -> Quantity:
    """One estimate for something that is one of these: the first one's value, a range over all."""
    first = quantities[0]
    lows = [q.low for q in quantities if q.low is not None]
    highs = [q.high for q in quantities if q.high is not None]
    return estimated(first.value or 0.0, min(lows), max(highs), first.source)


def _size(image: str, variant: str, releases: tuple[str, ...]) -> tuple[Quantity, Quantity]:
    rows = [SIZES[image, variant, r] for r in (*releases, "*") if (image, variant, r) in SIZES]
    if not rows:
        nothing = unknown(f"no size is recorded for the {variant} variant of {image}")
        return nothing, nothing
    return _hull([row[0] for row in rows]), _hull([row[1] for row in rows])


def _identify(parts: ReferenceParts) -> tuple[str, bool] | None:
    """The table's name of this repository, and whether it was taken for a mirror."""
    full = f"{parts.registry}/{parts.path}" if parts.registry else parts.path
    if full in READERS:
        return full, False
    if parts.registry is None or parts.registry in DOCKER_HUB:
        return (parts.repository, False) if parts.repository in READERS else None
    if parts.registry == "quay.io" and parts.path.startswith("jupyter/"):
        return (parts.path, False) if parts.path in READERS else None
    if parts.registry == "nvcr.io" and parts.path == "nvidia/cuda":
        return parts.path, False
    if parts.repository in READERS and "library/" in f"/{parts.path}":
        return parts.repository, True
    if any(word in (parts.registry, *parts.path.split("/")[:-1]) for word in NOT_MIRRORS):
        return None
    for name in READERS:
        if parts.path == name or parts.path.endswith(f"/{name}"):
            return name, True
    return None


def _slim(parts: ReferenceParts, facts: TagFacts) -> SlimVariant | None:
    if facts.slim_tag is None:
        return None
    note = facts.slim_note
    if parts.digest is not None:
        lost = "the digest pinned other bytes and was dropped: pin the new image's digest again"
        note = f"{note}; {lost}" if note else lost
    return SlimVariant(str(parts.with_tag(facts.slim_tag)), parts.digest is not None, note)


@lru_cache(256)
def base_facts(reference: str) -> BaseFacts | None:
    """What is known of the image that `reference` (variables already expanded) names.

    None: a repository or a tag that is not in the table, `scratch`, or a digest without a tag. Unknown
    is not slim.
    """
    parts = split_reference(reference)
    if parts is None or (parts.tag is None and parts.digest is not None):
        return None
    known = _identify(parts)
    if known is None:
        return None
    image, mirror = known
    tag = parts.tag or "latest"
    facts = READERS[image](tag)
    if facts is None:
        return None
    compressed, uncompressed = _size(image, facts.variant, facts.releases)
    notes = facts.notes
    if mirror:
        notes = (*notes, f"taken for a mirror of {image} by its path")
    return BaseFacts(
        reference=reference,
        image=image,
        variant=facts.variant,
        family=facts.family,
        distribution=facts.distribution,
        releases=facts.releases,
        python_version=facts.python_version,
        python_path=facts.python_path,
        is_slim=facts.is_slim,
        slim=_slim(parts, facts),
        build_tools=facts.build_tools,
        packages=facts.packages,
        package_manager=facts.package_manager,
        default_user=facts.default_user,
        compressed=compressed,
        uncompressed=uncompressed,
        mirror=mirror,
        notes=notes,
    )


def slim_variant(reference: str) -> SlimVariant | None:
    """The smaller image of the same family, None where there is none, it is slim already, or nothing is
    known."""
    facts = base_facts(reference)
    return facts.slim if facts is not None else None


def _python_tags(version: str) -> list[str]:
    """The tags that exist for a Python version (docker-library/python, 2025-10)."""
    minor = re.match(r"\d+\.\d+", version)
    releases = {
        "3.8": ("bookworm", "bullseye"),
        "3.14": ("trixie", "bookworm"),
    }.get(minor[0] if minor else "", ("trixie", "bookworm", "bullseye"))
    tags = [version, *(f"{version}-{release}" for release in releases), f"{version}-slim"]
    return [*tags, *(f"{version}-slim-{release}" for release in releases), f"{version}-alpine"]


def _variant(reference: str) -> BaseVariant | None:
    facts = base_facts(reference)
    if facts is None:
        return None
    return BaseVariant(reference, facts.variant, facts.release, facts.compressed, facts.uncompressed)


def variants(reference: str) -> tuple[BaseVariant, ...]:
    """The variants of the same image and version, biggest first; empty where nothing is known.

    For Python 3.8 to 3.14 that is every Debian and Alpine variant; for other images, the image itself and its
    smaller one. Patch releases are assumed to have the variants of their minor version.
    """
    parts = split_reference(reference)
    facts = base_facts(reference)
    if parts is None or facts is None:
        return ()
    version = facts.python_version
    references = [reference, *([facts.slim_variant] if facts.slim_variant else [])]
    if facts.image == "python" and version is not None and version.startswith(PYTHON_MINORS):
        references = [str(parts.with_tag(tag)) for tag in _python_tags(version)]
    found = [row for row in map(_variant, references) if row is not None]
    return tuple(sorted(found, key=lambda row: -(row.uncompressed.value or 0.0)))


def debian_releases(python_version: str) -> tuple[str, ...]:
    """The Debian releases that `python:VERSION` may stand for, likeliest first."""
    return default_debian(python_version)
