"""The exercise, measured: `python benchmarks/exercise/run.py --builder docker --runs 3 --peers`.

Runs `tare optimize examples/pytorch-nlp` and writes the numbers beside this file: sizes of the first run, medians of all
timings. `--peers` (Docker only) puts other tools' results beside it, from the same original: tally-cli's safe fixes,
docker-squash, and the file that a course would write. They are taken from PyPI into a temporary environment.

Where PyTorch's own index is out of reach, `--wheel` serves a CPU wheel from a local index, and `--torch-version` asks for
its version before and after alike.
"""

import argparse
import functools
import http.server
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tare.api import load_configuration
from tare.build.detect import detect
from tare.build.engine import BuildRequest, Engine
from tare.core.errors import BuildError
from tare.core.events import null_sink
from tare.image import facts, open_image
from tare.verify.checks import Subject, judge, look

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROJECT = ROOT / "examples/pytorch-nlp"


@contextmanager
def served(wheel: Path | None) -> Iterator[str | None]:
    """A PEP 503 index on loopback that holds one wheel; None without a wheel."""
    if wheel is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="tare-index-") as directory:
        page = Path(directory) / "simple" / "torch"
        page.mkdir(parents=True)
        shutil.copy(wheel, page / wheel.name)
        link = wheel.name.replace("+", "%2B")
        (page / "index.html").write_text(f'<!DOCTYPE html><a href="{link}">{wheel.name}</a>')
        handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=directory)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/simple/"
        server.shutdown()


def optimize(options: argparse.Namespace, index: str | None) -> dict[str, Any]:
    """One run of the command, as its JSON."""
    words = [sys.executable, "-m", "tare.cli.main", "optimize", str(PROJECT), "--format", "json"]
    words += ["--builder", options.builder, "--build-arg", f"TORCH_VERSION={options.torch_version}"]
    words += ["--network", options.network] if options.network else []
    words += ["--torch-index", index] if index else []
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def summary(reports: list[dict[str, Any]]) -> dict[str, Any]:
    """What is kept: every row (the median of a measured time), the plan, the checks, the files."""
    first = reports[0]
    rows = {}
    for row in first["comparison"]:
        same = [other for report in reports for other in report["comparison"] if other["name"] == row["name"]]
        entry: dict[str, Any] = {"unit": row["unit"]}
        for side in ("before", "after"):
            values = [
                found[side]["value"] if isinstance(found[side], dict) else found[side] for found in same
            ]
            timed = row["unit"] == "seconds" and all(value is not None for value in values)
            entry[side] = statistics.median(values) if timed else values[0]
            if timed and len(values) > 1:
                entry[f"{side}_runs"] = [round(value, 3) for value in values]
            if isinstance(row[side], dict) and row[side]["basis"] != "measured":
                entry["basis"] = row[side]["basis"]
        rows[row["name"]] = entry
    return {
        "engine": first["engine"],
        "outcome": first["outcome"],
        "runs": len(reports),
        "rows": rows,
        "plan": [
            {key: item[key] for key in ("transform", "status", "reason", "applicability")}
            for item in first["plan"]
        ],
        "checks": first["verification"]["checks"],
        "dockerfile": first["dockerfile"]["after"],
        "dockerignore": first["dockerignore"]["after"],
    }


def peers(options: argparse.Namespace, index: str | None, after: dict[str, Any]) -> list[dict[str, Any]]:
    """What others make of the same project: bytes of all layers, layers, and whether it answers as the original does."""
    engine = detect("docker", os.environ)
    settings = load_configuration(PROJECT).verify
    arguments = {"TORCH_VERSION": options.torch_version} | ({"TORCH_INDEX": index} if index else {})
    original = (PROJECT / "Dockerfile").read_text()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="tare-peers-") as directory:
        place = Path(directory)
        venv.create(place / "venv", with_pip=True)
        tools = place / "venv" / "bin"
        subprocess.run([tools / "pip", "install", "-q", "tally-cli", "docker-squash"], check=True)
        fixed = place / "Dockerfile"
        fixed.write_text(original)
        subprocess.run([tools / "tally", "lint", "--fix", fixed], stdout=subprocess.DEVNULL, check=False)
        seen = None
        for name, text in (
            ("original", original),
            ("tally-cli --fix", fixed.read_text()),
            ("textbook", (HERE / "textbook.Dockerfile").read_text()),
        ):
            tag = f"tare-peer-{name.split()[0]}:x"
            used = {key: value for key, value in arguments.items() if key in text}
            try:
                engine.build(BuildRequest(PROJECT, text, "", tag, used, network=options.network), null_sink)
            except BuildError as error:
                rows.append({"tool": name, "error": (error.detail or "").strip().splitlines()[-1]})
                continue
            look_at = look(engine, Subject(tag, 8000, False), settings)
            seen = seen or look_at
            rows.append(
                row(engine, name, tag)
                | {"answers": judge(look_at, seen, settings, Subject(tag, 8000, False)).ok}
            )
        if rows and "error" not in rows[0]:
            environ = os.environ | {"TMPDIR": directory}
            words = [tools / "docker-squash", "-t", "tare-peer-squash:x", "tare-peer-original:x"]
            done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
            if done.returncode:
                rows.append({"tool": "docker-squash", "error": done.stderr.strip().splitlines()[-1]})
            else:
                rows.append(row(engine, "docker-squash", "tare-peer-squash:x"))
        for tag in ("original", "tally-cli", "textbook", "squash"):
            engine.remove(f"tare-peer-{tag}:x")
    own = after["rows"]
    rows.append(
        {
            "tool": "tare",
            "size_bytes": own["size on disk"]["after"],
            "layers": own["layers"]["after"],
            "answers": True,
        }
    )
    for entry in rows:
        if "size_bytes" in entry and "size_bytes" in rows[0]:
            entry["of_original"] = round(entry["size_bytes"] / rows[0]["size_bytes"], 3)
    return rows


def row(engine: Engine, name: str, tag: str) -> dict[str, Any]:
    """The size of an image in the engine, measured as tare measures."""
    with tempfile.TemporaryDirectory(prefix="tare-peer-") as directory:
        archive = Path(directory) / "image.tar"
        engine.export(tag, archive)
        with open_image(f"docker-archive:{archive}") as image:
            found = facts(image, compressed=False)
    return {"tool": name, "size_bytes": found.size_bytes.value, "layers": len(found.layers)}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--builder", default="docker")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--wheel", type=Path)
    parser.add_argument("--torch-version", default="2.1.0")
    parser.add_argument("--network", default=None)
    options = parser.parse_args()
    target = HERE / f"results-{options.builder}.json"
    with served(options.wheel) as index:
        found = summary([optimize(options, index) for _ in range(options.runs)])
        if options.peers:
            found["peers"] = peers(options, index, found)
        target.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    for name, entry in found["rows"].items():
        print(f"{name:32} {entry['before']!s:>24} {entry['after']!s:>24}")
    for entry in found.get("peers", ()):
        print(entry)
    return 0


if __name__ == "__main__":
    sys.exit(main())
