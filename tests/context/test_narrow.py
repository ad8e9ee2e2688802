"""What a COPY may leave out: only what nothing that starts can come to."""

from pathlib import Path

from tare.context.narrow import Narrowing, narrow
from tare.context.project import read_project
from tare.context.walk import read_context
from tests.context.trees import plant

APP = {
    "main.py": "import uvicorn\nfrom core.model import load\nuvicorn.run('api:app')\nopen('labels.md')\n",
    "api.py": "from core import model\n",
    "core/__init__.py": "",
    "core/model.py": "def load(): ...\n",
    "train.py": "import core.model\n",
    "tests/test_api.py": "import api\n",
    "tests/data.md": "x",
    "docs/guide.md": "x",
    "notebooks/eda.ipynb": "{}",
    "labels.md": "x",
    "weights/w.bin": "x",
    "README.md": "x",
    "Makefile": "x",
    "gunicorn.conf.py": "bind = 'x'\n",
    ".github/workflows/ci.yml": "x",
    "requirements.txt": "uvicorn\n",
}


def look(root: Path, files: dict[str, str], *entries: str) -> Narrowing:
    plant(root, files)
    context = read_context(root, root / "Dockerfile")
    return narrow(context, read_project(root, context), entries, context.files)


def test_keeps_what_is_imported_opened_named_or_unknown(tmp_path: Path) -> None:
    found = look(tmp_path, APP, "main.py")
    assert found.kept == ("api.py", "core/", "gunicorn.conf.py", "labels.md", "main.py", "weights/")
    assert set(found.dropped) == {
        ".github/", "Makefile", "README.md", "docs/", "notebooks/", "requirements.txt", "tests/", "train.py",
    }  # fmt: skip


def test_nothing_is_left_out_where_modules_are_found_by_name(tmp_path: Path) -> None:
    files = APP | {"core/model.py": "import importlib\nimportlib.import_module(name)\n"}
    assert "looks for modules" in look(tmp_path, files, "main.py").obstacle


def test_nothing_is_left_out_for_django_or_an_unknown_start(tmp_path: Path) -> None:
    assert "Django" in look(tmp_path / "a", APP | {"api.py": "import django\n"}, "main.py").obstacle
    assert look(tmp_path / "b", APP).obstacle


def test_a_module_named_in_configuration_is_kept(tmp_path: Path) -> None:
    found = look(tmp_path, APP | {"params.yaml": "_target_: train.Trainer\n"}, "main.py")
    assert "train.py" in found.kept and "params.yaml" in found.kept


def test_what_compose_starts_is_kept(tmp_path: Path) -> None:
    found = look(tmp_path, APP | {"compose.yaml": "services: {w: {command: python train.py}}\n"}, "main.py")
    assert "train.py" in found.kept and "compose.yaml" in found.dropped


def test_links_and_odd_names_are_left_alone(tmp_path: Path) -> None:
    assert "reads in another way" in look(tmp_path / "a", APP | {"a b.bin": "x"}, "main.py").obstacle
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "current").symlink_to("weights")
    assert "link" in look(tmp_path / "b", APP, "main.py").obstacle


def test_an_empty_directory_is_kept_and_one_that_the_ignore_file_empties_is_not(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    plant(tmp_path, APP)
    context = read_context(tmp_path, tmp_path / "Dockerfile")
    sent = {path for path in context.files if not path.startswith(("docs/", "weights/"))}
    found = narrow(context, read_project(tmp_path, context), ["main.py"], sent)
    assert "state/" in found.kept and not {"docs/", "weights/"} & set(found.kept)
