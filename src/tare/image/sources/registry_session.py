"""One registry's HTTP: which scheme, who is asking, retries, redirects, limits.

Specifications: OCI distribution 1.1; https://distribution.github.io/distribution/spec/auth/ (token and OAuth2).
"""

import ipaddress
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import msgspec

from tare.core.errors import NetworkError, UsageError
from tare.image.limits import KIB, MIB
from tare.image.sources.challenge import Challenge, parse_challenges
from tare.image.sources.credentials import Credentials
from tare.image.sources.patience import Pace, Patience, TooSlow, pause_before, within

_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HOPELESS = (httpx.ConnectError, httpx.UnsupportedProtocol, ssl.SSLError)
"""Refused, unknown name, no trust: the next try ends alike."""
_UNTRUSTED = "certificate verify failed"
_HOPS = 5
_TOKEN_BYTES = MIB
_CLIENT = "tare"
_HTML_HINT = "a proxy or a login page answers in the registry's place; check the name and the proxy settings"


class _Token(msgspec.Struct, frozen=True):
    token: str = ""
    access_token: str = ""


class _Problem(msgspec.Struct, frozen=True):
    code: str = ""
    message: str = ""


class _Problems(msgspec.Struct, frozen=True):
    errors: list[_Problem] = []


class RegistrySession:
    """Talks to `host[:port]` about one repository. Safe to use from several threads."""

    def __init__(
        self,
        host: str,
        repository: str,
        *,
        find: Callable[[], Credentials | None],
        insecure: bool = False,
        certificate_folders: tuple[Path, ...] = (),
        authorities: tuple[Path, ...] = (),
        patience: Patience | None = None,
        client: httpx.Client | None = None,
        before: Callable[[], None] = lambda: None,
        base: str = "",
    ) -> None:
        """`before` is called before every request: whoever limits the rate waits in it. `base` is the scheme and host where
        another session found a registry: it is not asked again whether there is one."""
        self.host = host
        self.repository = repository
        self._find = find
        self._plain_allowed = insecure or is_loopback(host)
        self._patience = patience or Patience()
        self._before = before
        self._client = client or make_client(host, insecure, certificate_folders, self._patience, authorities)
        self._base = base
        self._authorization = ""

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    @property
    def base(self) -> str:
        """Scheme and host, as soon as they are known; '' before."""
        return self._base

    # -- requests -----------------------------------------------------------------------------------------------

    def get(self, path: str, limit: int, accept: str = "*/*") -> httpx.Response:
        """A small document, read whole; `NetworkError` for every other status than 200 and for too large ones."""
        with self.stream(path, {"accept": accept}) as answer:
            if answer.status_code != 200:
                raise self.refused(answer, path)
            return _read(answer, limit, self._patience, self.host)

    def head(self, path: str, accept: str) -> Mapping[str, str]:
        """The headers of a document; raises as `get` does. Registries count no pull for it."""
        with self.stream(path, {"accept": accept}, method="HEAD") as answer:
            if answer.status_code != 200:
                raise self.refused(answer, path)
            return answer.headers

    @contextmanager
    def stream(self, path: str, headers: Mapping[str, str], method: str = "GET") -> Iterator[httpx.Response]:
        """The answer beneath `/v2/REPOSITORY/` (`/v2/` where the session has none), whatever its status, with its body
        unread."""
        self._ping()
        place = f"{self.repository}/{path}" if self.repository else path
        url = f"{self._base}/v2/{place}"
        answer = self._patiently(url, headers, method=method)
        if answer.status_code == 401:  # no token yet, an old one, or one for too little
            challenges = parse_challenges(answer.headers.get("www-authenticate", ""))
            answer.close()
            self._authenticate(challenges)
            answer = self._patiently(url, headers, method=method)
        try:
            yield answer
        finally:
            answer.close()

    def send(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        content: Callable[[], Iterable[bytes]] = tuple,
    ) -> httpx.Response:
        """One writing request, its answer read whole, whatever its status. `target` is a path beneath `/v2/REPOSITORY/` or
        the address that the registry named; `content` is called once for each time that the request is sent. Never sent
        again but after a new token: whoever calls knows what may be repeated. Raises `NetworkError`."""
        self._ping()
        url = urljoin(f"{self._base}/v2/{self.repository}/", target)
        if self._base.startswith("https") and not url.startswith("https"):
            raise NetworkError(f"the registry wants bytes at {url[:120]}, which is not safe", where=self.host)
        answer = self._post(method, url, headers or {}, content)
        if answer.status_code == 401 and _origin(url) == _origin(self._base):
            self._authenticate(parse_challenges(answer.headers.get("www-authenticate", "")))
            answer = self._post(method, url, headers or {}, content)
        return answer

    def _post(
        self, method: str, url: str, headers: Mapping[str, str], content: Callable[[], Iterable[bytes]]
    ) -> httpx.Response:
        sent = {"content-length": "0", **headers}
        if self._authorization and _origin(url) == _origin(self._base):
            sent["authorization"] = self._authorization
        self._before()
        request = self._client.build_request(method, url, headers=sent, content=iter(content()))
        try:
            answer = self._client.send(request, stream=True)
            try:
                return _read(answer, _TOKEN_BYTES, self._patience, self.host)
            finally:
                answer.close()
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error

    def refused(self, answer: httpx.Response, path: str) -> NetworkError:
        """The error for an answer that is none: its status, what the registry says, what to do."""
        said = _said(answer, self._patience)
        status = answer.status_code
        name = f"{self.host}/{self.repository}"
        hint = {
            401: f"log in: docker login {self.host}",
            403: f"these credentials may not read {name}; log in with others: docker login {self.host}",
            404: "check the name and the tag",
            429: "wait, or log in: many registries allow more then",
        }.get(status, "try again later")
        if _is_html(answer):
            hint = _HTML_HINT
        kinds = {401: "not authorised", 403: "forbidden", 404: "not found", 429: "too many requests"}
        kind = kinds.get(status, "the registry failed" if status >= 500 else "unexpected answer")
        return NetworkError(
            f"{kind} ({status}){': ' + said if said else ''}", where=f"{name} {path}", hint=hint
        )

    # -- parts --------------------------------------------------------------------------------------------------

    def _ping(self) -> None:
        """Find the scheme, and whether there is a registry at all."""
        if self._base:
            return
        schemes = ["https", "http"] if self._plain_allowed else ["https"]
        for scheme in schemes:
            try:
                answer = self._patiently(
                    f"{scheme}://{self.host}/v2/", {}, 1 if scheme != schemes[-1] else None
                )
            except NetworkError as error:
                if scheme == schemes[-1] or _UNTRUSTED in error.message.lower():
                    raise  # TLS is spoken there: plain HTTP would only hide why it failed
                continue
            status, html = answer.status_code, _is_html(answer)
            challenges = parse_challenges(answer.headers.get("www-authenticate", ""))
            answer.close()
            if html and status == 200:
                raise NetworkError("a web page and no registry", where=self.host, hint=_HTML_HINT)
            self._base = f"{scheme}://{self.host}"
            if status == 401:
                self._authenticate(challenges)
            return

    def _patiently(
        self, url: str, headers: Mapping[str, str], tries: int | None = None, method: str = "GET"
    ) -> httpx.Response:
        """Send, and again after a pause where that may help; the last answer or a `NetworkError`."""
        patience = self._patience
        last = (tries or patience.tries) - 1
        for attempt in range(last + 1):
            try:
                answer = self._send(url, headers, method)
            except (httpx.HTTPError, TooSlow, ssl.SSLError) as error:
                if attempt == last or isinstance(error, _HOPELESS):
                    raise self._unreachable(error) from error
                pause = pause_before(attempt, {})
            else:
                if answer.status_code not in _AGAIN or attempt == last:
                    return answer
                pause = pause_before(attempt, answer.headers)
                if pause > patience.longest_pause_s:
                    return answer
                answer.close()
            patience.pause(min(pause, patience.longest_pause_s))
        raise AssertionError("unreachable")

    def _send(self, url: str, headers: Mapping[str, str], method: str = "GET") -> httpx.Response:
        """One request, redirects followed: no credentials to another place, no way back to plain HTTP."""
        home = _origin(url)
        for _ in range(_HOPS):
            sent = {"accept-encoding": "identity", **headers}
            if self._authorization and _origin(url) == home:
                sent["authorization"] = self._authorization
            request = self._client.build_request(method, url, headers=sent)
            self._before()
            answer = within(self._patience.answer_s, lambda: self._client.send(request, stream=True))  # noqa: B023
            target = answer.headers.get("location")
            if answer.status_code not in _REDIRECTS or not target:
                return answer
            answer.close()
            following = urljoin(url, target)
            if urlsplit(url).scheme == "https" and urlsplit(following).scheme != "https":
                raise NetworkError(
                    f"the registry redirects to {following[:120]}, which is not safe",
                    where=self.host,
                    hint="tell the registry's owner",
                )
            url = following
        raise NetworkError("redirects without an end", where=self.host, hint="tell the registry's owner")

    def _authenticate(self, challenges: tuple[Challenge, ...]) -> None:
        credentials = self._find()
        by_scheme = {challenge.scheme: challenge for challenge in challenges}
        if "bearer" in by_scheme:
            self._authorization = f"Bearer {self._token(by_scheme['bearer'], credentials)}"
        elif "basic" in by_scheme:
            if credentials is None or credentials.identity_token:
                raise NetworkError(
                    "the registry asks for a user and a password",
                    where=self.host,
                    hint=f"docker login {self.host}",
                )
            self._authorization = credentials.basic()
        else:
            known = ", ".join(by_scheme) or "none"
            raise NetworkError(f"no way to authenticate that is known (it offers {known})", where=self.host)

    def _token(self, challenge: Challenge, credentials: Credentials | None) -> str:
        realm = challenge.parameters.get("realm", "")
        parts = urlsplit(realm)
        safe = parts.scheme == "https" or (parts.scheme == "http" and not self._base.startswith("https"))
        if not safe or not parts.netloc:
            raise NetworkError(f"tokens from {realm[:120]!r} are not safe", where=self.host)
        scope = challenge.parameters.get("scope") or f"repository:{self.repository}:pull"
        fields = {"scope": scope}
        if service := challenge.parameters.get("service"):
            fields["service"] = service
        headers = {"authorization": credentials.basic()} if credentials and credentials.password else {}
        try:
            if credentials is not None and credentials.identity_token:
                fields |= {
                    "grant_type": "refresh_token",
                    "refresh_token": credentials.identity_token,
                    "client_id": _CLIENT,
                }
                request = self._client.build_request("POST", realm, data=fields)
            else:
                request = self._client.build_request("GET", realm, params=fields, headers=headers)
            answer = within(self._patience.answer_s, lambda: self._client.send(request, stream=True))
            try:
                if answer.status_code != 200:
                    hint = f"log in: docker login {self.host}" if answer.status_code in (401, 403) else None
                    said = _said(answer, self._patience)
                    raise NetworkError(
                        f"no token ({answer.status_code}){': ' + said if said else ''}",
                        where=f"{self.host}/{self.repository}",
                        hint=hint or "check the name; try again later",
                    )
                found = _read(answer, _TOKEN_BYTES, self._patience, parts.netloc)
            finally:
                answer.close()
        except (httpx.HTTPError, TooSlow) as error:
            raise self._unreachable(error) from error
        try:
            token = msgspec.json.decode(found.content, type=_Token)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise NetworkError("the answer is no token", where=parts.netloc, hint=_HTML_HINT) from error
        text = token.token or token.access_token
        if not text or not text.isascii() or any(ord(char) < 33 for char in text):
            raise NetworkError("the answer holds no token", where=parts.netloc)
        return text

    def _unreachable(self, error: Exception) -> NetworkError:
        reason = str(error) or type(error).__name__
        hint = "check the name, the network and the proxy settings"
        if _UNTRUSTED in reason.lower():
            hint = f"put its authority's certificate into /etc/docker/certs.d/{self.host}/ca.crt, or name it in SSL_CERT_FILE"
        return NetworkError(f"the registry cannot be reached: {reason}", where=self.host, hint=hint)


