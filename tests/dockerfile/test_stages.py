"""Stages, what they need, and what holds in them."""

import pytest

from tare.dockerfile import parse
from tare.dockerfile.stages import BaseState, dependencies, effective, needed_stages

MULTI = r"""ARG PY=3.11
ARG VARIANT="-slim"
ARG OTHER
FROM python:${PY}${VARIANT} AS base
ENV A=1
WORKDIR /srv
FROM base AS build
ARG PY
ARG B=${A}2
ENV PATH=/x:$PATH C="$B c" D=$UNKNOWN
WORKDIR app
USER $A
RUN --mount=type=bind,from=base,target=/m true
FROM ${OTHER:-alpine} AS other
FROM scratch
COPY --from=build /a /b
COPY --from=2 /a /b
COPY --from=ghcr.io/x/y:1 /a /b
FROM $OTHER
COPY --from=3 / /
"""


def test_stages() -> None:
    stages = parse(MULTI).stages
    assert [stage.base for stage in stages] == ["python:3.11-slim", "base", "alpine", "scratch", "$OTHER"]
    assert [stage.parent for stage in stages] == [None, 0, None, None, None]
    assert [stage.name for stage in stages] == ["base", "build", "other", None, None]
    assert [stage.instructions[0].keyword for stage in stages] == ["FROM"] * 5
    assert [arg.args for arg in parse(MULTI).global_args] == [("PY=3.11",), ('VARIANT="-slim"',), ("OTHER",)]


def test_dependencies() -> None:
    edges = [(edge.stage, edge.target, edge.image, edge.kind) for edge in dependencies(parse(MULTI))]
    assert edges == [
        (0, None, "python:3.11-slim", "base"),
        (1, 0, None, "base"),
        (1, 0, None, "mount"),
        (2, None, "alpine", "base"),
        (3, None, "scratch", "base"),
        (3, 1, None, "copy"),
        (3, 2, None, "copy"),
        (3, None, "ghcr.io/x/y:1", "copy"),
        (4, None, "$OTHER", "base"),
        (4, 3, None, "copy"),
    ]
    assert needed_stages(parse(MULTI), 1) == {0, 1}
    assert needed_stages(parse(MULTI)) == {0, 1, 2, 3, 4}


def test_effective_follows_the_chain_of_bases() -> None:
    file = parse(MULTI)
    state = effective(file, "build", base=BaseState(env={"PATH": "/bin"}, user="root"))
    assert state.env == {"PATH": "/x:/bin", "A": "1", "C": "12 c", "D": "$UNKNOWN"}
    assert state.args == {"PY": "3.11", "B": "12"}
    assert (state.user, state.workdir) == ("1", "/srv/app")
    assert effective(file, 0).user is None


def test_effective_before_an_instruction() -> None:
    file = parse("FROM a\nUSER one\nRUN x\nUSER two\n")
    run = file.instructions[2]
    assert effective(file, 0, before=run).user == "one"
    assert effective(file, 0).user == "two"


def test_the_later_of_arg_and_env_wins() -> None:
    # Seen with the BuildKit of Docker 20.10.
    text = "FROM scratch\nENV A=1\nARG A=2\nENV B=$A\nARG D=1\nENV D=9\nARG D\nLABEL d=$D\n"
    state = effective(parse(text), 0)
    assert state.env == {"A": "1", "B": "2", "D": "9"}
    assert state.labels == {"d": "9"}


def test_commands() -> None:
    text = 'FROM a\nCMD a $b\nSHELL ["/bin/bash", "-c"]\nENTRYPOINT x y\nHEALTHCHECK --retries=1 CMD c || d\n'
    state = effective(parse(text), 0)
    assert state.cmd == ("/bin/sh", "-c", "a $b")
    assert state.entrypoint == ("/bin/bash", "-c", "x y")
    assert state.healthcheck == ("CMD-SHELL", "c || d")
    assert state.shell == ("/bin/bash", "-c")


def test_an_entrypoint_drops_the_command_of_the_base() -> None:
    base = BaseState(cmd=("python3",))
    assert effective(parse('FROM a\nENTRYPOINT ["x"]\n'), 0, base=base).cmd == ()
    assert effective(parse("FROM a\nUSER x\n"), 0, base=base).cmd == ("python3",)
    assert effective(parse('FROM a\nCMD ["y"]\nENTRYPOINT ["x"]\n'), 0, base=base).cmd == ("y",)


def test_ports_and_volumes() -> None:
    text = 'FROM a\nARG P=9\nEXPOSE 80 $P/UDP 5000-5001 $Q\nVOLUME ["/v"]\nVOLUME /v /w\nHEALTHCHECK NONE\n'
    state = effective(parse(text), 0)
    assert state.exposed == ("80/tcp", "9/udp", "5000/tcp", "5001/tcp", "$Q")
    assert state.volumes == ("/v", "/w")
    assert state.healthcheck == ("NONE",)


def test_an_unknown_stage() -> None:
    with pytest.raises(KeyError):
        effective(parse("FROM a\n"), "b")


def test_windows_escape() -> None:
    text = "# escape=`\nFROM a\nENV A=c:\\x B=`$A\n"
    assert effective(parse(text), 0).env == {"A": "c:\\x", "B": "$A"}


def test_arguments_reach_the_stages_that_start_from_a_stage() -> None:
    """As BuildKit does it: `FROM x` goes on where stage x ended, its ARGs included; a fresh base knows none of them."""
    document = parse('FROM a AS x\nARG V=one\nFROM x\nARG W=${V}two\nRUN echo "$V"\nFROM b\nRUN echo "$V"\n')
    assert dict(effective(document, 1).args) == {"V": "one", "W": "onetwo"}
    assert dict(effective(document, 2).args) == {}
