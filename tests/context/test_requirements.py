import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from tare.context.requirements import RequirementLine, parse_line, parse_requirements, read_all

TEXT = rb"""# a comment
--index-url https://pypi.example/simple
--extra-index-url=https://download.pytorch.org/whl/cu121
-f ./wheels
--no-index --pre
-r base.txt
-c ../constraints.txt
Torch==2.1.0+cu121
uvicorn[standard]>=0.20,<1 ; python_version >= "3.8"  # server
numpy==1.26.0 \
    --hash=sha256:aa \
    --hash=sha256:bb
-e .[dev]
-e git+https://github.com/x/y.git@v1#egg=y
pkg @ https://host/pkg-1.0-py3-none-any.whl
./vendor/local_pkg
wheels/thing-1.2-py3-none-any.whl
requests \
  >=2
not a requirement!
"""


def line(name: str) -> RequirementLine:
    return next(one for one in parse_requirements(TEXT, "d/requirements.txt").lines if one.name == name)


def test_options_and_includes() -> None:
    file = parse_requirements(TEXT, "d/requirements.txt")
    assert file.index_url == "https://pypi.example/simple"
    assert file.extra_index_urls == ("https://download.pytorch.org/whl/cu121",)
    assert file.values("--find-links") == ("./wheels",)
    assert file.values("--no-index") == ("",) and file.values("--pre") == ("",)
    assert [(i.target, i.constraint, i.line) for i in file.includes] == [
        ("d/base.txt", False, 6),
        ("constraints.txt", True, 7),
    ]
    assert file.require_hashes
    assert len(file.problems) == 1 and file.problems[0].startswith("line 20:")


def test_lines() -> None:
    assert line("torch").pinned == "2.1.0+cu121"
    uvicorn = line("uvicorn")
    assert (uvicorn.extras, uvicorn.specifier) == (("standard",), "<1,>=0.20")
    assert uvicorn.marker == 'python_version >= "3.8"'
    numpy = line("numpy")
    assert numpy.hashes == ("sha256:aa", "sha256:bb") and (numpy.line, numpy.end_line) == (10, 12)
    assert line("y").editable and (line("y").url or "").startswith("git+https://")
    assert line("pkg").url == "https://host/pkg-1.0-py3-none-any.whl"
    assert line("thing").is_local
    assert line("requests").specifier == ">=2"
    file = parse_requirements(TEXT, "d/requirements.txt")
    here = next(one for one in file.lines if one.url == ".")
    assert here.editable and here.is_local and here.extras == ("dev",)
    assert any(one.url == "./vendor/local_pkg" and one.is_local for one in file.lines)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("numpy\n".encode("utf-16"), "numpy"),
        (b"\xef\xbb\xbfnumpy\n", "numpy"),
        ("# -*- coding: latin-1 -*-\nnumpy # caf\xe9\n".encode("latin-1"), "numpy"),
        (b"numpy # \xff\n", "numpy"),
        (b"numpy\r\npandas\r\n", "numpy"),
    ],
)
def test_encodings(data: bytes, name: str) -> None:
    assert parse_requirements(data, "r.txt").lines[0].name == name


def test_nested_files_circles_and_missing_ones() -> None:
    files = {"a.txt": b"-r b.txt\n-c c.txt\nx\n", "b.txt": b"-r a.txt\n-r gone.txt\ny\n", "c.txt": b"z==1\n"}
    read = read_all(["a.txt"], files.get)
    assert [file.path for file in read] == ["a.txt", "b.txt", "c.txt"]
    assert read[1].problems == ("line 2: gone.txt is not in the build context",)
    assert [one.constraint for file in read for one in file.lines] == [False, False, True]


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,6}", fullmatch=True)
VERSIONS = st.from_regex(r"[0-9]{1,2}\.[0-9]{1,2}", fullmatch=True)


@given(
    NAMES,
    st.sampled_from(["==", ">=", "~=", "!="]),
    VERSIONS,
    st.sampled_from(["", "  # note", " ; python_version < '4'"]),
)
def test_against_packaging(name: str, operator: str, version: str, tail: str) -> None:
    parsed = parse_requirements(f"{name}{operator}{version}{tail}\n".encode(), "r.txt").lines[0]
    wanted = Requirement(f"{name}{operator}{version}{'' if '#' in tail else tail}")
    assert parsed.specifier == str(wanted.specifier)
    assert parsed.marker == (str(wanted.marker) if wanted.marker else None)


@given(st.binary(max_size=200))
def test_any_bytes_are_read(data: bytes) -> None:
    parse_requirements(data, "r.txt")


def test_what_is_no_requirement_is_said() -> None:
    assert isinstance(parse_line("a b c"), str)
