"""One comment on a pull or merge request. It is known again by a mark in its text that no reader sees.

APIs: https://docs.github.com/rest/issues/comments, https://docs.gitlab.com/api/notes/.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from tare.core.errors import NetworkError, UsageError

_TIMEOUT = httpx.Timeout(30.0)
_PAGES = 100
_LONGEST = 60_000
"""GitHub takes 65 536 characters."""


@dataclass(frozen=True, slots=True, repr=False)
class Forge:
    """Where the comments of one request are. `list_url` answers GET with a list and POST with a new comment; `edit_url` plus the
    comment's number answers `edit_method`."""

    name: str
    list_url: str
    edit_url: str
    edit_method: str
    headers: Mapping[str, str]
    secret_hint: str


class _Comment(msgspec.Struct):
    id: int
    body: str | None = None


class _Event(msgspec.Struct):
    number: int | None = None


def github(environ: Mapping[str, str], event: bytes, token: str, number: int | None = None) -> Forge:
    """From what GitHub Actions sets; `event` is the content of the file at GITHUB_EVENT_PATH. Raises `UsageError` outside
    of a pull request."""
    repository = _needed(environ, "GITHUB_REPOSITORY")
    if number is None:
        try:
            number = msgspec.json.decode(event, type=_Event).number if event else None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UsageError("the event is no JSON", where="GITHUB_EVENT_PATH") from error
    if number is None:
        raise UsageError(
            "this is not a pull request", where="GITHUB_EVENT_PATH", hint="run it on: pull_request"
        )
    api = environ.get("GITHUB_API_URL", "https://api.github.com").rstrip("/")
    root = f"{_safe(api)}/repos/{quote(repository)}/issues"
    headers = {
        "authorization": f"Bearer {_token(token)}",
        "accept": "application/vnd.github+json",
        "x-github-api-version": "2022-11-28",
    }
    hint = "the job needs permissions: pull-requests: write"
    return Forge("GitHub", f"{root}/{number}/comments", f"{root}/comments/", "PATCH", headers, hint)


def gitlab(environ: Mapping[str, str], token: str) -> Forge:
    """From what GitLab CI sets. Raises `UsageError` outside of a merge request."""
    if "CI_MERGE_REQUEST_IID" not in environ:
        raise UsageError(
            "this is not a merge request",
            where="CI_MERGE_REQUEST_IID",
            hint="rules: if $CI_PIPELINE_SOURCE == merge_request_event",
        )
    api = _safe(_needed(environ, "CI_API_V4_URL").rstrip("/"))
    project = quote(_needed(environ, "CI_PROJECT_ID"), safe="")
    notes = f"{api}/projects/{project}/merge_requests/{quote(environ['CI_MERGE_REQUEST_IID'])}/notes"
    hint = "a project access token with the scope api, in a masked variable"
    return Forge("GitLab", notes, f"{notes}/", "PUT", {"private-token": _token(token)}, hint)


def post(forge: Forge, body: str, *, key: str = "tare") -> str:
    """Write or update the comment; gives what was done: `created`, `updated` or `unchanged`. `key` tells several comments of
    ours on one request apart. Raises `NetworkError`."""
    mark = f"<!-- tare gate: {''.join(char for char in key if char.isalnum() or char in '-_./:')} -->"
    text = f"{mark}\n{body}"
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "\n\n… cut: the comment is too long."
    trust = urlsplit(forge.list_url).hostname not in ("127.0.0.1", "::1", "localhost")
    try:
        with httpx.Client(headers=dict(forge.headers), timeout=_TIMEOUT, trust_env=trust) as client:
            old = next((one for one in _comments(client, forge) if (one.body or "").startswith(mark)), None)
            if old is None:
                _checked(client.post(forge.list_url, json={"body": text}), forge)
                return "created"
            if (old.body or "").replace("\r\n", "\n").rstrip() == text.rstrip():
                return "unchanged"
            _checked(
                client.request(forge.edit_method, f"{forge.edit_url}{old.id}", json={"body": text}), forge
            )
            return "updated"
    except httpx.HTTPError as error:
        reason = str(error) or type(error).__name__
        raise NetworkError(f"{forge.name} cannot be reached: {reason}", where=forge.list_url) from error


def _comments(client: httpx.Client, forge: Forge) -> Iterator[_Comment]:
    url: str | None = f"{forge.list_url}?per_page=100"
    home = urlsplit(forge.list_url)
    for _ in range(_PAGES):
        if url is None:
            return
        if urlsplit(url)[:2] != home[:2]:  # the token goes nowhere else
            raise NetworkError("the next page is on another host", where=url[:120])
        answer = _checked(client.get(url), forge)
        try:
            yield from msgspec.json.decode(answer.content, type=list[_Comment])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NetworkError("the answer is no list of comments", where=forge.list_url) from error
        url = answer.links.get("next", {}).get("url")


def _checked(answer: httpx.Response, forge: Forge) -> httpx.Response:
    if answer.is_success:
        return answer
    hint = forge.secret_hint if answer.status_code in (401, 403, 404) else "try again later"
    raise NetworkError(
        f"{forge.name} answers {answer.status_code} to {answer.request.method}",
        where=forge.list_url,
        hint=hint,
    )


def _needed(environ: Mapping[str, str], name: str) -> str:
    if not environ.get(name):
        raise UsageError("the variable is not set", where=name, hint="it is set inside of CI jobs")
    return environ[name]


def _token(token: str) -> str:
    if not token or not token.isascii() or any(ord(char) < 33 for char in token):
        raise UsageError("there is no token", hint="set GITHUB_TOKEN, or GITLAB_TOKEN")
    return token


def _safe(api: str) -> str:
    parts = urlsplit(api)
    local = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise UsageError(
            "a token is never sent without TLS", where=api[:120], hint="use the https:// address"
        )
    return api
