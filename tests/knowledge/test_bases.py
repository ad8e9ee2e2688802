import pytest
from hypothesis import given
from hypothesis import strategies as st

from tare.knowledge.base_sizes import ROWS
from tare.knowledge.base_tags import DEBIAN_CODENAMES, READERS
from tare.knowledge.bases import PYTHON_MINORS, SIZES, base_facts, slim_variant, variants
from tare.knowledge.reference_parts import split_reference

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("reference", "slim"),
    [
        ("python:3.11", "python:3.11-slim"),
        ("python:3.11.7-bookworm", "python:3.11.7-slim-bookworm"),
        ("python", "python:slim"),
        ("python:latest", "python:slim"),
        ("python:3", "python:3-slim"),
        ("python:bullseye", "python:slim-bullseye"),
        ("python:3.14.0rc2-trixie", "python:3.14.0rc2-slim-trixie"),
        ("docker.io/library/python:3.12", "docker.io/library/python:3.12-slim"),
        ("ghcr.io/acme/mirror/library/python:3.12", "ghcr.io/acme/mirror/library/python:3.12-slim"),
        ("localhost:5000/python:3.12", "localhost:5000/python:3.12-slim"),
        ("debian:bookworm", "debian:bookworm-slim"),
        ("debian:12.5", "debian:12.5-slim"),
        ("debian", "debian:stable-slim"),
        ("node:20-bookworm", "node:20-bookworm-slim"),
        ("node:lts", "node:lts-slim"),
        (
            "nvidia/cuda:12.1.0-cudnn8-devel-ubuntu22.04",
            "nvidia/cuda:12.1.0-cudnn8-runtime-ubuntu22.04",
        ),
        (
            "pytorch/pytorch:2.1.0-cuda11.8-cudnn8-devel",
            "pytorch/pytorch:2.1.0-cuda11.8-cudnn8-runtime",
        ),
        ("tensorflow/tensorflow:2.14.0-gpu-jupyter", "tensorflow/tensorflow:2.14.0-gpu"),
    ],
)
def test_the_slim_variant_of_known_images(reference: str, slim: str) -> None:
    facts = base_facts(reference)
    assert facts is not None
    assert facts.slim_variant == slim
    assert not facts.is_slim
    smaller = base_facts(slim)
    assert smaller is not None
    assert smaller.slim is None
    assert (smaller.uncompressed.value or 0) < (facts.uncompressed.value or 0)


@pytest.mark.parametrize(
    "reference",
    [
        "python:3.11-slim",
        "python:3.11-slim-bookworm",
        "python:3.13-alpine3.20",
        "debian:bookworm-slim",
        "nvidia/cuda:12.1.0-base-ubuntu22.04",
        "gcr.io/distroless/python3-debian12:nonroot",
        "ubuntu:24.04",
    ],
)
def test_what_is_slim_already_has_no_slim_variant(reference: str) -> None:
    facts = base_facts(reference)
    assert facts is not None
    assert facts.is_slim
    assert facts.slim is None
    assert facts.build_tools == ()


@pytest.mark.parametrize(
    "reference",
    [
        "scratch",
        "",
        "someone/python:3.11",
        "mcr.microsoft.com/devcontainers/python:3.11",
        "cgr.dev/chainguard/python:latest",
        "bitnami/python:3.11",
        "quay.io/somebody/else:1",
        "python:3.11-windowsservercore-ltsc2022",
        "python:nonsense",
        "python:${VERSION}",
        "python@" + DIGEST,
        "python:",
        "a python:3.11",
    ],
)
def test_what_is_not_known_is_none(reference: str) -> None:
    assert base_facts(reference) is None
    assert slim_variant(reference) is None
    assert variants(reference) == ()


def test_a_digest_is_dropped_aloud() -> None:
    slim = slim_variant(f"python:3.11.7@{DIGEST}")
    assert slim is not None
    assert slim.reference == "python:3.11.7-slim"
    assert slim.digest_dropped
    assert "digest" in slim.note
    plain = slim_variant("python:3.11.7")
    assert plain is not None
    assert not plain.digest_dropped
    assert plain.note == ""


