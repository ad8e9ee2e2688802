"""`tare lint` as people call it: formats, settings, fixes, exit codes, bad input."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sarif_pydantic import Sarif

BAD = "FROM debian\nRUN apt-get update && \\\n    apt-get install curl\nMAINTAINER me\nCMD python x\n"


def tare(
    *arguments: str, cwd: Path, stdin: bytes = b"", code: int | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run `tare lint` in a directory of its own home."""
    environ = {**os.environ, "HOME": str(cwd), "XDG_CONFIG_HOME": str(cwd / "xdg")}
    run = subprocess.run(
        [sys.executable, "-m", "tare.cli.main", "lint", *arguments],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        env=environ,
    )
    assert b"Traceback" not in run.stderr, run.stderr.decode()
    if code is not None:
        assert run.returncode == code, run.stdout.decode() + run.stderr.decode()
    return run


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text(BAD)
    return tmp_path


def codes(run: subprocess.CompletedProcess[bytes]) -> list[str]:
    """The codes of a JSON report."""
    return [finding["code"] for finding in json.loads(run.stdout)["findings"]]


def test_text_shows_the_place(project: Path) -> None:
    text = tare("Dockerfile", "--select", "DL3008,TR3014", cwd=project, code=1).stdout.decode()
    assert "Dockerfile:3:21: warning TR3008 apt-package-unpinned (DL3008)" in text
    assert "    3 |     apt-get install curl\n      |                     ^^^^\n" in text
    assert text.endswith("1 file: 2 warnings; --diff shows and --fix applies fixes (1 to try)\n")


def test_json_has_what_others_rely_on(project: Path) -> None:
    report = json.loads(tare("--format", "json", cwd=project, code=1).stdout)
    assert report["verb"] == "lint" and report["schema_version"] == 1
    finding = next(finding for finding in report["findings"] if finding["code"] == "TR3014")
    assert (finding["path"], finding["line"], finding["column"]) == ("Dockerfile", 2, 1)
    assert finding["range"] == {"line": 3, "column": 5, "end_line": 3, "end_column": 25}
    assert finding["fix"]["applicability"] == "safe"
    (edit,) = finding["fix"]["edits"]
    assert BAD[: edit["start"]] + edit["replacement"] + BAD[edit["end"] :] == BAD.replace(
        "install", "install -y"
    )
    assert {"name", "severity", "message", "equivalents", "saving"} <= set(finding)


def test_sarif_is_what_the_standard_asks_for(project: Path) -> None:
    document = json.loads(tare("--format", "sarif", cwd=project, code=1).stdout)
    # A reader of the standard's object model knows every key, and finds a value of the right type in it.
    read = Sarif.model_validate(document)
    assert json.loads(read.model_dump_json(by_alias=True, exclude_unset=True)) == document
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    marks = set()
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        for location in result["locations"]:
            place = location["physicalLocation"]
            assert place["artifactLocation"]["uri"] == "Dockerfile"
            region = place["region"]
            start, end = (
                (region["startLine"], region["startColumn"]),
                (region["endLine"], region["endColumn"]),
            )
            assert (1, 1) <= start <= end
        marks.add(result["partialFingerprints"]["tareFinding/v1"])
        for fix in result.get("fixes", ()):
            for change in fix["artifactChanges"]:
                assert change["replacements"] and all(
                    "deletedRegion" in one for one in change["replacements"]
                )
    assert len(marks) == len(run["results"])
    assert any("fixes" in result for result in run["results"])


def test_fingerprints_do_not_depend_on_the_line(project: Path) -> None:
    def marks() -> set[str]:
        report = json.loads(tare("--format", "json", cwd=project).stdout)
        return {finding["fingerprint"] for finding in report["findings"]}

    before = marks()
    (project / "Dockerfile").write_text("# a comment\n\n" + BAD)
    assert marks() == before


def test_several_outputs_in_one_run(project: Path) -> None:
    outputs = {"sarif": "a.sarif", "github": "a.txt", "markdown": "a.md", "json": "a.json"}
    flags = [part for name, file in outputs.items() for part in ("--output", f"{name}={file}")]
    tare(*flags, cwd=project, code=1)
    assert json.loads((project / "a.sarif").read_text())["version"] == "2.1.0"
    assert (
        "::warning file=Dockerfile,line=3,col=21,endLine=3,endColumn=25,title=TR3008"
        in (project / "a.txt").read_text()
    )
    assert "| warning | `Dockerfile:3` | TR3008" in (project / "a.md").read_text()
    assert json.loads((project / "a.json").read_text())["verb"] == "lint"


def test_fix_writes_what_diff_shows(project: Path) -> None:
    shown = tare("--diff", cwd=project, code=1).stdout.decode()
    assert (project / "Dockerfile").read_text() == BAD
    assert "-MAINTAINER me\n" in shown and '+LABEL maintainer="me"\n' in shown
    tare("--fix", "--fail-on", "never", cwd=project, code=0)
    fixed = (project / "Dockerfile").read_text()
    assert "apt-get install -y curl" in fixed and "--no-install-recommends" not in fixed
    tare("--fix", "--unsafe-fixes", "--fail-on", "never", cwd=project, code=0)
    assert "apt-get install -y --no-install-recommends curl" in (project / "Dockerfile").read_text()
    tare("--diff", "--unsafe-fixes", "--fail-on", "never", cwd=project, code=0)