def is_loopback(host: str) -> bool:
    """Whether `host[:port]` is this machine: plain HTTP is allowed there, as Docker does."""
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def make_client(
    host: str,
    insecure: bool,
    folders: tuple[Path, ...],
    patience: Patience,
    authorities: tuple[Path, ...] = (),
) -> httpx.Client:
    """A client for one host; sessions of several repositories may share it. Raises `UsageError` for files that hold no
    certificates."""
    context = ssl.create_default_context()
    for authority in authorities:
        _trust(context, authority)
    for folder in folders:
        place = folder / host
        for authority in sorted(place.glob("*.crt")):
            _trust(context, authority)
        for certificate in sorted(place.glob("*.cert")):
            key = certificate.with_suffix(".key")
            try:
                context.load_cert_chain(certificate, key)
            except (OSError, ssl.SSLError) as error:
                raise UsageError(
                    f"no client certificate with its key: {error.strerror or error}",
                    where=str(certificate),
                    hint=f"its key stands in {key.name}, both in PEM",
                ) from error
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    timeout = httpx.Timeout(patience.silence_s, connect=patience.connect_s)
    return httpx.Client(
        timeout=timeout, verify=context, headers={"user-agent": "tare"}, trust_env=not is_loopback(host)
    )


def _trust(context: ssl.SSLContext, authority: Path) -> None:
    try:
        if authority.is_dir():
            context.load_verify_locations(capath=authority)
        else:
            context.load_verify_locations(authority)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            f"no certificates can be read: {error.strerror or error}",
            where=str(authority),
            hint="a file of certificates in PEM; see SSL_CERT_FILE and certs.d",
        ) from error


