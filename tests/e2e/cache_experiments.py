"""Experiments on builders' caches: two states of a project each, built one after the other."""

from collections.abc import Mapping
from dataclasses import dataclass, field

BASE = "FROM debian:bookworm-slim\n"
FILES = {
    "a.txt": "alpha",
    "b.txt": "beta",
    "d/one.txt": "1",
    "d/two.txt": "2",
    "d/sub/three.txt": "3",
    "other/x.txt": "x",
    "run.sh": "#!/bin/sh\necho run\n",
}


@dataclass(frozen=True)
class Experiment:
    """`before` and `after` are Dockerfiles; `edit` maps paths to their new content (None removes); `args` are build
    arguments before and after; `modes` are new permission bits."""

    name: str
    before: str
    after: str
    edit: Mapping[str, str | None] = field(default_factory=dict)
    args: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {})
    modes: Mapping[str, int] = field(default_factory=dict)
    touch: tuple[str, ...] = ()
    ignore: str = ""


def same(name: str, body: str, **changes: object) -> Experiment:
    """One Dockerfile, and a change beside it."""
    return Experiment(name, BASE + body, BASE + body, **changes)  # type: ignore[arg-type]


def text(name: str, before: str, after: str, **changes: object) -> Experiment:
    """Two Dockerfiles on one base."""
    return Experiment(name, BASE + before, BASE + after, **changes)  # type: ignore[arg-type]


COPY_RUN = "COPY a.txt /a\nRUN cat /a\n"
DIR_RUN = "COPY d /d\nRUN ls /d\n"
TWO_STAGES = (
    "FROM debian:bookworm-slim AS builder\nCOPY a.txt /src/a\nRUN cp /src/a /out.txt\n"
    "FROM debian:bookworm-slim\nCOPY --from=builder /out.txt /out.txt\nRUN cat /out.txt\n"
)
CONSTANT = TWO_STAGES.replace(
    "RUN cp /src/a /out.txt", "RUN echo constant > /out.txt && touch -d @0 /out.txt"
)
DIRECT = TWO_STAGES.replace("RUN cp /src/a /out.txt\n", "").replace("/out.txt /out.txt", "/src/a /out.txt")


def stages(name: str, before: str, after: str | None = None, **changes: object) -> Experiment:
    """Whole files."""
    return Experiment(name, before, before if after is None else after, **changes)  # type: ignore[arg-type]


