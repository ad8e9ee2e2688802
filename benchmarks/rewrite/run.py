"""The scoreboard: `python benchmarks/rewrite/run.py [--builder docker] [NAME…] [--rebuilds] [--again | --failed]`.

Every project of `projects.py` goes through `tare optimize` with an engine, one at a time. What is known of a project stands in
`results.json` as soon as it is known, so that a run that was broken off goes on where it was; `--again` does all of them
anew, `--failed` those that did not come out well. The images of a project are gone before the next one begins.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import projects

from tare.api import load_configuration
from tare.build.detect import detect
from tare.build.engine import BuildRequest, Engine
from tare.core.errors import TareError
from tare.core.events import Event, EventSink
from tare.optimize import Options, optimize, read_workplace
from tare.rewrite.facts import RewriteSettings
from tare.schema.optimize import OptimizeReport

HERE = Path(__file__).resolve().parent


class Cached:
    """An engine that may use its cache where a cold build is asked for: nothing is timed, and all is sooner there."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def build(self, request: BuildRequest, on_event: EventSink) -> Any:
        """Build, with the cache."""
        return self.engine.build(replace(request, no_cache=False), on_event)


def attempt(project: projects.Project, options: argparse.Namespace) -> dict[str, Any]:
    """One project's row."""
    row: dict[str, Any] = {"family": project.family, "about": project.about, "builder": options.builder}
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tare-rewrite-") as directory:
        place = Path(directory) / project.name
        place.mkdir()
        project.write(place)
        log: list[str] = []

        def note(event: Event) -> None:
            log.append(f"{event.level}: {event.message}")

        settings = load_configuration(place).verify
        chosen = Options(
            network=options.network,
            verify=settings,
            rebuilds=options.rebuilds,
            build_args=project.build_args,
            output=Path(directory) / "out",
            environ=os.environ,
        )
        try:
            engine = detect(options.builder, os.environ)
            workplace = read_workplace(place, None, RewriteSettings())
            report = optimize(workplace, engine if options.rebuilds else Cached(engine), chosen, note)
        except TareError as error:
            row |= {"outcome": "failed", "error": str(error), "detail": (error.detail or "")[-1500:]}
        else:
            row |= summary(report)
        row["elapsed_s"] = round(time.monotonic() - began, 1)
        if options.logs is not None:
            options.logs.mkdir(parents=True, exist_ok=True)
            (options.logs / f"{project.name}.log").write_text("\n".join(log))
    return row


def summary(report: OptimizeReport) -> dict[str, Any]:
    """What is kept of a report."""
    row: dict[str, Any] = {
        "outcome": report.outcome,
        "verified": report.verification.ok if report.verification is not None else None,
        "applied": [item.transform for item in report.plan if item.status == "applied"],
        "dropped": {item.transform: item.reason for item in report.plan if item.status == "dropped"},
        "refused": {item.transform: item.reason for item in report.plan if item.status == "refused"},
        "dockerfile": report.dockerfile.after,
    }
    for name, side in (("before", report.before), ("after", report.after)):
        if side.image is not None:
            size = side.image.size_bytes.value if side.image.size_bytes is not None else None
            row[name] = {"size_bytes": size, "user": side.image.user}
        elif side.estimate is not None:
            row[name] = {"estimate": side.estimate.size_bytes.value}
    for line in report.comparison:
        if line.unit == "seconds" and "build" in line.name and not isinstance(line.before, str):
            after = line.after.value if not isinstance(line.after, str) else None
            row.setdefault("times", {})[line.name] = [line.before.value, after]
    return row


def saved(row: dict[str, Any]) -> float | None:
    """The share of the bytes that is gone, None where that was not measured."""
    sizes = [row.get(side, {}).get("size_bytes") for side in ("before", "after")]
    return 1 - sizes[1] / sizes[0] if all(sizes) else None


def board(results: dict[str, Any]) -> str:
    """The scoreboard as Markdown."""
    usable = [row for row in results.values() if row["outcome"] != "unbuildable"]
    good = [row for row in usable if row.get("verified")]
    shares = [share for row in usable if (share := saved(row)) is not None]
    before = sum(row["before"]["size_bytes"] for row in good if row.get("before"))
    after = sum(row["after"]["size_bytes"] for row in good if row.get("after"))
    mean, overall = 100 * sum(shares) / max(1, len(shares)), 100 * (1 - after / max(1, before))
    clean = sum(1 for row in good if not row["dropped"])
    lines = [
        "# Rewriting strangers' projects",
        "",
        "`python benchmarks/rewrite/run.py` takes every project of `projects/` through `tare optimize`: built before and after,",
        "and asked the same things. Sizes are bytes of all layers. The projects were written for this, in the shapes that",
        "people write; `apps.toml` has the applications, and what is asked of each.",
        "",
        f"- {len(good)} of {len(usable)} projects whose original builds come back built and verified",
        f"- {mean:.1f} % smaller on average, {overall:.1f} % of all bytes",
        f"- {len(results)} of the {len(projects.load())} projects were measured",
        f"- {clean} of {len(good)} without a transform that had to be dropped",
        "",
        "| project | before | after | saved | rebuild | transforms | dropped |",
        "|---|--:|--:|--:|--:|--:|---|",
    ]
    for name, row in sorted(results.items()):
        share = saved(row)
        if share is None:
            lines.append(f"| {name} | | | {row['outcome']} | | | {row.get('error', '')[:80]} |")
            continue
        sizes = [f"{row[side]['size_bytes'] / 1e6:.0f} MB" for side in ("before", "after")]
        pair = next((pair for what, pair in row.get("times", {}).items() if "source" in what), None)
        rebuild = f"{pair[0]:.1f} → {pair[1]:.1f} s" if pair and None not in pair else ""
        dropped = ", ".join(row["dropped"])
        lines.append(
            f"| {name} | {sizes[0]} | {sizes[1]} | {100 * share:.0f} % | {rebuild} | {len(row['applied'])} | {dropped} |"
        )
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run what is missing, and write the scoreboard."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--builder", default="docker")
    parser.add_argument("--network", default=None)
    parser.add_argument("names", nargs="*", help="parts of the names of projects; all without")
    parser.add_argument("--rebuilds", action="store_true")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--failed", action="store_true")
    parser.add_argument("--logs", type=Path)
    parser.add_argument("--results", type=Path, default=HERE, help="directory of results.json and README.md")
    options = parser.parse_args()
    kept, page = options.results / "results.json", options.results / "README.md"
    results: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}
    known = {project.name for project in projects.load()}
    results = {name: row for name, row in results.items() if name in known}
    wanted = [project for name in options.names or [None] for project in projects.load(name)]
    for project in wanted:
        row = results.get(project.name)
        well = row is not None and row.get("verified") and not row["dropped"]
        if row is not None and not options.again and (well or not options.failed):
            continue
        row = attempt(project, options)
        results[project.name] = row
        kept.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
        page.write_text(board(results))
        share = saved(row)
        shown = f"{100 * share:.0f} %" if share is not None else row.get("error", "")[:200]
        print(
            f"{project.name}: {row['outcome']} {shown} {row.get('dropped') or ''} {row['elapsed_s']} s",
            flush=True,
        )
    page.write_text(board(results))
    return 0 if all(row.get("verified") for row in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
