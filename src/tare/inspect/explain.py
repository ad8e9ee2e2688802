"""One path, explained: origin, owner, earlier versions, users, and what removing it would free."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from tare import __version__
from tare.core.errors import ImageError
from tare.image.attribute import classify
from tare.image.catalog import Package
from tare.image.tarhead import FILE
from tare.image.tree import Hidden, Inode, Node
from tare.inspect.changes import kind_of
from tare.inspect.dependents import READ, dependents
from tare.inspect.remedies import CAUSES, CLASSES, package_remedy
from tare.inspect.shares import by_layer
from tare.inspect.survey import Survey
from tare.inspect.users import label, users
from tare.schema.explain import ExplainReport, Need, NeedKind, Origin, Part, Removal, Version
from tare.schema.inspect import Remedy, Share
from tare.slim.view import ImageFiles

_ORDER: dict[NeedKind, int] = {"start": 0, "elf": 1, "import": 2, "package": 3, "link": 4}


def explain_path(
    survey: Survey,
    files: ImageFiles,
    asked: str,
    *,
    base_layers: int | None = None,
    lines: Mapping[int, int] | None = None,
) -> ExplainReport:
    """The report. Raises `ImageError` where no layer ever held the path."""
    tree = survey.analysis.tree
    wanted = asked.strip("/")
    node = tree.resolve(wanted) if wanted else tree.root
    path = node.path if node is not None else wanted
    gone = [one for one in tree.hidden if one.path == path or one.path.startswith(f"{path}/") or not path]
    if node is None and not gone:
        raise ImageError(
            f"no layer holds {asked!r}", where=survey.analysis.image.reference, hint=_nearest(survey, wanted)
        )
    origins = _Origins(survey, base_layers, lines or {})
    below = list(_files(node)) if node is not None else []
    package = survey.attributor.node(node).package if node is not None and node.children is None else None
    entry = node.inode.entry if node is not None else None
    names = _names(survey, node)
    needs, known, notes = _needs(survey, files, node, below, package)
    versions = sorted(gone, key=lambda one: (-one.inode.entry.size_bytes, one.path, one.gone_in))
    return ExplainReport(
        verb="explain",
        tool_version=__version__,
        reference=survey.analysis.image.reference,
        asked=asked,
        path=path,
        present=node is not None,
        kind=kind_of(entry) if entry is not None else None,
        mode=entry.mode if entry is not None else 0,
        uid=entry.uid if entry is not None else 0,
        gid=entry.gid if entry is not None else 0,
        mtime=entry.mtime if entry is not None else 0,
        link=entry.link if entry is not None else "",
        origin=origins.of(node.inode.layer) if node is not None else None,
        package=label(package),
        package_bytes=_package_bytes(survey, package),
        path_class=classify(path).value if node is not None and node.children is None else "",
        names=names,
        versions=tuple(
            Version(
                one.path,
                one.inode.entry.size_bytes,
                origins.of(one.inode.layer),
                origins.of(one.gone_in),
                one.cause,
            )
            for one in versions
        ),
        parts=tuple(_parts(survey, node)) if node is not None and node.children is not None else (),
        needs=tuple(sorted(needs, key=lambda one: (_ORDER[one.kind], one.package, one.name))),
        needs_known=known,
        removal=_removal(survey, node, below, gone, package),
        notes=tuple(notes),
    )


class _Origins:
    def __init__(self, survey: Survey, base_layers: int | None, lines: Mapping[int, int]) -> None:
        self._layers = survey.analysis.image.layers
        self._base = base_layers
        self._lines = lines

    def of(self, index: int) -> Origin:
        layer = self._layers[index]
        base = None if self._base is None else index < self._base
        return Origin(
            index + 1, layer.instruction or layer.created_by, layer.created, base, self._lines.get(index + 1)
        )


def _files(node: Node) -> Iterator[Node]:
    """All names of files at a node or beneath."""
    stack = [node]
    while stack:
        one = stack.pop()
        if one.children is not None:
            stack.extend(one.children.values())
        elif one.inode.entry.kind is FILE:
            yield one


def _names(survey: Survey, node: Node | None) -> tuple[str, ...]:
    if node is None or node.children is not None or node.inode.links <= 1:
        return ()
    same = (other.path for other in survey.analysis.tree.walk() if other.inode is node.inode)
    return tuple(path for path in same if path != node.path)


def _package_bytes(survey: Survey, package: Package | None) -> int:
    return next((tally.size_bytes for one, tally in survey.packages if one is package), 0) if package else 0


def _needs(
    survey: Survey, files: ImageFiles, node: Node | None, below: list[Node], package: Package | None
) -> tuple[list[Need], tuple[NeedKind, ...], list[str]]:
    if node is None:
        return [], (), []
    notes: list[str] = []
    paths = {one.path for one in below} or {node.path}
    needs = list(users(files, paths))
    known: list[NeedKind] = ["start", "elf", "import", "link"]
    owners = {id(one): one for one in _owners(survey, below)} if package is None else {id(package): package}
    if len(owners) == 1:
        (owner,) = owners.values()
        if owner.manager in READ:
            needs += dependents(survey.analysis, owner)
            known.append("package")
        else:
            notes.append(
                f"who depends on {label(owner)} is not known: {owner.manager}'s database is not read for that"
            )
    return needs, tuple(known), notes


def _owners(survey: Survey, below: list[Node]) -> Iterator[Package]:
    for node in below:
        found = survey.attributor.node(node).package
        if found is not None:
            yield found


def _parts(survey: Survey, node: Node) -> Iterator[Part]:
    children: dict[str, list[int]] = defaultdict(list)
    packages: dict[str, list[int]] = defaultdict(list)
    classes: dict[str, list[int]] = defaultdict(list)
    layers: dict[str, list[int]] = defaultdict(list)
    seen: set[Inode] = set()
    start = len(node.path) + 1 if node.path else 0
    for one in _files(node):
        if one.inode in seen:
            continue
        seen.add(one.inode)
        found = survey.attributor.node(one)
        size = found.size_bytes
        children[one.path[start:].partition("/")[0]].append(size)
        packages[label(found.package)].append(size)
        classes[found.path_class.value].append(size)
        layers[str(one.inode.layer + 1)].append(size)
    for kind, group in (("child", children), ("package", packages), ("class", classes), ("layer", layers)):
        for name, sizes in sorted(group.items(), key=lambda pair: (-sum(pair[1]), pair[0])):
            yield Part(kind, name, len(sizes), sum(sizes))  # type: ignore[arg-type]


def _removal(
    survey: Survey, node: Node | None, below: list[Node], gone: list[Hidden], package: Package | None
) -> Removal:
    """A file counts when all its names are at the path or beneath."""
    names: dict[Inode, int] = defaultdict(int)
    for one in below:
        names[one.inode] += 1
    freed = [inode for inode, count in names.items() if count >= inode.links]
    spread = by_layer((inode.layer, inode.entry.size_bytes) for inode in freed)
    hidden = sum(one.inode.entry.size_bytes for one in gone)
    remedy: Remedy | None = None
    if node is None and gone:
        remedy = CAUSES[gone[0].cause]
    elif package is not None:
        remedy = package_remedy(package)
    if remedy is None and node is not None and node.children is None:
        remedy = CLASSES.get(classify(node.path))
    return Removal(
        Share(sum(spread.values()), survey.shares.of(spread)), hidden, len(freed) == len(names), remedy
    )


def _nearest(survey: Survey, wanted: str) -> str:
    """The deepest directory on the way that exists."""
    path = wanted
    while path:
        path = path.rpartition("/")[0]
        node = survey.analysis.tree.resolve(path) if path else survey.analysis.tree.root
        if node is not None and node.children is not None:
            return f"/{node.path} has {len(node.children)} entries; try tare explain IMAGE /{node.path}"
    return "check the path"
