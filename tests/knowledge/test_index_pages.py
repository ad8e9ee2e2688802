import json

import pytest

from tare.knowledge.index_pages import named, parse_html, parse_json, read_filename

PAGE = "https://index.example/simple/some-package/"


def test_html_links_are_resolved_and_unquoted() -> None:
    body = """<!DOCTYPE html><html><body>
    <a href="../../files/some_package-1.0%2Bcpu-py3-none-any.whl#sha256=ab"
       data-requires-python="&gt;=3.8">some_package</a>
    <a href="https://files.example/some-package-1.1.tar.gz" data-yanked="broken">x</a>
    <a href="readme.html">readme</a> <a>no href</a>
    """
    wheel, sdist = parse_html(body, PAGE)
    assert wheel.url == "https://index.example/files/some_package-1.0%2Bcpu-py3-none-any.whl#sha256=ab"
    assert (str(wheel.version), wheel.kind, wheel.pure, wheel.yanked) == ("1.0+cpu", "wheel", True, False)
    assert wheel.requires_python == ">=3.8"
    assert (str(sdist.version), sdist.kind, sdist.yanked) == ("1.1", "sdist", True)


def test_a_base_element_counts() -> None:
    body = '<base href="https://cdn.example/x/"><a href="a-1-py3-none-any.whl">a</a>'
    assert parse_html(body, PAGE)[0].url == "https://cdn.example/x/a-1-py3-none-any.whl"


def test_json_files_have_sizes() -> None:
    body = {
        "meta": {"api-version": "1.3"},
        "files": [
            {
                "filename": "a-1-py3-none-any.whl",
                "url": "/f/a-1-py3-none-any.whl",
                "size": 7,
                "yanked": "why",
            },
            {"filename": "a-1.exe", "url": "x"},
        ],
    }
    (file,) = parse_json(json.dumps(body).encode(), PAGE)
    assert (file.size_bytes, file.yanked, file.url) == (
        7,
        True,
        "https://index.example/f/a-1-py3-none-any.whl",
    )


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"files": [{}]}', b'{"meta": {"api-version": "2.0"}, "files": []}']
)
def test_other_json_is_an_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        parse_json(body, PAGE)


@pytest.mark.parametrize(
    "name", ["", "x.whl", "a-1.whl", "readme.txt", "a-not!a!version-py3-none-any.whl", "a.tar.gz"]
)
def test_other_file_names_are_none(name: str) -> None:
    assert read_filename(name, name) is None


def test_names_match_in_any_spelling() -> None:
    file = read_filename("Some_Package-1-py3-none-any.whl", "u")
    assert file is not None
    assert named([file], "some.package") == [file]
    assert named([file], "some") == []
