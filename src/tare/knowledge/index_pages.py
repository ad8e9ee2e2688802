"""The simple repository API: HTML (PEP 503) and JSON (PEP 691) pages, and file names, as data."""

import posixpath
import re
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from typing import Literal
from urllib.parse import unquote, urljoin, urlsplit

import msgspec
from packaging.tags import Tag
from packaging.utils import (
    BuildTag,
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"


@dataclass(frozen=True, slots=True)
class DistributionFile:
    """A wheel or sdist that an index offers. `size_bytes` and `sha256` are None where the index does not say."""

    filename: str
    url: str
    name: str
    version: Version
    kind: Literal["wheel", "sdist"]
    tags: frozenset[Tag] = frozenset()
    build: BuildTag = ()
    size_bytes: int | None = None
    requires_python: str | None = None
    yanked: bool = False
    sha256: str | None = None

    @property
    def pure(self) -> bool:
        """Whether the wheel runs on any platform."""
        return any(tag.platform == "any" for tag in self.tags)


class _JsonFile(msgspec.Struct, rename="kebab"):
    filename: str
    url: str
    size: int | None = None
    requires_python: str | None = None
    yanked: bool | str = False
    hashes: dict[str, str] = {}


class _JsonMeta(msgspec.Struct, rename="kebab"):
    api_version: str


class _JsonPage(msgspec.Struct):
    files: list[_JsonFile]
    meta: _JsonMeta | None = None


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.base: str | None = None
        self.links: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "base" and found.get("href"):
            self.base = found["href"]
        elif tag == "a" and found.get("href"):
            self.links.append(found)


def read_filename(filename: str, url: str) -> DistributionFile | None:
    """The distribution that a file name stands for, None where it is no wheel or sdist name."""
    try:
        if filename.endswith(".whl"):
            name, version, build, tags = parse_wheel_filename(filename)
            return DistributionFile(filename, url, name, version, "wheel", tags, build)
        if filename.endswith((".tar.gz", ".zip")):
            name, version = parse_sdist_filename(filename)
            return DistributionFile(filename, url, name, version, "sdist")
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None
    return None


def parse_json(body: bytes, page_url: str) -> list[DistributionFile]:
    """A PEP 691 page. Raises `ValueError` where it is none, or of another major version."""
    try:
        page = msgspec.json.decode(body, type=_JsonPage)
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from error
    if page.meta is not None and not re.match(r"1(\.|$)", page.meta.api_version):
        raise ValueError(f"version {page.meta.api_version} of the simple API is not supported")
    files = []
    for entry in page.files:
        known = read_filename(entry.filename, urljoin(page_url, entry.url))
        if known is not None:
            yanked = entry.yanked is not False
            files.append(
                replace(
                    known,
                    size_bytes=entry.size,
                    requires_python=entry.requires_python,
                    yanked=yanked,
                    sha256=entry.hashes.get("sha256"),
                )
            )
    return files


def parse_html(body: str, page_url: str) -> list[DistributionFile]:
    """A PEP 503 page, or any page of links to files as `--find-links` takes them."""
    anchors = _Anchors()
    anchors.feed(body)
    anchors.close()
    base = urljoin(page_url, anchors.base) if anchors.base else page_url
    files = []
    for link in anchors.links:
        url = urljoin(base, link["href"] or "")
        known = read_filename(unquote(posixpath.basename(urlsplit(url).path)), url)
        if known is not None:
            python = link.get("data-requires-python")
            digest = re.search(r"#(?:.*&)?sha256=([0-9a-f]{64})", url)
            files.append(
                replace(
                    known,
                    requires_python=python,
                    yanked="data-yanked" in link,
                    sha256=digest[1] if digest else None,
                )
            )
    return files


def named(files: list[DistributionFile], name: str) -> list[DistributionFile]:
    """Those files that belong to the distribution `name`, whatever its spelling."""
    wanted = canonicalize_name(name)
    return [file for file in files if canonicalize_name(file.name) == wanted]
