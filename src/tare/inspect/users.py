"""Who needs a file: the image's start, ELF files that name it, Python modules that import it, links that lead to it."""

import posixpath
from collections.abc import Collection, Iterator

from tare.image.catalog import Package
from tare.image.tarhead import SYMLINK
from tare.schema.explain import Need
from tare.slim.elf.dynamic import read_dynamic
from tare.slim.elf.headers import ElfError
from tare.slim.python.environment import PythonEnvironment, environment_of
from tare.slim.reach.linking import needed_libraries
from tare.slim.start import read_start
from tare.slim.view import ImageFiles, View


def users(files: ImageFiles, paths: Collection[str]) -> Iterator[Need]:
    """Everything outside of `paths` (files, as the tree names them) that needs one of them."""
    yield from _start(files, paths)
    links = dict(_links(files, paths))
    for link, target in links.items():
        yield Need("link", link, f"leads to {target}", _owner(files, link))
    yield from _elf(files, paths, links)
    yield from _imports(files, paths)


def label(package: Package | None) -> str:
    """`dpkg:libc6 2.36`; '' for none."""
    return f"{package.manager}:{package.name} {package.version}" if package else ""


def _owner(files: ImageFiles, path: str) -> str:
    return label(files.owner(path))


def _start(files: ImageFiles, paths: Collection[str]) -> Iterator[Need]:
    start = read_start(files)
    for path in sorted(start.programs.intersection(paths)):
        yield Need("start", path, "the image's command runs it", _owner(files, path))
    for path in sorted(start.python.intersection(paths)):
        yield Need("start", path, "the image's command runs it with Python", _owner(files, path))


def _links(files: ImageFiles, paths: Collection[str]) -> Iterator[tuple[str, str]]:
    for path, node in files.nodes.items():
        if node.inode.entry.kind is SYMLINK and path not in paths:
            target = files.follow(path)
            if target is not None and target.path in paths:
                yield path, target.path


def _elf(files: ImageFiles, paths: Collection[str], links: dict[str, str]) -> Iterator[Need]:
    """By the names that the loader would look for: base names of the file and of links to it, and its soname."""
    names = {posixpath.basename(path): path for path in (*paths, *links) if ".so" in posixpath.basename(path)}
    for path in list(paths):
        if ".so" not in path or files.read(path, 0, 4) != b"\x7fELF":
            continue
        try:
            soname = read_dynamic(files.reader(path), files.size(path)).soname
        except ElfError:
            continue
        if soname:
            names[soname] = path
    if not names:
        return
    for path, needed in needed_libraries(View(files)).items():
        if path in paths:
            continue
        for name in needed:
            if name in names:
                yield Need("elf", path, f"needs {name}", _owner(files, path))
                break


def _imports(files: ImageFiles, paths: Collection[str]) -> Iterator[Need]:
    environment = environment_of(files)
    wanted = {environment.by_path[path].name: path for path in paths if path in environment.by_path}
    if not wanted:
        return
    last = tuple({name.rpartition(".")[2].encode() for name in wanted})
    for path, module in environment.by_path.items():
        if path in paths or not path.endswith(".py"):
            continue
        text = files.read(path)
        if b"import" not in text or not any(part in text for part in last):
            continue
        found = _imported(environment, path, wanted)
        if found is not None:
            name, how = found
            yield Need("import", path, f"{module.name} imports {name}{how}", _owner(files, path))


def _imported(environment: PythonEnvironment, path: str, wanted: dict[str, str]) -> tuple[str, str] | None:
    module = environment.by_path.get(path)
    lazily = None
    for one in environment.imports(path):
        for name in environment.targets(module, one):
            if name in wanted:
                if one.typing:
                    lazily = lazily or (name, " for type checking only")
                elif one.lazy:
                    lazily = name, " when a function runs"
                else:
                    return name, ""
    return lazily
