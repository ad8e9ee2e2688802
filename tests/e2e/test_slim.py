"""Slim images run: a web service with numpy and pandas at `reach`, asked by Docker, read by Podman, skopeo and umoci."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tare import api
from tare.build.detect import detect
from tare.core.errors import VerificationError
from tare.image import analyse, open_image
from tare.image.compress import compression
from tare.slim.model import Level
from tare.slim.pipeline import SlimOptions
from tare.slim.restore import fingerprint
from tare.verify import Probe, VerifySettings

DOCKER = "/usr/bin/docker"
NAME = "tare-test-slim:latest"
APP = """
import flask, numpy as np, pandas as pd
app = flask.Flask(__name__)
@app.get("/")
def root():
    return {"sum": int(pd.DataFrame({"a": np.arange(10)})["a"].sum()), "mean": float(np.mean(np.linalg.inv(np.eye(3))))}
app.run(host="0.0.0.0", port=8000)
"""
DOCKERFILE = """
FROM python:3.11-slim
WORKDIR /app
RUN apt-get update && apt-get install -y --no-install-recommends curl
RUN pip install --no-cache-dir numpy pandas flask
COPY app.py .
EXPOSE 8000
USER 1000
CMD ["python", "app.py"]
"""
LOAD = """
import ctypes, json, os, sys
found = {}
for folder, _, names in os.walk(sys.prefix):
    for name in names:
        if ".so" in name:
            path = os.path.join(folder, name)
            try:
                ctypes.CDLL(path)
                found[path] = ""
            except OSError as error:
                found[path] = str(error)