def _read(answer: httpx.Response, limit: int, patience: Patience, where: str) -> httpx.Response:
    def whole() -> bytes:
        parts: list[bytes] = []
        size = 0
        for piece in answer.iter_bytes():
            size += len(piece)
            if size > limit:
                raise NetworkError(
                    f"an answer of more than {limit} bytes",
                    where=where,
                    hint="the registry is broken or hostile",
                )
            parts.append(piece)
        return b"".join(parts)

    try:
        content = within(patience.answer_s, whole)
    except (httpx.HTTPError, TooSlow) as error:
        raise NetworkError(f"the answer breaks off: {error}", where=where, hint="try again") from error
    headers = {name: value for name, value in answer.headers.items() if name != "content-encoding"}
    return httpx.Response(answer.status_code, headers=headers, content=content)


def _said(answer: httpx.Response, patience: Patience) -> str:
    """What the registry says about an error, short and printable."""
    if _is_html(answer):
        return "an HTML page"
    pace = Pace(patience)
    raw = b""
    try:
        for piece in answer.iter_bytes():
            raw += piece
            pace.saw(len(piece))
            if len(raw) > 16 * KIB:
                break
    except (httpx.HTTPError, httpx.StreamError, TooSlow):
        return ""
    try:
        problems = msgspec.json.decode(raw, type=_Problems).errors
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    text = "; ".join(f"{problem.code} {problem.message}".strip() for problem in problems)
    return "".join(char if char.isprintable() else "?" for char in text[:200])


def _is_html(answer: httpx.Response) -> bool:
    return "html" in answer.headers.get("content-type", "").lower()


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
