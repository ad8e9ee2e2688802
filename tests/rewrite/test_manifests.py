"""What may be said of manifests, locks and requirement files before a build reads them."""

from pathlib import Path

import pytest

from tare.rewrite.facts import Manifest, Pins
from tare.rewrite.manifests import local_locks, manifest, pins
from tests.context.trees import facts

PROJECT = '[project]\nname = "shop"\nversion = "1"\n'


def one_manifest(root: Path, text: str) -> Manifest:
    return manifest(facts(root, {"pyproject.toml": text}).pyprojects[0])


def test_static_dependencies_are_taken_as_written(tmp_path: Path) -> None:
    found = one_manifest(
        tmp_path,
        PROJECT + 'dependencies = ["flask>=3", "tomli; python_version < \'3.11\'"]\n'
        '[project.optional-dependencies]\nserver = ["gunicorn"]\n',
    )
    assert found.dependencies is not None and len(found.dependencies) == 2
    assert found.extras == {"server"} and not found.obstacle


@pytest.mark.parametrize(
    ("text", "obstacle"),
    [
        (PROJECT + 'dynamic = ["dependencies"]\n', "dynamic"),
        ('[tool.poetry]\nname = "shop"\n[tool.poetry.dependencies]\nflask = "^3"\n', "Poetry"),
        (PROJECT + '[project.optional-dependencies]\nall = ["shop[a]"]\na = ["x"]\n', "the project itself"),
        (PROJECT + 'dependencies = ["lib @ file:///srv/lib"]\n', "directories of the project"),
        ("[tool.black]\n", "describes no project"),
        ("[project\n", "cannot be read"),
    ],
)
def test_what_only_a_build_knows_is_an_obstacle(tmp_path: Path, text: str, obstacle: str) -> None:
    found = one_manifest(tmp_path, text)
    assert found.dependencies is None and obstacle in found.obstacle


def one_file(root: Path, text: str, **others: str) -> Pins:
    files = {"requirements.txt": text, **{f"{name}.txt": more for name, more in others.items()}}
    return next(found for found in pins(facts(root, files)) if found.path == "requirements.txt")


def test_only_what_leaves_no_choice_is_exact(tmp_path: Path) -> None:
    found = one_file(
        tmp_path,
        "--extra-index-url https://example.com/simple\n-r base.txt\ntorch==2.1.0\nscipy>=1\nnumpy==1.26.*\n"
        "jax==0.4 ; sys_platform == 'linux'\npandas==2.0\n",
        base="xgboost==2.0\npandas==2.1\n",
    )
    assert found.exact == (("torch", "2.1.0"), ("xgboost", "2.0"))
    assert found.options == ("--extra-index-url", "https://example.com/simple") and not found.obstacle


@pytest.mark.parametrize(
    ("text", "obstacle"),
    [
        ("torch==2.1.0 --hash=sha256:" + "0" * 64 + "\n", "hashes"),
        ("--extra-index-url https://me:secret@example.com/simple\ntorch==2.1.0\n", "index"),
        ("--extra-index-url https://example.com/${TOKEN}\ntorch==2.1.0\n", "index"),
        ("--no-binary :all:\ntorch==2.1.0\n", "--no-binary"),
        ("--find-links wheels\ntorch==2.1.0\n", "--find-links"),
    ],
)
def test_what_a_command_line_cannot_repeat_is_an_obstacle(tmp_path: Path, text: str, obstacle: str) -> None:
    assert obstacle in one_file(tmp_path, text).obstacle


def test_locks_that_install_directories(tmp_path: Path) -> None:
    own = '[[package]]\nname = "shop"\nversion = "1"\nsource = { editable = "." }\n'
    other = '[[package]]\nname = "lib"\nversion = "1"\nsource = { directory = "lib" }\n'
    files = {"pyproject.toml": PROJECT, "uv.lock": own}
    assert local_locks(facts(tmp_path / "a", files)) == frozenset()
    assert local_locks(facts(tmp_path / "b", files | {"uv.lock": own + other})) == {"uv.lock"}