def test_facts_of_the_full_python_image() -> None:
    facts = base_facts("python:3.11.7")
    assert facts is not None
    assert (facts.family, facts.distribution, facts.release) == ("debian", "debian", "bookworm")
    assert facts.release_certain
    assert facts.python_version == "3.11.7"
    assert facts.python_path == "/usr/local/bin/python"
    assert {"gcc", "g++", "make"} <= set(facts.build_tools)
    assert {"git", "curl", "wget", "libpq-dev"} <= set(facts.packages)
    assert (facts.package_manager, facts.default_user) == ("apt", "root")


def test_a_floating_tag_leaves_the_release_open_and_the_size_range_covers_both() -> None:
    facts = base_facts("python:3.11")
    assert facts is not None
    assert facts.releases == ("trixie", "bookworm")
    assert not facts.release_certain
    for release in facts.releases:
        fixed = base_facts(f"python:3.11-{release}")
        assert fixed is not None
        assert (facts.uncompressed.low or 0) <= (fixed.uncompressed.low or 0)
        assert (facts.uncompressed.high or 0) >= (fixed.uncompressed.high or 0)


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("3.8.10", "buster"),
        ("3.8.20", "bookworm"),
        ("3.10.0", "bullseye"),
        ("3.11.3", "bullseye"),
        ("3.11.4", "bookworm"),
        ("3.12.11", "trixie"),
        ("3.13.0", "bookworm"),
        ("3.14.0", "trixie"),
    ],
)
def test_a_patch_release_keeps_the_debian_of_its_last_rebuild(version: str, release: str) -> None:
    facts = base_facts(f"python:{version}")
    assert facts is not None
    assert facts.releases == (release,)


def test_measured_stand_ins_lie_within_the_estimates() -> None:
    # The project's own stand-ins for the official images, uncompressed bytes as `docker images` prints them.
    for reference, size in (("python:3.11-bookworm", 853e6), ("python:3.11-slim-bookworm", 181e6)):
        facts = base_facts(reference)
        assert facts is not None
        assert (facts.uncompressed.low or 0) <= size <= (facts.uncompressed.high or 0)


@pytest.mark.parametrize("minor", PYTHON_MINORS)
def test_every_python_has_full_slim_and_alpine_variants(minor: str) -> None:
    rows = variants(f"python:{minor}")
    assert {row.variant for row in rows} == {"full", "slim", "alpine"}
    assert len(rows) >= 7
    assert all(row.uncompressed.basis == row.compressed.basis == "estimated" for row in rows)
    assert all((row.compressed.value or 0) < (row.uncompressed.value or 0) for row in rows)
    sizes = [row.uncompressed.value or 0 for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    codenames = [row.reference.rpartition("-")[2] for row in rows]
    assert ("trixie" in codenames) == (minor != "3.8")
    assert "bookworm" in codenames


def test_the_size_table_is_ordered_and_names_known_images() -> None:
    assert len(SIZES) == len(ROWS.strip().splitlines())
    for (image, _, release), (compressed, uncompressed) in SIZES.items():
        assert image in READERS
        assert release == "*" or release in DEBIAN_CODENAMES
        for size in (compressed, uncompressed):
            assert 0 < (size.low or 0) <= (size.value or 0) <= (size.high or 0)
            assert "not re-measured" in size.source
        assert (compressed.high or 0) < (uncompressed.high or 0)


NAME = st.from_regex(r"[a-z0-9]{1,8}(/[a-z0-9]{1,8}){0,2}", fullmatch=True)
TAG = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,12}", fullmatch=True)


@given(
    st.none() | st.sampled_from(["docker.io", "localhost", "r.example:5000"]),
    NAME,
    st.none() | TAG,
    st.none() | st.just(DIGEST),
)
def test_references_come_apart_and_together(
    registry: str | None, path: str, tag: str | None, digest: str | None
) -> None:
    text = (f"{registry}/" if registry else "") + path
    text += (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    parts = split_reference(text)
    if path == "scratch" and text == "scratch":
        assert parts is None
        return
    assert parts is not None
    assert str(parts) == text
    assert (parts.tag, parts.digest) == (tag, digest)


@given(st.text(max_size=30))
def test_any_text_is_taken(text: str) -> None:
    base_facts(text)
    for image in READERS:
        base_facts(f"{image}:{text}")
