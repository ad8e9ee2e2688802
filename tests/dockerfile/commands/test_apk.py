from tare.dockerfile.commands import ApkCommand
from tests.dockerfile.commands.support import read, texts


def test_add() -> None:
    command = read(
        "apk add --no-cache --virtual .build-deps gcc=12.2-r0 'musl-dev>1' nodejs@edge !curl py3-pip~23",
        ApkCommand,
    )
    assert command.action == "add" and command.no_cache and command.understood
    assert command.virtual is not None and command.virtual.text == ".build-deps"
    assert [(s.name, s.constraint, s.tag, s.conflict) for s in command.specs] == [
        ("gcc", "=12.2-r0", None, False),
        ("musl-dev", ">1", None, False),
        ("nodejs", None, "edge", False),
        ("curl", None, None, True),
        ("py3-pip", "~23", None, False),
    ]


def test_other_spellings() -> None:
    command = read("apk --no-cache -X http://x/edge add -U -t .deps g++ $MORE", ApkCommand)
    assert command.no_cache and texts(command.packages) == ["g++", "$MORE"]
    assert texts(command.values("--repository")) == ["http://x/edge"]
    assert read("apk add --update bash", ApkCommand).understood
    assert texts(read("apk del .deps", ApkCommand).packages) == [".deps"]
    assert texts(read("apk update", ApkCommand).packages) == []
