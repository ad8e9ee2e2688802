"""Shares of the difference between two images: they add up, and nothing is counted twice."""

from hypothesis import given
from hypothesis import strategies as st

from tare.optimize.parts import Kind, Part, Weight, cache_name
from tare.optimize.shares import IGNORE_FILE, candidates, expected_shares, measured_shares, minus, total
from tare.rewrite.registry import TRANSFORMS
from tare.schema.finding import Saving
from tare.schema.quantity import estimated, measured, unknown

NAMES = [*(transform.name for transform in TRANSFORMS), IGNORE_FILE]
PARTS = st.builds(
    Part, st.sampled_from(Kind), st.sampled_from(["", "gcc", "vim", "torch", "numpy", "apt", "pip"])
)
MAPS = st.dictionaries(PARTS, st.integers(0, 10**9).map(lambda size: Weight(size, size * 0.4)), max_size=12)
TOTALS = (estimated(100, 90, 110), estimated(50, 49, 51))


@given(MAPS, MAPS, st.sets(st.sampled_from(NAMES)))
def test_shares_and_remainder_are_the_whole_difference(
    before: dict[Part, Weight], after: dict[Part, Weight], applied: set[str]
) -> None:
    shares = measured_shares(before, after, applied, TOTALS)
    assert set(shares.savings) <= applied
    parts = [*shares.savings.values(), shares.remainder]
    disk = sum(saving.uncompressed_bytes.value or 0 for saving in parts)
    assert disk == sum(w.size_bytes for w in before.values()) - sum(w.size_bytes for w in after.values())
    assert all(saving.uncompressed_bytes.basis == "measured" for saving in parts)
    packed = sum(saving.compressed_bytes.value or 0 for saving in parts)
    whole = sum(w.packed_bytes for w in before.values()) - sum(w.packed_bytes for w in after.values())
    assert abs(packed - whole) <= len(parts)
    assert all(saving.compressed_bytes.basis == "estimated" for saving in parts)


@given(MAPS, MAPS, st.sets(st.sampled_from(NAMES)))
def test_expected_shares_add_up_too(
    before: dict[Part, Weight], after: dict[Part, Weight], applied: set[str]
) -> None:
    old, new = ({part: _around(weight) for part, weight in side.items()} for side in (before, after))
    shares = expected_shares(old, new, applied)
    parts = [*shares.savings.values(), shares.remainder]
    whole = minus(total(old.values()).uncompressed_bytes, total(new.values()).uncompressed_bytes)
    value = sum(saving.uncompressed_bytes.value or 0 for saving in parts)
    assert whole.value is not None and abs(value - whole.value) < 1
    assert whole.low is not None and whole.high is not None
    lows = sum(_low(saving) for saving in parts)
    assert lows >= whole.low - 1


def _around(weight: Weight) -> Saving:
    size = weight.size_bytes
    return Saving(
        estimated(size * 0.4, size * 0.3, size * 0.5, "a"), estimated(size, size * 0.9, size * 1.1, "b")
    )


def _low(saving: Saving) -> float:
    quantity = saving.uncompressed_bytes
    return (quantity.value or 0) if quantity.low is None else quantity.low


def test_unknown_stays_unknown_unless_it_is_the_same_on_both_sides() -> None:
    dark = Saving(unknown("mirror"), unknown("mirror"))
    part, other = Part(Kind.SYSTEM, "gcc"), Part(Kind.SYSTEM, "vim")
    known = Saving(measured(1), measured(2))
    gone = expected_shares({part: dark, other: known}, {}, {"multi-stage", "drop-tools"})
    assert gone.savings["multi-stage"].uncompressed_bytes == unknown("mirror")
    assert gone.savings["drop-tools"].uncompressed_bytes.value == 2
    both = expected_shares({part: dark}, {part: dark}, {"multi-stage"})
    assert not both.savings and both.remainder.uncompressed_bytes.value == 0


def test_the_most_particular_optimization_gets_the_bytes() -> None:
    everything = set(NAMES)

    def owner(kind: Kind, name: str = "", before: tuple[Part, ...] = ()) -> str:
        return next(found for found in candidates(Part(kind, name), before) if found in everything)

    assert owner(Kind.PYTHON, "nvidia-cudnn-cu12") == owner(Kind.PYTHON, "torch") == "cpu-torch"
    assert owner(Kind.PYTHON, "pip") == owner(Kind.BYTECODE, "numpy") == "prune-environment"
    assert owner(Kind.CACHE, "apt") == "apt-hygiene" and owner(Kind.CACHE, "pip") == "cache-mounts"
    assert owner(Kind.SYSTEM, "vim") == "drop-tools" and owner(Kind.SYSTEM, "gcc") == "multi-stage"
    assert owner(Kind.SYSTEM, "libgl1", (Part(Kind.BASE_PACKAGE, "libgl1"),)) == "slim-base"
    assert owner(Kind.PROJECT) == IGNORE_FILE and owner(Kind.BASE) == "slim-base"
    assert all(name in everything for kind in Kind for name in candidates(Part(kind), ()))


def test_whose_cache() -> None:
    assert cache_name("var/lib/apt/lists/x") == cache_name("var/cache/apt/pkgcache.bin") == "apt"
    assert cache_name("root/.cache/pip/http/a") == "pip" and cache_name("var/cache/debconf/t") == "other"
