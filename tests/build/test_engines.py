"""Both engines for real: build, secrets, failure, run, export."""

from dataclasses import replace
from pathlib import Path

import pytest

from tare.build.detect import detect
from tare.build.engine import BuildRequest, Engine
from tare.build.measure import measure, private_copy, without_caches
from tare.core.errors import BuildError, EngineError, UsageError
from tare.core.events import Event, null_sink
from tare.dockerfile import parse
from tare.image import facts, open_image

ENVIRON = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
TEXT = """FROM debian:bookworm-slim
COPY data.txt /data.txt
RUN --mount=type=secret,id=token cat /run/secrets/token | wc -c > /length
USER 1000
CMD ["sh", "-c", "cat /data.txt; exit 7"]
"""


@pytest.fixture(params=["docker", "buildah"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return detect(str(request.param), ENVIRON)


@pytest.fixture
def wanted(tmp_path: Path) -> BuildRequest:
    (tmp_path / "data.txt").write_text("hello\n")
    return BuildRequest(
        tmp_path, TEXT, None, "tare-test:engine", secrets={"token": "s3cr3t-value"}, network="host"
    )


@pytest.mark.engine
def test_builds_runs_and_exports(engine: Engine, wanted: BuildRequest, tmp_path: Path) -> None:
    events: list[Event] = []
    try:
        result = engine.build(wanted, events.append)
        assert result.steps and result.elapsed_s > 0
        assert "s3cr3t-value" not in result.log_tail
        assert not any("s3cr3t-value" in event.message for event in events)
        assert engine.run("tare-test:engine", ["cat", "/length"]).stdout.strip() == "12"
        container = engine.start("tare-test:engine")
        try:
            for _ in range(100):
                if container.exit_code() is not None:
                    break
            assert container.exit_code() == 7 and container.logs().stdout == "hello\n"
        finally:
            container.remove()
        engine.export("tare-test:engine", tmp_path / "image.tar")
        with open_image(f"docker-archive:{tmp_path / 'image.tar'}") as image:
            assert facts(image, compressed=False).user == "1000"
    finally:
        engine.remove("tare-test:engine")


@pytest.mark.engine
def test_a_failing_step_is_a_build_error_with_its_log(engine: Engine, wanted: BuildRequest) -> None:
    with pytest.raises(BuildError) as caught:
        engine.build(
            replace(wanted, dockerfile="FROM debian:bookworm-slim\nRUN echo gone-wrong && false\n"), null_sink
        )
    assert "gone-wrong" in (caught.value.detail or "")


@pytest.mark.engine
def test_measures_without_touching_the_context(engine: Engine, wanted: BuildRequest) -> None:
    text = "FROM debian:bookworm-slim\nRUN sleep 2\nCOPY data.txt /\n"
    try:
        _, times = measure(engine, replace(wanted, dockerfile=text), "data.txt", None, null_sink)
    finally:
        engine.remove(wanted.tag)
    assert times.cold_s is not None and times.cold_s >= 2
    assert times.source_change_s is not None and times.source_change_s < times.cold_s
    assert (wanted.context / "data.txt").read_text() == "hello\n"


def test_unknown_and_missing_engines() -> None:
    with pytest.raises(UsageError):
        detect("kaniko", ENVIRON)
    for name in ("auto", "docker", "buildah", "podman"):
        with pytest.raises(EngineError):
            detect(name, {"PATH": "/nonexistent"})


def test_the_copy_leaves_links_and_drops_what_cannot_be_sent(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "loop").symlink_to("loop")
    with private_copy(tmp_path) as copy:
        assert (copy / "link").is_symlink() and (copy / "a").read_text() == "x"
    assert not copy.exists()


@pytest.mark.engine
def test_a_rebuild_finds_what_the_cold_build_left(engine: Engine, wanted: BuildRequest) -> None:
    """The step takes seconds when it runs, and must not run a second time."""
    text = "FROM debian:bookworm-slim\nRUN sleep 3\nCOPY data.txt /\n"
    request = replace(wanted, dockerfile=text, tag="tare-test:again")
    try:
        cold = engine.build(replace(request, no_cache=True), null_sink)
        colder = engine.build(replace(request, no_cache=True), null_sink)
        warm = engine.build(request, null_sink)
    finally:
        engine.remove(request.tag)
    assert cold.elapsed_s >= 3 and colder.elapsed_s >= 3 > warm.elapsed_s


def test_a_cold_build_has_no_cache_mounts() -> None:
    text = (
        "FROM a\nRUN --mount=type=cache,target=/c --mount=type=secret,id=s \\\n    pip install x\n"
        "RUN --mount=type=cache,from=b,target=/c ls\n# --mount=type=cache\nRUN --mount=type=cache,target=/d \\\n  ls\n"
    )
    found = parse(without_caches(text))
    assert [node.flag_values("mount") for node in found.instructions] == [
        (),
        ("type=secret,id=s",),
        ("type=cache,from=b,target=/c",),
        (),
    ]
    assert [node.value for node in found.instructions[1:]] == ["pip install x", "ls", "ls"]
    assert without_caches("FROM a\nRUN ls\n") == "FROM a\nRUN ls\n"
