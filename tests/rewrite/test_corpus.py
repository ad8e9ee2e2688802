"""Dockerfiles as strangers write them: any subset of transforms keeps each of them valid, settled and meaning the same."""

import random
import re
import shlex
from collections.abc import Collection
from pathlib import Path

import dockerfile as buildkit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tare.dockerfile import Dockerfile, parse
from tare.dockerfile.stages import effective
from tare.rewrite.anatomy import Part, run_steps
from tare.rewrite.engine import Rewrite, rewrite
from tare.rewrite.facts import Facts
from tare.rewrite.registry import TRANSFORMS
from tare.rewrite.transforms.secret_mounts import is_secret_name

CORPUS = {
    path.name.removesuffix(".Dockerfile"): path.read_bytes().decode()
    for path in sorted((Path(__file__).parent / "corpus").glob("*.Dockerfile"))
}
NAMES = [transform.name for transform in TRANSFORMS]
ALONE = Facts()
KNOWN = Facts(
    distributions=frozenset({"fastapi", "pandas", "opencv-python", "psycopg2-binary", "torch"}),
    imports=frozenset({"fastapi", "pandas"}),
    port=8000,
    health_path="/health",
)
# What a transform may take out of the environment that the image hands on, by its own account.
MOVED_VARIABLES = frozenset({"PATH", "PIP_NO_CACHE_DIR", "UV_NO_CACHE"})


def unwrapped(found: list[str]) -> list[str]:
    """What a tool starts, without the tool, which may stay in the builder."""
    if len(found) > 2 and found[0] in ("uv", "poetry", "pdm", "pipenv") and found[1] == "run":
        return [word for word in found[2:] if word not in ("--frozen", "--no-sync", "--locked", "--no-dev")]
    return found


def words(command: tuple[str, ...] | None) -> list[str]:
    """A start command without what exec form, the virtual environment and `uv run` change about it."""
    found = list(command or ())
    if len(found) == 3 and found[0] == "/bin/sh" and found[1] == "-c":
        text = found[2].removeprefix("exec ")
        try:
            found = shlex.split(text)
        except ValueError:
            found = [text]
        if not found or re.search(r"[|&;<>()`]", text):
            found = [text]
    found = unwrapped(found)
    return [re.sub(r"^(?:/opt/venv|/usr/local)/bin/", "", word) for word in found]


def described(document: Dockerfile) -> dict[str, object]:
    """What an image says of itself to those who run it."""
    state = effective(document, document.final)
    entrypoint = words(state.entrypoint)
    return {
        "start": entrypoint + words(state.cmd),
        "entry": bool(state.entrypoint),
        "exposed": state.exposed,
        "volumes": state.volumes,
        "labels": dict(state.labels),
        "workdir": state.workdir,
        "stopsignal": [node.value for node in document.final.instructions if node.keyword == "STOPSIGNAL"],
        "onbuild": [node.value for node in document.instructions if node.keyword == "ONBUILD"],
    }


def lasting_environment(document: Dockerfile) -> dict[str, str]:
    """The variables of the final image that no transform has to do with."""
    state = effective(document, document.final)
    return {
        key: value
        for key, value in state.env.items()
        if key not in MOVED_VARIABLES and not is_secret_name(key)
    }


def commands(document: Dockerfile) -> set[tuple[str, ...]]:
    """The commands of RUN steps that neither install nor clean."""
    found = set()
    for stage in document.stages:
        for step in run_steps(stage):
            for command, _ in step.of(Part.OTHER):
                found.add(tuple(unwrapped([word.text for word in command.effective_argv])))
    return found


def copies(document: Dockerfile) -> set[tuple[str, str]]:
    """(source, destination) of every COPY and ADD."""
    found = set()
    for node in document.instructions:
        if node.keyword in ("COPY", "ADD"):
            copy = node.as_copy()
            found |= {(source, copy.dest) for source in copy.sources} | {
                (heredoc.name, copy.dest) for heredoc in copy.heredocs
            }
    return found


def check(text: str, facts: Facts, without: Collection[str]) -> Rewrite:
    """Everything that must hold of one result."""
    result = rewrite(text, facts, TRANSFORMS, without=without)
    before, after = parse(text), parse(result.text)
    assert buildkit.parse_string(result.text)
    assert not [step.reason for step in result.steps if step.reason.startswith("its edits")]
    again = rewrite(result.text, facts, TRANSFORMS, without=without)
    assert again.text == result.text, "a second run must find nothing left to do"
    was, now = described(before), described(after)
    assert now == was
    environment = lasting_environment(after)
    for key, value in lasting_environment(before).items():
        assert environment.get(key) == value or "/root/" in value, key
    kept = commands(after)
    named = {"chown": "chown-layers", "rm": "secret-files", "chmod": "secret-files"}
    for command in commands(before):
        if command and command not in kept and named.get(command[0], "") not in result.applied:
            loose = {" ".join(other) for other in kept}
            assert any(_like(" ".join(command), other) for other in loose), command
    had = {source for source, _ in copies(after)}
    for source, _ in copies(before):
        narrowed = {"narrow-copy", "secret-files"} & set(result.applied)
        assert source in had or narrowed, source
    return result


def _like(command: str, other: str) -> bool:
    """The same command with options that a transform adds (`mkdir -p`, `HOME=… python`)."""
    return other.replace(" -p ", " ") == command.replace(" -p ", " ")


@pytest.mark.parametrize("facts", [ALONE, KNOWN], ids=["alone", "known"])
@pytest.mark.parametrize("name", CORPUS)
def test_all_transforms(name: str, facts: Facts) -> None:
    check(CORPUS[name], facts, ())


@pytest.mark.parametrize("name", CORPUS)
def test_each_transform_alone_and_left_out(name: str) -> None:
    chosen = random.Random(name).sample(NAMES, 2)
    for transform in chosen:
        check(CORPUS[name], KNOWN, {transform})
        check(CORPUS[name], KNOWN, set(NAMES) - {transform})


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(CORPUS)), st.sets(st.sampled_from(NAMES)), st.sampled_from([ALONE, KNOWN]))
def test_any_subset(name: str, without: set[str], facts: Facts) -> None:
    check(CORPUS[name], facts, without)


@pytest.mark.parametrize("name", CORPUS)
def test_line_endings_are_kept(name: str) -> None:
    text = CORPUS[name].replace("\r\n", "\n")
    if "<<" in text:
        return  # a here-document's own lines would end in a carriage return as well
    unix = rewrite(text, KNOWN, TRANSFORMS).text
    windows = rewrite(text.replace("\n", "\r\n"), KNOWN, TRANSFORMS).text
    assert windows == unix.replace("\n", "\r\n")
