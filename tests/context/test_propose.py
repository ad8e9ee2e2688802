from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tare.context.ignore import parse_ignore
from tare.context.propose import quote
from tests.context.trees import proposal

BIG = 200_000
SOURCE = 'import joblib\njoblib.load("models/used.joblib")\nfrom tests.shared import x\n'
PROJECT: dict[str, str | bytes | int] = {
    "Dockerfile": "FROM python:3.11\nCOPY . /app\nRUN pip install -r requirements.txt\nCMD python main.py\n",
    "main.py": SOURCE, "requirements.txt": "joblib\n", "README.md": "r", "LICENSE": "l",
    "pyproject.toml": '[project]\nname = "a"\nreadme = "README.md"\n',
    ".git/HEAD": "x", ".git/objects/aa": BIG, "pkg/__pycache__/a.pyc": 10, "__pycache__/b.pyc": 10,
    ".env": "K=1", ".env.example": "K=",
    "deploy/id_rsa": "k", ".venv/pyvenv.cfg": "", ".venv/lib/x.py": BIG, "odd env/pyvenv.cfg": "", "odd env/y": BIG,
    "models/used.joblib": BIG, "models/old.joblib": BIG, "data/raw/a.csv": BIG, "data/raw/b.csv": BIG, "data/small.csv": 10,
    "notes.ipynb": 10, "tests/shared.py": "", "tests/test_a.py": "", "docs/a.md": "x",
    ".mypy_cache/x": 5, "node_modules/p/i.js": 9,
}  # fmt: skip


def excluded(text: str, files: dict[str, str | bytes | int]) -> set[str]:
    rules = parse_ignore(text)
    return {path for path in files if rules.excluded(path)}


def test_a_whole_project(tmp_path: Path) -> None:
    made = proposal(tmp_path, PROJECT)
    out = excluded(made.text, PROJECT)
    assert out == {
        "Dockerfile", ".git/HEAD", ".git/objects/aa", "pkg/__pycache__/a.pyc", "__pycache__/b.pyc", ".env", "deploy/id_rsa",
        ".venv/pyvenv.cfg", ".venv/lib/x.py", "odd env/pyvenv.cfg", "odd env/y", "models/old.joblib", "data/raw/a.csv",
        "data/raw/b.csv", "notes.ipynb", "tests/test_a.py", "docs/a.md", ".mypy_cache/x", "node_modules/p/i.js",
    }  # fmt: skip
    git = next(added for added in made.added if added.pattern == "**/.git")
    assert git.size_bytes == BIG + 1 and git.files == 2
    assert made.size_bytes == sum((tmp_path / path).stat().st_size for path in out)
    assert {(secret.path, secret.left_out) for secret in made.secrets} == {
        (".env", True),
        ("deploy/id_rsa", True),
    }
    assert ("tests/shared.py", "imported by the application") in made.kept


def test_it_is_settled_after_one_round(tmp_path: Path) -> None:
    made = proposal(tmp_path, PROJECT)
    again = proposal(tmp_path, {".dockerignore": made.text})
    # the ignore file itself is new in the second round
    assert [added.pattern for added in again.added] in ([], [".dockerignore"])


@pytest.mark.parametrize("old", ["# mine\n\nfoo", "a\r\nb\r\n", "*\n!main.py\n!tests/test_a.py\n"])
def test_existing_lines_stay_verbatim(tmp_path: Path, old: str) -> None:
    made = proposal(tmp_path, {**PROJECT, ".dockerignore": old})
    assert made.text.startswith(old)
    assert not excluded(made.text, {"main.py": 1, "tests/test_a.py": 1}) or "!tests" not in old
    if "\r\n" in old:
        assert "\n" not in made.text.replace("\r\n", "")


