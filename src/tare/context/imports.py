"""What Python source imports, by its syntax tree: where, and how surely it happens at run time."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_DJANGO_LISTS = frozenset(
    {"INSTALLED_APPS", "MIDDLEWARE", "AUTHENTICATION_BACKENDS", "DJANGO_APPS", "THIRD_PARTY_APPS"}
)


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module.

    `module` is its dotted name, relative ones with their leading dots; `names` are those taken from it with
    `from … import`. `guarded`: in a `try` that survives its absence, or below an `if`; `lazy`: inside a function;
    `typing_only`: below `if TYPE_CHECKING`; `dynamic`: named in a string. `test`: the file is a test.
    """

    module: str
    path: str
    line: int
    names: tuple[str, ...] = ()
    guarded: bool = False
    lazy: bool = False
    typing_only: bool = False
    dynamic: bool = False
    test: bool = False

    @property
    def top(self) -> str:
        """The top-level name; '' for a relative import."""
        return self.module.split(".")[0]


@dataclass(frozen=True, slots=True)
class _Place:
    guarded: bool = False
    lazy: bool = False
    typing_only: bool = False


def find_imports(tree: ast.Module, path: str, *, test: bool = False) -> tuple[Import, ...]:
    """Every import in a module, string-named ones and Django's application lists included, in source order."""
    return tuple(sorted(set(_walk(tree, path, test)), key=lambda found: (found.line, found.module)))


def _walk(tree: ast.Module, path: str, test: bool) -> Iterator[Import]:
    waiting: list[tuple[ast.AST, _Place]] = [(tree, _Place())]
    while waiting:
        node, place = waiting.pop()
        for module, names, dynamic in _modules(node):
            yield Import(
                module,
                path,
                getattr(node, "lineno", 1),
                names,
                place.guarded,
                place.lazy,
                place.typing_only,
                dynamic,
                test,
            )
        waiting.extend(_children(node, place))


def _children(node: ast.AST, place: _Place) -> Iterator[tuple[ast.AST, _Place]]:
    inner = place
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        inner = _Place(place.guarded, True, place.typing_only)
    elif isinstance(node, ast.Try) and any(_survives(handler) for handler in node.handlers):
        guarded = _Place(True, place.lazy, place.typing_only)
        yield from ((child, guarded) for child in node.body)
        for handler in node.handlers:
            yield from ((child, guarded) for child in handler.body)
        yield from ((child, place) for child in (*node.orelse, *node.finalbody))
        return
    elif isinstance(node, ast.If) and not _is_main(node.test):
        typing = "TYPE_CHECKING" in ast.unparse(node.test)
        yield node.test, place
        body = _Place(True, place.lazy, place.typing_only or typing)
        other = _Place(not typing or place.guarded, place.lazy, place.typing_only)
        yield from ((child, body) for child in node.body)
        yield from ((child, other) for child in node.orelse)
        return
    yield from ((child, inner) for child in ast.iter_child_nodes(node))


def _is_main(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def _survives(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in _IMPORT_ERRORS) for kind in kinds)


def _modules(node: ast.AST) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """(dotted name, names taken from it, whether named in a string) for one node."""
    if isinstance(node, ast.Import):
        yield from ((alias.name, (), False) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield "." * node.level + (node.module or ""), tuple(alias.name for alias in node.names), False
    elif isinstance(node, ast.Call) and node.args:
        called = ast.unparse(node.func)
        first = node.args[0]
        named = called in (
            "importlib.import_module",
            "import_module",
            "__import__",
            "importlib.util.find_spec",
        )
        if named and isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value:
            yield first.value, (), True
    elif isinstance(node, ast.Assign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(target, ast.Name) and target.id in _DJANGO_LISTS for target in targets):
            for part in ast.walk(node.value):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and _dotted(part.value):
                    yield part.value, (), True


def _dotted(text: str) -> bool:
    return bool(text) and all(part.isidentifier() for part in text.split("."))
