from tare.dockerfile.commands import PoetryCommand
from tests.dockerfile.commands.support import read, texts


def test_install() -> None:
    command = read(
        "poetry install --no-interaction --no-ansi --no-root --without dev,test --with=gpu -E all",
        PoetryCommand,
    )
    assert command.action == "install" and command.no_root and command.understood
    assert command.excluded_groups == ("dev", "test") and command.included_groups == ("gpu",)
    assert texts(command.values("--extras")) == ["all"]
    assert read("poetry install --only main --no-directory", PoetryCommand).only_groups == ("main",)
    assert read("poetry install --no-dev -n -vvv", PoetryCommand).only_groups == ("main",)


def test_other_actions() -> None:
    assert texts(read("poetry config virtualenvs.create false", PoetryCommand).operands) == [
        "virtualenvs.create",
        "false",
    ]
    export = read("poetry export -f requirements.txt -o r.txt --without-hashes --with dev", PoetryCommand)
    assert export.understood and not export.operands
    assert texts(read("poetry add torch@^2 'numpy<2'", PoetryCommand).packages) == ["torch@^2", "numpy<2"]
    run = read("poetry run python -m app --no-root", PoetryCommand)
    assert texts(run.operands) == ["python", "-m", "app", "--no-root"] and not run.no_root