@pytest.mark.parametrize(
    ("dockerfile", "kept"),
    [
        ("COPY .env /app/", ".env"),
        ("COPY models /app/models", "models/old.joblib"),
        ("COPY data/raw/*.csv /d/", "data/raw/a.csv"),
        ("COPY notes.ipynb /n", "notes.ipynb"),
        ("COPY . .\nRUN pytest -q", "tests/test_a.py"),
        ("COPY . .\nRUN python -m build && git describe", ".git/HEAD"),
        ("COPY . .\nRUN python docs/a.md", "docs/a.md"),
        ("COPY . .\nENTRYPOINT [\"jupyter\", \"/app/notes.ipynb\"]", "notes.ipynb"),
        ("COPY . .\nRUN --mount=type=bind,source=docs,target=/docs ls /docs", "docs/a.md"),
        ("ARG D=data\nCOPY $D /d", "data/raw/a.csv"),
        ("COPY Dockerfile /", "Dockerfile"),
        ("COPY $WHAT /d", ".git/HEAD"),
        ("COPY . .\nRUN npm ci", "node_modules/p/i.js"),
    ],
)  # fmt: skip
def test_what_the_build_names_stays(tmp_path: Path, dockerfile: str, kept: str) -> None:
    made = proposal(tmp_path, {**PROJECT, "Dockerfile": f"FROM python:3.11\n{dockerfile}\n"})
    assert kept not in excluded(made.text, PROJECT)


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("from pathlib import Path\nfor p in Path('data/raw').glob('*'): pass\n", "data/raw/b.csv"),
        ("import glob\nglob.glob('data/raw/*.csv')\n", "data/raw/b.csv"),
        ("import pandas as pd\npd.read_csv(f'data/raw/{name}.csv')\n", "data/raw/b.csv"),
        ("NAME = 'old.joblib'\n", "models/old.joblib"),
        ("import os\nMODELS_DIR = os.getenv('M', 'models')\n", "models/old.joblib"),
        ("import joblib\njoblib.load('/app/models/old.joblib')\n", "models/old.joblib"),
        ("def broken(:\n", "data/raw/a.csv"),
    ],
)
def test_what_the_application_opens_stays(tmp_path: Path, source: str, kept: str) -> None:
    made = proposal(tmp_path, {**PROJECT, "main.py": source})
    assert kept not in excluded(made.text, PROJECT)


def test_what_configuration_names_stays(tmp_path: Path) -> None:
    made = proposal(tmp_path, {**PROJECT, "config.yaml": "model: models/old.joblib\n"})
    assert "models/old.joblib" not in excluded(made.text, PROJECT)


def test_a_secret_that_a_copy_names_is_reported_and_stays(tmp_path: Path) -> None:
    made = proposal(tmp_path, {**PROJECT, "Dockerfile": "FROM a\nCOPY .env main.py /app/\n"})
    secret = next(secret for secret in made.secrets if secret.path == ".env")
    assert not secret.left_out and secret.reason == "named by COPY (line 2)"


def test_git_stays_for_versions_taken_from_it(tmp_path: Path) -> None:
    files = {**PROJECT, "pyproject.toml": '[build-system]\nrequires = ["setuptools-scm>=8"]\n'}
    assert ".git/HEAD" not in excluded(proposal(tmp_path, files).text, files)


def test_nothing_to_add_leaves_the_text_alone(tmp_path: Path) -> None:
    made = proposal(
        tmp_path,
        {
            "Dockerfile": "FROM a\nCOPY Dockerfile .dockerignore main.py /\n",
            "main.py": "",
            ".dockerignore": "x",
        },
    )
    assert (made.text, made.added) == ("x", ())


@given(
    st.text(alphabet="ab*?[]\\!#{}| .é\udcff", min_size=1, max_size=8).filter(
        lambda n: n.strip(". ") and "/" not in n
    )
)
@settings(max_examples=300)
def test_quote_matches_the_path(path: str) -> None:
    assert parse_ignore(quote(path)).excluded(path)


def test_a_new_file_names_what_other_checkouts_have(tmp_path: Path) -> None:
    files: dict[str, str | bytes | int] = {"Dockerfile": "FROM python:3.11\nCOPY . /app\n", "main.py": ""}
    (tmp_path / "plain").mkdir()
    text = proposal(tmp_path / "plain", files).text
    assert {"**/.git", "**/__pycache__", "**/.venv", ".dockerignore"} <= set(text.splitlines())
    asks_git = {**files, "Dockerfile": "FROM python:3.11\nCOPY . /app\nRUN git describe > /version\n"}
    (tmp_path / "git").mkdir()
    assert "**/.git" not in proposal(tmp_path / "git", asks_git).text.splitlines()
    narrow = {**files, "Dockerfile": "FROM python:3.11\nCOPY main.py /app/\n"}
    (tmp_path / "narrow").mkdir()
    assert "__pycache__" not in proposal(tmp_path / "narrow", narrow).text
