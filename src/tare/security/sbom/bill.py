"""What is in an image, independent of a format."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from packaging.utils import canonicalize_name

from tare.image.analysis import Analysis
from tare.image.catalog import Package
from tare.security.native import Bundled

TYPES = {"dpkg": "deb", "apk": "apk", "rpm": "rpm", "python": "pypi", "npm": "npm", "conda": "conda"}


@dataclass(frozen=True, slots=True)
class Component:
    """One package. `purl` follows the package URL specification; `layer` is the diff ID of the layer that brought it, ''
    when that is not known; `files` are counted, not listed."""

    manager: str
    name: str
    version: str
    purl: str
    evidence: str
    layer: str
    source: str
    files: int


@dataclass(frozen=True, slots=True)
class Bill:
    """An image with its packages, sorted by package URL and place. `digest` names the configuration."""

    image: str
    digest: str
    created: str
    tool_version: str
    layers: tuple[str, ...]
    components: tuple[Component, ...]


def make_bill(
    analysis: Analysis,
    release: Mapping[str, str],
    digest: str,
    created: str,
    tool_version: str,
    libraries: Sequence[Bundled] = (),
) -> Bill:
    """The bill of an image that was read, with the libraries that wheels carry. `created` is an RFC 3339 time in UTC."""
    components = [_component(package, analysis, release) for package in analysis.packages]
    components += [_library(one, analysis) for one in libraries]
    components.sort(key=lambda one: (one.purl, one.evidence))
    layers = tuple(layer.diff_id for layer in analysis.image.layers)
    return Bill(analysis.image.reference, digest, created, tool_version, layers, tuple(components))


def _component(package: Package, analysis: Analysis, release: Mapping[str, str]) -> Component:
    nodes = (analysis.tree.resolve(path) for path in (*package.files, package.database))
    node = next((found for found in nodes if found is not None and found.inode.place >= 0), None)
    layer = "" if node is None else analysis.image.layers[node.inode.layer].diff_id
    return Component(
        package.manager,
        package.name,
        package.version,
        purl(package, release),
        "/" + package.database,
        layer,
        package.source,
        len(package.files),
    )


def _library(one: Bundled, analysis: Analysis) -> Component:
    node = analysis.tree.resolve(one.path.lstrip("/"))
    layer = "" if node is None else analysis.image.layers[node.inode.layer].diff_id
    url = f"pkg:generic/{quote(one.name, safe='.-_~')}@{quote(one.version, safe='.-_~:')}"
    return Component(
        "bundled", one.name, one.version, url, one.path, layer, f"{one.owner} {one.owner_version}", 1
    )


def purl(package: Package, release: Mapping[str, str]) -> str:
    """`pkg:TYPE/[NAMESPACE/]NAME@VERSION[?QUALIFIERS]` (package-url.github.io, purl-spec)."""
    kind = TYPES.get(package.manager, "generic")
    name = package.name
    namespace = ""
    qualifiers = ""
    if package.manager == "python":
        name = canonicalize_name(name)
    elif package.manager == "npm" and name.startswith("@"):
        namespace, _, name = name.partition("/")
    elif package.manager in ("dpkg", "apk", "rpm"):
        namespace = re.sub(r"[^a-z0-9._-]", "", release.get("ID", "").lower())
        if namespace and release.get("VERSION_ID"):
            qualifiers = f"?distro={namespace}-{quote(release['VERSION_ID'], safe='.-_~')}"
    parts = [f"pkg:{kind}", *([quote(namespace, safe="")] if namespace else []), quote(name, safe=".-_~")]
    return "/".join(parts) + f"@{quote(package.version, safe='.-_~:')}" + qualifiers
