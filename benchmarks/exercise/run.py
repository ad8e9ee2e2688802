"""The exercise, measured: `python benchmarks/exercise/run.py --builder docker --wheel torch-2.13.0+cpu-….whl`.

Runs `tare optimize examples/pytorch-nlp` and writes the report beside this file. Where PyTorch's own index is out of
reach, `--wheel` serves a CPU wheel from a local index, and `--torch-version` asks for its version before and after alike.
"""

import argparse
import functools
import http.server
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def serve(wheel: Path) -> tuple[str, tempfile.TemporaryDirectory[str]]:
    """A PEP 503 index on loopback that holds one wheel."""
    directory = tempfile.TemporaryDirectory(prefix="tare-index-")
    page = Path(directory.name) / "simple" / "torch"
    page.mkdir(parents=True)
    shutil.copy(wheel, page / wheel.name)
    link = wheel.name.replace("+", "%2B")
    (page / "index.html").write_text(f'<!DOCTYPE html><a href="{link}">{wheel.name}</a>')
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=directory.name)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}/simple/", directory


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--builder", default="auto")
    parser.add_argument("--wheel", type=Path)
    parser.add_argument("--torch-version", default="2.1.0")
    parser.add_argument("--network", default=None)
    parser.add_argument("--no-rebuilds", action="store_true")
    options = parser.parse_args()
    words = [
        sys.executable,
        "-m",
        "tare.cli.main",
        "optimize",
        str(ROOT / "examples/pytorch-nlp"),
        "--format",
        "json",
    ]
    words += ["--builder", options.builder, "--build-arg", f"TORCH_VERSION={options.torch_version}"]
    words += ["--network", options.network] if options.network else []
    words += ["--no-rebuilds"] if options.no_rebuilds else []
    directory = None
    if options.wheel:
        url, directory = serve(options.wheel)
        words += ["--torch-index", url]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
    if directory is not None:
        directory.cleanup()
    if done.returncode:
        return done.returncode
    report = json.loads(done.stdout)
    report["path"] = "examples/pytorch-nlp"
    report["work_directory"] = None
    for side in ("before", "after"):
        report[side]["image"]["packages"] = len(report[side]["image"]["packages"])
    (HERE / f"results-{report['engine']}.json").write_text(
        json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    )
    for row in report["comparison"]:
        values = [
            row[side]["value"] if isinstance(row[side], dict) else row[side] for side in ("before", "after")
        ]
        print(f"{row['name']:32} {values[0]!s:>24} {values[1]!s:>24}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
