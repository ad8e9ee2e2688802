"""`tare config show`: what wins, where it came from, and what is refused."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tare.api.config_file import key_lines
from tare.api.config_keys import keys_of
from tare.api.configuration import Configuration, load_configuration, resolve_configuration
from tare.core.errors import UsageError


def tare(*words: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tare.cli.main", *words],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_layer_has_its_origin(tmp_path: Path) -> None:
    (tmp_path / "tare.toml").write_text(
        'torch = "keep"\n\n[costs]\nbuilds_per_day = 7\nimages_kept = 9\n\n[verify]\nport = 80\n'
    )
    done = tare(
        *("config", "show", "--format", "json", "--builds", "3", "--mbps", "50"),
        cwd=tmp_path,
        TARE_COSTS_IMAGES_KEPT="11",
        TARE_WITHOUT="non-root, exec-form",
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    values = {value["key"]: value for value in report["values"]}
    assert report["file"] == str(tmp_path / "tare.toml")
    where = {key: (value["origin"], value["where"], value["value"]) for key, value in values.items()}
    assert where["torch"] == ("file", f"{tmp_path}/tare.toml:1", '"keep"')
    assert where["verify.port"] == ("file", f"{tmp_path}/tare.toml:8", "80")
    assert where["costs.images_kept"] == ("variable", "TARE_COSTS_IMAGES_KEPT", "11")
    assert where["costs.builds_per_day"] == ("flag", "--builds", "3")
    assert where["costs.pull_mbps"] == ("flag", "--mbps", "[50.0]")
    assert where["without"] == ("variable", "TARE_WITHOUT", '["non-root","exec-form"]'.replace(",", ", "))
    assert where["verify.user"] == ("default", "", "(none)")
    assert set(values) == set(keys_of(Configuration))


def test_the_text_names_file_variable_and_flag(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n[tool.tare]\nwithout = ["a"]\n')
    done = tare("config", "show", "--without", "b", cwd=tmp_path, TARE_TORCH="keep")
    assert done.returncode == 0, done.stderr
    assert 'without = ["a", "b"]' in done.stdout and "flag --without" in done.stdout
    assert "variable TARE_TORCH" in done.stdout and "pyproject.toml" in done.stdout


@pytest.mark.parametrize(
    ("text", "where", "said", "hint"),
    [
        ("[verify]\nprobs = []\n", "tare.toml:2", "verify.probs", "verify.probes"),
        ("[cost]\nimages_kept = 1\n", "tare.toml:1", "cost", "costs"),
        (
            '[costs]\nimages_kept = "many"\n',
            "tare.toml:2",
            "costs.images_kept: Expected `int`",
            "config show",
        ),
        ("[costs]\nimages_kept = -1\n", "tare.toml:2", "costs.images_kept", "config show"),
        ('torch = "gpu"\n', "tare.toml:1", "torch: Invalid enum value 'gpu'", "config show"),
        ("costs = 1\n", "tare.toml:1", "costs is a table", "[costs]"),
        (
            "[[verify.probes]]\npath = '/'\n[[verify.probes]]\npth = 1\n",
            "tare.toml:1",
            "verify.probes[1]",
            "",
        ),
        ("torch = \n", "tare.toml", "not TOML", ""),
    ],
)
def test_what_a_file_may_not_hold(tmp_path: Path, text: str, where: str, said: str, hint: str) -> None:
    (tmp_path / "tare.toml").write_text(text)
    done = tare("config", "show", cwd=tmp_path)
    assert done.returncode == 2 and not done.stdout and "Traceback" not in done.stderr
    assert f"{where}: " in done.stderr and said in done.stderr and hint in done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "said", "hint"),
    [
        ("TARE_TORHC", "keep", "TARE_TORHC: no key", "did you mean TARE_TORCH?"),
        ("TARE_VERIFY_PORT", "http", "'http' is no value for verify.port", "one number"),
        ("TARE_VERIFY_ENV", "A=1", "no value for verify.env", "JSON object"),
        ("TARE_COSTS_PULL_MBPS", "100,-1", "costs.pull_mbps", "one,two"),
    ],
)
def test_what_a_variable_may_not_hold(
    tmp_path: Path, variable: str, value: str, said: str, hint: str
) -> None:
    done = tare("config", "show", cwd=tmp_path, **{variable: value})
    assert done.returncode == 2 and not done.stdout
    assert said in done.stderr and hint in done.stderr


def test_variables_of_every_shape(tmp_path: Path) -> None:
    found = load_configuration(
        tmp_path,
        environ={
            "TARE_VERIFY_ENV": '{"A": "1"}',
            "TARE_VERIFY_PROBES": '[{"path": "/health"}]',
            "TARE_VERIFY_USER": "123",
            "TARE_VERIFY_TOLERANCE": "0.5",
            "TARE_COSTS_PULL_MBPS": "10,20.5",
            "UNRELATED": "x",
        },
    )
    assert found.verify.env == {"A": "1"} and found.verify.probes[0].path == "/health"
    assert found.verify.user == "123" and found.verify.tolerance == 0.5
    assert found.costs.pull_mbps == (10.0, 20.5)


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    (tmp_path / "tare.toml").write_text(
        'torch_index = "https://me:hunter2@example.com/simple"\n[verify]\nenv = { API_TOKEN = "s3cret", MODE = "x" }\n'
        '[[verify.probes]]\npath = "/"\nheaders = { Authorization = "Bearer s3cret" }\n'
    )
    for form in ("text", "json", "markdown"):
        done = tare("config", "show", "--format", form, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "s3cret" not in done.stdout and "hunter2" not in done.stdout and "MODE" in done.stdout


def test_variables_reach_the_verbs(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM python:3.11\n")
    done = tare("optimize", ".", cwd=tmp_path, TARE_BUILDER="none", TARE_TORHC="x")
    assert done.returncode == 2 and "TARE_TORHC" in done.stderr
    done = tare("optimize", ".", cwd=tmp_path, TARE_WITHOUT="multistage")
    assert done.returncode == 2 and "there is no transform multistage" in done.stderr
    assert "did you mean multi-stage?" in done.stderr
    done = tare("optimize", ".", cwd=tmp_path, TARE_BUILDER="nonesuch")
    assert done.returncode == 2 and "there is no engine nonesuch" in done.stderr


def test_lines_of_keys() -> None:
    text = 'a = 1\n\n# [b]\n[b]\nc = """\nd = 1\n"""\ne = [\n  "x", # f = 1,\n  "y",\n]\n"q.r" = { s = 1 }\n[[t.u]]\nv = 1\n'
    lines = key_lines(text)
    assert {".".join(key): line for key, line in lines.items()} == {
        "a": 1, "b": 4, "b.c": 5, "b.e": 8, "b.q.r": 12, "b.q.r.s": 12, "t": 13, "t.u": 13, "t.u.v": 14,
    }  # fmt: skip


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_upper_layer_wins(in_file: int, in_variable: int, in_flag: int) -> None:
    name = "costs.images_kept"
    environ = {"TARE_COSTS_IMAGES_KEPT": str(in_variable)}
    root = Path("/")
    assert load_configuration(root, environ=environ).costs.images_kept == in_variable
    both = resolve_configuration(root, environ=environ, flags={name: ("--images-kept", in_flag)})
    assert both.configuration.costs.images_kept == in_flag and both.sources[name].where == "--images-kept"


def test_a_wrong_flag_value_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        resolve_configuration(tmp_path, flags={"costs.images_kept": ("--images-kept", -1)})
    assert caught.value.where == "--images-kept"
