"""How far off are the estimates? Estimate requirement sets, install them for real, compare.

    python benchmarks/estimates/run.py [--find-links DIR] [--set NAME]... [--no-results]

Each set is estimated from the package index alone, then installed with `uv pip install --target` for CPython 3.11 on
linux/amd64 into a temporary folder, whose apparent bytes are measured, once as installed and once more with the
bytecode that pip would have compiled. The `torch-cpu` set runs only where `--find-links` or the index offers `+cpu`
wheels. Needs the package index, about 1.5 GB of temporary space in turn, and a CPython 3.11 to compile with.
pip's settings (`PIP_…` variables and `pip config list`) are used.
"""

import argparse
import compileall
import gzip
import io
import json
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import uv

from tare.core.errors import TareError
from tare.knowledge.estimate import EnvironmentEstimate, estimate_environment
from tare.knowledge.index_settings import IndexSettings, index_settings_from_pip
from tare.schema.quantity import Quantity

PYTHON = "3.11"
SETS = {
    "web": ["fastapi==0.115.6", "uvicorn[standard]==0.34.0", "httpx==0.28.1", "jinja2==3.1.5"],
    "tabular": ["pandas==2.2.3", "scikit-learn==1.6.0", "pyarrow==18.1.0"],
    "vision": ["opencv-python-headless==4.10.0.84", "pillow==11.0.0", "scikit-image==0.25.0"],
    "django": ["django==5.1.4", "gunicorn==23.0.0", "psycopg2-binary==2.9.10", "celery[redis]==5.4.0"],
    "nlp": ["transformers==4.47.1", "tokenizers==0.21.0", "sentencepiece==0.2.0", "nltk==3.9.1"],
    "torch-cpu": ["torch==2.13.0+cpu"],
    "plots": ["matplotlib==3.10.0", "seaborn==0.13.2", "plotly==5.24.1"],
    "cloud": ["boto3==1.35.90", "click==8.1.8", "rich==13.9.4", "sqlalchemy==2.0.36"],
    "boosting": ["lightgbm==4.5.0", "statsmodels==0.14.4", "optuna==4.1.0"],
}
# The factors for bytecode and layers in `tare.knowledge.estimate` were fitted on the other sets, not on these.
HELD_OUT = frozenset({"plots", "cloud", "boosting"})
OPTIONAL = frozenset({"torch-cpu"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """One set. Errors are (estimate - real) / real; `held` says whether the real figure lay in the stated range."""

    name: str
    requirements: list[str]
    held_out: bool
    packages: int
    estimated_bytes: int
    real_bytes: int
    error: float
    held: bool
    estimated_with_bytecode_bytes: int
    real_with_bytecode_bytes: int
    error_with_bytecode: float
    held_with_bytecode: bool
    bytecode_per_source_byte: float
    estimated_layer_bytes: int
    real_layer_bytes: int
    error_layer: float
    held_layer: bool
    elapsed_s: float


def apparent_bytes(folder: Path, suffix: str = "") -> int:
    """The sum of file lengths, as `du --apparent-size` counts regular files."""
    files = (path for path in folder.rglob(f"*{suffix}") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files if path.name != ".lock")


def layer_bytes(folder: Path) -> int:
    """The folder as one gzip -6 layer."""

    class Counter(io.RawIOBase):
        count = 0

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.count += len(memoryview(data))  # type: ignore[arg-type]
            return len(memoryview(data))  # type: ignore[arg-type]

    sink = Counter()
    with (
        gzip.GzipFile(fileobj=sink, mode="wb", compresslevel=6) as packed,  # type: ignore[arg-type]
        tarfile.open(fileobj=packed, mode="w|") as archive,
    ):
        archive.add(folder, arcname="site-packages")
    return sink.count


def install(requirements: list[str], settings: IndexSettings, target: Path) -> None:
    """Install with uv for the same target as the estimate, without bytecode."""
    command = [
        uv.find_uv_bin(), "pip", "install", "--quiet", "--no-config", "--target", str(target), "--link-mode", "copy",
        "--python-version", PYTHON, "--python-platform", "x86_64-manylinux_2_36",
        "--index-strategy", "unsafe-best-match", "--default-index", settings.index_url,
    ]  # fmt: skip
    for url in settings.extra_index_urls:
        command += ["--index", url]
    for place in settings.find_links:
        command += ["--find-links", place]
    subprocess.run([*command, *requirements], check=True)


def _error(estimate: Quantity, real: int) -> tuple[float, bool]:
    value, low, high = estimate.value or 0.0, estimate.low or 0.0, estimate.high or 0.0
    return round((value - real) / real, 4), low <= real <= high


def compare(name: str, requirements: list[str], settings: IndexSettings) -> Outcome:
    """Estimate and install one set."""
    started = time.perf_counter()
    estimate: EnvironmentEstimate = estimate_environment(
        lines=requirements, python_version=PYTHON, settings=settings, environ=dict(os.environ)
    )
    elapsed = time.perf_counter() - started
    with tempfile.TemporaryDirectory(prefix="tare-estimates-") as folder:
        target = Path(folder) / "site-packages"
        install(requirements, settings, target)
        real = apparent_bytes(target)
        layer = layer_bytes(target)
        sources = apparent_bytes(target, ".py")
        compileall.compile_dir(str(target), quiet=2, workers=2, force=True)
        compiled = apparent_bytes(target)
    error, held = _error(estimate.uncompressed, real)
    error_pyc, held_pyc = _error(estimate.with_bytecode, compiled)
    error_layer, held_layer = _error(estimate.layer, layer)
    return Outcome(
        name, requirements, name in HELD_OUT, len(estimate.packages),
        int(estimate.uncompressed.value or 0), real, error, held,
        int(estimate.with_bytecode.value or 0), compiled, error_pyc, held_pyc,
        round((compiled - real) / sources, 3),
        int(estimate.layer.value or 0), layer, error_layer, held_layer,
        round(elapsed, 2),
    )  # fmt: skip


def summarise(outcomes: list[Outcome]) -> dict[str, float]:
    """Medians of the absolute errors, and how many of the real figures lay in the stated ranges."""
    held = sum(o.held + o.held_with_bytecode + o.held_layer for o in outcomes)
    return {
        "median_absolute_error": statistics.median(abs(o.error) for o in outcomes),
        "median_absolute_error_with_bytecode": statistics.median(
            abs(o.error_with_bytecode) for o in outcomes
        ),
        "median_absolute_error_layer": statistics.median(abs(o.error_layer) for o in outcomes),
        "real_within_range": held / (3 * len(outcomes)),
    }


def main() -> int:
    """Run the sets and print a table; write `results.json` beside this file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--find-links", action="append", default=[])
    parser.add_argument("--set", action="append", choices=sorted(SETS), dest="sets")
    parser.add_argument("--no-results", action="store_true", help="do not write results.json")
    options = parser.parse_args()
    if sys.version_info[:2] != (3, 11):
        parser.error("run this with CPython 3.11: bytecode is compiled by the running interpreter")
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True)
    settings = index_settings_from_pip(os.environ, listed.stdout)
    # Only the main index and what the command names, so that everybody measures the same wheels.
    settings = IndexSettings(
        settings.index_url, (), tuple(options.find_links), False, settings.cert, settings.timeout_s
    )
    outcomes: list[Outcome] = []
    print(
        f"{'set':10} {'pkgs':>4} {'estimate':>9} {'real':>9} {'error':>8} {'+pyc':>8} {'layer':>8} {'time':>7}"
    )
    for name in options.sets or SETS:
        try:
            outcome = compare(name, SETS[name], settings)
        except TareError as error:
            if name not in OPTIONAL:
                raise
            print(f"{name:10} left out: {error}")
            continue
        outcomes.append(outcome)
        print(
            f"{name:10} {outcome.packages:4} {outcome.estimated_bytes / 1e6:7.1f}MB {outcome.real_bytes / 1e6:7.1f}MB "
            f"{outcome.error:+8.2%} {outcome.error_with_bytecode:+8.1%} {outcome.error_layer:+8.1%} "
            f"{outcome.elapsed_s:6.1f}s",
            flush=True,
        )
    summary = {"all": summarise(outcomes)}
    held_out = [outcome for outcome in outcomes if outcome.held_out]
    if held_out:
        summary["held_out"] = summarise(held_out)
    for name, figures in summary.items():
        print(name, "  ".join(f"{key} {value:.2%}" for key, value in figures.items()))
    if not options.no_results:
        results = {
            "python": PYTHON,
            "platform": "linux/amd64",
            "summary": summary,
            "sets": [asdict(o) for o in outcomes],
        }
        Path(__file__).with_name("results.json").write_text(json.dumps(results, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
