import pytest

from tare.dockerfile.commands import DnfCommand
from tests.dockerfile.commands.support import read, texts


@pytest.mark.parametrize(
    ("body", "action", "packages", "yes"),
    [
        ("yum install -y gcc gcc-c++", "install", ["gcc", "gcc-c++"], True),
        ("yum -y --enablerepo epel install hdf5", "install", ["hdf5"], True),
        ("dnf -y --setopt=install_weak_deps=False install python3.11", "install", ["python3.11"], True),
        ("microdnf install --nodocs -y tar-1.34", "install", ["tar-1.34"], True),
        ("dnf install -y https://x/epel.rpm", "install", ["https://x/epel.rpm"], True),
        ("yum groupinstall -y 'Development Tools'", "group install", [], True),
        ("dnf module enable -y nodejs:18", "module enable", [], True),
        ("yum clean all", "clean", [], False),
        ("dnf erase gcc", "remove", ["gcc"], False),
    ],
)
def test_commands(body: str, action: str, packages: list[str], yes: bool) -> None:
    command = read(body, DnfCommand)
    assert (command.action, texts(command.packages), command.assume_yes) == (action, packages, yes)
    assert command.understood


def test_settings() -> None:
    command = read("dnf install -y --setopt=install_weak_deps=False --setopt=tsflags=nodocs x", DnfCommand)
    assert command.weak_dependencies is False and command.documentation is False
    assert read("dnf install x", DnfCommand).weak_dependencies is None