print(json.dumps(found))
"""
TRUST = "import os, ssl; p = ssl.get_default_verify_paths(); print(p, os.path.isdir(p.openssl_capath))"
SCRIPTS = "for s in flask f2py numpy-config; do $s --version >/dev/null 2>&1; echo $s $?; done"

pytestmark = pytest.mark.engine


def run(image: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [DOCKER, "run", "--rm", "--network=none", "--entrypoint", words[0], image, *words[1:]]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("context")
    (folder / "app.py").write_text(APP)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    build = [DOCKER, "build", "--network=host", "-q", "-t", NAME, str(folder)]
    subprocess.run(build, check=True, capture_output=True, env={**os.environ, "DOCKER_BUILDKIT": "1"})
    yield NAME
    subprocess.run([DOCKER, "rmi", "-f", NAME], capture_output=True, check=False)


@pytest.mark.parametrize("level", [Level.LOSSLESS, Level.SAFE, Level.REACH])
def test_each_level_runs_and_answers_as_before(before: str, level: Level, tmp_path: Path) -> None:
    settings = VerifySettings(probes=(Probe("/"),), port=8000)
    options = SlimOptions(level=level, verify=settings, environ=dict(os.environ))
    after = f"tare-test-slim-{level.value}:latest"
    try:
        report = api.slim(
            f"docker-daemon:{before}", f"docker-daemon:{after}", options=options,
            compression=compression("gzip", None), builder="docker", ledger=tmp_path / "ledger.json",
        )  # fmt: skip
        assert report.verification is not None and not any(
            check.passed is False for check in report.verification.checks
        )
        assert any(check.kind == "http" and check.passed for check in report.verification.checks)
        assert not [step for step in report.steps if step.status == "dropped"]
        assert report.after.size_bytes.value and report.before.size_bytes.value
        limit = {Level.LOSSLESS: 1.0, Level.SAFE: 0.80, Level.REACH: 0.65}[level]
        assert report.after.size_bytes.value < limit * report.before.size_bytes.value
        was, now = (json.loads(run(image, "python", "-c", LOAD).stdout) for image in (before, after))
        gone = {path for path in was if path not in now}
        assert {path: now[path] for path in now} == {path: was[path] for path in now} and len(now) > 100
        assert all("/pip/" in path or "/setuptools/" in path or "/tests/" in path for path in gone)
        assert run(after, "python", "-c", TRUST).stdout == run(before, "python", "-c", TRUST).stdout
        assert run(after, "sh", "-c", SCRIPTS).stdout == run(before, "sh", "-c", SCRIPTS).stdout
        ledger = json.loads((tmp_path / "ledger.json").read_text())
        assert sum(entry["saved_bytes"] for entry in ledger["entries"]) > 0
        if level is Level.REACH:
            why = api.why(f"docker-daemon:{after}", "/usr/bin/curl")
            assert [(one.step, one.package.split()[0]) for one in why.entries] == [
                ("system-packages", "dpkg:curl")
            ]
            listed = run(before, "dpkg-query", "-W", "-f", "${Package}\n").stdout.split()
            status = run(after, "cat", "/var/lib/dpkg/status").stdout
            assert "Package: curl" not in status and "Package: libc6" in status and "curl" in listed
    finally:
        subprocess.run([DOCKER, "rmi", "-f", after], capture_output=True, check=False)


def test_other_tools_take_the_result(before: str, tmp_path: Path) -> None:
    options = SlimOptions(level=Level.SAFE, environ={})
    for codec in ("gzip", "zstd"):
        target = f"oci:{tmp_path}/{codec}:latest"
        api.slim(
            f"docker-daemon:{before}", target, options=options, compression=compression(codec, None),
            builder="none", recompress=True,
        )  # fmt: skip
        subprocess.run(["skopeo", "inspect", target], check=True, capture_output=True)
    subprocess.run(
        ["umoci", "raw", "unpack", "--image", f"{tmp_path}/gzip:latest", str(tmp_path / "root")],
        check=True, capture_output=True,
    )  # fmt: skip
    assert (tmp_path / "root/app/app.py").read_text() == APP
    loaded = subprocess.run(
        ["podman", "pull", "-q", f"oci:{tmp_path}/zstd:latest"], check=True, capture_output=True, text=True
    ).stdout.strip()
    try:
        code = "import pandas, flask; print(pandas.DataFrame({'a': [1]}).a.sum())"
        done = detect("podman", dict(os.environ)).run(loaded, ["python", "-c", code])
        assert done.stdout.strip() == "1", done.stderr
    finally:
        subprocess.run(["podman", "rmi", "-f", loaded], capture_output=True, check=False)


def test_a_step_that_breaks_something_is_found_and_left_out(
    before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from collections.abc import Iterable
    from dataclasses import dataclass

    from tare.slim import registry
    from tare.slim.model import Proposal
    from tare.slim.view import View

    @dataclass(frozen=True)
    class Bad:
        name: str = "bad"
        level: Level = Level.LOSSLESS
        reason: str = "a step that takes away what flask opens at run time"

        def plan(self, view: View) -> Iterable[Proposal]:
            return [
                Proposal(path, "wrong") for path in view.present() if path.endswith("flask/json/__init__.py")
            ]

    caches = registry.STEPS[0]
    monkeypatch.setattr(registry, "STEPS", (caches, Bad()))
    monkeypatch.setattr(
        "tare.slim.pipeline.prove",
        lambda plan: __import__("tare.slim.proof").slim.proof.Proof({}, (), frozenset()),
    )
    settings = VerifySettings(probes=(Probe("/"),), port=8000)
    options = SlimOptions(level=Level.LOSSLESS, verify=settings, environ=dict(os.environ))
    after = "tare-test-slim-bad:latest"
    try:
        report = api.slim(
            f"docker-daemon:{before}", f"docker-daemon:{after}", options=options,
            compression=compression("gzip", None), builder="docker",
        )  # fmt: skip
        assert [step.name for step in report.steps if step.status == "dropped"] == ["bad"]
        assert run(after, "python", "-c", "import flask").returncode == 0
    finally:
        subprocess.run([DOCKER, "rmi", "-f", after], capture_output=True, check=False)


def test_a_trace_keeps_what_workloads_used_and_the_rest_comes_back(before: str, tmp_path: Path) -> None:
    line = "python -c 'import pandas as pd, io; print(pd.read_csv(io.StringIO(\"a,b\\n1,2\")).a.sum())'"
    settings = VerifySettings(probes=(Probe("/"),), port=8000, commands=(line,))
    options = SlimOptions(level=Level.TRACE, verify=settings, environ=dict(os.environ))
    after, layer = "tare-test-slim-trace:latest", f"oci-archive:{tmp_path}/layer.tar"
    try:
        report = api.slim(
            f"docker-daemon:{before}", f"docker-daemon:{after}", options=options,
            compression=compression("zstd", 1), builder="docker", restore_layer=layer,
        )  # fmt: skip
        assert report.verification is not None
        passed = {(check.kind, check.name) for check in report.verification.checks if check.passed}
        assert ("command", line) in passed and ("http", "GET /") in passed
        assert ("ability", "certificates") in passed
        assert not [step for step in report.steps if step.status == "dropped"]
        unseen = next(step for step in report.steps if step.name == "unseen-modules")
        assert unseen.saved_bytes > 5_000_000
        assert any("2 workloads" in note for note in report.notes)
        assert run(after, "python", "-c", "import pandas.io.sas.sas7bdat").returncode != 0
        api.restore(
            f"docker-daemon:{after}", layer, f"oci:{tmp_path}/back", compression=compression("zstd", 1)
        )
        trees = []
        for reference in (f"docker-daemon:{before}", f"oci:{tmp_path}/back"):
            with open_image(reference) as image:
                trees.append(fingerprint(analyse(image, sample=False)))
        assert trees[0] == trees[1]
    finally:
        subprocess.run([DOCKER, "rmi", "-f", after], capture_output=True, check=False)


def test_a_workload_that_fails_is_refused(before: str, tmp_path: Path) -> None:
    settings = VerifySettings(port=8000, commands=("python -c 'import nothing_such'",))
    options = SlimOptions(level=Level.TRACE, verify=settings, environ=dict(os.environ))
    with pytest.raises(VerificationError, match="ends with exit code 1"):
        api.slim(
            f"docker-daemon:{before}", f"oci:{tmp_path}/out", options=options,
            compression=compression("gzip", None), builder="docker",
        )  # fmt: skip
    assert not (tmp_path / "out").exists()
