"""Test suites that packages install beside their code."""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

from tare.slim.model import Level, Proposal
from tare.slim.python.environment import PythonEnvironment, environment_of
from tare.slim.python.imports import scan_imports
from tare.slim.view import View

_NAMES = frozenset({"test", "tests", "benchmarks"})
_TEST_FILE = re.compile(r"test_.*\.py|.*_tests?\.py|conftest\.py|bench_.*\.py")
_RUNNER = re.compile(r"(?:run_?)?(?:doc_?)?tests?")
"""A function at the top of a module whose name says that it runs the tests; they may be gone when it is called."""
_IMPORT = re.compile(rb"^[ \t]*(?:from|import)[ \t][^\n]*\b(?:tests?|benchmarks)\b", re.MULTILINE)
_DOTTED = re.compile(rb"[\"']([A-Za-z_][\w.]*\.(?:tests?|benchmarks)(?:\.[\w.]+)?)(?::\w+)?[\"']")
_NAMED = re.compile(
    rb"(?:join|joinpath|dirname|__file__|Path|files)\b[^\n]*[\"'](tests?|benchmarks)(?:/[\w./-]*)?[\"']|[\"'](tests?|benchmarks)/[\w./-]*[\"']"
)
_PRECOMPUTED = re.compile(r"/_precompute/")
"""Scripts of scipy's developers that make tables; they read the tests."""
_BUILD_FILES = frozenset({"setup.py", "conftest.py", "_pytesttester.py", "_tester.py", "runtests.py"})


@dataclass(frozen=True, slots=True)
class Suites:
    """Directories named `test`, `tests` or `benchmarks` with modules of tests in them, that no code outside of tests imports
    or names. Texts in triple quotes do not count, nor do functions that run the tests.

    A directory at the top of site-packages stays (it is a package that can be imported), and so does one without test
    modules (`django/test` is an interface).
    """

    name: str = "tests"
    level: Level = Level.SAFE
    reason: str = "test suites run where a package is developed, not where it is used"

    def plan(self, view: View) -> Iterable[Proposal]:
        """Each directory as a whole."""
        environment = environment_of(view.files)
        candidates = set(_candidates(view, environment))
        used = _used(view, environment, candidates)
        for directory in sorted(candidates):
            if directory in used:
                view.notes.append(f"{directory} stays: {used[directory]} uses it")
            else:
                yield Proposal(directory, "a test suite; nothing outside of it imports it or names it")


def _candidates(view: View, environment: PythonEnvironment) -> Iterable[str]:
    for path, node in view.files.nodes.items():
        if node.children is None or path in view.removed or path.rpartition("/")[2] not in _NAMES:
            continue
        root = environment.root_of(path)
        if root is None or (path.rpartition("/")[0] == root and root not in environment.stdlibs):
            continue
        if any(part in _NAMES for part in path[len(root) + 1 :].split("/")[:-1]):
            continue
        if any(_TEST_FILE.fullmatch(below.path.rpartition("/")[2]) for below in view.beneath(path)):
            yield path


def _used(view: View, environment: PythonEnvironment, candidates: set[str]) -> dict[str, str]:
    """Directory → the source that needs it."""
    dotted = {}
    for directory in candidates:
        root = environment.root_of(directory)
        assert root is not None
        dotted[directory[len(root) + 1 :].replace("/", ".")] = directory
    used: dict[str, str] = {}

    def note(name: str, by: str) -> None:
        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            directory = dotted.get(".".join(parts[:count]))
            if directory is not None:
                used.setdefault(directory, by)

    for path in view.present():
        if not path.endswith(".py") or any(part in _NAMES for part in path.split("/")[:-1]):
            continue
        text = view.files.read(path)
        if b"test" not in text and b"benchmarks" not in text:
            continue
        folder, _, name = path.rpartition("/")
        if _PRECOMPUTED.search(path):
            continue
        if not (_IMPORT.search(text) or _DOTTED.search(text) or _NAMED.search(text)):
            continue
        text = _code(text)
        if _IMPORT.search(text):
            module = environment.by_path.get(path)
            for one in scan_imports(text):
                for target in environment.targets(module, one):
                    note(target, path)
        for found in _DOTTED.findall(text):
            note(found.decode(), path)
        if name not in _BUILD_FILES:
            for joined, direct in _NAMED.findall(text):
                directory = f"{folder}/{(joined or direct).decode()}"
                if directory in candidates:
                    used.setdefault(directory, path)
    return used


def _code(source: bytes) -> bytes:
    """A source without its texts (docstrings) and without functions that run the tests; whole where it does not parse."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return source
    lines = source.splitlines(keepends=True)
    runners = [one for one in tree.body if isinstance(one, ast.FunctionDef) and _RUNNER.fullmatch(one.name)]
    texts = [
        one
        for one in ast.walk(tree)
        if isinstance(one, ast.Expr)
        and isinstance(one.value, ast.Constant)
        and isinstance(one.value.value, str)
    ]
    for one in (*runners, *texts):
        for number in range(one.lineno - 1, one.end_lineno or one.lineno):
            lines[number] = b"\n"
    return b"".join(lines)
