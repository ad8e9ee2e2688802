"""Which imports mean the project itself: names that resolve to its own files."""

import posixpath

from tare.context.imports import Import


def resolve_local(
    imported: tuple[Import, ...], sources: frozenset[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Top-level names that resolve inside the project, and the files that the application's local imports name."""
    directories = {posixpath.dirname(path) for path in sources}
    parents = set(directories)
    for directory in directories:
        while directory:
            directory = posixpath.dirname(directory)
            parents.add(directory)
    names: set[str] = set()
    files: set[str] = set()
    for one in imported:
        for base in bases_of(one, directories):
            top = posixpath.join(base, one.top) if one.top else base
            if one.top and f"{top}.py" not in sources and top not in parents:
                continue
            if one.top:
                names.add(one.top)
            if not one.test:
                files.update(files_of(base, one, sources))
            break
    return frozenset(names), frozenset(files)


def bases_of(one: Import, directories: set[str]) -> list[str]:
    """Directories from which a module name may be resolved, nearest first."""
    directory = posixpath.dirname(one.path)
    if not one.top:
        for _ in range(len(one.module) - len(one.module.lstrip(".")) - 1):
            directory = posixpath.dirname(directory)
        return [directory]
    bases = [directory]
    while directory:
        directory = posixpath.dirname(directory)
        bases.append(directory)
    return [*bases, *sorted(d for d in directories if posixpath.basename(d) in ("src", "lib", "app")), "src"]


def files_of(base: str, one: Import, sources: frozenset[str]) -> set[str]:
    """The source files that an import means when its name is looked up in the directory `base`."""
    dotted = one.module.lstrip(".")
    module = posixpath.join(base, *dotted.split(".")) if dotted else base
    candidates = {f"{module}.py", posixpath.join(module, "__init__.py")}
    for name in one.names:
        candidates |= {posixpath.join(module, f"{name}.py"), posixpath.join(module, name, "__init__.py")}
    return candidates & sources
