import json

import pytest

from tare.core.errors import NetworkError, UsageError
from tare.forge.comment import github, gitlab, post
from tests.support.forges import FakeForge, serving_forge

EVENT = b'{"number": 7, "pull_request": {}}'


def test_github_gets_one_comment_that_is_updated() -> None:
    others = [{"id": number, "body": f"human {number}"} for number in range(1, 6)]
    fake = FakeForge(others)
    with serving_forge(fake) as url:
        forge = github({"GITHUB_REPOSITORY": "team/app", "GITHUB_API_URL": url}, EVENT, "tok")
        assert post(forge, "first") == "created"
        assert post(forge, "second") == "updated"
        assert post(forge, "second") == "unchanged"
        assert post(forge, "other image", key="worker") == "created"
    assert fake.bodies()[:5] == [f"human {number}" for number in range(1, 6)]
    assert fake.bodies()[5:] == [
        "<!-- tare gate: tare -->\nsecond",
        "<!-- tare gate: worker -->\nother image",
    ]
    methods = [(method, path.partition("?")[0]) for method, path, _, _ in fake.seen if method != "GET"]
    assert methods == [
        ("POST", "/repos/team/app/issues/7/comments"),
        ("PATCH", "/repos/team/app/issues/comments/6"),
        ("POST", "/repos/team/app/issues/7/comments"),
    ]
    assert all(headers["authorization"] == "Bearer tok" for _, _, headers, _ in fake.seen)
    assert json.loads(fake.seen[3][3]) == {"body": "<!-- tare gate: tare -->\nfirst"}


def test_gitlab_gets_one_note_that_is_updated() -> None:
    fake = FakeForge()
    with serving_forge(fake) as url:
        environ = {"CI_API_V4_URL": f"{url}/api/v4", "CI_PROJECT_ID": "team/app", "CI_MERGE_REQUEST_IID": "3"}
        forge = gitlab(environ, "glpat")
        assert [post(forge, "a"), post(forge, "b")] == ["created", "updated"]
    assert [(method, path.partition("?")[0]) for method, path, _, _ in fake.seen if method != "GET"] == [
        ("POST", "/api/v4/projects/team%2Fapp/merge_requests/3/notes"),
        ("PUT", "/api/v4/projects/team%2Fapp/merge_requests/3/notes/1"),
    ]
    assert all(headers["private-token"] == "glpat" for _, _, headers, _ in fake.seen)


def test_what_the_forge_refuses_is_one_error_with_what_to_do() -> None:
    with serving_forge(FakeForge(status=403)) as url:
        forge = github({"GITHUB_REPOSITORY": "team/app", "GITHUB_API_URL": url}, EVENT, "tok")
        with pytest.raises(NetworkError, match="answers 403") as caught:
            post(forge, "text")
    assert "pull-requests: write" in (caught.value.hint or "") and "tok" not in str(caught.value)


def test_the_token_does_not_follow_to_another_host() -> None:
    fake = FakeForge([{"id": number, "body": "x"} for number in range(3)])
    with serving_forge(fake) as url:
        forge = github({"GITHUB_REPOSITORY": "team/app", "GITHUB_API_URL": url}, EVENT, "tok")
        fake.url = "http://127.0.0.2:9"
        with pytest.raises(NetworkError, match="another host"):
            post(forge, "text")


@pytest.mark.parametrize(
    ("environ", "event", "token"),
    [
        ({}, EVENT, "t"),
        ({"GITHUB_REPOSITORY": "a/b"}, b'{"ref": "x"}', "t"),
        ({"GITHUB_REPOSITORY": "a/b"}, b"{", "t"),
        ({"GITHUB_REPOSITORY": "a/b"}, EVENT, ""),
        ({"GITHUB_REPOSITORY": "a/b"}, EVENT, "a\nb"),
        ({"GITHUB_REPOSITORY": "a/b", "GITHUB_API_URL": "http://api.example"}, EVENT, "t"),
    ],
)
def test_outside_of_a_pull_request_nothing_is_asked(
    environ: dict[str, str], event: bytes, token: str
) -> None:
    with pytest.raises(UsageError):
        github(environ, event, token)


def test_a_long_text_is_cut() -> None:
    fake = FakeForge()
    with serving_forge(fake) as url:
        post(github({"GITHUB_REPOSITORY": "a/b", "GITHUB_API_URL": url}, EVENT, "t"), "x" * 100_000)
    assert len(fake.bodies()[0]) < 65_536 and fake.bodies()[0].endswith("too long.")
