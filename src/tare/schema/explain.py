"""What `tare explain` answers. Layers are numbered from 1, the lowest first."""

from dataclasses import dataclass, field
from typing import Literal

from tare.schema.inspect import Kind, Remedy, Share
from tare.schema.report import SCHEMA_VERSION

NeedKind = Literal["start", "elf", "import", "link", "package"]


@dataclass(frozen=True, slots=True)
class Origin:
    """The layer that wrote something, with its instruction. `base` tells whether it came with the base image (None: not
    known); `line` is the instruction's in the Dockerfile, where one was given."""

    layer: int
    instruction: str
    created: str
    base: bool | None
    line: int | None


@dataclass(frozen=True, slots=True)
class Version:
    """Content that a path had in a lower layer and that no path shows any more."""

    path: str
    size_bytes: int
    written: Origin
    hidden: Origin
    cause: str


@dataclass(frozen=True, slots=True)
class Need:
    """Something that needs the path: the image's own start, an ELF file that names it, a Python module that imports it, a
    link that leads to it, or a package that depends on its package. `package` owns the one who needs it."""

    kind: NeedKind
    name: str
    detail: str
    package: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a directory: a child, a package or a class, with its visible bytes."""

    kind: Literal["child", "package", "class", "layer"]
    name: str
    files: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Removal:
    """What removing the path would free: `visible` of its present files, `hidden` of versions beneath. A later layer that
    deletes it frees nothing: it must go where it is written. `last_name` is false when hard links keep its content."""

    visible: Share
    hidden_bytes: int
    last_name: bool
    remedy: Remedy | None


@dataclass(frozen=True, slots=True)
class ExplainReport:
    """One path: who wrote it, whose it is, what it was before, who needs it, what it costs.

    `path` is where it really is, links among the directories of `asked` followed. `present` is false where only lower
    layers hold it. `needs_known` names the kinds of need that were looked for.
    """

    verb: Literal["explain"]
    tool_version: str
    reference: str
    asked: str
    path: str
    present: bool
    kind: Kind | None
    mode: int
    uid: int
    gid: int
    mtime: int
    link: str
    origin: Origin | None
    package: str
    package_bytes: int
    path_class: str
    names: tuple[str, ...]
    """Further hard-linked names."""
    versions: tuple[Version, ...]
    parts: tuple[Part, ...]
    needs: tuple[Need, ...]
    needs_known: tuple[NeedKind, ...]
    removal: Removal
    notes: tuple[str, ...] = ()
    schema_version: int = field(default=SCHEMA_VERSION)