def test_fix_keeps_line_endings_and_mode(project: Path) -> None:
    file = project / "Dockerfile"
    file.write_bytes(BAD.replace("\n", "\r\n").encode())
    file.chmod(0o640)
    tare("--fix", cwd=project)
    assert file.read_bytes().count(b"\r\n") == file.read_bytes().count(b"\n") == 5
    assert file.stat().st_mode & 0o777 == 0o640


def test_fix_of_stdin_goes_to_stdout(tmp_path: Path) -> None:
    run = tare("--fix", "-", cwd=tmp_path, stdin=BAD.encode())
    assert run.stdout.decode().startswith(
        "FROM debian\nRUN apt-get update && \\\n    apt-get install -y curl\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_stdin_has_a_name(tmp_path: Path) -> None:
    run = tare(
        "-", "--stdin-name", "x/Dockerfile", "--format", "json", cwd=tmp_path, stdin=BAD.encode(), code=1
    )
    assert {finding["path"] for finding in json.loads(run.stdout)["findings"]} == {"x/Dockerfile"}


@pytest.mark.parametrize(("level", "code"), [("error", 1), ("warning", 1), ("info", 1), ("never", 0)])
def test_fail_on(project: Path, level: str, code: int) -> None:
    tare("--fail-on", level, cwd=project, code=code)


def test_fail_on_looks_at_the_severity(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian:12\nUSER app\nRUN a\nRUN b\n")
    tare("--select", "TR3059", "--fail-on", "warning", cwd=tmp_path, code=0)
    tare("--select", "TR3059", "--fail-on", "info", cwd=tmp_path, code=1)
    tare("--select", "TR3059", "--severity", "DL3059=error", cwd=tmp_path, code=1)


def test_selecting_and_ignoring(project: Path) -> None:
    assert codes(tare("--select", "TR30", "--ignore", "DL3006,DL3057", "--format", "json", cwd=project)) == [
        "TR3008",
        "TR3009",
        "TR3014",
        "TR3015",
        "TR3025",
    ]
    assert codes(tare("--select", "maintainer", "--format", "json", cwd=project)) == ["TR4000"]
    run = tare("--select", "TR9999", cwd=project, code=2)
    assert b"there is no rule TR9999" in run.stderr
    run = tare("--per-path-ignores", "Docker*:TR30,TR7", "--format", "json", cwd=project)
    assert "TR4000" in codes(run) and "TR3008" not in codes(run)


def test_comments_silence_and_unused_ones_are_reported(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(
        "FROM debian:12\nUSER 1\n# tare: ignore[DL3004] the base has no root\nRUN sudo a\n"
        "# hadolint ignore=DL3003\nRUN b\n# tare: ignore[cd-in-run]\nRUN cd /x\n"
    )
    report = json.loads(tare("--select", "TR3003,TR3004,TR0002", "--format", "json", cwd=tmp_path).stdout)
    assert [(one["code"], one["line"]) for one in report["findings"]] == [("TR0002", 5)]
    assert report["suppressed"] == 2
    run = tare("--no-comments", "--select", "TR3003,TR3004", "--format", "json", cwd=tmp_path)
    assert codes(run) == ["TR3004", "TR3003"]


def test_settings_in_toml(project: Path) -> None:
    (project / "tare.toml").write_text(
        '[lint]\nselect = ["TR3026", "TR4000"]\ntrusted_registries = ["quay.io"]\n'
    )
    assert codes(tare("--format", "json", cwd=project)) == ["TR3026", "TR4000"]
    (project / "tare.toml").write_text('[lint]\nselct = ["TR3026"]\n')
    run = tare(cwd=project, code=2)
    assert b"tare.toml" in run.stderr and b"selct" in run.stderr


@pytest.mark.parametrize(
    "place", [".hadolint.yaml", ".hadolint.yml", "xdg/hadolint.yaml", ".config/hadolint.yaml"]
)
def test_settings_of_hadolint(project: Path, place: str) -> None:
    file = project / place
    file.parent.mkdir(exist_ok=True)
    file.write_text(
        "ignored: [DL3006, DL3009, DL3999]\noverride:\n  error: [DL3008]\n  style:\n    - DL4000\n"
        "trustedRegistries:\n  - quay.io\nlabel-schema:\n  author: email\nfailure-threshold: error\n"
    )
    report = json.loads(tare("--format", "json", "--no-shellcheck", cwd=project, code=1).stdout)
    found = {finding["code"]: finding["severity"] for finding in report["findings"]}
    assert found["TR3008"] == "error" and found["TR4000"] == "style"
    assert {"TR3026", "TR3049"} <= set(found)
    assert not {"TR3006", "TR3009"} & set(found)


def test_baseline(project: Path) -> None:
    tare("--write-baseline", "known.json", cwd=project, code=0)
    tare("--baseline", "known.json", cwd=project, code=0)
    (project / "Dockerfile").write_text(BAD + "RUN sudo a\n")
    run = tare("--baseline", "known.json", "--format", "json", cwd=project, code=1)
    assert "TR3004" in codes(run) and "TR3006" not in codes(run)
    (project / "known.json").write_text("[]")
    assert b"not a baseline" in tare("--baseline", "known.json", cwd=project, code=2).stderr


def test_a_directory_is_searched(tmp_path: Path) -> None:
    names = ["Dockerfile", "a/Containerfile", "a/web.Dockerfile", "a/b/Dockerfile.dev", "kept/Dockerfile"]
    others = [
        "a/Dockerfile.dockerignore",
        "a/notes.txt",
        "build/Dockerfile",
        "a/skip.Dockerfile",
        ".git/Dockerfile",
    ]
    for name in (*names, *others):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("FROM debian:12\n")
    (tmp_path / ".gitignore").write_text("/build/\nskip.*\nkept\n!kept\n")
    (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    report = json.loads(tare("--format", "json", cwd=tmp_path).stdout)
    assert sorted(report["files"]) == sorted(names)


def test_one_bad_file_never_stops_the_others(project: Path) -> None:
    files = {
        "binary.Dockerfile": b"\x00\x01\x02" * 100,
        "latin.Dockerfile": b"FROM debian:12\n# caf\xe9\n",
        "huge.Dockerfile": b"FROM debian:12\nRUN " + b"x" * 5_000_000,
        "heredoc.Dockerfile": b"FROM debian:12\nRUN <<EOF\nnever ends\n",
        "long.Dockerfile": b"FROM debian:12\nRUN " + b"x" * 100_000 + b"\n",
        "empty.Dockerfile": b"",
    }
    for name, content in files.items():
        (project / name).write_bytes(content)
    (project / "gone.Dockerfile").symlink_to("nowhere")
    os.mkfifo(project / "fifo.Dockerfile")
    run = tare(".", "missing/Dockerfile", "--format", "json", cwd=project, code=2)
    report = json.loads(run.stdout)
    errors = {Path(error["path"]).name: error["message"] for error in report["errors"]}
    assert set(errors) == {"binary.Dockerfile", "latin.Dockerfile", "huge.Dockerfile", "Dockerfile"}
    found = {(Path(finding["path"]).name, finding["code"]) for finding in report["findings"]}
    broken = {name for name, code in found if code == "TR0001"}
    assert broken == {"heredoc.Dockerfile", "long.Dockerfile", "empty.Dockerfile"}
    assert ("Dockerfile", "TR3006") in found
    assert b"latin.Dockerfile:2:6: not UTF-8" in run.stderr


def test_a_hundred_megabytes_in_one_line_take_little_memory(tmp_path: Path) -> None:
    with (tmp_path / "Dockerfile").open("wb") as stream:
        stream.write(b"FROM debian:12\nRUN ")
        stream.seek(100_000_000)
        stream.write(b"x\n")
    script = (
        "import re, sys; sys.argv = ['tare', 'lint', 'Dockerfile']\n"
        "from tare.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n"
        "    status = open('/proc/self/status').read()\n"  # its own peak; getrusage has that of the process it came from
        "    print(end.code, re.search(r'VmHWM:\\s+(\\d+)', status)[1])\n"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    code, kilobytes = run.stdout.splitlines()[-1].split()
    assert code == "2" and int(kilobytes) < 150_000


def test_hostile_names_stay_on_their_line(tmp_path: Path) -> None:
    (tmp_path / "a\n::error::x.Dockerfile").write_text("FROM debian\n")
    for name in ("text", "github", "sarif", "markdown"):
        output = tare(".", "--format", name, "--select", "TR3006", cwd=tmp_path).stdout.decode()
        assert not re.search(r"^::error::x", output, re.MULTILINE)


def test_many_files_over_several_processes(tmp_path: Path) -> None:
    for number in range(220):
        (tmp_path / f"{number:03}.Dockerfile").write_text(f"FROM debian:{number}\nRUN sudo a\n")
    one = tare("--format", "json", "--jobs", "1", cwd=tmp_path, code=1).stdout
    two = tare("--format", "json", "--jobs", "2", cwd=tmp_path, code=1).stdout
    assert one == two
    assert codes(tare("--format", "json", "--select", "TR3004", cwd=tmp_path)) == ["TR3004"] * 220


def test_variables_and_other_verbs_know_the_table(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "tare.toml").write_text(
        '[lint]\nselect = ["TR4000"]\n[lint.per_path_ignores]\n"x/*" = ["DL3008"]\n'
    )
    monkeypatch.setenv("TARE_LINT_SELECT", "TR3006,TR3014")
    assert codes(tare("--format", "json", cwd=project)) == ["TR3006", "TR3014"]
    shown = subprocess.run(
        [sys.executable, "-m", "tare.cli.main", "config", "show"], cwd=project, capture_output=True, text=True
    )
    assert shown.returncode == 0, shown.stderr
    assert "lint.select" in shown.stdout and "TARE_LINT_SELECT" in shown.stdout
