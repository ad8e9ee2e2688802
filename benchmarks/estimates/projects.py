"""How far off are the estimates of whole images? Estimate a project before and after, build both, compare part by part.

    python benchmarks/estimates/projects.py [--builder NAME] [--network host] [PROJECT]...

Each project is estimated as `tare optimize --builder none` does it, then both Dockerfiles are built for real and their bytes put
into the same parts. The base image is compared apart: where official images cannot be pulled, the local stand-ins are not
what the table of base sizes speaks of. pip's cache is left out where the build's mirror lets pip keep none.
"""

import argparse
import json
import os
import secrets
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from tare.build.detect import detect
from tare.build.engine import BuildRequest, Engine
from tare.core.events import null_sink
from tare.dockerfile import parse
from tare.image import open_image
from tare.image.analysis import analyse
from tare.optimize import read_workplace
from tare.optimize.expectation import outlook
from tare.optimize.parts import Kind, Part, Weight, measured_parts
from tare.optimize.shares import total
from tare.rewrite.engine import rewrite
from tare.rewrite.facts import RewriteSettings
from tare.rewrite.registry import TRANSFORMS
from tare.schema.finding import Saving

ROOT = Path(__file__).resolve().parents[2]
PROJECTS = ("flask-gunicorn", "django-postgres", "uv-lock", "pyproject-only", "sdist-compile", "opencv-libgl")
GROUPS: Mapping[str, frozenset[Kind]] = {
    "base": frozenset({Kind.BASE, Kind.BASE_PACKAGE, Kind.HIDDEN}),
    "apt": frozenset({Kind.SYSTEM}),
    "python": frozenset({Kind.PYTHON, Kind.PRUNABLE}),
    "bytecode": frozenset({Kind.BYTECODE}),
    "lists": frozenset({Kind.CACHE}),
    "project": frozenset({Kind.PROJECT}),
}
OF_PYTHON = frozenset({Kind.PYTHON, Kind.PRUNABLE, Kind.BYTECODE})
WITH_THE_BASE = frozenset({"pip", "setuptools", "wheel"})


@dataclass(frozen=True, slots=True)
class Row:
    """One group of one image: the estimate with its range against what was built, in bytes."""

    project: str
    side: str
    group: str
    estimated: float | None
    low: float | None
    high: float | None
    real: int

    @property
    def held(self) -> bool | None:
        """Whether the real figure lies in the range; None for an unknown."""
        if self.estimated is None:
            return None
        return (self.low or 0.0) <= self.real <= (self.high or 0.0)


def real_parts(engine: Engine, request: BuildRequest) -> Mapping[Part, Weight]:
    """Build, look, remove."""
    try:
        engine.build(request, null_sink)
        with tempfile.TemporaryDirectory() as folder:
            engine.export(request.tag, Path(folder) / "image.tar")
            with open_image(f"docker-archive:{folder}/image.tar") as image:
                return measured_parts(analyse(image), parse(request.dockerfile))
    finally:
        engine.remove(request.tag)


def rows_of(
    project: str, side: str, expected: Mapping[Part, Saving], real: Mapping[Part, Weight]
) -> list[Row]:
    """One row a group."""
    rows = []
    for group, kinds in GROUPS.items():
        known = total(
            saving
            for part, saving in expected.items()
            if part.kind in kinds and part != Part(Kind.CACHE, "pip")
        ).uncompressed_bytes
        size = sum(
            weight.size_bytes
            for part, weight in real.items()
            if part.kind in kinds
            and not (part.kind in OF_PYTHON and part.name in WITH_THE_BASE)
            and not (part.kind is Kind.CACHE and part.name != "apt")
        )
        low, high = (known.value if x is None else x for x in (known.low, known.high))
        rows.append(Row(project, side, group, known.value, low, high, size))
    return rows


def run(path: Path, engine: Engine, network: str | None) -> list[Row]:
    """Both sides of one project."""
    place = read_workplace(path, None, RewriteSettings())
    changed = rewrite(place.text, place.facts, TRANSFORMS).text
    source = outlook(place, os.environ, None, 7)
    rows = []
    for side, text, ignore in (
        ("before", place.text, place.context.ignore_text),
        ("after", changed, place.proposed_ignore),
    ):
        tag = f"tare-estimates-{secrets.token_hex(3)}:x"
        request = BuildRequest(place.root, text, ignore, tag, network=network)
        rows += rows_of(path.name, side, source.parts(parse(text), ignore), real_parts(engine, request))
    return rows


def main() -> int:
    """Run the projects and print a table; write `results-projects.json` beside this file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("projects", nargs="*", type=Path)
    parser.add_argument("--builder", default="auto")
    parser.add_argument("--network")
    options = parser.parse_args()
    engine = detect(options.builder, os.environ)
    paths = options.projects or [ROOT / "tests/e2e/projects" / name for name in PROJECTS]
    rows: list[Row] = []
    for path in paths:
        for row in run(path, engine, options.network):
            rows.append(row)
            error = (
                ""
                if row.estimated is None or not row.real
                else f"{(row.estimated - row.real) / row.real:+8.1%}"
            )
            shown = "unknown" if row.estimated is None else f"{row.estimated / 1e6:8.1f}"
            print(
                f"{row.project:16} {row.side:6} {row.group:9} {shown:>8} {row.real / 1e6:8.1f} MB {error} {row.held}",
                flush=True,
            )
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in rows:
        if row.group != "base" and row.estimated is not None:
            sums[row.project, row.side][0] += row.estimated
            sums[row.project, row.side][1] += row.real
    for (project, side), (guess, real) in sums.items():
        print(
            f"{project:16} {side:6} but the base {guess / 1e6:8.1f} {real / 1e6:8.1f} MB {(guess - real) / max(real, 1):+8.1%}"
        )
    held = [row.held for row in rows if row.group != "base" and row.held is not None]
    print(f"{sum(held)} of {len(held)} within their ranges, the base apart")
    results = {
        "engine": f"{engine.name} {engine.version}",
        "rows": [asdict(row) | {"held": row.held} for row in rows],
    }
    Path(__file__).with_name("results-projects.json").write_text(json.dumps(results, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
