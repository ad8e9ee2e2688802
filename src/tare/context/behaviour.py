"""What Python source does to the world around it, as far as its syntax tree tells: files, programs, ports, GPU."""

import ast
import os.path
import posixpath
import re
import shlex
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """A value with the file and line where it was found."""

    value: str
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Of one file: path literals (`opened` by a call that reads, `mentioned` elsewhere, `written`), programs
    started, ports listened on, signs that a GPU is meant (`gpu`, only those without a fallback to the CPU)."""

    opened: tuple[Found, ...] = ()
    mentioned: tuple[Found, ...] = ()
    written: tuple[Found, ...] = ()
    programs: tuple[Found, ...] = ()
    ports: tuple[tuple[int, str, int], ...] = ()
    gpu: tuple[Found, ...] = ()


_OPENERS = re.compile(
    r"(^|\.)(open|load|loads?_model|load_file|read_\w+|load_\w+|loadtxt|genfromtxt|fromfile|imread|from_file"
    r"|from_pretrained|FileResponse|StaticFiles|Jinja2Templates|send_file|send_from_directory|Path|PurePath"
    r"|FileSystemLoader|InferenceSession|Booster|fileConfig|include_tasks|load_dotenv|TemplateLookup|YOLO)$"
)
_MAKERS = re.compile(r"(^|\.)(makedirs|mkdir|to_csv|to_parquet|to_pickle|savefig|save|dump)$")
_STARTERS = re.compile(
    r"^(subprocess\.)?(run|call|check_call|check_output|Popen|getoutput|getstatusoutput)$"
    r"|^os\.(system|popen|exec[lv]p?e?|spawn[lv]p?e?)$|^(shutil\.)?which$"
    r"|^asyncio\.create_subprocess_(exec|shell)$|^pexpect\.spawn$"
)
_NEED_PREFIX = frozenset({"run", "call"})
_LISTENERS = {
    "uvicorn.run": 8000,
    "waitress.serve": 8080,
    "serve": None,
    "app.run": None,
    "application.run": None,
    "server.run": None,
    "run_app": 8080,
    "run_server": 8050,
    "demo.launch": 7860,
    "iface.launch": 7860,
    "launch": None,
    "HTTPServer": None,
    "ThreadingHTTPServer": None,
    "add_insecure_port": None,
    "start_http_server": None,
    "run_simple": None,
}
_PORT_KEYWORDS = frozenset({"port", "server_port", "bind", "address"})
_PATH_NAME = re.compile(r"(DIR|PATH|FOLDER|FILE|ROOT|DIRECTORY|TEMPLATES?|STATIC)(S|NAME)?$", re.I)
_CUDA = re.compile(r"^cuda(:\d+)?$")
_LONGEST_PATH = 300


def observe(tree: ast.Module, path: str) -> Behaviour:
    """What one module does. String literals are only candidates: whether such a file exists is asked elsewhere."""
    seen = _Observer(path, _wrappers(tree))
    for node in ast.walk(tree):
        seen.node(node)
    fallback = "is_available" in seen.attributes or "device_count" in seen.attributes
    return Behaviour(
        opened=_distinct(seen.opened),
        mentioned=_distinct(seen.mentioned),
        written=_distinct(seen.written),
        programs=_distinct(seen.programs),
        ports=tuple(dict.fromkeys(seen.ports)),
        gpu=() if fallback else _distinct(seen.gpu),
    )


def _wrappers(tree: ast.Module) -> dict[str, int]:
    """Functions of the module that start the program which one of their arguments names, and which one that is."""
    found: dict[str, int] = {}
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
        names = names[1:] if names[:1] in (["self"], ["cls"]) else names
        names += [function.args.vararg.arg] if function.args.vararg else []
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and node.args and _STARTERS.search(_called(node.func)):
                command = node.args[0]
                first = (
                    command.elts[0] if isinstance(command, ast.List | ast.Tuple) and command.elts else command
                )
                first = first.value if isinstance(first, ast.Starred) else first
                if isinstance(first, ast.Name) and first.id in names:
                    found[function.name] = names.index(first.id)
    return found


def _distinct(found: list[Found]) -> tuple[Found, ...]:
    return tuple(sorted(set(found), key=lambda one: (one.line, one.value)))


def literal(node: ast.AST | None) -> str | None:
    """A string literal, or the literal head of an f-string; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
        return posixpath.dirname(str(node.values[0].value)) or None
    return None


def joined(node: ast.AST) -> str | None:
    """The literal end of a joined path: `BASE / "models" / "m.pkl"`, `os.path.join(BASE, "models", "m.pkl")`."""
    parts: list[str] = []
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            right = literal(node.right)
            if right is None:
                parts.clear()
            else:
                parts.insert(0, right)
            node = node.left
        head = literal(node)
        if head is None and isinstance(node, ast.Call) and node.args:
            head = literal(node.args[-1])
        parts[:0] = [head] if head else []
    elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("path.join", "joinpath", "Path")):
        for argument in node.args:
            text = literal(argument)
            parts = [*parts, text] if text is not None else []
    return "/".join(parts) if parts else None


def port_of(node: ast.AST) -> int | None:
    """A port in an expression: a number, `"0.0.0.0:8000"`, or the default in `int(os.getenv("PORT", "8000"))`."""
    for part in ast.walk(node):
        if not isinstance(part, ast.Constant) or isinstance(part.value, bool):
            continue
        text = str(part.value)
        number = re.fullmatch(r"(?:.*:)?(\d{2,5})", text)
        if isinstance(part.value, int | str) and number and 0 < int(number.group(1)) < 65536:
            return int(number.group(1))
    return None


