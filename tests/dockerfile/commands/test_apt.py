import pytest

from tare.dockerfile.commands import AptCommand
from tests.dockerfile.commands.support import edited, read, texts


@pytest.mark.parametrize(
    ("body", "action", "packages", "yes", "recommends"),
    [
        ("apt-get install -y --no-install-recommends libgl1 git", "install", ["libgl1", "git"], True, False),
        ("apt-get -qq -y install curl bzip2", "install", ["curl", "bzip2"], True, None),
        ("apt-get install -qy curl", "install", ["curl"], True, None),
        ("apt-get install -qq curl", "install", ["curl"], True, None),
        ("apt-get install -q=2 curl", "install", ["curl"], True, None),
        ("apt-get -q install curl", "install", ["curl"], False, None),
        ("apt-get -o Dpkg::Options::=--force-confold -y install vim", "install", ["vim"], True, None),
        ('apt-get -yq -o Dpkg::Options::="--force-confold" install vim', "install", ["vim"], True, None),
        ("apt-get install -y -o APT::Install-Recommends=false vim", "install", ["vim"], True, False),
        ("apt-get -oAPT::Install-Recommends=1 install vim", "install", ["vim"], False, True),
        ("apt install --yes -t bookworm-backports cmake", "install", ["cmake"], True, None),
        ("sudo apt-get update --fix-missing", "update", [], False, None),
        ("apt-get purge -y --auto-remove gcc make", "purge", ["gcc", "make"], True, None),
        ("aptitude install -y -R vim", "install", ["vim"], True, False),
        ("apt-get build-dep -y python3", "build-dep", ["python3"], True, None),
        ("apt-get clean", "clean", [], False, None),
        ("apt-get", "", [], False, None),
    ],
)
def test_commands(body: str, action: str, packages: list[str], yes: bool, recommends: bool | None) -> None:
    command = read(body, AptCommand)
    assert (command.action, texts(command.packages)) == (action, packages)
    assert (command.assume_yes, command.recommends) == (yes, recommends)
    assert command.understood


def test_package_words() -> None:
    command = read(
        "apt-get install -y libssl3:amd64=3.0.* vim/bookworm nano- g++ curl+ ./x.deb /tmp/$A.deb $PKGS python3=$V libc6",
        AptCommand,
    )
    assert [(s.name, s.architecture, s.version, s.release, s.operation, s.path) for s in command.specs] == [
        ("libssl3", "amd64", "3.0.*", None, "install", None),
        ("vim", None, None, "bookworm", "install", None),
        ("nano", None, None, None, "remove", None),
        ("g++", None, None, None, "install", None),
        ("curl", None, None, None, "install", None),
        ("", None, None, None, "install", "./x.deb"),
        ("", None, None, None, "install", "/tmp/$A.deb"),
        ("$PKGS", None, None, None, "install", None),
        ("python3", None, "$V", None, "install", None),
        ("libc6", None, None, None, "install", None),
    ]


def test_edits() -> None:
    body = "apt-get install -qy --no-install-recommends \\\n    git"
    command = read(body, AptCommand)
    assert edited(body, command.insertion("-V")) == body.replace("install ", "install -V ")
    recommends, yes = command.option("--no-install-recommends"), command.option("--assume-yes")
    assert recommends is not None and yes is not None
    assert edited(body, command.without(recommends)) == "apt-get install -qy \\\n    git"
    assert edited(body, command.without(yes)) == "apt-get install -q --no-install-recommends \\\n    git"


def test_an_unknown_option_is_told() -> None:
    assert not read("apt-get install --frobnicate x", AptCommand).understood
