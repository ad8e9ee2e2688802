"""Which of an ordered list of changes is to blame, by bisection over its prefixes."""

from collections.abc import Callable, Sequence


def first_culprit(changes: Sequence[str], works: Callable[[Sequence[str]], bool]) -> str:
    """The change with which a growing prefix of `changes` stops working.

    `works` answers for a list of changes applied; all of `changes` are known not to work, none of them to work. At most
    log2(len) + 1 calls. Where changes only fail together, the later one is blamed.
    """
    low, high = 0, len(changes)
    while high - low > 1:
        middle = (low + high) // 2
        if works(changes[:middle]):
            low = middle
        else:
            high = middle
    return changes[high - 1]
