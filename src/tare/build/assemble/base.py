"""What assembling needs to know of a base image, read once and kept by the base's own digest."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tare.build.assemble.interpreter import Interpreter, find_interpreter
from tare.core.events import EventSink
from tare.image.analysis import Analysis, analyse
from tare.image.catalog import Package
from tare.image.contents import Contents
from tare.image.model import Image
from tare.image.tarhead import FILE
from tare.image.tree import Tree

FORMAT = "1"
ACCOUNTS = ("etc/passwd", "etc/group")


@dataclass(frozen=True, slots=True)
class BaseFacts:
    """The Python, the accounts' files by path, what the packages are, and the size of each layer's tar."""

    interpreter: Interpreter
    accounts: dict[str, str]
    packages: tuple[Package, ...]
    plain_bytes: tuple[int, ...]


def read_base(image: Image, cache: Path, on_event: EventSink) -> BaseFacts:
    """The facts, from the cache where this very configuration, which names every layer's content, was read before. The first
    time every layer is read and verified. Raises `ImageError`."""
    identity = hashlib.sha256(image.source.config()).hexdigest()
    place = cache / f"{identity}-{FORMAT}.json"
    try:
        return msgspec.json.decode(place.read_bytes(), type=BaseFacts)
    except (OSError, msgspec.DecodeError):
        pass
    analysis = analyse(image, sample=False, on_event=on_event)
    with Contents(analysis) as contents:
        facts = BaseFacts(
            find_interpreter(analysis, contents),
            {path: _text(analysis, contents, path) for path in ACCOUNTS},
            tuple(
                Package(one.manager, one.name, one.version, (), None, one.database)
                for one in analysis.packages
            ),
            contents.plain_bytes,
        )
    _keep(place, msgspec.json.encode(facts))
    return facts


def unread(image: Image) -> Analysis:
    """The image for a draft that takes all its layers as they are stored, and looks into none of them."""
    return Analysis(image, (), Tree(), {}, ())


def _text(analysis: Analysis, contents: Contents, path: str) -> str:
    node = analysis.tree.resolve(path)
    if node is None or node.inode.entry.kind is not FILE:
        return ""
    return contents.read(node.inode).decode("utf-8", "replace")


def _keep(place: Path, data: bytes) -> None:
    """Best effort: where the cache cannot be written to, the base is read again the next time."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=".base-", dir=place.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.replace(name, place)
    except OSError:
        return
