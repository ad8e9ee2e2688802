"""One Python source file, parsed once, with everything that is asked of it."""

import ast
import io
import posixpath
import tokenize
import warnings
from dataclasses import dataclass

from tare.context.behaviour import Behaviour, observe
from tare.context.imports import Import, find_imports
from tare.context.web import Route, WebApp, find_apps, find_routes

_EXTENSION_WORDS = frozenset({"ext_modules", "cythonize", "rust_extensions", "cffi_modules"})


@dataclass(frozen=True, slots=True)
class Module:
    """A source file. `builds_extensions`: it is a setup.py that compiles native code."""

    path: str
    test: bool
    imports: tuple[Import, ...]
    behaviour: Behaviour
    apps: tuple[WebApp, ...]
    routes: tuple[Route, ...]
    builds_extensions: bool


def parse_module(data: bytes, path: str, *, test: bool) -> Module:
    """Parse a file in its declared encoding. Raises `SyntaxError`, `ValueError`, `RecursionError` or `MemoryError`
    for what is not Python, or nests too deeply."""
    encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(data.decode(encoding))
    return Module(
        path=path,
        test=test,
        imports=find_imports(tree, path, test=test),
        behaviour=observe(tree, path),
        apps=find_apps(tree, path),
        routes=find_routes(tree, path),
        builds_extensions=posixpath.basename(path) == "setup.py" and _builds_extensions(tree),
    )


def _builds_extensions(tree: ast.Module) -> bool:
    return any(
        (isinstance(node, ast.keyword) and node.arg in _EXTENSION_WORDS)
        or (isinstance(node, ast.Name) and node.id in _EXTENSION_WORDS)
        or (isinstance(node, ast.Constant) and node.value in _EXTENSION_WORDS)
        for node in ast.walk(tree)
    )
