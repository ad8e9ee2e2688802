"""The typed views and the places of things."""

import pytest

from tare.core.text import Edit, Span, apply_edits
from tare.dockerfile import parse

TEXT = """# syntax=docker/dockerfile:1
# about the base

# the base
FROM --platform=linux/amd64 python:3.11 AS Build
COPY --from=x --link --exclude=a --exclude=b one \\
  # inner
  two /dest/
ENV A=1 \\
    B="x y"
ENV OLD some value
ARG C D=4
RUN <<EOF
echo
EOF
RUN ["a", "b c"]
ONBUILD COPY q /r
HEALTHCHECK --interval=5s CMD ["x", "y"]
"""
FILE = parse(TEXT)
FROM, COPY, ENV, OLD, ARG, HERE, EXEC, ONBUILD, HEALTH = FILE.instructions


def test_from() -> None:
    view = FROM.as_from()
    assert (view.image, view.platform, view.name) == ("python:3.11", "linux/amd64", "build")
    assert view.image_span.of(TEXT) == "python:3.11"
    assert view.name_span is not None and view.name_span.of(TEXT) == "Build"


def test_copy() -> None:
    view = COPY.as_copy()
    assert view.sources == ("one", "two")
    assert [span.of(TEXT) for span in view.source_spans] == ["one", "two"]
    assert (view.dest, view.dest_span.of(TEXT)) == ("/dest/", "/dest/")
    assert (view.from_, view.link, view.parents, view.exclude) == ("x", True, False, ("a", "b"))


def test_pairs() -> None:
    assert ENV.env_pairs() == (("A", "1"), ("B", '"x y"'))
    assert OLD.env_pairs() == (("OLD", "some value"),)
    assert ARG.env_pairs() == (("C", None), ("D", "4"))
    with pytest.raises(ValueError, match="no pairs"):
        COPY.env_pairs()


def test_places() -> None:
    assert (COPY.line, COPY.end_line) == (6, 8)
    assert COPY.span.of(TEXT).startswith("COPY --from") and COPY.span.of(TEXT).endswith("/dest/")
    assert COPY.value == "one   two /dest/"
    assert COPY.flags[0].span.of(TEXT) == "--from=x"
    assert (HERE.line, HERE.end_line) == (13, 15)
    assert HERE.span.of(TEXT) == "RUN <<EOF\necho\nEOF"
    assert HERE.heredocs[0].body_span.of(TEXT) == HERE.heredocs[0].content == "echo\n"
    assert FROM.leading.of(TEXT) == "# the base\n"
    assert COPY.leading == Span(COPY.span.start, COPY.span.start)


def test_forms() -> None:
    assert (EXEC.form, EXEC.json, EXEC.arguments[1].span.of(TEXT)) == ("exec", ("a", "b c"), '"b c"')
    assert (HERE.form, HERE.json) == ("shell", None)
    assert (HEALTH.form, HEALTH.json, HEALTH.args) == ("exec", ("x", "y"), ("CMD", "x", "y"))
    inner = ONBUILD.onbuild
    assert inner is not None
    assert inner.as_copy().sources == ("q",)
    assert inner.span.of(TEXT) == "COPY q /r"


def test_flag() -> None:
    assert (COPY.flag("from"), COPY.flag("link"), COPY.flag("chown")) == ("x", "", None)
    assert COPY.flag_values("exclude") == ("a", "b")


def test_file() -> None:
    assert FILE.directive("syntax") == "docker/dockerfile:1"
    assert (FILE.escape, FILE.newline, FILE.final.index) == ("\\", "\n", 0)
    assert FILE.stage("BUILD") is FILE.stage(0) is FILE.stage("0") is FILE.stages[0]
    assert FILE.stage("nope") is FILE.stage(1) is FILE.stage("1") is None
    assert FILE.stage_of(HERE) is FILE.stages[0]
    assert parse("FROM a\r\nRUN b\r\n").newline == "\r\n"


def test_an_edit_at_an_argument_changes_only_that() -> None:
    span = COPY.as_copy().source_spans[1]
    changed = parse(apply_edits(TEXT, [Edit(span, "three")]))
    assert changed.instructions[1].as_copy().sources == ("one", "three")
    assert [i.original for i in changed.instructions[2:]] == [i.original for i in FILE.instructions[2:]]


def test_heredoc_sources() -> None:
    text = "FROM a\nCOPY <<-'X' b <<<d <<Y /c/\n\t\t1\n\tX\n2\nY\n"
    view = parse(text).instructions[1].as_copy()
    assert view.sources == ("b", "<<<d")
    assert [(doc.name, doc.chomped, doc.expand) for doc in view.heredocs] == [
        ("X", "1\n", False),
        ("Y", "2\n", True),
    ]
