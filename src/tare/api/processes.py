"""Work over several processes. A module of its own, because importing what it needs costs more than linting a file."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def mapped(function: Callable[[Item], Answer], items: Sequence[Item], workers: int) -> list[Answer]:
    """`function` of every item, in order. It must be known by name to a new process."""
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(function, items))
