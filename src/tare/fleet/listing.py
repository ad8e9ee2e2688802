"""From the sources that people name to image references: lists, Kubernetes and Compose manifests, directories, names."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tare.core.errors import ImageError, UsageError
from tare.image.documents import read_index
from tare.image.limits import DEFAULT_LIMITS
from tare.image.reference import Transport, parse_name, parse_reference
from tare.image.sources.oci_layout import DirectoryStore, image_names

CATALOG = "catalog:"
_YAML_SUFFIXES = (".yaml", ".yml", ".json")
_ARCHIVE = re.compile(r".*\.(?:tar|tgz|tar\.(?:gz|zst|xz|bz2)|oci|img)", re.IGNORECASE)
_POD_LISTS = ("containers", "initContainers", "ephemeralContainers")
_LARGEST = 64 << 20
_VARIABLE = re.compile(r"\$\{|\$[A-Za-z_]")


@dataclass(frozen=True, slots=True)
class Catalog:
    """A registry whose repositories are to be listed; `prefix` limits them, '' takes all."""

    host: str
    prefix: str


@dataclass(frozen=True, slots=True)
class Named:
    """One reference, and where it was named. `problem` says why it is none that can be read."""

    reference: str
    origin: str
    problem: str = ""


def read_source(source: str) -> Catalog | tuple[Named, ...]:
    """What a source names. `catalog:HOST[:PORT][/PREFIX]` is a registry; a directory is one of archives and layouts, or an
    OCI layout itself; a file is a manifest (`.yaml`, `.yml`, `.json`), an archive, or a list with a reference a line; all
    else is a reference. Raises `UsageError`."""
    if source.startswith(CATALOG):
        return _catalog(source)
    path = Path(source)
    if path.is_dir():
        return tuple(_directory(path))
    if path.is_file():
        if path.suffix.lower() in _YAML_SUFFIXES:
            return tuple(_manifests(path))
        if _ARCHIVE.fullmatch(path.name) or _looks_binary(path):
            return (Named(str(path), source),)
        return tuple(_list(path))
    return (Named(normal(source), source),)


def normal(text: str) -> str:
    """A reference as the fleet keeps it: names of registries with `docker://`, everything else as it stands. Raises
    `UsageError`."""
    parsed = parse_reference(text)
    if parsed.transport is not Transport.AUTO:
        return text
    if text.startswith((".", "/", "~")) or Path(text).exists():
        if not Path(text).exists():
            raise UsageError("no such file or directory", where=text)
        return text
    parse_name(text)
    return f"docker://{text}"


def _catalog(source: str) -> Catalog:
    host, _, prefix = source.removeprefix(CATALOG).removeprefix("//").partition("/")
    if not host or not re.fullmatch(r"[A-Za-z0-9.\-\[\]:]+", host):
        raise UsageError("no host", where=source, hint="catalog:registry.example.com[:PORT][/PREFIX]")
    return Catalog(host, prefix)


def _directory(root: Path) -> Iterator[Named]:
    """Every archive and OCI layout in a directory and below, in order; links are not followed into directories."""
    if (root / "oci-layout").is_file():
        yield from _layout(root, str(root))
        return
    found = 0
    for folder, names, files in os.walk(root):
        names.sort()
        for name in list(names):
            if (Path(folder) / name / "oci-layout").is_file():
                names.remove(name)
                found += 1
                yield from _layout(Path(folder) / name, str(root))
        for name in sorted(files):
            if _ARCHIVE.fullmatch(name):
                found += 1
                yield Named(str(Path(folder) / name), str(root))
    if not found:
        raise UsageError(
            "no archive and no OCI layout in it",
            where=str(root),
            hint="*.tar, *.tar.gz, *.tar.zst or a layout",
        )


def _layout(folder: Path, origin: str) -> Iterator[Named]:
    """Every image of an OCI layout by its name; the layout itself where it holds one."""
    reference = f"oci:{folder}"
    try:
        raw = DirectoryStore(folder, reference).read("index.json", DEFAULT_LIMITS.manifest_bytes)
        names = image_names(read_index(raw, reference))
    except ImageError:
        names = ()  # opening it says what is wrong
    if len(names) < 2:
        yield Named(reference, origin)
    for name in names if len(names) > 1 else ():
        yield Named(f"{reference}:{name}", origin)


def _list(path: Path) -> Iterator[Named]:
    text = _text(path)
    found = False
    for number, line in enumerate(text.splitlines(), 1):
        word = line.partition("#")[0].strip()
        if not word:
            continue
        found = True
        where = f"{path}:{number}"
        try:
            yield Named(normal(word), where)
        except UsageError as error:
            yield Named(word, where, error.message)
    if not found:
        raise UsageError("the list is empty", where=str(path), hint="one image reference a line")


def _manifests(path: Path) -> Iterator[Named]:
    """The images of a Compose file's services, or of every pod in Kubernetes documents of any kind."""
    try:
        documents = list(yaml.safe_load_all(_text(path)))
    except (yaml.YAMLError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = str(path) if line is None else f"{path}:{line + 1}"
        raise UsageError(
            "the file is not YAML", where=where, hint="templates have to be rendered first"
        ) from error
    seen: dict[str, None] = {}
    for document in documents:
        if (
            isinstance(document, dict)
            and isinstance(document.get("services"), dict)
            and "kind" not in document
        ):
            for service in document["services"].values():
                if isinstance(service, dict) and isinstance(service.get("image"), str):
                    seen.setdefault(service["image"])
        else:
            for image in _pod_images(document, 0):
                seen.setdefault(image)
    if not seen:
        raise UsageError(
            "no image is named in it", where=str(path), hint="a Kubernetes or Compose manifest names some"
        )
    for image in seen:
        if _VARIABLE.search(image):
            yield Named(image, str(path), "a variable stands in it; render the file first")
            continue
        try:
            parse_name(image)
        except UsageError as error:
            yield Named(image, str(path), error.message)
        else:
            yield Named(f"docker://{image}", str(path))


def _pod_images(value: Any, depth: int) -> Iterator[str]:
    if depth > 64:
        return
    if isinstance(value, list):
        for item in value:
            yield from _pod_images(item, depth + 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in _POD_LISTS and isinstance(item, list):
                for container in item:
                    if isinstance(container, dict) and isinstance(container.get("image"), str):
                        yield container["image"]
            elif key == "volumes" and isinstance(item, list):
                for volume in item:
                    image = volume.get("image") if isinstance(volume, dict) else None
                    if isinstance(image, dict) and isinstance(image.get("reference"), str):
                        yield image["reference"]
            else:
                yield from _pod_images(item, depth + 1)


def _looks_binary(path: Path) -> bool:
    with path.open("rb") as file:
        return b"\0" in file.read(1024)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise UsageError(f"more than {_LARGEST} bytes", where=str(path), hint="split the file")
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", where=str(path)) from error
