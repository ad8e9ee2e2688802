"""Who links to whom: libraries by the names that the loader knows, and the names that each ELF file needs."""

import posixpath

from tare.image.tarhead import SYMLINK
from tare.slim.elf.dynamic import read_dynamic
from tare.slim.elf.headers import ElfError
from tare.slim.view import View


def library_index(view: View) -> dict[str, tuple[str, ...]]:
    """Files by the names that the loader may know them by: base names, also of links."""
    known = view.files.cache.get("library index")
    if isinstance(known, dict):
        return known
    found: dict[str, list[str]] = {}
    for path, node in view.files.nodes.items():
        name = posixpath.basename(path)
        if ".so" not in name or node.children is not None:
            continue
        target = view.files.follow(path) if node.inode.entry.kind is SYMLINK else node
        if target is not None and target.children is None:
            found.setdefault(name, []).append(target.path)
    index = {name: tuple(dict.fromkeys(paths)) for name, paths in found.items()}
    view.files.cache["library index"] = index
    return index


def needed_libraries(view: View) -> dict[str, tuple[str, ...]]:
    """NEEDED names (and the loader's) of every ELF program and library."""
    known = view.files.cache.get("needed libraries")
    if isinstance(known, dict):
        return known
    found: dict[str, tuple[str, ...]] = {}
    interpreters: dict[str, str] = {}
    converters: list[str] = []
    for path in view.files.files:
        entry = view.files.nodes[path].inode.entry
        if not (entry.mode & 0o111 or ".so" in path.rpartition("/")[2]) or entry.size_bytes < 64:
            continue
        if view.files.read(path, 0, 4) != b"\x7fELF":
            continue
        try:
            dynamic = read_dynamic(
                view.files.reader(path),
                entry.size_bytes,
            )
        except ElfError:
            continue
        loader = (posixpath.basename(dynamic.interpreter),) if dynamic.interpreter else ()
        found[path] = (*dynamic.needed, *loader)
        if dynamic.interpreter:
            interpreters[path] = dynamic.interpreter
        if b"\0iconv_open\0" in dynamic.strings:
            converters.append(path)
    view.files.cache["loaders"] = interpreters
    view.files.cache["converters"] = tuple(converters)
    view.files.cache["needed libraries"] = found
    return found


def loaders(view: View) -> dict[str, str]:
    """The loader's path as each program names it."""
    needed_libraries(view)
    known = view.files.cache.get("loaders")
    return known if isinstance(known, dict) else {}


def converters(view: View) -> tuple[str, ...]:
    """ELF files that import or export `iconv_open`."""
    needed_libraries(view)
    known = view.files.cache.get("converters")
    return known if isinstance(known, tuple) else ()
