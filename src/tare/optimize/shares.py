"""Which optimization freed which bytes. The shares and the remainder add up to the whole difference; no byte is counted twice."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add

from tare.knowledge.debian import is_build_package, purpose
from tare.optimize.parts import Kind, Part, Weight
from tare.schema.finding import Saving
from tare.schema.quantity import Quantity, estimated, measured, unknown

IGNORE_FILE = "dockerignore"
"""The change of `.dockerignore`, which is no transform and frees bytes all the same."""
MEASURED = "files of both images, compared part by part"
PACKED = "compressed share of those files' layers"
CUDA = ("nvidia-", "cuda-", "triton", "pytorch-triton")
TORCH = frozenset({"torch", "torchvision", "torchaudio"})


@dataclass(frozen=True, slots=True)
class Shares:
    """What each applied optimization frees, by name, and what no single one accounts for."""

    savings: Mapping[str, Saving]
    remainder: Saving


def candidates(part: Part, before: Collection[Part]) -> tuple[str, ...]:
    """The optimizations that may have freed a part, the most particular first: the first that was applied gets it."""
    match part.kind:
        case Kind.BASE | Kind.BASE_PACKAGE:
            return ("slim-base", "multi-stage")
        case Kind.SYSTEM:
            if part not in before and Part(Kind.BASE_PACKAGE, part.name) in before:
                # A slim base, with a package of the full one installed again: one change, seen from both sides.
                return ("slim-base", "multi-stage", "apt-hygiene")
            if is_build_package(part.name):
                return ("multi-stage", "drop-tools", "apt-hygiene")
            if purpose(part.name) is not None:
                return ("drop-tools", "multi-stage", "apt-hygiene")
            return ("multi-stage", "apt-hygiene", "drop-tools")
        case Kind.PYTHON:
            if part.name.startswith(CUDA) or part.name in TORCH:
                return ("cpu-torch", "prune-environment", "multi-stage")
            return ("prune-environment", "multi-stage")
        case Kind.BYTECODE | Kind.PRUNABLE:
            return ("prune-environment", "multi-stage", "python-env")
        case Kind.CACHE:
            first = "apt-hygiene" if part.name == "apt" else "cache-mounts"
            return (first, "multi-stage", "cache-mounts", "apt-hygiene")
        case Kind.HIDDEN:
            return ("multi-stage", "non-root", "apt-hygiene", "drop-tools", "dependencies-first")
        case Kind.PROJECT:
            return (IGNORE_FILE, "dependencies-first", "multi-stage")
    return ("multi-stage", "prune-environment", "non-root")


def measured_shares(
    before: Mapping[Part, Weight],
    after: Mapping[Part, Weight],
    applied: Collection[str],
    totals: tuple[Quantity, Quantity],
) -> Shares:
    """Shares out of two built images. `totals`: their compressed sizes, for the range of what is packed.

    Disk bytes are measured and add up exactly. Packed bytes come from the share of each layer that the files take.
    """
    freed: dict[str, Weight] = {}
    rest = Weight()
    for part in {**before, **after}:
        delta = before.get(part, Weight()) - after.get(part, Weight())
        owner = next((name for name in candidates(part, before) if name in applied), None)
        if owner is None:
            rest += delta
        else:
            freed[owner] = freed.get(owner, Weight()) + delta
    margin = max(_margin(total) for total in totals)
    return Shares({name: _saving(weight, margin) for name, weight in freed.items()}, _saving(rest, margin))


def _saving(weight: Weight, margin: float) -> Saving:
    packed = weight.packed_bytes
    spread = abs(packed) * margin
    return Saving(
        estimated(round(packed), round(packed - spread), round(packed + spread), PACKED),
        measured(weight.size_bytes, MEASURED),
    )


def _margin(total: Quantity) -> float:
    if total.value is None or not total.value or total.low is None or total.high is None:
        return 0.0
    return max(total.high - total.value, total.value - total.low) / total.value


def expected_shares(
    before: Mapping[Part, Saving], after: Mapping[Part, Saving], applied: Collection[str]
) -> Shares:
    """Shares out of two images that were never built. What is unknown on one side only makes its owner's share unknown."""
    freed: dict[str, list[Saving]] = {}
    rest: list[Saving] = []
    for part in {**before, **after}:
        old, new = before.get(part, NOTHING), after.get(part, NOTHING)
        if old == new:
            continue
        owner = next((name for name in candidates(part, before) if name in applied), None)
        (rest if owner is None else freed.setdefault(owner, [])).append(_difference(old, new))
    return Shares({name: total(savings) for name, savings in freed.items()}, total(rest))


NOTHING = Saving(measured(0.0), measured(0.0))


def total(savings: Iterable[Saving]) -> Saving:
    """The sum; nothing is 0 bytes, for certain."""
    return reduce(add, savings, NOTHING)


NO_SHARES = Shares({}, NOTHING)


def _difference(old: Saving, new: Saving) -> Saving:
    return Saving(
        minus(old.compressed_bytes, new.compressed_bytes),
        minus(old.uncompressed_bytes, new.uncompressed_bytes),
    )


def minus(old: Quantity, new: Quantity) -> Quantity:
    """`old - new`, with the widest range that both allow; unknown where one of them is."""
    if old.value is None or new.value is None:
        return unknown((old if old.value is None else new).source)
    low = (old.value if old.low is None else old.low) - (new.value if new.high is None else new.high)
    high = (old.value if old.high is None else old.high) - (new.value if new.low is None else new.low)
    return estimated(old.value - new.value, low, high, old.source or new.source)
