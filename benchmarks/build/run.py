"""Building one service (FastAPI, numpy, pandas, scikit-learn) in four ways, beside each other in one run.

    python benchmarks/build/run.py --base oci:DIR:TAG [--builder docker] [--network host] [--rounds 3] [--output FILE]

The ways: the naive Dockerfile (`COPY .` first, pip), the best-practice ones with pip and with uv (multi-stage, cache mounts), and
`tare assemble` onto `--base`, which must be the same image as `python:3.11-slim` of the engine. Each round measures a cold build,
a rebuild after a change of the source and one after a change of the requirements; medians are compared with the targets.

Cold: no layer from the engine's cache and no cache mounts; for `assemble` an empty directory, downloads included. Packages that
uv or pip keep outside of the builds are not used by either. Wall times: run it on a quiet machine.
"""

import argparse
import gzip
import io
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tare.build.detect import detect
from tare.build.engine import BuildRequest, Engine
from tare.build.measure import without_caches
from tare.core.errors import BuildError
from tare.core.events import null_sink

REQUIREMENTS = "fastapi==0.115.6\nuvicorn==0.34.0\nnumpy==2.2.1\npandas==2.2.3\nscikit-learn==1.6.0\n"
SOURCE = """from fastapi import FastAPI
import numpy
import pandas
import sklearn

app = FastAPI()


@app.get("/health")
def health() -> dict[str, str]:
    return {"numpy": numpy.__version__, "pandas": pandas.__version__, "sklearn": sklearn.__version__}
"""
END = 'EXPOSE 8000\nCMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]\n'
DOCKERFILES = {
    "naive": f"FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n{END}",
    "best pip": "FROM python:3.11-slim AS builder\nRUN python -m venv /opt/venv\nCOPY requirements.txt .\n"
    "RUN --mount=type=cache,target=/root/.cache/pip /opt/venv/bin/pip install -r requirements.txt\n"
    "FROM python:3.11-slim\nENV PATH=/opt/venv/bin:$PATH\nWORKDIR /app\nCOPY --from=builder /opt/venv /opt/venv\n"
    f"COPY main.py ./\n{END}",
    "best uv": "FROM python:3.11-slim AS builder\nRUN pip install uv && python -m venv /opt/venv\n"
    "ENV VIRTUAL_ENV=/opt/venv UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1\nCOPY requirements.txt .\n"
    "RUN --mount=type=cache,target=/root/.cache/uv uv pip install -r requirements.txt\n"
    "FROM python:3.11-slim\nENV PATH=/opt/venv/bin:$PATH\nWORKDIR /app\nCOPY --from=builder /opt/venv /opt/venv\n"
    f"COPY main.py ./\n{END}",
}
PHASES = ("cold", "source", "requirements")
TARGETS: tuple[tuple[str, Callable[[dict[str, dict[str, float]]], float], float], ...] = (
    (
        "source change, times faster than the naive file",
        lambda t: t["naive"]["source"] / t["assemble"]["source"],
        100,
    ),
    ("cold, times faster than the naive file", lambda t: t["naive"]["cold"] / t["assemble"]["cold"], 6),
    ("cold, times faster than the uv file", lambda t: t["best uv"]["cold"] / t["assemble"]["cold"], 3),
    ("source change under 0.3 s: 0.3 / seconds", lambda t: 0.3 / t["assemble"]["source"], 1),
    (
        "requirement change, times faster than the uv file",
        lambda t: t["best uv"]["requirements"] / t["assemble"]["requirements"],
        4,
    ),
)


@contextmanager
def project() -> Iterator[Path]:
    """The service in a directory of its own."""
    with tempfile.TemporaryDirectory(prefix="tare-bench-") as folder:
        root = Path(folder) / "project"
        root.mkdir()
        (root / "main.py").write_text(SOURCE)
        (root / "requirements.txt").write_text(REQUIREMENTS)
        (root / "Dockerfile").write_text(DOCKERFILES["naive"])
        (root / ".dockerignore").write_text("Dockerfile\n.dockerignore\n")
        yield root


def change(root: Path, phase: str, number: int) -> None:
    """What happens to the project before a phase."""
    if phase == "source":
        with (root / "main.py").open("a") as file:
            file.write(f"# {number}\n")
    elif phase == "requirements":
        version = ("8.1.7", "8.1.6", "8.1.5")[number % 3]
        (root / "requirements.txt").write_text(f"{REQUIREMENTS}click=={version}\n")


