"""Splitting stages of other shapes: tools with environments of their own, the system's Python, compiled parts, ancestors."""

import pytest

from tare.dockerfile import parse
from tare.rewrite.engine import rewrite
from tare.rewrite.facts import Facts
from tare.rewrite.inherited import flattened
from tare.rewrite.transforms.multi_stage import TRANSFORM


def split(text: str, facts: Facts | None = None) -> str:
    """The text after multi-stage alone; a run on the result must find nothing left to do."""
    made = rewrite(text, facts or Facts(), [TRANSFORM]).text
    assert rewrite(made, facts or Facts(), [TRANSFORM]).text == made
    return made


def refusal(text: str, facts: Facts | None = None) -> str:
    (step,) = rewrite(text, facts or Facts(), [TRANSFORM]).steps
    assert step.status == "refused"
    return step.reason


LINE = 'ENV VIRTUAL_ENV=/opt/venv PATH="/opt/venv/bin:$PATH"\n'


@pytest.mark.parametrize(
    ("tool", "install", "run"),
    [
        ("pip install poetry==2.1.1", "poetry install --no-root", "poetry"),
        ("pip install pipenv", "pipenv install --deploy", "pipenv"),
        ("curl -sSL https://install.python-poetry.org | python3 -", "poetry install", "poetry"),
    ],
)
def test_a_tool_stays_out_of_the_environment_that_it_fills(tool: str, install: str, run: str) -> None:
    text = f"FROM python:3.11\nRUN {tool}\nWORKDIR /app\nCOPY . .\nRUN {install}\nCMD {{}}\n"
    made = split(text.format(f'["{run}", "run", "gunicorn", "app:app"]'))
    builder, runtime = made.split("\n\n")
    assert builder == (
        f"FROM python:3.11 AS builder\nRUN {tool}\nRUN python -m venv /opt/venv\n{LINE}"
        f"WORKDIR /app\nCOPY . .\nRUN {install}"
    )
    assert runtime == (
        f"FROM python:3.11-slim\n{LINE}WORKDIR /app\nCOPY . .\nCOPY --from=builder /opt/venv /opt/venv\n"
        'CMD ["gunicorn", "app:app"]\n'
    )
    assert split(text.format(f"{run} run gunicorn app:app")).endswith("\nCMD gunicorn app:app\n")


def test_an_environment_in_the_project_stays_where_it_was() -> None:
    made = split(
        "FROM python:3.11\nRUN pip install pdm\nWORKDIR /app\nCOPY . .\nRUN pdm install --prod\n"
        'RUN pdm run python manage.py collectstatic\nCMD ["pdm", "run", "gunicorn", "app:app"]\n'
    )
    assert made.split("\n\n")[1] == (
        'FROM python:3.11-slim\nENV PATH="/app/.venv/bin:$PATH"\nWORKDIR /app\nCOPY . .\n'
        "COPY --from=builder /app/.venv /app/.venv\nRUN python manage.py collectstatic\n"
        'CMD ["gunicorn", "app:app"]\n'
    )


def test_uv_from_its_own_image_stays_in_the_builder() -> None:
    made = split(
        "FROM python:3.11\nCOPY --from=ghcr.io/astral-sh/uv:0.5 /uv /bin/\nWORKDIR /app\nCOPY . .\nRUN uv sync --locked\n"
        'CMD ["uv", "run", "main.py"]\n'
    )
    builder, runtime = made.split("\n\n")
    assert "astral-sh" in builder
    assert "astral-sh" not in runtime
    assert runtime.endswith('CMD ["python", "main.py"]\n')


def test_a_script_that_calls_the_tool_keeps_it() -> None:
    text = 'FROM python:3.11\nRUN pip install pipenv\nWORKDIR /a\nCOPY . .\nRUN pipenv install\nCMD ["./run.sh"]\n'
    assert "pipenv" in refusal(text, Facts(start_programs=frozenset({"pipenv"})))


