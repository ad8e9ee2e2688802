"""Which stages go on into which, by the names that FROM gives and takes."""

from tare.rules.document import Document, Step


def key(step: Step) -> str:
    """What a later FROM can call this one: its alias, or else its image."""
    words = step.inner.args
    return words[2] if len(words) == 3 else words[0] if words else ""


def shipped(document: Document) -> frozenset[int]:
    """Indices of the stages whose files are in an image: the last one, and those that a FROM starts from. -1, which is
    what stands before any FROM, in a piece of a Dockerfile that has none."""
    froms = document.of("FROM")
    images = [step.inner.args[0] if step.inner.args else "" for step in froms]
    last = len(froms) - 1
    if last < 0:
        return frozenset({-1})
    return frozenset(
        index for index, step in enumerate(froms) if index == last or key(step) in images[index + 1 :]
    )


def inherited(document: Document) -> dict[int, int]:
    """The stage that each stage starts from, where there is one (the latest of the name)."""
    known: dict[str, int] = {}
    found: dict[int, int] = {}
    for index, step in enumerate(document.of("FROM")):
        if step.inner.args and step.inner.args[0] in known:
            found[index] = known[step.inner.args[0]]
        known[key(step)] = index
    return found
