"""Sizes, times and working operations of the benchmark's image at every level, beside docker-squash.

    python benchmarks/slim/run.py [--image NAME] [--levels lossless,safe,reach,trace] [--squash COMMAND] > results.json

The workload of `trace` is the battery, run as one shell line.

Build the image first: put torch's CPU wheel into a folder `wheels` beside the Dockerfile (or leave it empty), then
`docker build -t tare-bench-slim benchmarks/slim`. Needs Docker and some 12 GB of disk.
"""

import argparse
import base64
import json
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
DOCKER = "/usr/bin/docker"
START = "import time; a = time.perf_counter(); import app; print(round(time.perf_counter() - a, 2))"


WORKLOAD = "echo {text} | base64 -d > /tmp/battery.py; for o in $(python /tmp/battery.py); do python /tmp/battery.py $o; done"


def ask(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False, cwd=HERE)


def inside(image: str, *words: str) -> subprocess.CompletedProcess[str]:
    mount = f"{HERE}/battery.py:/battery.py:ro"
    return ask(DOCKER, "run", "--rm", "--network=none", "-v", mount, "--entrypoint", "python", image, *words)


def battery(image: str) -> dict[str, str]:
    """Operation → its answer, or the last line of its error."""
    found = {}
    for name in inside(image, "/battery.py").stdout.split():
        done = inside(image, "/battery.py", name)
        found[name] = (
            done.stdout.strip()
            if done.returncode == 0
            else "ERROR " + (done.stderr.strip().splitlines() or [""])[-1]
        )
        print(f"  {image} {name}: {found[name][:90]}", file=sys.stderr)
    return found


def start_s(image: str) -> list[float]:
    """Seconds of importing the service, three fresh processes."""
    return [float(inside(image, "-c", START).stdout.strip() or "nan") for _ in range(3)]


def measure(image: str, expected: dict[str, str] | None) -> dict[str, object]:
    size = int(ask(DOCKER, "image", "inspect", "-f", "{{.Size}}", image).stdout)
    answers = battery(image)
    wrong = sorted(
        name
        for name, answer in answers.items()
        if answer.startswith("ERROR") or (expected or answers)[name] != answer
    )
    return {
        "size_bytes": size,
        "works": len(answers) - len(wrong),
        "of": len(answers),
        "fails": wrong,
        "start_s": start_s(image),
        "answers": answers,
    }


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--image", default="tare-bench-slim")
    options.add_argument("--levels", default="lossless,safe,reach,trace")
    options.add_argument("--squash", default="", help="the docker-squash command, when it is installed")
    chosen = options.parse_args()
    results: dict[str, dict[str, object]] = {"original": measure(chosen.image, None)}
    expected = results["original"].pop("answers")
    assert isinstance(expected, dict)
    for level in filter(None, chosen.levels.split(",")):
        name = f"{chosen.image}-{level}"
        words = [
            "tare",
            "slim",
            f"docker-daemon:{chosen.image}",
            "-o",
            f"docker-daemon:{name}",
            "--level",
            level,
            "--format",
            "json",
        ]
        if level == "trace":
            text = base64.b64encode((HERE / "battery.py").read_bytes()).decode()
            words += ["--workload", WORKLOAD.format(text=text)]
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.monotonic()
        done = ask(*words, "--builder", "docker", "--quiet")
        wall = time.monotonic() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != 0:
            results[level] = {"error": done.stderr.strip()[-500:]}
            continue
        report = json.loads(done.stdout)
        row = measure(name, expected)
        row.pop("answers")
        row |= {
            "wall_s": round(wall, 1),
            "cpu_s": round(after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime, 1),
            "peak_memory_bytes": after.ru_maxrss * 1024,
            "verified": report["verified"],
            "dropped": [step["name"] for step in report["steps"] if step["status"] == "dropped"],
            "steps": {step["name"]: step["saved_bytes"] for step in report["steps"] if step["saved_bytes"]},
        }
        results[level] = row
        ask(DOCKER, "rmi", "-f", name)
    if chosen.squash:
        name = f"{chosen.image}-squashed"
        started = time.monotonic()
        done = ask(*chosen.squash.split(), "-t", name, chosen.image)
        if done.returncode == 0:
            row = measure(name, expected)
            row.pop("answers")
            results["docker-squash"] = row | {"wall_s": round(time.monotonic() - started, 1)}
            ask(DOCKER, "rmi", "-f", name)
        else:
            results["docker-squash"] = {"error": re.sub(r"\s+", " ", done.stderr)[-400:]}
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