def test_the_systems_python() -> None:
    made = split(
        "FROM debian:bookworm-slim\nRUN apt-get update && apt-get install -y python3 python3-pip gcc\n"
        'WORKDIR /app\nCOPY . .\nRUN pip3 install --break-system-packages -r requirements.txt\nCMD ["python3", "app.py"]\n'
    )
    builder, runtime = made.split("\n\n")
    assert "python3-venv" in builder
    assert builder.index("python3 -m venv /opt/venv") > builder.index("python3-pip")
    assert runtime == (
        f"FROM debian:bookworm-slim\n{LINE}RUN apt-get update \\\n && apt-get install -y --no-install-recommends \\\n"
        "      python3 \\\n && rm -rf /var/lib/apt/lists/*\nWORKDIR /app\nCOPY . .\n"
        'COPY --from=builder /opt/venv /opt/venv\nCMD ["python3", "app.py"]\n'
    )


def test_libraries_of_the_systems_python_are_not_left_behind() -> None:
    text = "FROM debian:bookworm\nRUN apt-get update && apt-get install -y python3-numpy python3-pip\nRUN pip install x\n"
    assert "official" in refusal(text)


def test_what_is_compiled_from_source_is_carried_over() -> None:
    made = split(
        "FROM python:3.11\nRUN apt-get update && apt-get install -y cmake git\n"
        "RUN git clone https://example.com/lib /src && cd /src && cmake . && make install && rm -rf /src\n"
        'RUN pip install flask\nCOPY app.py /app/\nCMD ["python", "/app/app.py"]\n'
    )
    builder, runtime = made.split("\n\n")
    assert builder.index("touch /tmp/before-compiling") < builder.index("cmake .") < builder.index("-cnewer")
    assert "apt-get" not in runtime
    assert "COPY --from=builder /opt/compiled/ /\nRUN ldconfig\n" in runtime


def test_extensions_of_the_project_are_carried_over() -> None:
    made = split(
        "FROM python:3.11\nWORKDIR /app\nCOPY . .\nRUN pip install cython setuptools\n"
        'RUN python setup.py build_ext --inplace\nCMD ["python", "app.py"]\n'
    )
    builder, runtime = made.split("\n\n")
    assert "find /app -cnewer /tmp/before-compiling -name '*.so'" in builder
    assert "setup.py" not in runtime


@pytest.mark.parametrize(
    "step",
    ["make", "cd /src && ./configure --prefix=/usr && make install", "gcc -o tool tool.c"],
)
def test_what_goes_to_an_unknown_place_stays(step: str) -> None:
    assert "line 3" in refusal(f"FROM python:3.11\nRUN pip install flask\nRUN {step}\n")


def test_wheels_of_another_stage_only_serve_the_install() -> None:
    made = split(
        "FROM python:3.11 AS wheels\nRUN pip wheel -w /wheels flask\n\nFROM python:3.11\nCOPY --from=wheels /wheels /wheels\n"
        'RUN pip install --no-index --find-links=/wheels flask\nCMD ["flask", "run"]\n'
    )
    assert "--from=wheels" not in made.split("\n\n")[2]


def test_an_ancestors_steps_become_the_stages_own() -> None:
    text = (
        "FROM python:3.11 AS base\nWORKDIR /app\nRUN pip install flask\n\nFROM base AS test\nRUN pytest\n\n"
        'FROM base AS final\nCOPY . .\nCMD ["flask", "run"]\n'
    )
    made = split(text)
    assert [stage.base for stage in parse(made).stages] == [
        "python:3.11",
        "base",
        "python:3.11",
        "python:3.11-slim",
    ]
    assert made.startswith(text[: text.index("FROM base AS final")])


def test_ancestors_that_nobody_else_uses_are_gone() -> None:
    made = flattened(parse("FROM python:3.11 AS base\nENV A=1\n\nFROM base\nCOPY . .\n"))
    assert made == "FROM python:3.11\nENV A=1\nCOPY . .\n"
    kept = "FROM python:3.11 AS base\nENV A=1\n\nFROM base\nCOPY --from=0 /a /b\n"
    assert flattened(parse(kept)) == kept.replace("FROM base\n", "FROM python:3.11\nENV A=1\n")
    assert flattened(parse("FROM python:3.11\n")) is None
