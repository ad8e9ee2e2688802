"""Packages that depend on a package, by what each manager's database says."""

import re
from collections.abc import Iterator, Mapping
from email import message_from_string
from email.errors import MessageError

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from tare.image.analysis import Analysis
from tare.image.catalog import Package
from tare.image.catalog.package import paragraphs
from tare.schema.explain import Need

_DEBIAN_NAME = re.compile(r"\s*([a-z0-9][a-z0-9+.\-]*)")
READ = frozenset({"dpkg", "apk", "python", "conda", "npm"})
"""Managers whose dependencies are read."""


def dependents(analysis: Analysis, package: Package) -> Iterator[Need]:
    """Every installed package of the same manager that names `package` among what it needs."""
    others = [one for one in analysis.packages if one.manager == package.manager and one is not package]
    match package.manager:
        case "dpkg":
            yield from _dpkg(analysis, package)
        case "apk":
            yield from _apk(analysis, package)
        case "python":
            yield from _python(analysis.files, package, others)
        case "conda" | "npm":
            yield from _json(analysis.files, package, others)


def _need(package: Package, detail: str) -> Need:
    label = f"{package.manager}:{package.name} {package.version}"
    return Need("package", label, detail, label)


def _dpkg(analysis: Analysis, package: Package) -> Iterator[Need]:
    """Depends, Pre-Depends and Recommends; an alternative or a provided name counts (deb-control(5))."""
    installed = {one.name: one for one in analysis.packages if one.manager == "dpkg"}
    blocks = [
        fields
        for path, content in sorted(analysis.files.items())
        if re.fullmatch(r"var/lib/dpkg/(?:status|status\.d/[^/]+)", path) and not path.endswith(".md5sums")
        for fields in paragraphs(content.decode("utf-8", "replace"))
        if fields.get("package") in installed
    ]
    wanted = {package.name}
    for fields in blocks:
        if fields["package"] == package.name:
            wanted |= _names(fields.get("provides", ""))
    for fields in blocks:
        if fields["package"] == package.name:
            continue
        for relation in ("pre-depends", "depends", "recommends"):
            for group in fields.get(relation, "").split(","):
                alternatives = [match[1] for part in group.split("|") if (match := _DEBIAN_NAME.match(part))]
                if not wanted.intersection(alternatives):
                    continue
                rest = [name for name in alternatives if name in installed and name not in wanted]
                text = f"{relation.title()}: {' '.join(group.split())}"
                if rest:
                    text += f" ({rest[0]} is installed too)"
                yield _need(installed[fields["package"]], text)


def _names(text: str) -> set[str]:
    return {match[1] for part in text.split(",") if (match := _DEBIAN_NAME.match(part))}


def _apk(analysis: Analysis, package: Package) -> Iterator[Need]:
    """`D:` against the names and `p:` provides of the package (Apk spec, "Installed Database V2")."""
    blocks: list[dict[str, str]] = []
    for block in analysis.files.get(package.database, b"").decode("utf-8", "surrogateescape").split("\n\n"):
        fields: dict[str, str] = {}
        for line in block.split("\n"):
            key, colon, value = line.partition(":")
            if colon:
                fields.setdefault(key, value)
        blocks.append(fields)
    wanted = {package.name}
    for fields in blocks:
        if fields.get("P") == package.name:
            wanted |= {_bare(word) for word in fields.get("p", "").split()}
    installed = {one.name: one for one in analysis.packages if one.manager == "apk"}
    for fields in blocks:
        name = fields.get("P", "")
        if name == package.name or name not in installed:
            continue
        found = [
            word for word in fields.get("D", "").split() if not word.startswith("!") and _bare(word) in wanted
        ]
        if found:
            yield _need(installed[name], f"depends on {', '.join(found)}")


def _bare(word: str) -> str:
    return re.split(r"[<>=~@]", word, maxsplit=1)[0]


def _python(files: Mapping[str, bytes], package: Package, others: list[Package]) -> Iterator[Need]:
    """`Requires-Dist` of each METADATA; requirements of extras do not count."""
    wanted = canonicalize_name(package.name)
    for other in others:
        text = files.get(other.database, b"").decode("utf-8", "replace")
        try:
            lines = message_from_string(text.partition("\n\n")[0]).get_all("Requires-Dist", [])
        except (MessageError, ValueError):
            continue
        for line in lines:
            try:
                requirement = Requirement(str(line))
            except InvalidRequirement:
                continue
            if canonicalize_name(requirement.name) == wanted and "extra" not in str(requirement.marker or ""):
                yield _need(other, f"Requires-Dist: {line}")
                break


def _json(files: Mapping[str, bytes], package: Package, others: list[Package]) -> Iterator[Need]:
    """`depends` of conda-meta, `dependencies` of package.json."""
    for other in others:
        try:
            found = msgspec.json.decode(files.get(other.database, b"{}"))
        except msgspec.DecodeError:
            continue
        if not isinstance(found, dict):
            continue
        listed = found.get("depends" if other.manager == "conda" else "dependencies")
        if isinstance(listed, dict):
            listed = [f"{name} {version}" for name, version in listed.items()]
        for line in listed if isinstance(listed, list) else ():
            if str(line).split(" ")[0] == package.name:
                yield _need(other, f"depends on {line}")
                break
