"""Which known name a misspelt one may mean."""

from collections.abc import Iterable


def suggestion(name: str, known: Iterable[str]) -> str | None:
    """The nearest known name that at most two insertions, deletions or replacements of a letter away; the first of equals."""
    best, nearest = 3, None
    for other in sorted(known):
        if other != name and abs(len(other) - len(name)) < best:
            distance = _distance(name, other)
            if distance < best and distance < max(len(name), len(other)) - 1:
                best, nearest = distance, other
    return nearest


def _distance(one: str, two: str) -> int:
    row = list(range(len(two) + 1))
    for at, letter in enumerate(one, 1):
        previous, row[0] = row[0], at
        for column, other in enumerate(two, 1):
            previous, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, previous + (letter != other)),
            )
    return row[-1]
