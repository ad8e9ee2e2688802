"""What a fleet costs: a first run with 1 and 2 workers, a run when nothing changed, a run after some pushes.

python benchmarks/fleet/run.py --images 10000 [--workers 1,2] [--pushes 20] [--json FILE]

The registry is a process of its own on this machine (see registry.py); CPU seconds are those of tare and its workers alone.
"""

import argparse
import json
import multiprocessing
import os
import platform
import subprocess
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from registry import Registry, Shape, serving

COMMAND = """
import json, resource, sys, time
from pathlib import Path
from tare.api._fleet import FleetOptions, fleet
if __name__ == "__main__":
    started = time.perf_counter()
    report = fleet([f"catalog:{sys.argv[1]}"], Path(sys.argv[2]), options=FleetOptions(workers=int(sys.argv[3]), per_registry=8))
    wall = time.perf_counter() - started
    own, below = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps({
        "wall_s": round(wall, 2),
        "cpu_s": round(sum(one.ru_utime + one.ru_stime for one in (own, below)), 2),
        "peak_mb": round(max(own.ru_maxrss, below.ru_maxrss) / 1024),
        "complete": report.complete, "images": report.totals.images, "layers": report.totals.layers,
        "layers_read": report.work.layers_read, "surveyed": report.work.images_surveyed,
        "unchanged": report.work.names_unchanged, "run_s": round(report.work.elapsed_s, 2),
        "stored_bytes": report.totals.stored_bytes, "images_bytes": report.totals.images_bytes,
    }))
"""


def serve(shape: Shape, pipe: Connection) -> None:
    """The registry's process: answers `seen`, pushes on demand."""
    registry = Registry(shape)
    with serving(registry) as host:
        pipe.send(host)
        while (order := pipe.recv()) is not None:
            if isinstance(order, int):
                for number in range(order):
                    registry.push(number)
            pipe.send((dict(registry.seen), registry.sent_bytes))
            registry.seen.clear()
            registry.sent_bytes = 0


def once(host: str, store: Path, workers: int) -> dict[str, object]:
    """One run in a process of its own."""
    script = store.parent / "once.py"
    script.write_text(COMMAND)
    done = subprocess.run(
        [sys.executable, str(script), host, str(store), str(workers)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def tell(row: dict[str, object]) -> None:
    """A row as soon as it is known."""
    print(
        f"{row['what']:20} {row['wall_s']:>8} s wall {row['cpu_s']:>8} s CPU {row['peak_mb']:>6} MB peak, layers read"
        f" {row['layers_read']:>5}, merged {row['surveyed']:>6}, unchanged {row['unchanged']:>6}, {row['requests']}",
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--images", type=int, default=10_000)
    words.add_argument("--variants", type=int, default=200)
    words.add_argument("--workers", default="1,2")
    words.add_argument("--pushes", type=int, default=20)
    words.add_argument("--json", type=Path)
    given = words.parse_args()
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(
        target=serve, args=(Shape(given.images, variants=given.variants), theirs), daemon=True
    )
    server.start()
    host = ours.recv()
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as folder:
        counts = [int(one) for one in given.workers.split(",")]
        for workers in counts:
            rows.append(
                {"what": f"first, {workers} workers", **once(host, Path(folder) / f"s{workers}", workers)}
            )
            ours.send(0)
            rows[-1]["requests"], rows[-1]["sent_bytes"] = ours.recv()
            tell(rows[-1])
        store = Path(folder) / f"s{counts[-1]}"
        for what, pushes in (("nothing changed", 0), (f"{given.pushes} pushes", given.pushes)):
            if pushes:
                ours.send(pushes)
                ours.recv()
            rows.append({"what": what, **once(host, store, counts[-1])})
            ours.send(0)
            rows[-1]["requests"], rows[-1]["sent_bytes"] = ours.recv()
            tell(rows[-1])
        size = sum(one.stat().st_size for one in store.iterdir())
    ours.send(None)
    result = {
        "when": time.strftime("%Y-%m-%d %H:%M"),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "store_bytes": size,
        "rows": rows,
    }
    print(f"store {size / 1e6:.0f} MB, load {result['load']}")
    if given.json:
        given.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
