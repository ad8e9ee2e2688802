"""Web applications in Python source: which object a server must be given, and what can be asked of it."""

import ast
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tare.context.behaviour import literal

FRAMEWORKS = {
    "FastAPI": "fastapi",
    "Flask": "flask",
    "Quart": "quart",
    "Starlette": "starlette",
    "Sanic": "sanic",
    "Litestar": "litestar",
    "Dash": "dash",
    "Application": "aiohttp",
    "get_wsgi_application": "django",
    "get_asgi_application": "django",
    "APIRouter": "fastapi",
    "Blueprint": "flask",
}
_PARTS = frozenset({"APIRouter", "Blueprint"})
_HEALTH = (
    "healthz",
    "health",
    "livez",
    "live",
    "healthcheck",
    "health_check",
    "readyz",
    "ready",
    "ping",
    "status",
)


@dataclass(frozen=True, slots=True)
class WebApp:
    """An application object: `target` is `module:name` as uvicorn and gunicorn take it, from the file's own root."""

    framework: str
    target: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Route:
    """A path that an application answers. `certain` is False where a prefix given elsewhere may stand before it."""

    url: str
    methods: tuple[str, ...]
    path: str
    line: int
    certain: bool

    @property
    def is_health(self) -> bool:
        """Whether it reads like a health check: GET, no parameters, a customary name."""
        name = self.url.strip("/").split("/")[-1].lower()
        return (
            "GET" in self.methods
            and not re.search(r"[<{*^$(]", self.url)
            and (name in _HEALTH or self.url == "/")
        )


def find_apps(tree: ast.Module, path: str) -> tuple[WebApp, ...]:
    """Application objects made at the top level of a module, or by a `create_app` function."""
    return tuple(
        WebApp(framework, f"{module_of(path)}:{name}", path, line) for name, framework, line in _apps(tree)
    )


def module_of(path: str) -> str:
    """The dotted module of a file, `src/` not counted."""
    name = posixpath.splitext(path)[0].removeprefix("src/").removesuffix("/__init__")
    return name.replace("/", ".")


def _apps(tree: ast.Module) -> Iterator[tuple[str, str, int]]:
    aliases = _aliases(tree)
    for node in _top_level(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            made = _maker(node.value, aliases)
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if made in FRAMEWORKS and made not in _PARTS:
                yield from ((t.id, FRAMEWORKS[made], node.lineno) for t in targets if isinstance(t, ast.Name))
        elif isinstance(node, ast.FunctionDef) and node.name in ("create_app", "make_app", "build_app"):
            for part in ast.walk(node):
                if isinstance(part, ast.Call) and (made := _maker(part, aliases)) in FRAMEWORKS:
                    yield f"{node.name}()", FRAMEWORKS[made], node.lineno
                    break


def _aliases(tree: ast.Module) -> dict[str, str]:
    """Local names of imported ones, so that `Application` counts only when it is a framework's."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module or ''}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = alias.name
    return names


def _maker(call: ast.Call, aliases: dict[str, str]) -> str:
    """The framework's name for what is called; '' for anything of another origin."""
    head, _, rest = ast.unparse(call.func).partition(".")
    full = aliases.get(head, "") + (f".{rest}" if rest else "")
    name = full.rpartition(".")[2]
    wanted = FRAMEWORKS.get(name, "")
    return name if wanted and full.split(".")[0].startswith(wanted) else ""


def _top_level(tree: ast.Module) -> Iterator[ast.stmt]:
    waiting = list(tree.body)
    while waiting:
        node = waiting.pop(0)
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With):
            waiting.extend(part for part in ast.iter_child_nodes(node) if isinstance(part, ast.stmt))


def find_routes(tree: ast.Module, path: str) -> tuple[Route, ...]:
    """Routes of FastAPI, Flask, Starlette and Django in one module."""
    aliases = _aliases(tree)
    prefixes: dict[str, str] = {}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and isinstance(node.targets[0], ast.Name)
            and _maker(node.value, aliases) in _PARTS
        ):
            keywords = {k.arg: literal(k.value) for k in node.value.keywords}
            prefixes[node.targets[0].id] = keywords.get("prefix") or keywords.get("url_prefix") or ""
    found = {route for node in ast.walk(tree) for route in _routes(node, path, prefixes)}
    return tuple(sorted(found, key=lambda route: (route.line, route.url)))


def _routes(node: ast.AST, path: str, prefixes: dict[str, str]) -> Iterator[Route]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
                yield from _decorated(decorator, decorator.func, path, prefixes)
    elif isinstance(node, ast.Call):
        called = ast.unparse(node.func).rpartition(".")[2]
        url = literal(node.args[0]) if node.args else None
        if url is None:
            return
        if called in ("add_api_route", "add_url_rule", "Route", "add_route") and url.startswith("/"):
            yield Route(url, _methods(node), path, node.lineno, called != "Route")
        elif called in ("path", "re_path") and path.endswith("urls.py"):
            plain = "/" + url.removeprefix("^").removesuffix("$")
            includes = len(node.args) > 1 and "include" in ast.unparse(node.args[1])
            if not includes:
                yield Route(plain, ("GET",), path, node.lineno, False)


def _decorated(call: ast.Call, func: ast.Attribute, path: str, prefixes: dict[str, str]) -> Iterator[Route]:
    url = (
        literal(call.args[0])
        if call.args
        else next((literal(k.value) for k in call.keywords if k.arg in ("path", "rule")), None)
    )
    if url is None or not (url == "" or url.startswith("/")):
        return
    owner = ast.unparse(func.value)
    if func.attr in ("get", "post", "put", "delete", "patch", "head"):
        methods: tuple[str, ...] = (func.attr.upper(),)
    elif func.attr in ("route", "api_route"):
        methods = _methods(call)
    else:
        return
    yield Route(prefixes.get(owner, "") + url or "/", methods, path, call.lineno, owner not in prefixes)


def _methods(call: ast.Call) -> tuple[str, ...]:
    for keyword in call.keywords:
        if keyword.arg == "methods" and isinstance(keyword.value, ast.List | ast.Tuple):
            return tuple(text.upper() for item in keyword.value.elts if (text := literal(item)))
    return ("GET",)


def health_route(routes: tuple[Route, ...]) -> Route | None:
    """The route to ask for an application's health: certain ones first, then by the customary order of names."""

    def rank(route: Route) -> tuple[bool, int, int]:
        name = route.url.strip("/").split("/")[-1].lower()
        return (not route.certain, _HEALTH.index(name) if name in _HEALTH else len(_HEALTH), len(route.url))

    return min((route for route in routes if route.is_health), key=rank, default=None)