EXPERIMENTS: tuple[Experiment, ...] = (
    same("nothing", COPY_RUN),
    same("touched", COPY_RUN, touch=("a.txt",)),
    same("content", COPY_RUN, edit={"a.txt": "changed"}),
    same("mode", COPY_RUN, modes={"a.txt": 0o755}),
    same("unrelated file", COPY_RUN, edit={"b.txt": "changed"}),
    same("unrelated file below a RUN", "RUN true\nCOPY a.txt /a\nRUN cat /a\n", edit={"b.txt": "changed"}),
    same("file between RUNs", "RUN true\nCOPY a.txt /a\nRUN cat /a\n", edit={"a.txt": "changed"}),
    same("second of two copies", "COPY a.txt /a\nCOPY b.txt /b\nRUN true\n", edit={"b.txt": "changed"}),
    same("first of two copies", "COPY a.txt /a\nCOPY b.txt /b\nRUN true\n", edit={"a.txt": "changed"}),
    same("one of two sources", "COPY a.txt b.txt /in/\nRUN true\n", edit={"b.txt": "changed"}),
    text("single file renamed", COPY_RUN, "COPY c.txt /a\nRUN cat /a\n", edit={"a.txt": None, "c.txt": "alpha"}),
    text("other file of equal content", "COPY a.txt /x\n", "COPY z/a.txt /x\n", edit={"z/a.txt": "alpha"}),
    same("directory: file changed", DIR_RUN, edit={"d/two.txt": "changed"}),
    same("directory: nested file changed", DIR_RUN, edit={"d/sub/three.txt": "changed"}),
    same("directory: file added", DIR_RUN, edit={"d/new.txt": "new"}),
    same("directory: file removed", DIR_RUN, edit={"d/two.txt": None}),
    same("directory: file renamed", DIR_RUN, edit={"d/two.txt": None, "d/zwei.txt": "2"}),
    same("directory: file of another", DIR_RUN, edit={"other/x.txt": "changed"}),
    same("directory: empty one added", DIR_RUN, edit={"d/empty/": ""}),
    same("directory: touched", DIR_RUN, touch=("d/two.txt",)),
    text("directory moved", DIR_RUN, "COPY e /d\nRUN ls /d\n",
         edit={"d/one.txt": None, "d/two.txt": None, "d/sub/three.txt": None,
               "e/one.txt": "1", "e/two.txt": "2", "e/sub/three.txt": "3"}),
    same("wildcard: match changed", "COPY *.txt /in/\nRUN true\n", edit={"b.txt": "changed"}),
    same("wildcard: match added", "COPY *.txt /in/\nRUN true\n", edit={"c.txt": "new"}),
    same("wildcard: no match", "COPY *.txt /in/\nRUN true\n", edit={"run.sh": "changed"}),
    same("wildcard: file renamed", "COPY d/*.txt /in/\nRUN true\n", edit={"d/two.txt": None, "d/zwei.txt": "2"}),
    same("whole context: any file", "COPY . /app\nRUN true\n", edit={"other/x.txt": "changed"}),
    same("whole context: ignored file", "COPY . /app\nRUN true\n", edit={"other/x.txt": "changed"}, ignore="other\n"),
    same("whole context: all but ignored", "COPY . /app\nRUN true\n", edit={"a.txt": "changed"}, ignore="other\n"),
    same("ADD: content", "ADD a.txt /a\nRUN true\n", edit={"a.txt": "changed"}),
    same("ADD: unrelated", "ADD a.txt /a\nRUN true\n", edit={"b.txt": "changed"}),
    text("COPY to ADD", "COPY a.txt /a\nRUN true\n", "ADD a.txt /a\nRUN true\n"),
    text("chown added", COPY_RUN, COPY_RUN.replace("COPY a", "COPY --chown=1000:1000 a")),
    text("chown changed", COPY_RUN.replace("COPY a", "COPY --chown=1000:1000 a"),
         COPY_RUN.replace("COPY a", "COPY --chown=1001:1001 a")),
    text("destination changed", COPY_RUN, "COPY a.txt /b\nRUN cat /a || true\n"),
    text("two copies merged", "COPY a.txt /in/\nCOPY b.txt /in/\nRUN true\n", "COPY a.txt b.txt /in/\nRUN true\n"),
    text("two copies swapped", "COPY a.txt /a\nCOPY b.txt /b\n", "COPY b.txt /b\nCOPY a.txt /a\n"),
    text("copy added at the end", "COPY a.txt /a\nRUN true\n", "COPY a.txt /a\nRUN true\nCOPY b.txt /b\n"),
    text("copy removed above", "COPY b.txt /b\nCOPY a.txt /a\nRUN true\n", "COPY a.txt /a\nRUN true\n"),
    text("comment between", COPY_RUN, "COPY a.txt /a\n# a comment\nRUN cat /a\n"),
    text("blank lines", COPY_RUN, "\n\nCOPY a.txt /a\n\n\nRUN cat /a\n"),
    text("RUN: text", "RUN echo a\nRUN true\n", "RUN echo b\nRUN true\n"),
    text("RUN: blanks inside", "RUN echo  a\n", "RUN echo a\n"),
    text("RUN: wrapped", "RUN echo a && echo b\n", "RUN echo a \\\n&& echo b\n"),
    text("RUN: wrapped with indent", "RUN echo a && echo b\n", "RUN echo a \\\n  && echo b\n"),
    text("RUN: comment inside", "RUN echo a \\\n&& echo b\n", "RUN echo a \\\n# why\n&& echo b\n"),
    text("RUN: keyword in lower case", "RUN echo a\n", "run echo a\n"),
    text("RUN: exec form", "RUN /bin/sh -c true\n", 'RUN ["/bin/sh", "-c", "true"]\n'),
    text("RUN: exec form, blanks", 'RUN ["echo", "a"]\n', 'RUN [ "echo",  "a" ]\n'),
    text("RUN: last changed", "RUN echo a\nRUN echo b\n", "RUN echo a\nRUN echo c\n"),
    text("RUN: inserted", "RUN echo a\nRUN echo c\n", "RUN echo a\nRUN echo b\nRUN echo c\n"),
    text("RUN: two joined", "RUN echo a\nRUN echo b\n", "RUN echo a && echo b\n"),
    text("LABEL added above", COPY_RUN, "LABEL a=b\n" + COPY_RUN),
    text("LABEL changed above", "LABEL a=b\n" + COPY_RUN, "LABEL a=c\n" + COPY_RUN),
    text("EXPOSE added above", COPY_RUN, "EXPOSE 80\n" + COPY_RUN),
    text("CMD changed above", "CMD true\n" + COPY_RUN, "CMD false\n" + COPY_RUN),
    text("ENTRYPOINT added above", COPY_RUN, 'ENTRYPOINT ["sh"]\n' + COPY_RUN),
    text("STOPSIGNAL added above", COPY_RUN, "STOPSIGNAL SIGINT\n" + COPY_RUN),
    text("VOLUME added above", COPY_RUN, "VOLUME /v\n" + COPY_RUN),
    text("HEALTHCHECK added above", COPY_RUN, "HEALTHCHECK CMD true\n" + COPY_RUN),
    text("CMD changed below", COPY_RUN + "CMD true\n", COPY_RUN + "CMD false\n"),
    text("ENV added above", COPY_RUN, "ENV K=v\n" + COPY_RUN),
    text("ENV changed above", "ENV K=v\n" + COPY_RUN, "ENV K=w\n" + COPY_RUN),
    text("ENV between", COPY_RUN, "COPY a.txt /a\nENV K=v\nRUN cat /a\n"),
    text("ENV added below", COPY_RUN, COPY_RUN + "ENV K=v\n"),
    text("ENV: two swapped", "ENV A=1\nENV B=2\nRUN true\n", "ENV B=2\nENV A=1\nRUN true\n"),
    text("ENV: old form", "ENV A 1\nRUN true\n", "ENV A=1\nRUN true\n"),
    text("ENV: two in one", "ENV A=1\nENV B=2\nRUN true\n", "ENV A=1 B=2\nRUN true\n"),
    text("ENV in a COPY", "ENV D=/x\nCOPY a.txt $D/a\n", "ENV D=/y\nCOPY a.txt $D/a\n"),
    same("ARG: value, unused", "ARG V=1\n" + COPY_RUN, args=({"V": "2"}, {"V": "3"})),
    same("ARG: value, used", "ARG V=1\nCOPY a.txt /a\nRUN echo $V\n", args=({"V": "2"}, {"V": "3"})),
    same("ARG: value as the default", "ARG V=1\nRUN true\n", args=({}, {"V": "1"})),
    text("ARG: default changed", "ARG V=1\nRUN true\n", "ARG V=2\nRUN true\n"),
    same("ARG: declared below", COPY_RUN + "ARG V=1\n", args=({"V": "2"}, {"V": "3"})),
    same("ARG: between", "RUN echo a\nARG V=1\nRUN echo b\n", args=({"V": "2"}, {"V": "3"})),
    same("ARG: not declared", COPY_RUN, args=({"V": "2"}, {"V": "3"})),
    same("ARG: hidden by ENV", "ARG V=1\nENV V=9\nRUN true\n", args=({"V": "2"}, {"V": "3"})),
    same("ARG: into ENV", "ARG V=1\nENV W=$V\nRUN true\n", args=({"V": "2"}, {"V": "3"})),
    same("ARG: into COPY", "ARG V=a\nCOPY $V.txt /x\n", args=({"V": "a"}, {"V": "b"})),
    same("ARG: into WORKDIR", "ARG V=a\nWORKDIR /$V\nRUN true\n", args=({"V": "a"}, {"V": "b"})),
    same("ARG: into LABEL", "ARG V=a\nLABEL v=$V\nCOPY a.txt /a\n", args=({"V": "a"}, {"V": "b"})),
    same("ARG: proxy, not declared", COPY_RUN, args=({"HTTP_PROXY": ""}, {"HTTP_PROXY": "http://127.0.0.1:9"})),
    same("ARG: proxy, declared", "ARG HTTP_PROXY\n" + COPY_RUN,
         args=({"HTTP_PROXY": "http://127.0.0.1:8"}, {"HTTP_PROXY": "http://127.0.0.1:9"})),
    stages("ARG: global, not imported", "ARG G=1\n" + BASE + COPY_RUN, args=({"G": "2"}, {"G": "3"})),
    stages("ARG: global, imported", "ARG G=1\n" + BASE + "ARG G\n" + COPY_RUN, args=({"G": "2"}, {"G": "3"})),
    text("WORKDIR changed above", "WORKDIR /x\nCOPY a.txt /a\nRUN true\n", "WORKDIR /y\nCOPY a.txt /a\nRUN true\n"),
    text("WORKDIR added above", "COPY a.txt /a\nRUN true\n", "WORKDIR /y\nCOPY a.txt /a\nRUN true\n"),
    text("WORKDIR in two steps", "WORKDIR /x/y\nRUN true\n", "WORKDIR /x\nWORKDIR y\nRUN true\n"),
    text("USER changed above", "USER 1000\nCOPY a.txt /a\nRUN true\n", "USER 1001\nCOPY a.txt /a\nRUN true\n"),
    text("USER between", "COPY a.txt /a\nRUN true\n", "COPY a.txt /a\nUSER 1001\nRUN true\n"),
    text("SHELL changed", "RUN true\n", 'SHELL ["/bin/bash", "-c"]\nRUN true\n'),
    text("SHELL changed, exec form", 'RUN ["true"]\n', 'SHELL ["/bin/bash", "-c"]\nRUN ["true"]\n'),
    text("cache mount added", "RUN true\n", "RUN --mount=type=cache,target=/c true\n"),
    text("cache mount id", "RUN --mount=type=cache,id=x,target=/c true\n", "RUN --mount=type=cache,id=y,target=/c true\n"),
    text("cache mount target", "RUN --mount=type=cache,target=/c true\n", "RUN --mount=type=cache,target=/e true\n"),
    text("secret mount added", "RUN true\n", "RUN --mount=type=secret,id=s true\n"),
    same("bind mount: its file", "RUN --mount=type=bind,source=a.txt,target=/m cat /m\n", edit={"a.txt": "changed"}),
    same("bind mount: another file", "RUN --mount=type=bind,source=a.txt,target=/m cat /m\n", edit={"b.txt": "changed"}),
    same("bind mount: touched", "RUN --mount=type=bind,source=a.txt,target=/m cat /m\n", touch=("a.txt",)),
    same("bind mount: file in its directory", "RUN --mount=type=bind,source=d,target=/m ls /m\n", edit={"d/one.txt": "c"}),
    stages("stages: same output", CONSTANT, edit={"a.txt": "changed"}),
    stages("stages: other output", TWO_STAGES, edit={"a.txt": "changed"}),
    stages("stages: copy of a copy", DIRECT, edit={"a.txt": "changed"}),
    stages("stages: unrelated file", TWO_STAGES, edit={"b.txt": "changed"}),
    stages("stages: renamed", TWO_STAGES, TWO_STAGES.replace("builder", "maker")),
    stages("stages: by index", TWO_STAGES, TWO_STAGES.replace("--from=builder", "--from=0")),
    stages("stages: unused one added", TWO_STAGES, "FROM debian:bookworm-slim AS spare\nRUN echo spare\n" + TWO_STAGES),
    stages("stages: label in the builder", TWO_STAGES, TWO_STAGES.replace("COPY a.txt", "LABEL a=b\nCOPY a.txt")),
    stages("stages: final RUN changed", TWO_STAGES, TWO_STAGES.replace("RUN cat", "RUN ls")),
    stages("stages: from a stage", TWO_STAGES.replace("FROM debian:bookworm-slim\nCOPY --from", "FROM builder\nCOPY --from"),
           edit={"a.txt": "changed"}),
    stages("stages: other file of the builder",
           CONSTANT.replace("COPY a.txt /src/a\n", "COPY a.txt /src/a\nCOPY b.txt /other/b\n")
           .replace("COPY --from=builder /out.txt /out.txt", "COPY --from=builder /other /other")
           .replace("RUN cat /out.txt", "RUN ls /other"),
           edit={"a.txt": "changed"}),
    stages("base: another", BASE + COPY_RUN, "FROM python:3.11-slim\n" + COPY_RUN),
    stages("base: by ARG", "ARG B=debian:bookworm-slim\nFROM $B\n" + COPY_RUN,
           args=({}, {"B": "python:3.11-slim"})),
    text("last step added, first kept", COPY_RUN, COPY_RUN + "RUN echo more\n"),
)  # fmt: skip
