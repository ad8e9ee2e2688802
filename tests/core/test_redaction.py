import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tare.core.errors import BuildError
from tare.core.events import Event
from tare.core.redaction import HIDDEN, Redaction, is_secret_name
from tare.schema.report import FileChange


@pytest.mark.parametrize(
    ("name", "secret"),
    [("HF_TOKEN", True), ("API_KEY", True), ("db_password", True), ("TOKEN_FILE", False), ("AUTHOR", False), ("PORT", False)],
)  # fmt: skip
def test_names(name: str, secret: bool) -> None:
    assert is_secret_name(name) is secret


@given(st.text(min_size=4).filter(lambda s: len(s.strip()) >= 4 and "*" not in s), st.text(), st.text())
def test_no_line_of_a_value_is_left(value: str, before: str, after: str) -> None:
    text = Redaction([value]).text(f"{before}{value}{after}")
    lines = [line.strip() for line in value.splitlines()]
    assert all(line not in text for line in lines if len(line) >= 4) or HIDDEN in text


def test_a_key_of_several_lines_is_hidden_line_by_line() -> None:
    hidden = Redaction(["-----BEGIN KEY-----\nabcdefgh\nqq\n"])
    assert hidden.text("x abcdefgh y") == "x *** y" and hidden.text("qq") == "qq"


def test_events_errors_and_reports() -> None:
    hidden = Redaction.of_build({"t": "s3cret"}, {"API_KEY": "k3y-value", "VERSION": "3.11.1"})
    seen: list[Event] = []
    hidden.sink(seen.append)(Event("step", "RUN echo s3cret k3y-value 3.11.1"))
    assert seen == [Event("step", "RUN echo *** *** 3.11.1")]
    error = hidden.error(BuildError("s3cret", where="k3y-value", hint=None, detail="as3cretb"))
    assert (str(error), error.detail, error.args) == ("***: ***", "a***b", ("***",))
    report = FileChange("a", None, "x s3cret", "")
    assert hidden.report(report) == FileChange("a", None, "x ***", "")
    clean = FileChange("a", None, "x", "")
    assert hidden.report(clean) is clean
    assert dataclasses.is_dataclass(hidden.report(report))
