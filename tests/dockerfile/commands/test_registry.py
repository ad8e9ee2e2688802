import pytest

from tare.dockerfile import parse
from tare.dockerfile.commands import recognise
from tare.dockerfile.shell import parse_run


@pytest.mark.parametrize(
    "body",
    [
        "make install",
        "$PIP install x",
        "python app.py",
        "python -m venv /opt",
        "A=1",
        "pipx install x",
        "/bin/aptly install",
    ],
)
def test_what_is_not_ours_is_none(body: str) -> None:
    script = parse_run(parse(f"FROM x\nRUN {body}\n").instructions[1])
    assert script is not None
    assert [recognise(command) for command in script] == [None]
