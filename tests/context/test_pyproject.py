import pytest

from tare.context.locks import parse_lock
from tare.context.pyproject import parse_pyproject

PEP621 = b"""
[build-system]
requires = ["setuptools>=61", "setuptools-scm"]
build-backend = "setuptools.build_meta"
[project]
name = "app"
readme = "README.md"
license = {file = "LICENSE"}
requires-python = ">=3.10"
dependencies = [
  "fastapi>=0.100",
  "bad requirement here",
]
[project.optional-dependencies]
gpu = ["onnxruntime-gpu"]
[project.scripts]
serve = "app:main"
[dependency-groups]
test = ["pytest", {include-group = "lint"}]
lint = ["ruff", {include-group = "test"}]
"""

POETRY = b"""
[tool.poetry]
name = "app"
readme = ["README.md", "CHANGES.md"]
[tool.poetry.dependencies]
python = "^3.10"
requests = "^2.31"
zero = "^0.2.3"
tilde = "~1.4"
exact = "1.0"
any = "*"
torch = {version = "2.1.0", extras = ["x"], markers = "sys_platform == 'linux'"}
repo = {git = "https://h/x.git", tag = "v1"}
here = {path = "../here", develop = true}
[tool.poetry.group.dev.dependencies]
pytest = ">=7"
"""


def test_pep_621() -> None:
    project = parse_pyproject(PEP621, "pyproject.toml")
    assert project.name == "app" and project.requires_python == ">=3.10"
    assert [(one.name, one.line) for one in project.dependencies] == [("fastapi", 11)]
    assert len(project.problems) == 1
    assert project.build_files == ("README.md", "LICENSE")
    assert [one.name for one in project.extras["gpu"]] == ["onnxruntime-gpu"]
    assert [one.name for one in project.groups["test"]] == ["pytest", "ruff"]
    assert {one.name for one in project.build_requires} == {"setuptools", "setuptools-scm"}
    assert project.scripts == ("serve",) and not project.poetry


def test_poetry() -> None:
    project = parse_pyproject(POETRY, "pyproject.toml")
    assert project.requires_python == ">=3.10,<4"
    wishes = {one.name: one.specifier or one.url for one in project.dependencies}
    assert wishes == {
        "requests": ">=2.31,<3",
        "zero": ">=0.2.3,<0.3",
        "tilde": ">=1.4,<1.5",
        "exact": "==1.0",
        "any": None,
        "torch": "==2.1.0",
        "repo": "git+https://h/x.git@v1",
        "here": "../here",
    }
    torch = next(one for one in project.dependencies if one.name == "torch")
    assert torch.extras == ("x",) and torch.marker == "sys_platform == 'linux'"
    assert [one.name for one in project.groups["dev"]] == ["pytest"]
    assert project.build_files == ("README.md", "CHANGES.md")


@pytest.mark.parametrize("data", [b"[", b"\xff", b"project = 3", b"[project]\ndependencies = 3", b""])
def test_odd_files_do_not_raise(data: bytes) -> None:
    parse_pyproject(data, "pyproject.toml")


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("uv.lock", b'[[package]]\nname = "NumPy"\nversion = "1.2"\nsource = { registry = "https://x" }\n'),
        ("a/poetry.lock", b'[[package]]\nname = "numpy"\nversion = "1.2"\n'),
        ("pdm.lock", b'[[package]]\nname = "numpy"\nversion = "1.2"\n'),
        ("pylock.toml", b'[[packages]]\nname = "numpy"\nversion = "1.2"\n'),
        ("Pipfile.lock", b'{"default": {"numpy": {"version": "==1.2"}}, "develop": {}}'),
    ],
)
def test_locks(path: str, data: bytes) -> None:
    lock = parse_lock(data, path)
    assert lock.version("numpy") == "1.2" and lock.problem is None
    assert [package.source for package in lock.packages] == ["registry"]
    assert parse_lock(b"{]", path).problem


def test_lock_sources() -> None:
    lock = parse_lock(
        b'[[package]]\nname="a"\nversion="1"\nsource={editable="."}\n[[package]]\nname="b"\nversion="1"\nsource={git="https://x"}\n',
        "uv.lock",
    )
    assert [package.source for package in lock.packages] == ["path", "git"]
