"""An image reference as a Dockerfile's FROM writes it, taken apart for look-ups in the base-image table."""

from dataclasses import dataclass

DOCKER_HUB = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})


@dataclass(frozen=True, slots=True)
class ReferenceParts:
    """`[registry/]path[:tag][@digest]`; `str()` gives the text back."""

    registry: str | None
    path: str
    tag: str | None
    digest: str | None

    def __str__(self) -> str:
        name = f"{self.registry}/{self.path}" if self.registry else self.path
        tag = f":{self.tag}" if self.tag is not None else ""
        return f"{name}{tag}{'@' + self.digest if self.digest is not None else ''}"

    def with_tag(self, tag: str) -> "ReferenceParts":
        """The same repository at another tag; a digest, which names other bytes, goes."""
        return ReferenceParts(self.registry, self.path, tag, None)

    @property
    def repository(self) -> str:
        """The name in the base-image table's terms: no registry of Docker Hub, no `library/`.

        A mirror's path is reduced to the part after `library/`; `a.example/mirror/python` is left whole,
        for the caller to decide.
        """
        path = self.path
        if "library/" in f"/{path}" and (self.registry is not None or path.startswith("library/")):
            return path.rpartition("library/")[2]
        return path


def split_reference(reference: str) -> ReferenceParts | None:
    """The parts of a reference, or None where it is no plain reference (empty, `scratch`, blanks,
    variables left)."""
    if not reference or reference == "scratch" or any(c.isspace() or c in "$\\\"'" for c in reference):
        return None
    rest, at, digest = reference.partition("@")
    head, slash, tail = rest.partition("/")
    registry = None
    if slash and ("." in head or ":" in head or head == "localhost"):
        registry, rest = head, tail
    slash_at = rest.rfind("/")
    colon_at = rest.rfind(":")
    tag = None
    if colon_at > slash_at:
        rest, tag = rest[:colon_at], rest[colon_at + 1 :]
    if not rest or tag == "" or (at and ":" not in digest):
        return None
    return ReferenceParts(registry, rest, tag, digest if at else None)
