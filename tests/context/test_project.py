from pathlib import Path

from tests.context.trees import facts

MAIN = """\
from __future__ import annotations
import os, json
import numpy as np
import cv2
from PIL import Image
from typing import TYPE_CHECKING
from .sibling import x
from helpers.tool import y
import importlib
try:
    import orjson
except ImportError:
    orjson = None
if TYPE_CHECKING:
    import pandas
def lazy():
    import torch
    return importlib.import_module("plugin_pkg.sub")
import subprocess, shutil, uvicorn, joblib
from fastapi import FastAPI, APIRouter
from pathlib import Path
app = FastAPI()
router = APIRouter(prefix="/api")
BASE = Path(__file__).parent
model = joblib.load("models/model.joblib")
labels = (BASE / "assets" / "labels.txt").read_text()
other = open("/app/data/lookup.csv")
cfg = os.path.join(os.getcwd(), "conf", "app.yaml")
MODEL_DIR = os.environ.get("MODEL_DIR", "weights")
open("out/log.txt", "w")
subprocess.run(["ffmpeg", "-i", "x"])
os.system("LANG=C git status | cat")
shutil.which("/usr/bin/tesseract")
@app.get("/healthz")
def health(): ...
@app.get("/items/{id}/health")
def item(): ...
@router.post("/predict")
def predict(): ...
@router.get("/ping")
def ping(): ...
if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=int(os.getenv("PORT", "9000")))
"""


def test_a_service(tmp_path: Path) -> None:
    project = facts(
        tmp_path,
        {
            "app/main.py": MAIN,
            "app/__init__.py": "", "app/sibling.py": "", "helpers/tool.py": "", "app/assets/labels.txt": "",
            "models/model.joblib": 10,
            "data/lookup.csv": 1, "data/unused.csv": 1, "conf/app.yaml": "", "weights/a.bin": 1,
            "tests/test_main.py": "import pytest\nopen('data/unused.csv')\n",
            "requirements.txt": "numpy\nopencv-python-headless\n",
            "secret.py": "import boto3\n", ".dockerignore": "secret.py\n",
        },
    )  # fmt: skip
    assert project.imports == {
        "numpy",
        "cv2",
        "PIL",
        "orjson",
        "torch",
        "plugin_pkg",
        "uvicorn",
        "joblib",
        "fastapi",
    }
    assert project.required_imports == project.imports - {"orjson"}
    assert {"helpers"} <= project.local_modules
    assert project.local_files == {"app/sibling.py", "helpers/tool.py"}
    assert project.distribution_of("cv2") == "opencv-python-headless"
    assert {found.value for found in project.opened_files} == {
        "models/model.joblib", "app/assets/labels.txt", "data/lookup.csv", "conf/app.yaml", "weights",
    }  # fmt: skip
    model = next(found for found in project.opened_files if found.value == "models/model.joblib")
    assert (model.path, model.line) == ("app/main.py", 25)
    assert {found.value for found in project.shell_outs} == {"ffmpeg", "git", "tesseract"}
    assert project.ports == ((9000, "app/main.py", 43),)
    assert [(app.framework, app.target) for app in project.web_apps] == [("fastapi", "app.main:app")]
    assert {(route.url, route.certain) for route in project.routes} == {
        ("/healthz", True), ("/items/{id}/health", True), ("/api/predict", False), ("/api/ping", False),
    }  # fmt: skip
    assert project.health is not None and project.health.url == "/healthz"
    assert [found.value for found in project.written] == ["out/log.txt"]
    assert "secret.py" not in project.source_files


def test_django(tmp_path: Path) -> None:
    project = facts(
        tmp_path,
        {
            "site1/settings.py": 'INSTALLED_APPS = ["django.contrib.admin", "rest_framework", "blog"]\n'
            'MIDDLEWARE = ["whitenoise.middleware.WhiteNoiseMiddleware"]\n',
            "site1/urls.py": 'from django.urls import path\nurlpatterns = [path("health/", v), path("x/<int:i>/", v)]\n',
            "site1/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
            "blog/models.py": "",
        },
    )
    assert project.imports == {"django", "rest_framework", "whitenoise"}
    assert [(app.framework, app.target) for app in project.web_apps] == [("django", "site1.wsgi:application")]
    assert project.health is not None and project.health.url == "/health/"
    assert project.distribution_of("rest_framework") == "djangorestframework"


