"""Room between segments that nothing in the file describes any more, and the file without it.

patchelf and auditwheel put a new segment behind the symbol tables of a library. When those go, a gap is left before that
segment. It is taken out in whole multiples of the alignment of all segments behind it, so that offsets and addresses
still agree (System V ABI, chapter 5, "Program Header") and no address moves: what changes are file offsets.
"""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from itertools import accumulate
from struct import Struct

from tare.slim.elf.headers import PT_LOAD, SHF_ALLOC, SHT_NOBITS, SHT_NULL, Elf

Gap = tuple[int, int]
"""A range of the old file, (start, end)."""
_LIMIT_ALIGN = 1 << 16


def gaps(elf: Elf, dropped: Collection[int]) -> tuple[Gap, ...]:
    """What can be cut out, in order, once the sections `dropped` are gone."""
    table = (elf.segments_at, elf.segments_at + elf.segment_entry * len(elf.segments))
    used = [(0, max(elf.header_size, len(elf.header))), table]
    used += [(one.offset, one.offset + one.file_size) for one in elf.segments if one.file_size]
    used += [
        (one.offset, one.file_end)
        for one in elf.sections
        if one.index not in dropped
        and one.index != elf.names_index
        and one.kind not in (SHT_NULL, SHT_NOBITS)
        and one.size
    ]
    end = max(stop for _, stop in used)
    found: list[Gap] = []
    at = 0
    for start, stop in sorted(used):
        if start > at:
            step = _step(elf, start)
            room = (start - at) // step * step if step else 0
            if room:
                found.append((at, at + room))
        at = max(at, stop)
    return tuple(gap for gap in found if gap[1] <= end)


def _step(elf: Elf, start: int) -> int:
    """The multiple in which what begins at `start` and all behind it may move; 0 where nothing may."""
    behind = [one for one in elf.segments if one.offset >= start and (one.file_size or one.kind == PT_LOAD)]
    loads = [one.align for one in behind if one.kind == PT_LOAD]
    sections = [one.align for one in elf.sections if one.flags & SHF_ALLOC and one.offset >= start]
    step = max([4096, *loads, *(one.align for one in behind), *sections])
    return step if loads and step <= _LIMIT_ALIGN and not step & (step - 1) else 0


class Moves:
    """Where offsets of the old file are in the new one."""

    def __init__(self, cut: Sequence[Gap]) -> None:
        self._starts = [start for start, _ in cut]
        self._cut = list(cut)
        self._before = [0, *accumulate(stop - start for start, stop in cut)]

    def __call__(self, offset: int) -> int:
        """The new offset; one inside a gap is where the gap was."""
        place = bisect_right(self._starts, offset)
        if not place:
            return offset
        start, stop = self._cut[place - 1]
        return offset - self._before[place - 1] - min(stop - start, offset - start)


def program_headers(elf: Elf, table: bytes, moves: Moves) -> bytes:
    """The program header table with the new offsets; `table` is the old one."""
    raw = bytearray(table)
    field = Struct(elf.prefix + ("Q" if elf.wide else "I"))
    for place, one in enumerate(elf.segments):
        if one.file_size or one.kind == PT_LOAD:
            field.pack_into(raw, place * elf.segment_entry + (8 if elf.wide else 4), moves(one.offset))
    return bytes(raw)
