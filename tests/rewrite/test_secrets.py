"""Secrets that a Dockerfile holds are handed to the build of the rewritten one, and are in no text that is shown."""

from pathlib import Path

from tare import api
from tare.dockerfile import parse
from tare.optimize import Options
from tare.report.registry import render
from tare.rewrite.facts import RewriteSettings
from tare.rewrite.secrets import literal_secrets, secret_values

TOKEN = "ghp_0123456789abcdefghij"
BEFORE = (
    f"FROM python:3.11\nARG GIT_TOKEN={TOKEN}\nENV API_KEY='sk-live-abcdef' MODE=x\nCOPY conf/.netrc /root/.netrc\n"
    "RUN pip install git+https://$GIT_TOKEN@example.com/a/b.git\nRUN rm /root/.netrc\n"
)


def test_literal_secrets() -> None:
    assert literal_secrets(parse(BEFORE)) == {"GIT_TOKEN": TOKEN, "API_KEY": "sk-live-abcdef"}


def test_what_became_a_mount_is_handed_over(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / ".netrc").write_text("machine x login y password z\n")
    after = (
        "RUN --mount=type=secret,id=netrc,target=/root/.netrc \\\n    --mount=type=secret,id=GIT_TOKEN true\n"
    )
    found = secret_values(parse(BEFORE), after, tmp_path)
    assert found == {"netrc": "machine x login y password z\n", "GIT_TOKEN": TOKEN}
    assert secret_values(parse(BEFORE), "RUN true\n", tmp_path) == {}


def test_a_link_out_of_the_context_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "context").mkdir()
    (tmp_path / "outside").write_text("secret")
    (tmp_path / "context" / ".netrc").symlink_to(tmp_path / "outside")
    document = parse("FROM python:3.11\nCOPY .netrc /root/\n")
    assert secret_values(document, "RUN --mount=type=secret,id=netrc x", tmp_path / "context") == {}


def test_no_report_shows_a_value(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(BEFORE)
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / ".netrc").write_text("password hunter22\n")
    report = api.optimize(tmp_path, builder="none", options=Options(), settings=RewriteSettings())
    for name in ("text", "json", "markdown"):
        shown = render(report, name)
        assert TOKEN not in shown and "sk-live" not in shown and "hunter22" not in shown
    assert {"secret-mounts", "secret-files"} <= {
        step.transform for step in report.plan if step.status == "applied"
    }