class _Observer:
    def __init__(self, path: str, wrappers: dict[str, int]) -> None:
        self.path = path
        self.wrappers = wrappers
        self.opened: list[Found] = []
        self.mentioned: list[Found] = []
        self.written: list[Found] = []
        self.programs: list[Found] = []
        self.gpu: list[Found] = []
        self.ports: list[tuple[int, str, int]] = []
        self.attributes: set[str] = set()
        self.inner: set[int] = set()
        self.gunicorn = bool(re.search(r"(^|/)gunicorn[\w.]*\.py$", path))

    def found(self, value: str, node: ast.AST) -> Found:
        return Found(value, self.path, getattr(node, "lineno", 1))

    def node(self, node: ast.AST) -> None:
        if isinstance(node, ast.Attribute):
            self.attributes.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if _like_path(node.value):
                self.mentioned.append(self.found(node.value, node))
        elif isinstance(node, ast.Call):
            self.call(node)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            self.inner.add(id(node.left))
            if id(node) not in self.inner:
                self.reads(joined(node), node)
        elif isinstance(node, ast.JoinedStr):
            self.reads(literal(node), node)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            self.assignment(node)

    def reads(self, value: str | None, node: ast.AST) -> None:
        if value and len(value) <= _LONGEST_PATH and "\n" not in value and "\0" not in value:
            self.opened.append(self.found(value, node))

    def assignment(self, node: ast.Assign | ast.AnnAssign) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [
            t.id if isinstance(t, ast.Name) else t.attr
            for t in targets
            if isinstance(t, ast.Name | ast.Attribute)
        ]
        if node.value is None:
            return
        if any(_PATH_NAME.search(name) for name in names):
            for part in ast.walk(node.value):
                self.reads(literal(part), node)
        if self.gunicorn and "bind" in names:
            self.listens(port_of(node.value), node)

    def listens(self, port: int | None, node: ast.AST) -> None:
        if port is not None:
            self.ports.append((port, self.path, getattr(node, "lineno", 1)))

    def call(self, node: ast.Call) -> None:
        called = _called(node.func)
        keywords = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        self.reads(joined(node), node)
        if _OPENERS.search(called):
            self.file(node, called, keywords)
        elif _MAKERS.search(called) and node.args:
            self.writes(joined(node.args[0]) or literal(node.args[0]), node)
        for name, value in keywords.items():
            if _PATH_NAME.search(name):
                self.reads(joined(value) or literal(value), value)
        if _STARTERS.search(called):
            given = next((k.value for k in node.keywords if k.arg == "args"), None)
            self.starts(node, node.args[0] if node.args else given)
        at = self.wrappers.get(called.rpartition(".")[2])
        if at is not None and at < len(node.args):
            self.starts(node, node.args[at])
        self.listener(node, called, keywords)
        self.accelerator(node, called, keywords)

    def file(self, node: ast.Call, called: str, keywords: dict[str, ast.expr]) -> None:
        mode = (
            literal(node.args[1])
            if called.endswith("open") and len(node.args) > 1
            else literal(keywords.get("mode"))
        )
        writes = mode is not None and mode[:1] in ("w", "a", "x")
        for value in (*node.args[:2], *keywords.values()):
            text = joined(value) or literal(value)
            if writes and value is (node.args[0] if node.args else keywords.get("file")):
                self.writes(text, node)
            else:
                self.reads(text, node)

    def writes(self, value: str | None, node: ast.AST) -> None:
        if value and len(value) <= _LONGEST_PATH and "\n" not in value:
            self.written.append(self.found(value, node))

    def starts(self, node: ast.Call, command: ast.expr | None) -> None:
        first = command.elts[0] if isinstance(command, ast.List | ast.Tuple) and command.elts else command
        text = literal(first)
        if not text:
            return
        try:
            words = [text] if first is not command else shlex.split(text)
        except ValueError:
            words = text.split()
        words = [word for word in words if not re.fullmatch(r"\w+=.*|sudo|exec|env", word)]
        if words and re.fullmatch(r"[\w./+-]+", words[0]):
            self.programs.append(self.found(os.path.basename(words[0]), node))

    def listener(self, node: ast.Call, called: str, keywords: dict[str, ast.expr]) -> None:
        matching = [name for name in _LISTENERS if called == name or called.endswith("." + name)]
        if not matching:
            return
        given = next((keywords[name] for name in keywords if name in _PORT_KEYWORDS), None)
        if given is not None:
            self.listens(port_of(given), node)
        elif called.endswith(("HTTPServer", "add_insecure_port", "start_http_server")) and node.args:
            self.listens(port_of(node.args[0]), node)
        else:
            self.listens(_LISTENERS[matching[0]], node)

    def accelerator(self, node: ast.Call, called: str, keywords: dict[str, ast.expr]) -> None:
        if called.endswith(".cuda") and not node.args:
            self.gpu.append(self.found(".cuda()", node))
        literals = [
            *node.args[:1],
            *(keywords[name] for name in ("device", "device_map", "map_location") if name in keywords),
        ]
        for value in literals:
            text = literal(value)
            asks = called.endswith((".to", ".device", "device")) or value not in node.args
            if text and _CUDA.match(text) and asks:
                self.gpu.append(self.found(text, node))


def _called(node: ast.expr) -> str:
    """The dotted name of what is called, unnamed receivers left out."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "")
    return ".".join(reversed(parts))


def _like_path(text: str) -> bool:
    if not text or len(text) > _LONGEST_PATH or any(char in text for char in "\n\0<>{}|"):
        return False
    return "/" in text.strip("/") or bool(re.search(r"\w\.[A-Za-z0-9]{1,12}$", text))