def engine_round(engine: Engine, text: str, number: int, network: str | None) -> dict[str, float]:
    """Seconds of each phase with the engine."""
    tag = "tare-bench-build:x"
    found: dict[str, float] = {}
    with project() as root:
        try:
            for phase in PHASES:
                change(root, phase, number)
                cold = phase == "cold"
                wanted = without_caches(text) if cold else text
                ignore = (root / ".dockerignore").read_text()
                request = BuildRequest(root, wanted, ignore, tag, network=network, no_cache=cold)
                if phase == "source":  # what went before used the cache mounts, which the cold build left out
                    engine.build(request, null_sink)
                    change(root, phase, number + 100)
                found[phase] = engine.build(request, null_sink).elapsed_s
        finally:
            engine.remove(tag)
    return found


def assemble_round(base: str, number: int) -> tuple[dict[str, float], int, Path]:
    """Seconds of each phase, the peak memory of the processes in bytes, and the layout that was written."""
    found: dict[str, float] = {}
    kept = Path(tempfile.mkdtemp(prefix="tare-bench-"))
    with project() as root:
        for phase in PHASES:
            change(root, phase, number)
            command = [sys.executable, "-m", "tare.cli.main", "assemble", str(root), "--base", base, "-q"]
            started = time.monotonic()
            subprocess.run(
                [*command, "-o", f"oci:{kept / 'layout'}:x"],
                env={**os.environ, "XDG_CACHE_HOME": str(kept / "cache")},
                check=True,
                stdout=subprocess.DEVNULL,
            )
            found[phase] = time.monotonic() - started
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    return found, peak, kept


def against_zlib(layout: Path) -> float:
    """The stored size of the packages' layers, as a share of what zlib -6 makes of the same tars."""
    index = json.loads((layout / "index.json").read_bytes())
    name = index["manifests"][0]["digest"].replace(":", "/")
    manifest = json.loads((layout / "blobs" / name).read_bytes())
    config = json.loads((layout / "blobs" / manifest["config"]["digest"].replace(":", "/")).read_bytes())
    steps = [step for step in config["history"] if not step.get("empty_layer")]
    stored = packed = 0
    for layer, step in zip(manifest["layers"], steps, strict=True):
        text = step.get("created_by", "")
        if not text.startswith("tare assemble: ") or text.endswith(("application", "/opt/venv")):
            continue
        data = (layout / "blobs" / layer["digest"].replace(":", "/")).read_bytes()
        stored += len(data)
        packer = zlib.compressobj(6, zlib.DEFLATED, 31)
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as plain:
            while piece := plain.read(1 << 20):
                packed += len(packer.compress(piece))
        packed += len(packer.flush())
    return stored / packed


def main() -> None:
    """Measure, compare, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--base", required=True)
    parser.add_argument("--builder", default="docker")
    parser.add_argument("--network")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", action="append", choices=[*DOCKERFILES, "assemble"], help="for a smoke run")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    wanted = options.only or [*DOCKERFILES, "assemble"]
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in wanted}
    peak, ratio = 0, 0.0
    engine = detect(options.builder, os.environ) if set(wanted) - {"assemble"} else None
    for number in range(options.rounds):
        for name in wanted:
            if name == "assemble":
                seconds, peak, kept = assemble_round(options.base, number)
                ratio = against_zlib(kept / "layout")
                shutil.rmtree(kept)
            else:
                assert engine is not None
                try:
                    seconds = engine_round(engine, DOCKERFILES[name], number, options.network)
                except BuildError as error:
                    sys.exit(f"{name}: {error}\n{error.detail or ''}")
            rounds[name].append(seconds)
            print(number, name, {key: round(value, 2) for key, value in seconds.items()}, file=sys.stderr)
    medians = {
        name: {phase: statistics.median(one[phase] for one in found) for phase in PHASES}
        for name, found in rounds.items()
    }
    print("| build | cold | source changed | requirement changed |\n|---|---:|---:|---:|")
    for name, row in medians.items():
        print(f"| {name} | " + " | ".join(f"{row[phase]:.2f}" for phase in PHASES) + " |")
    result: dict[str, object] = {"seconds": medians, "rounds": options.rounds}
    if "assemble" in wanted:
        print(f"layers: {ratio:.3f} of zlib -6 (target 1.05); peak memory {peak / 1e6:.0f} MB (target 300)")
        result |= {"layers_of_zlib_6": ratio, "peak_bytes": peak}
    if len(wanted) == len(DOCKERFILES) + 1:
        for text, figure, least in TARGETS:
            value = figure(medians)
            print(f"{text}: {value:.1f} (target {least}) {'met' if value >= least else 'MISSED'}")
        result["targets"] = {text: figure(medians) for text, figure, _ in TARGETS}
    if options.output:
        options.output.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
