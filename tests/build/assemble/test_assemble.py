"""Assembling from wheels in a folder and a base in memory; nothing asks a network."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tare.image import analyse, open_image
from tare.image.contents import Contents
from tests.support.random_image import Operation, layer_tar, write_docker_archive
from tests.support.registries import docker_registry
from tests.support.wheels import write_wheel

BASE = {
    "usr/local/bin/python3.11": b"\x7fELF",
    "etc/os-release": b"ID=debian\nVERSION_CODENAME=bookworm\n",
    "etc/passwd": b"root:x:0:0:root:/root:/bin/bash\n",
}
DOCKERFILE = """FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
EXPOSE 8000
CMD ["tool", "serve"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "Dockerfile").write_text(DOCKERFILE)
    (root / "requirements.txt").write_text("tool==1.0\nbig\n")
    (root / "main.py").write_text("import tool\n")
    (root / "run.sh").write_text("#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    (root / "link").symlink_to("main.py")
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    write_wheel(
        wheels,
        "tool",
        "1.0",
        {"tool/__init__.py": b"", "tool-1.0.data/data/share/tool/x.txt": b"x"},
        scripts={"tool": "tool:main"},
    )
    write_wheel(wheels, "big", "2.0", {"big/data.bin": os.urandom(5_000_000)})
    tar = layer_tar([Operation("file", path, content) for path, content in BASE.items()])
    write_docker_archive(
        tmp_path / "base.tar", [tar], Env=["PATH=/usr/local/bin:/usr/bin", "LANG=C"], Cmd=["python3"]
    )
    return root


def tare(
    project: Path, output: str, *words: str, base: str | None = None, **environ: str
) -> subprocess.CompletedProcess[str]:
    parent = project.parent
    settings = {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(parent / "wheels"),
        "XDG_CACHE_HOME": str(parent / "cache"),
    }
    where = ["--base", base or f"docker-archive:{parent / 'base.tar'}"]
    return subprocess.run(
        [sys.executable, "-m", "tare.cli.main", "assemble", str(project), *where, "-o", output, *words],
        env={**os.environ, **settings, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def merged(reference: str) -> tuple[dict[str, object], dict[str, tuple[str, int, int, bytes | str]]]:
    """The configuration, and every path with kind, mode, owner and content or target."""
    with open_image(reference) as image:
        analysis = analyse(image, sample=False)
        config = json.loads(image.source.config())
        with Contents(analysis) as contents:
            found = {}
            for node in analysis.tree.walk():
                entry = node.inode.entry
                content: bytes | str = contents.read(node.inode) if entry.kind == "file" else entry.link
                found[node.path] = (str(entry.kind), entry.mode, entry.uid, content)
    return config, found


def test_an_image_of_base_wheels_and_source(project: Path, tmp_path: Path) -> None:
    done = tare(project, f"oci:{tmp_path / 'out'}:x", "--format", "json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert set(report["packages"]) == {"tool==1.0", "big==2.0"}
    assert [layer["content"] for layer in report["layers"]] == [
        "environment /opt/venv",
        "1 small packages",
        "big 2.0",
        "application",
    ]
    config, files = merged(f"oci:{tmp_path / 'out'}:x")
    site = "opt/venv/lib/python3.11/site-packages"
    assert files["opt/venv/bin/python3"][3] == "/usr/local/bin/python3.11"
    script = files["opt/venv/bin/tool"]
    assert script[1] & 0o111 and bytes(script[3]).startswith(b"#!/opt/venv/bin/python\n")  # type: ignore[arg-type]
    assert files["opt/venv/share/tool/x.txt"][3] == b"x"
    record = bytes(files[f"{site}/tool-1.0.dist-info/RECORD"][3]).decode()  # type: ignore[arg-type]
    assert "../../../bin/tool,sha256=" in record and "../../../share/tool/x.txt,sha256=" in record
    assert files["app/main.py"][:3] == ("file", 0o644, 10001) and files["app/run.sh"][1] == 0o755
    assert files["app/link"][3] == "main.py" and files["app"][2] == 10001
    assert "Dockerfile" not in {path.rpartition("/")[2] for path in files}
    assert b"app:x:10001:10001" in bytes(files["etc/passwd"][3])  # type: ignore[arg-type]
    inner = config["config"]
    assert isinstance(inner, dict)
    assert (
        inner["Cmd"] == ["tool", "serve"] and inner["User"] == "10001:10001" and inner["WorkingDir"] == "/app"
    )
    assert inner["Env"][0] == "PATH=/opt/venv/bin:/usr/local/bin:/usr/bin" and "LANG=C" in inner["Env"]
    assert inner["ExposedPorts"] == {"8000/tcp": {}}


def test_the_same_input_gives_the_same_digest(project: Path, tmp_path: Path) -> None:
    digests = []
    for number in range(2):
        environ = {"XDG_CACHE_HOME": str(tmp_path / f"cache{number}")}
        done = tare(project, f"oci:{tmp_path / f'out{number}'}", "--format", "json", **environ)
        assert done.returncode == 0, done.stderr
        digests.append(json.loads(done.stdout)["digest"])
        os.utime(project / "main.py", (1, 1))
    assert digests[0] == digests[1]


def test_a_change_of_the_source_changes_one_layer(project: Path, tmp_path: Path) -> None:
    def layers(name: str) -> list[str]:
        done = tare(project, f"oci:{tmp_path / name}", "--format", "json")
        assert done.returncode == 0, done.stderr
        return [layer["digest"] for layer in json.loads(done.stdout)["layers"]]

    before = layers("one")
    (project / "main.py").write_text("import tool, big\n")
    after = layers("two")
    assert before[:-1] == after[:-1] and before[-1] != after[-1]


def test_broken_and_missing_wheels_are_errors_and_write_nothing(project: Path, tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    write_wheel(wheels, "tool", "1.0", {"tool/__init__.py": b""}, broken=True)
    done = tare(project, f"oci:{tmp_path / 'out'}")
    assert (
        done.returncode == 2 and "tool-1.0-py3-none-any.whl" in done.stderr and "Traceback" not in done.stderr
    )
    (wheels / "tool-1.0-py3-none-any.whl").unlink()
    done = tare(project, f"oci:{tmp_path / 'out'}")
    assert done.returncode == 2 and "tool==1.0" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_wheel_cannot_write_outside_of_the_environment(project: Path, tmp_path: Path) -> None:
    write_wheel(
        tmp_path / "wheels", "tool", "1.0", {"../../../../../etc/evil": b"x", "tool/__init__.py": b""}
    )
    done = tare(project, f"oci:{tmp_path / 'out'}")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_two_packages_that_write_one_file(project: Path, tmp_path: Path) -> None:
    write_wheel(tmp_path / "wheels", "tool", "1.0", {"tool/__init__.py": b"", "big/data.bin": b"other"})
    done = tare(project, f"oci:{tmp_path / 'out'}")
    assert done.returncode == 2 and "both write" in done.stderr


def test_steps_that_need_an_engine_are_refused_by_name(project: Path, tmp_path: Path) -> None:
    path = project / "Dockerfile"
    path.write_text(DOCKERFILE.replace("EXPOSE", "RUN ./train --all\nEXPOSE"))
    done = tare(project, f"oci:{tmp_path / 'out'}")
    assert done.returncode == 2 and "`RUN ./train --all`" in done.stderr
    done = tare(project, f"oci:{tmp_path / 'out'}", "--skip-steps")
    assert done.returncode == 0 and "left out" in done.stdout


def test_a_docker_archive(project: Path, tmp_path: Path) -> None:
    done = tare(project, f"docker-archive:{tmp_path / 'out.tar'}:app:1")
    assert done.returncode == 0, done.stderr
    with tarfile.open(tmp_path / "out.tar") as tar:
        assert "manifest.json" in tar.getnames()


def test_a_base_without_python(project: Path, tmp_path: Path) -> None:
    tar = layer_tar([Operation("file", "etc/passwd", b"")])
    write_docker_archive(tmp_path / "base.tar", [tar])
    done = tare(project, f"oci:{tmp_path / 'out'}")
    assert done.returncode == 2 and "no Python" in done.stderr


def test_what_was_made_before_is_not_made_again(project: Path, tmp_path: Path) -> None:
    first = json.loads(tare(project, f"oci:{tmp_path / 'a'}:x", "--format", "json").stdout)
    again = json.loads(tare(project, f"oci:{tmp_path / 'b'}:x", "--format", "json").stdout)
    assert not first["reused_lock"] and again["reused_lock"]
    assert first["digest"] == again["digest"]
    assert merged(f"oci:{tmp_path / 'a'}:x") == merged(f"oci:{tmp_path / 'b'}:x")
    (project / "main.py").write_text("import tool\n# changed\n")
    changed = json.loads(tare(project, f"oci:{tmp_path / 'a'}:x", "--format", "json").stdout)
    assert [one["digest"] for one in changed["layers"][:-1]] == [
        one["digest"] for one in first["layers"][:-1]
    ]
    assert changed["layers"][-1]["digest"] != first["layers"][-1]["digest"]
    fresh = json.loads(tare(project, f"oci:{tmp_path / 'a'}:x", "--fresh", "--format", "json").stdout)
    assert not fresh["reused_lock"] and fresh["digest"] == changed["digest"]


def test_a_new_wheel_in_the_folder_is_seen(project: Path, tmp_path: Path) -> None:
    tare(project, f"oci:{tmp_path / 'a'}:x")
    write_wheel(tmp_path / "wheels", "big", "3.0", {"big/data.bin": b"3"})
    again = json.loads(tare(project, f"oci:{tmp_path / 'a'}:x", "--format", "json").stdout)
    assert "big==3.0" in again["packages"]


@pytest.mark.skipif(shutil.which("docker-registry") is None, reason="docker-registry is not installed")
def test_pushes_what_the_registry_lacks(project: Path, tmp_path: Path) -> None:
    (tmp_path / "registry").mkdir()
    with docker_registry(tmp_path / "registry") as host:
        local = json.loads(tare(project, f"oci:{tmp_path / 'out'}:x", "--format", "json").stdout)
        done = tare(project, f"docker://{host}/team/app:1", "--format", "json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["digest"] == local["digest"]
        assert merged(f"docker://{host}/team/app:1") == merged(f"oci:{tmp_path / 'out'}:x")
        (project / "main.py").write_text("import tool\n# changed\n")
        again = tare(project, f"docker://{host}/team/app:2")
        pushed = [line for line in again.stderr.splitlines() if "pushing" in line]
        assert len(pushed) == 2, again.stderr  # the application and the configuration
        beside = tare(project, f"docker://{host}/other:1", base=f"docker://{host}/team/app:1")
        assert "taken over from team/app" in beside.stderr, beside.stderr


def written_by(project: Path, output: Path) -> bool:
    return output.exists() or any(path.name.startswith(f".{output.name}") for path in output.parent.iterdir())


def test_a_hash_that_does_not_match(project: Path, tmp_path: Path) -> None:
    (project / "requirements.txt").write_text(f"tool==1.0 --hash=sha256:{'0' * 64}\n")
    done = tare(project, f"oci:{tmp_path / 'out'}:x")
    assert done.returncode == 2 and "hash" in done.stderr and "Traceback" not in done.stderr
    assert not written_by(project, tmp_path / "out")
    wheel = next((tmp_path / "wheels").glob("tool-1.0-*"))
    right = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (project / "requirements.txt").write_text(
        f"tool==1.0 \\\n  --hash=sha256:{'0' * 64} \\\n  --hash=sha256:{right}\n"
    )
    assert tare(project, f"oci:{tmp_path / 'out'}:x").returncode == 0


def test_no_wheel_for_the_platform(project: Path, tmp_path: Path) -> None:
    write_wheel(tmp_path / "wheels", "arm", "1.0", {"arm.py": b""}, tag="cp311-cp311-manylinux_2_17_aarch64")
    (project / "requirements.txt").write_text("arm\n")
    done = tare(project, f"oci:{tmp_path / 'out'}:x")
    assert done.returncode == 2 and "arm" in done.stderr and "Traceback" not in done.stderr
    assert not written_by(project, tmp_path / "out")


def test_a_cache_that_cannot_be_written(project: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file in the place of the directory")
    done = tare(project, f"oci:{tmp_path / 'out'}:x")
    assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
    assert "cache" in done.stderr and "hint:" in done.stderr
    assert not written_by(project, tmp_path / "out")


def test_a_full_disk(project: Path, tmp_path: Path) -> None:
    """A limit on the size of files stands for it: the write fails half-way."""
    tare(project, f"oci:{tmp_path / 'warm'}:x")
    shutil.rmtree(tmp_path / "cache/tare/layers")
    words = [sys.executable, "-m", "tare.cli.main", "assemble", str(project)]
    words += ["--base", f"docker-archive:{tmp_path / 'base.tar'}", "-o", f"oci:{tmp_path / 'out'}:x"]
    settings = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path / "wheels")}
    done = subprocess.run(
        ["bash", "-c", 'ulimit -f 2000; exec "$@"', "bash", *words],
        env={**os.environ, **settings, "XDG_CACHE_HOME": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
    assert not written_by(project, tmp_path / "out")


def test_several_at_once_on_one_cache(project: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        runs = list(
            pool.map(lambda n: tare(project, f"oci:{tmp_path / f'out{n}'}:x", "--format", "json"), range(4))
        )
    assert [run.returncode for run in runs] == [0] * 4, [run.stderr for run in runs]
    assert len({json.loads(run.stdout)["digest"] for run in runs}) == 1
    left = [path.name for path in (tmp_path / "cache/tare").rglob(".*")]
    assert not left, "nothing half-done stays in the cache"


def test_clocks_do_not_matter(project: Path, tmp_path: Path) -> None:
    first = json.loads(tare(project, f"oci:{tmp_path / 'a'}:x", "--format", "json").stdout)
    for path in project.iterdir():
        if not path.is_symlink():
            os.utime(path, (4_000_000_000, 4_000_000_000))
    shutil.rmtree(tmp_path / "cache")
    later = json.loads(tare(project, f"oci:{tmp_path / 'b'}:x", "--format", "json").stdout)
    assert first["digest"] == later["digest"]
