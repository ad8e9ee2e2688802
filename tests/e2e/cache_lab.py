"""Carries out an experiment: writes both states of the project, builds them, and reads what the engine took from its cache."""

import os
import re
import shutil
from pathlib import Path

from tare.build.cachekeys import LAYERS, Rules
from tare.build.cachemodel import predict
from tare.build.cachestate import read_state
from tare.build.cachetrial import matched
from tare.build.engine import BuildRequest, Engine
from tare.core.events import null_sink
from tare.dockerfile import parse
from tare.schema.run import StepTiming
from tests.e2e.cache_experiments import FILES, Experiment


def salted(text: str, salt: str) -> str:
    """A Dockerfile whose steps nothing that was built before can have left in the cache."""
    text = re.sub(r"(?m)^(FROM (?:debian|python|\$)\S*(?: AS \w+)?)$", rf"\1\nENV SALT={salt}", text)
    return re.sub(r"(?m)^WORKDIR /", f"WORKDIR /{salt}/", text)


def lay(experiment: Experiment, root: Path, salt: str, *, after: bool) -> None:
    """The project's files before or after the change.

    BuildKit fetches a file again only when its size, mode or time differs from what it has from that directory, so that
    every experiment has times of its own, and an edited file a later one.
    """
    time = 1_600_000_000 + int(salt.lstrip("s"), 16) % 100_000_000
    if root.exists():
        shutil.rmtree(root)
    root.mkdir()
    files: dict[str, str | None] = dict(FILES)
    if after:
        files |= experiment.edit
    for path, content in files.items():
        if content is None:
            continue
        place = root / path
        if path.endswith("/"):
            place.mkdir(parents=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content + f"\n# {salt}\n")
        os.chmod(place, 0o644)
        moment = time + (after and path in experiment.edit)
        os.utime(place, (moment, moment))
    if after:
        for path in experiment.touch:
            os.utime(root / path, (time + 5, time + 5))
        for path, mode in experiment.modes.items():
            os.chmod(root / path, mode)
    if experiment.ignore:
        (root / ".dockerignore").write_text(experiment.ignore)


def predicted(experiment: Experiment, root: Path, salt: str, rules: Rules) -> list[tuple[str, str]]:
    """(instruction, verdict) of every step that makes a layer."""
    states = []
    for after in (False, True):
        lay(experiment, root, salt, after=after)
        text = salted(experiment.after if after else experiment.before, salt)
        (root / "Dockerfile").write_text(text)
        state = read_state(root, root / "Dockerfile", parse(text), experiment.args[after])
        (root / "Dockerfile").unlink()
        states.append(state)
    return [
        (" ".join(found.instruction.original.split())[:60], found.verdict)
        for found in predict(states[0], states[1], rules)
        if found.instruction.keyword in LAYERS
    ]


def observed(experiment: Experiment, root: Path, salt: str, engine: Engine) -> list[str]:
    """hit or miss of every step that makes a layer, in the second build."""
    tag = f"tare-cache-lab:{salt}"
    steps: tuple[StepTiming, ...] = ()
    try:
        for after in (False, True):
            lay(experiment, root, salt, after=after)
            text = salted(experiment.after if after else experiment.before, salt)
            ignore = experiment.ignore or None
            request = BuildRequest(root, text, ignore, tag, experiment.args[after], network="none")
            steps = engine.build(request, null_sink).steps
    finally:
        engine.remove(tag)
    found = matched(parse(salted(experiment.after, salt)), steps, every=engine.name == "docker-classic")
    return ["unknown" if step is None else "hit" if step.cached else "miss" for step in found]