def test_flask_and_gunicorn(tmp_path: Path) -> None:
    project = facts(
        tmp_path,
        {
            "server.py": "import flask\napp = flask.Flask(__name__)\n@app.route('/', methods=['GET'])\ndef i(): ...\n"
            "@app.route('/p', methods=['POST'])\ndef p(): ...\napp.run(host='0.0.0.0', port=5001)\n",
            "gunicorn.conf.py": "bind = '0.0.0.0:8123'\n",
        },
    )
    assert sorted(port for port, _, _ in project.ports) == [5001, 8123]
    assert [app.target for app in project.web_apps] == ["server:app"]
    assert project.health is not None and project.health.url == "/"


def test_gpu_hints(tmp_path: Path) -> None:
    project = facts(
        tmp_path,
        {
            "a.py": 'import torch\nm.cuda()\nx.to("cuda:0")\npipeline("t", device="cuda")\n',
            "b.py": 'import torch\nd = "cuda" if torch.cuda.is_available() else "cpu"\nm.cuda()\nm.to("cuda")\n',
            "requirements.txt": "torch==2.1.0+cu121\nonnxruntime-gpu\njax[cuda12]\nnumpy\n--extra-index-url https://x/whl/cu121\n",
        },
    )
    assert sorted((found.path, found.line) for found in project.gpu_hints) == [
        ("a.py", 2), ("a.py", 3), ("a.py", 4), *(("requirements.txt", line) for line in (1, 2, 3, 5)),
    ]  # fmt: skip
    assert not facts(
        tmp_path / "none", {"a.py": "import torch\nmodel.to('cpu')\n", "requirements.txt": "torch\n"}
    ).gpu_hints


def test_native_extensions(tmp_path: Path) -> None:
    project = facts(
        tmp_path,
        {"setup.py": "setup(ext_modules=[Extension('f', ['f.c'])])", "f.c": "", "g.pyx": "", "lib/h.so": ""},
    )
    assert [found.value for found in project.native_extensions] == ["f.c", "g.pyx", "lib/h.so"]
    assert not facts(tmp_path / "plain", {"f.c": "", "a.py": ""}).native_extensions


def test_bad_source_is_a_problem(tmp_path: Path) -> None:
    project = facts(
        tmp_path,
        {
            "bad.py": "def (:\n", "nul.py": b"a\0b", "latin.py": b"# coding: latin-1\nx = '\xe9'\nimport numpy\n",
            "raw.py": b"\xff\xfe",
            "deep.py": "(" * 5000 + ")" * 5000,
            "chain.py": "x" + ".y" * 2000 + "()",
            "keywords.py": "open(file='a', mode='w')\nopen()\nsubprocess.run()\nPath()\n",
            "venv/pyvenv.cfg": "", "venv/lib/x.py": "import nothing_here\n",
        },
    )  # fmt: skip
    assert {problem.path for problem in project.problems} - {"chain.py"} == {
        "bad.py",
        "nul.py",
        "raw.py",
        "deep.py",
    }
    assert project.imports == {"numpy"}


def test_nothing_is_read_through_a_link_that_leaves_the_context(tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("numpy\n")
    root = tmp_path / "project"
    root.mkdir()
    (root / "requirements.txt").symlink_to("../outside.txt")
    (root / "loop.py").symlink_to("loop.py")
    assert facts(root, {}).requirements == ()


def test_build_files(tmp_path: Path) -> None:
    project = facts(
        tmp_path,
        {
            "requirements/prod.txt": "-r base.txt\n./vendor/pkg\n", "requirements/base.txt": "numpy", "vendor/pkg/setup.py": "",
            "pyproject.toml": '[project]\nname="a"\nreadme="README.md"\n', "README.md": "", "uv.lock": "", "NOTES.md": "",
        },
    )  # fmt: skip
    assert project.build_files == {
        "requirements/prod.txt", "requirements/base.txt", "vendor/pkg", "vendor/pkg/setup.py",
        "pyproject.toml", "README.md", "uv.lock",
    }  # fmt: skip
    assert [file.path for file in project.closure("requirements/prod.txt")] == [
        "requirements/prod.txt",
        "requirements/base.txt",
    ]
