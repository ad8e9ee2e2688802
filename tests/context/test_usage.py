from pathlib import Path

from tare.context.usage import find_uses, unused, usage
from tare.dockerfile import parse
from tests.context.trees import look

DOCKERFILE = """\
FROM python:3.11 AS build
ARG DIR=src
COPY requirements*.txt ./
RUN --mount=type=bind,source=pyproject.toml,target=/p --mount=type=cache,target=/c pip install .
RUN --mount=type=bind,from=other,source=x,target=/y true
COPY ${DIR} /app/src
COPY --from=other /x /y
ADD https://example.com/a.tar /a
COPY --exclude=*.md docs /docs
COPY <<EOF /note
text
EOF
COPY /conf/../conf/a.yaml $UNKNOWN /z/
"""


def test_sources() -> None:
    uses = find_uses(parse(DOCKERFILE, "Dockerfile"))
    assert [(use.source, use.wildcard, use.known, use.mount) for use in uses] == [
        ("requirements*.txt", True, True, False),
        ("pyproject.toml", False, True, True),
        ("src", False, True, False),
        ("docs", False, True, False),
        ("conf/a.yaml", False, True, False),
        ("$UNKNOWN", False, False, False),
    ]


def test_what_each_copy_takes(tmp_path: Path) -> None:
    files = {
        "requirements.txt": 1,
        "requirements-dev.txt": 2,
        "src/a.py": 3,
        "docs/a.md": 4,
        "docs/b.txt": 5,
        "big": 99,
        "x/src/y": 6,
    }
    context = look(tmp_path, {**files, "Dockerfile": DOCKERFILE, ".dockerignore": ""})
    text = DOCKERFILE.replace(" $UNKNOWN", "")
    taken = {
        row.entry.path: [use.source for use in row.uses] for row in usage(context, parse(text, "Dockerfile"))
    }
    assert taken["requirements-dev.txt"] == ["requirements*.txt"]
    assert taken["src/a.py"] == ["src"] and taken["docs/b.txt"] == ["docs"]
    assert [entry.path for entry in unused(context, parse(text, "Dockerfile"))] == [
        "big",
        "x/src/y",
        "docs/a.md",
    ]
    assert unused(context, parse(DOCKERFILE, "Dockerfile")) == ()
    assert unused(context, parse("FROM a\nCOPY . .\n", "Dockerfile")) == ()


def test_a_star_takes_what_directories_hold(tmp_path: Path) -> None:
    context = look(tmp_path, {"a/b/c": 1, "d": 1})
    assert unused(context, parse("FROM a\nCOPY * /\n", "Dockerfile")) == ()
    assert [e.path for e in unused(context, parse("FROM a\nCOPY ?/b /\n", "Dockerfile"))] == ["d"]
