"""Layers found in the Dockerfile that made them, for the histories that each builder writes."""

import pytest

from tare.dockerfile import parse
from tare.image.documents import HistoryStep
from tare.inspect.lines import align

BASE = [HistoryStep("ADD rootfs.tar / # buildkit"), HistoryStep('CMD ["bash"]', empty_layer=True)]
TEXT = """\
FROM base AS builder
RUN make
FROM python:3.11-slim
ENV A=1
WORKDIR /app
RUN apt-get update && \\
    apt-get install -y curl
COPY --chown=1000 requirements.txt .
RUN --mount=type=cache,target=/root/.cache pip install -r requirements.txt
COPY . .
CMD ["python", "app.py"]
"""
BUILDKIT = [
    HistoryStep("ENV A=1", empty_layer=True),
    HistoryStep("WORKDIR /app"),
    HistoryStep("RUN /bin/sh -c apt-get update &&     apt-get install -y curl # buildkit"),
    HistoryStep("COPY --chown=1000 requirements.txt . # buildkit"),
    HistoryStep("RUN |1 X=1 /bin/sh -c pip install -r requirements.txt # buildkit"),
    HistoryStep("COPY . . # buildkit"),
    HistoryStep('CMD ["python" "app.py"]', empty_layer=True),
]
CLASSIC = [
    HistoryStep("/bin/sh -c #(nop)  ENV A=1", empty_layer=True),
    HistoryStep("/bin/sh -c #(nop) WORKDIR /app", empty_layer=True),
    HistoryStep("/bin/sh -c apt-get update &&     apt-get install -y curl"),
    HistoryStep("/bin/sh -c #(nop) COPY file:0123456789abcdef0123 in . "),
    HistoryStep("/bin/sh -c pip install -r requirements.txt"),
    HistoryStep("/bin/sh -c #(nop) COPY dir:0123456789abcdef0123 in . "),
    HistoryStep('/bin/sh -c #(nop)  CMD ["python" "app.py"]', empty_layer=True),
]


def test_buildkit() -> None:
    found = align(parse(TEXT), [*BASE, *BUILDKIT])
    assert dict(found.lines) == {2: 5, 3: 6, 4: 8, 5: 9, 6: 10}
    assert found.base_layers == 1 and found.fits


def test_classic_and_buildah() -> None:
    found = align(parse(TEXT), [*BASE, *CLASSIC])
    assert dict(found.lines) == {2: 6, 3: 8, 4: 9, 5: 10}
    assert found.base_layers == 1


def test_a_stage_that_starts_from_another() -> None:
    text = "FROM base AS one\nRUN first thing\nFROM one\nRUN second thing\n"
    history = [
        *BASE,
        HistoryStep("RUN /bin/sh -c first thing # buildkit"),
        HistoryStep("RUN /bin/sh -c second thing # buildkit"),
    ]
    assert dict(align(parse(text), history).lines) == {2: 2, 3: 4}


@pytest.mark.parametrize(
    "text", ["FROM a\nRUN something else entirely\nCOPY x y\n", "FROM a\nADD http://x/y /z\n"]
)
def test_another_images_dockerfile_gives_no_lines(text: str) -> None:
    found = align(parse(text), [*BASE, *BUILDKIT])
    assert not found.fits and not found.lines and found.base_layers is None


def test_the_base_repeats_an_instruction() -> None:
    history = [
        HistoryStep("RUN /bin/sh -c apt-get update # buildkit"),
        *BASE,
        HistoryStep("RUN /bin/sh -c apt-get update # buildkit"),
    ]
    found = align(parse("FROM a\nRUN apt-get update\n"), history)
    assert dict(found.lines) == {3: 2} and found.base_layers == 2
