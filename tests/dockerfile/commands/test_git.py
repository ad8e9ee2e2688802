import pytest

from tare.dockerfile.commands import GitCommand
from tests.dockerfile.commands.support import read


@pytest.mark.parametrize(
    ("body", "repository", "directory", "depth", "reference"),
    [
        ("git clone --depth 1 https://h/o/repo.git /src", "https://h/o/repo.git", "/src", "1", None),
        ("git clone https://h/o/repo.git", "https://h/o/repo.git", "repo", None, None),
        (
            "git clone -b v1.0 --depth=1 --recursive https://h/o/repo/",
            "https://h/o/repo/",
            "repo",
            "1",
            "v1.0",
        ),
        ("git clone git@h:o/repo.git", "git@h:o/repo.git", "repo", None, None),
        (
            "git -c http.sslVerify=false clone --recurse-submodules -j8 https://h/r",
            "https://h/r",
            "r",
            None,
            None,
        ),
        ("git clone https://h/$REPO", "https://h/$REPO", None, None, None),
        ("git -C /src checkout abc", None, None, None, None),
    ],
)
def test_commands(
    body: str, repository: str | None, directory: str | None, depth: str | None, reference: str | None
) -> None:
    command = read(body, GitCommand)
    assert command.understood
    assert (command.repository.text if command.repository else None, command.directory) == (
        repository,
        directory,
    )
    assert (command.depth.text if command.depth else None) == depth
    assert (command.reference.text if command.reference else None) == reference
    assert command.action in ("clone", "checkout")
