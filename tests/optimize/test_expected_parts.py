"""Estimates of images that were never built: what is counted, what is unknown, and that it adds up."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tare.dockerfile import parse
from tare.optimize import read_workplace
from tare.optimize.expectation import expect, outlook, would_free
from tare.optimize.expected_parts import Outlook
from tare.optimize.parts import Kind, Part
from tare.optimize.project import Workplace
from tare.optimize.shares import IGNORE_FILE
from tare.optimize.wanted import wanted
from tare.rewrite.engine import rewrite
from tare.rewrite.facts import RewriteSettings
from tare.rewrite.registry import TRANSFORMS
from tests.support.debian_mirror import packed_list, serve_mirror
from tests.support.package_index import make_wheel, serve_index

WHEELS = dict(
    [
        make_wheel("native", "1.0", files={"native/core.py": b"x = 1\n" * 9000, "native/tests/test_a.py": b"y\n" * 5000}),
        make_wheel("native", "2.0"),
        make_wheel("helper", "1.0"),
        make_wheel("linter", "1.0"),
    ]
)  # fmt: skip
DOCKERFILE = """FROM python:3.11
ARG VERSION=1.0
RUN apt-get update
RUN apt-get install -y gcc vim
COPY . /app
WORKDIR /app
RUN pip install -r requirements.txt native==${VERSION}
CMD ["python", "app.py"]
"""


@pytest.fixture(scope="module")
def index() -> Iterator[str]:
    with serve_index(WHEELS) as server:
        yield server.simple


@pytest.fixture(scope="module")
def mirror() -> Iterator[str]:
    with serve_mirror(packed_list()) as (address, _):
        yield address


def place_of(root: Path, dockerfile: str = DOCKERFILE, **files: str) -> Workplace:
    root.mkdir(exist_ok=True)
    (root / "Dockerfile").write_text(dockerfile)
    for name, text in {"requirements.txt": "helper\n", "app.py": "import native\n", **files}.items():
        (root / name.replace("__", ".")).write_text(text)
    return read_workplace(root, None, RewriteSettings())


def source_of(place: Workplace, index: str, mirror: str) -> Outlook:
    return outlook(place, {"PIP_INDEX_URL": index, "PATH": "/usr/bin:/bin"}, mirror, 0)


def test_everything_that_is_known_is_a_part(tmp_path: Path, index: str, mirror: str) -> None:
    place = place_of(tmp_path, DOCKERFILE.replace("python:3.11", "python:3.11-slim"))
    parts = source_of(place, index, mirror).parts(place.dockerfile, "")
    sizes = {part: saving.uncompressed_bytes.value for part, saving in parts.items()}
    assert {"gcc", "cpp", "manpages", "vim"} <= {part.name for part in parts if part.kind is Kind.SYSTEM}
    assert "libc6" not in {part.name for part in parts}, "the base image has it"
    assert sizes[Part(Kind.PRUNABLE, "native")] == 10_000 and Part(Kind.PYTHON, "helper") in parts
    assert Part(Kind.CACHE, "apt") in parts and Part(Kind.CACHE, "pip") in parts
    assert sizes[Part(Kind.PROJECT)] == sum(path.stat().st_size for path in tmp_path.iterdir())
    missing = parts[Part(Kind.SYSTEM, "missing-thing")].uncompressed_bytes
    assert missing.basis == "unknown" and "missing-thing" in missing.source


def test_shares_add_up_to_the_difference_of_the_sides(tmp_path: Path, index: str, mirror: str) -> None:
    place = place_of(tmp_path, DOCKERFILE.replace(" vim", ""))
    result = rewrite(place.text, place.facts, TRANSFORMS)
    source = source_of(place, index, mirror)
    applied = frozenset(result.applied) | {IGNORE_FILE}
    found = expect(place, result.text, applied, source)
    assert {"multi-stage", "prune-environment", "apt-hygiene", "cache-mounts"} <= set(found.shares.savings)
    for pick in ("uncompressed_bytes", "compressed_bytes"):
        before, after = getattr(found.before, pick).value, getattr(found.after, pick).value
        assert before is not None and after is not None and before > after
        shares = [getattr(saving, pick).value for saving in found.shares.savings.values()]
        assert abs(sum(shares) + getattr(found.shares.remainder, pick).value - (before - after)) < 10
    assert source.notes == []


def test_an_unreachable_mirror_leaves_unknown_what_apt_brings(tmp_path: Path, index: str) -> None:
    place = place_of(tmp_path)
    source = source_of(place, index, "http://127.0.0.1:9/debian")
    found = expect(place, place.text, frozenset(), source)
    assert found.before.uncompressed_bytes.basis == "unknown"
    assert any("sizes of Debian packages are unknown" in note for note in found.notes)


def test_an_unreachable_index_leaves_unknown_what_pip_brings(tmp_path: Path, mirror: str) -> None:
    place = place_of(tmp_path, DOCKERFILE.replace(" vim", ""))
    source = source_of(place, "http://127.0.0.1:9/simple", mirror)
    assert expect(place, place.text, frozenset(), source).before.uncompressed_bytes.basis == "unknown"
    assert any("cannot be reached" in note for note in source.notes)


def test_what_a_step_downloads_is_unknown(tmp_path: Path, index: str, mirror: str) -> None:
    place = place_of(tmp_path, "FROM python:3.11\nRUN curl -o /m.bin https://example.com/m.bin\n")
    found = expect(place, place.text, frozenset(), source_of(place, index, mirror))
    assert "line 2" in found.before.uncompressed_bytes.source and "line 2" in found.notes[0]
    keys = place_of(tmp_path, "FROM python:3.11\nRUN curl -o /k.gpg https://example.com/k.gpg\n")
    found = expect(keys, keys.text, frozenset(), source_of(keys, index, mirror))
    assert found.before.uncompressed_bytes.value is not None


def test_packages_purged_in_their_own_step_are_not_counted(tmp_path: Path, index: str, mirror: str) -> None:
    text = "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y gcc libgomp1 && apt-get purge -y gcc\n"
    place = place_of(tmp_path, text)
    parts = source_of(place, index, mirror).parts(place.dockerfile, "")
    assert {part.name for part in parts if part.kind is Kind.SYSTEM} == {"libgomp1"}


def test_several_files_options_and_the_project_itself(tmp_path: Path) -> None:
    text = (
        "FROM python:3.11 AS deps\nARG IDX=https://a/simple\n"
        "RUN pip install --no-cache-dir -i $IDX -r /src/a.txt -c b.txt -e '.[extra]' git+https://x/y $UNKNOWN\n"
        "FROM python:3.11 AS unrelated\nRUN pip install linter\n"
        "FROM python:3.11-slim\nCOPY --from=deps /usr/local /usr/local\n"
    )
    project = (
        '[project]\nname = "p"\ndependencies = ["helper"]\noptional-dependencies = { extra = ["native>1"] }\n'
    )
    place = place_of(tmp_path, text, a__txt="x\n", b__txt="x==1\n", pyproject__toml=project)
    found = wanted(place, place.dockerfile)
    assert [path.name for path in (*found.files, *found.constraint_files)] == ["a.txt", "b.txt"]
    assert found.lines == ("helper", "native>1") and found.index_url == "https://a/simple"
    assert not found.cached and found.compiled
    assert len(found.lost) == 2 and "checkout" in found.lost[0] and "UNKNOWN" in found.lost[1]


@pytest.mark.parametrize(
    ("step", "lines"),
    [
        ("uv sync --frozen --no-dev", ("native",)),
        ("uv sync --frozen", ("native", "linter")),
        ("uv sync --frozen --no-dev --extra plus", ("native", "helper")),
    ],
)
def test_a_lock_holds_the_versions(
    tmp_path: Path, index: str, mirror: str, step: str, lines: tuple[str, ...]
) -> None:
    project = (
        '[project]\nname = "p"\ndependencies = ["native"]\noptional-dependencies = { plus = ["helper"] }\n'
        '[dependency-groups]\ndev = ["linter"]\n'
    )
    lock = 'version = 1\n[[package]]\nname = "native"\nversion = "1.0"\nsource = { registry = "x" }\n'
    text = f"FROM python:3.11-slim\nCOPY pyproject.toml uv.lock ./\nRUN {step}\n"
    place = place_of(tmp_path, text, pyproject__toml=project, uv__lock=lock)
    found = wanted(place, place.dockerfile)
    assert found.lines == lines and found.pins == ("native==1.0",) and not found.compiled
    parts = source_of(place, index, mirror).parts(place.dockerfile, "")
    assert Part(Kind.PRUNABLE, "native") in parts, "version 1.0 has tests, 2.0 has none"


def test_what_was_left_out_would_have_freed(tmp_path: Path, index: str, mirror: str) -> None:
    place = place_of(tmp_path, DOCKERFILE.replace(" vim", ""))
    result = rewrite(
        place.text,
        place.facts,
        TRANSFORMS,
        without={"prune-environment"},
        dropped={"prune-environment": "it failed"},
    )
    found = would_free(place, result, source_of(place, index, mirror))
    saving = found["prune-environment"].uncompressed_bytes
    assert saving.basis == "estimated" and (saving.value or 0) > 10_000


def test_the_files_of_an_ignore_file_are_not_counted(tmp_path: Path, index: str, mirror: str) -> None:
    place = place_of(tmp_path, "FROM python:3.11-slim\nCOPY . /app\n", data__csv="1,2\n" * 5000)
    source = source_of(place, index, mirror)
    kept = source.parts(place.dockerfile, "")[Part(Kind.PROJECT)].uncompressed_bytes.value
    left = source.parts(parse(place.text), "data.csv\n")[Part(Kind.PROJECT)].uncompressed_bytes.value
    assert kept is not None and left is not None and kept - left == 20_000


def test_the_platform_and_the_python_of_the_base_decide(tmp_path: Path, index: str, mirror: str) -> None:
    text = "FROM --platform=linux/arm64 python:3.12-slim\nRUN apt-get update && apt-get install -y gcc\n"
    place = place_of(tmp_path, text)
    source = source_of(place, index, mirror)
    found = source.parts(place.dockerfile, "")[Part(Kind.SYSTEM, "gcc")].uncompressed_bytes
    assert source.platform == "linux/arm64"
    assert found.basis == "unknown" and "404" in found.source, "the mirror has amd64 only"
