import pytest

from tare.dockerfile.commands import CondaCommand
from tests.dockerfile.commands.support import read, texts


@pytest.mark.parametrize(
    ("body", "action", "packages", "channels", "environment", "files"),
    [
        (
            "conda install -y -n ml -c pytorch --channel=nvidia pytorch==2.0 'numpy<2' pytorch-cuda=11.8",
            "install", ["pytorch==2.0", "numpy<2", "pytorch-cuda=11.8"], ["pytorch", "nvidia"], "ml", [],
        ),
        ("/opt/conda/bin/conda install -qy pytorch -c pytorch -c conda-forge", "install", ["pytorch"],
         ["pytorch", "conda-forge"], None, []),
        ("conda create --name torch python=3.10 --yes", "create", ["python=3.10"], [], "torch", []),
        ("conda create -qyp /opt/env python", "create", ["python"], [], "/opt/env", []),
        ("conda env create -n ml -f environment.yml", "env create", [], [], "ml", ["environment.yml"]),
        ("mamba env update --name base --file /tmp/env.yml --prune", "env update", [], [], "base", ["/tmp/env.yml"]),
        ("micromamba install -y -n base -f /tmp/env.yaml", "install", [], [], "base", ["/tmp/env.yaml"]),
        ("conda install --file req.txt --override-channels -c defaults", "install", [], ["defaults"], None, ["req.txt"]),
        ("conda clean -afy", "clean", [], [], None, []),
        ("conda uninstall -y mkl", "remove", ["mkl"], [], None, []),
    ],
)  # fmt: skip
def test_commands(
    body: str,
    action: str,
    packages: list[str],
    channels: list[str],
    environment: str | None,
    files: list[str],
) -> None:
    command = read(body, CondaCommand)
    assert command.understood
    assert (command.action, texts(command.packages), texts(command.channels)) == (action, packages, channels)
    assert (command.environment.text if command.environment else None) == environment
    assert texts(command.files) == files


@pytest.mark.parametrize(
    ("body", "cleans"),
    [
        ("conda clean -afy", {"index", "packages", "tarballs", "tempfiles", "logfiles", "pkgs-dirs"}),
        ("conda clean --all -f -y", {"index", "packages", "tarballs", "tempfiles", "logfiles", "pkgs-dirs"}),
        ("conda clean -tipsy", {"index", "packages", "tarballs"}),
        ("micromamba clean --all --yes", {"index", "packages", "tarballs", "tempfiles", "logfiles"}),
        ("conda install -y x", set()),
    ],
)
def test_clean(body: str, cleans: set[str]) -> None:
    command = read(body, CondaCommand)
    assert command.cleans == cleans and command.understood
    assert command.assume_yes
