"""Which stages go on into which, by the names that FROM gives and takes."""

from tare.rules.document import Document, Step


def image_name(image: str) -> str:
    """An image without its registry, tag and digest: hadolint takes two images of one name for the same."""
    head, slash, rest = image.partition("/")
    if slash and ("." in head or ":" in head or head == "localhost"):
        image = rest
    image = image.partition("@")[0]
    return image.partition(":")[0]


def key(step: Step) -> str:
    """What a later FROM can call this one: its alias, or else the name of its image."""
    words = step.inner.args
    return words[2] if len(words) == 3 else image_name(words[0]) if words else ""


def shipped(document: Document) -> frozenset[int]:
    """Indices of the stages whose files are in an image: the last one, and those that a FROM starts from. -1, which is
    what stands before any FROM, in a piece of a Dockerfile that has none."""
    froms = document.of("FROM")
    images = [step.inner.args[0] if step.inner.args else "" for step in froms]
    last = len(froms) - 1
    if last < 0:
        return frozenset({-1})
    names = [image_name(image) for image in images]
    return frozenset(
        index
        for index, step in enumerate(froms)
        if index == last
        or (
            step.inner.args[2] in names[index + 1 :]
            if len(step.inner.args) == 3
            else images[index] in images[index + 1 :]
        )
    )


def inherited(document: Document) -> dict[int, int]:
    """The stage that each stage starts from, where there is one (the latest of the name)."""
    known: dict[str, int] = {}
    found: dict[int, int] = {}
    for index, step in enumerate(document.of("FROM")):
        name = image_name(step.inner.args[0]) if step.inner.args else ""
        if name in known:
            found[index] = known[name]
        known[key(step)] = index
    return found
