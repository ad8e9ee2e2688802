"""Images of registries: a real one with and without password, and one that fails in every way that it can."""

import gzip
import json
import os
import random
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import zstandard

from tare.core.errors import ImageError, NetworkError, TareError, UsageError
from tare.core.events import Event, null_sink
from tare.image import Image, Limits, analyse, open_image
from tare.image.access import Access, RegistryRule, access_from_environment
from tare.image.limits import DEFAULT_LIMITS
from tare.image.model import make_image
from tare.image.reference import parse_name
from tare.image.sources import registry as registry_module
from tare.image.sources.patience import Patience, pause_before
from tare.image.sources.registry import endpoints_of
from tests.support.random_image import Operation, digest, layer_tar, oci_files, write_files
from tests.support.registries import (
    FakeRegistry,
    Request,
    auth_file,
    docker_registry,
    helper_program,
    serving,
)

NOISE = random.Random(3).randbytes(700_000)
LAYERS = [[Operation("file", "a/one", NOISE)], [Operation("whiteout", "a/one"), Operation("file", "b", b"2")]]
TARS = [layer_tar(layer) for layer in LAYERS]
FILES = oci_files(TARS)
QUICK = Patience(connect_s=2, silence_s=1, answer_s=1.5, window_s=1, tries=3, pause=lambda seconds: None)


def pull(host: str, access: Access | None = None, patience: Patience = QUICK, name: str = "app") -> Image:
    resources = ExitStack()
    try:
        source = registry_module.open_registry(
            parse_name(f"{host}/{name}"),
            None,
            access or Access(),
            DEFAULT_LIMITS,
            resources,
            null_sink,
            patience,
        )
        return make_image(f"docker://{host}/{name}", source, resources)
    except BaseException:
        resources.close()
        raise


def check(image: Image) -> None:
    with image:
        found = analyse(image)
    assert [node.path for node in found.tree.walk()] == ["a", "b"]
    assert [scan.blob_bytes for scan in found.scans] == [len(gzip.compress(tar)) for tar in TARS]


# -- the real one -----------------------------------------------------------------------------------------------------


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    return write_files(tmp_path / "layout", FILES)


def push(layout: Path, target: str, *options: str) -> None:
    subprocess.run(
        [
            "skopeo",
            "copy",
            "-q",
            "--insecure-policy",
            "--dest-tls-verify=false",
            *options,
            f"oci:{layout}:latest",
            target,
        ],
        check=True,
        capture_output=True,
    )


@pytest.mark.engine
def test_docker_registry(tmp_path: Path, layout: Path) -> None:
    with docker_registry(tmp_path) as host:
        push(layout, f"docker://{host}/team/app:1")
        push(layout, f"docker://{host}/team/app:docker", "--format", "v2s2")
        packed = oci_files(TARS, zstandard.ZstdCompressor().compress, "+zstd")
        push(write_files(tmp_path / "zstd", packed), f"docker://{host}/team/app:zstd")
        for tag in ("1", "docker"):
            check(open_image(f"docker://{host}/team/app:{tag}", access=Access()))
        with open_image(f"docker://{host}/team/app:zstd", access=Access()) as image:
            assert [node.path for node in analyse(image).tree.walk()] == ["a", "b"]
        manifest = json.loads(FILES["index.json"])["manifests"][0]["digest"]
        check(open_image(f"docker://{host}/team/app@{manifest}", access=Access()))
        check(open_image(f"{host}/team/app:1", access=Access(docker_host=f"unix://{tmp_path}/none")))
        with pytest.raises(NetworkError, match="not found") as caught:
            open_image(f"docker://{host}/team/app:none", access=Access())
        assert caught.value.hint and "manifest unknown" in str(caught.value)


@pytest.mark.engine
def test_docker_registry_with_password(tmp_path: Path, layout: Path) -> None:
    with docker_registry(tmp_path, password=True) as host:
        good = Access(auth_files=(auth_file(tmp_path / "config.json", host),))
        push(layout, f"docker://{host}/app", "--dest-authfile", str(good.auth_files[0]))
        check(open_image(f"docker://{host}/app", access=good))
        with pytest.raises(NetworkError, match="user and a password") as caught:
            open_image(f"docker://{host}/app", access=Access())
        assert caught.value.hint == f"docker login {host}"
        bad = Access(auth_files=(auth_file(tmp_path / "bad.json", host, password="wrong"),))
        with pytest.raises(NetworkError, match="401"):
            open_image(f"docker://{host}/app", access=bad)


@pytest.mark.engine
def test_multi_platform_index(tmp_path: Path) -> None:
    with docker_registry(tmp_path) as host:
        entries = []
        for architecture in ("amd64", "arm64"):
            files = oci_files([layer_tar([Operation("file", architecture, b"x")])])
            folder = write_files(tmp_path / architecture, files)
            push(folder, f"docker://{host}/app:{architecture}")
            entry = json.loads(files["index.json"])["manifests"][0]
            del entry["annotations"]
            entries.append({**entry, "platform": {"architecture": architecture, "os": "linux"}})
        kind = "application/vnd.oci.image.index.v1+json"
        body = json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": entries})
        subprocess.run(
            [
                "curl",
                "-sSf",
                "-X",
                "PUT",
                "-H",
                f"Content-Type: {kind}",
                "-d",
                body,
                f"http://{host}/v2/app/manifests/all",
            ],
            check=True,
            capture_output=True,
            env={**os.environ, "no_proxy": "*"},
        )
        for platform in ("linux/amd64", "arm64"):
            with open_image(f"docker://{host}/app:all", access=Access(), platform=platform) as image:
                assert [node.path for node in analyse(image).tree.walk()] == [platform.rpartition("/")[2]]
        with pytest.raises(ImageError, match="s390x"):
            open_image(f"docker://{host}/app:all", access=Access(), platform="s390x")


# -- credentials ------------------------------------------------------------------------------------------------------


def test_bearer_token_by_password_and_by_identity_token(tmp_path: Path) -> None:
    registry = FakeRegistry(FILES, token="tok-1", identity_token="refresh-me")
    with serving(registry) as host:
        access = Access(auth_files=(auth_file(tmp_path / "config.json", host),))
        check(pull(host, access))
        assert registry.seen["/token"] == 1
        (tmp_path / "identity.json").write_text(
            json.dumps({"auths": {host: {"identitytoken": "refresh-me"}}})
        )
        check(pull(host, Access(auth_files=(tmp_path / "identity.json",))))
        assert registry.seen["oauth"] == 1
        with pytest.raises(NetworkError, match=r"no token \(401\)"):
            pull(host, Access())


def test_an_expired_token_is_renewed_once(tmp_path: Path) -> None:
    registry = FakeRegistry(FILES, token="first")
    with serving(registry) as host:
        image = pull(host, Access(auth_files=(auth_file(tmp_path / "config.json", host),)))
        registry.token = "second"
        check(image)


def test_credential_helpers_and_stores(tmp_path: Path) -> None:
    registry = FakeRegistry(FILES, token="tok", identity_token="idt")
    with serving(registry) as host:
        answer = json.dumps({"ServerURL": host, "Username": "<token>", "Secret": "idt"})
        environ = helper_program(tmp_path, "vault", {host: answer})
        path = tmp_path / "config.json"
        for settings in ({"credHelpers": {host: "vault"}}, {"credsStore": "vault"}):
            path.write_text(json.dumps(settings))
            check(pull(host, Access(auth_files=(path,), helper_environment=environ)))
        path.write_text(json.dumps({"credHelpers": {host: "absent"}}))
        with pytest.raises(UsageError, match="docker-credential-absent is not installed"):
            pull(host, Access(auth_files=(path,), helper_environment=environ))
        path.write_text(json.dumps({"credHelpers": {host: "../../bin/sh"}}))
        with pytest.raises(UsageError, match="not the name of a credential helper"):
            pull(host, Access(auth_files=(path,), helper_environment=environ))
        path.write_text("{ broken")
        with pytest.raises(UsageError, match="broken JSON"):
            pull(host, Access(auth_files=(path,)))


def test_credentials_go_nowhere_else(tmp_path: Path) -> None:
    heard: list[str | None] = []

    def overhear(request: Request) -> bool:
        heard.append(request.headers.get("Authorization"))
        return False

    storage = FakeRegistry(FILES, answer=overhear)
    with serving(storage) as elsewhere:

        def redirect(request: Request) -> bool:
            if "/blobs/" not in request.path or not request.headers.get("Authorization"):
                return False
            request.reply(307, Location=f"http://{elsewhere}{request.path}")
            return True

        registry = FakeRegistry(FILES, token="tok", answer=redirect)
        with serving(registry) as host:
            check(pull(host, Access(auth_files=(auth_file(tmp_path / "config.json", host),))))
    assert heard and set(heard) == {None}


def test_environment_gives_the_files_that_the_engines_use(tmp_path: Path) -> None:
    environ = {
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        "DOCKER_CONFIG": str(tmp_path / "d"),
    }
    found = access_from_environment(environ, user=1000)
    assert found.auth_files == (
        tmp_path / "run/containers/auth.json",
        tmp_path / ".config/containers/auth.json",
        tmp_path / "d/config.json",
    )
    assert found.stores[0].graph_root == tmp_path / ".local/share/containers/storage"
    only = access_from_environment({**environ, "REGISTRY_AUTH_FILE": "/x.json"}, user=1000)
    assert only.auth_files == (Path("/x.json"),)


# -- mirrors ----------------------------------------------------------------------------------------------------------


def test_mirrors_are_tried_first_and_the_registry_last() -> None:
    empty = FakeRegistry(
        FILES, answer=lambda request: "/manifests/" in request.path and not request.reply(404)
    )
    events: list[Event] = []
    with serving(empty) as mirror, serving(FakeRegistry(FILES)) as host:
        rule = RegistryRule(host, "", (f"{mirror}/cache",), frozenset())
        with ExitStack() as resources:
            registry_module.open_registry(
                parse_name(f"{host}/app"),
                None,
                Access(registries=(rule,)),
                DEFAULT_LIMITS,
                resources,
                events.append,
                QUICK,
            )
        assert empty.seen["/v2/cache/app/manifests/latest"] == 1
    assert any(event.level == "warning" and mirror in event.message for event in events)


def test_rules_of_registries_conf(tmp_path: Path) -> None:
    conf = tmp_path / "registries.conf"
    conf.write_text(
        """
        [[registry]]
        prefix = "docker.io/library"
        location = "inside.example:5000/hub"
        insecure = true
        [[registry.mirror]]
        location = "near.example/m"
        [[registry]]
        location = "bad.example"
        blocked = true
        """
    )
    environ = {
        "HOME": str(tmp_path),
        "CONTAINERS_REGISTRIES_CONF": str(conf),
        "TARE_REGISTRY_MIRRORS": "ghcr.io=http://g:1",
    }
    access = access_from_environment(environ)
    assert endpoints_of(parse_name("python:3.11"), access) == [
        ("near.example", "m/python", False),
        ("inside.example:5000", "hub/python", True),
    ]
    assert endpoints_of(parse_name("bitnami/redis"), access) == [
        ("registry-1.docker.io", "bitnami/redis", False)
    ]
    assert endpoints_of(parse_name("ghcr.io/a/b"), access) == [
        ("g:1", "a/b", True),
        ("ghcr.io", "a/b", False),
    ]
    with pytest.raises(ImageError, match="blocked"):
        endpoints_of(parse_name("bad.example/x"), access)
    with pytest.raises(UsageError):
        access_from_environment({"TARE_REGISTRY_MIRRORS": "nonsense"})


# -- failures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ranges", [True, False])
def test_broken_connections_resume(ranges: bool) -> None:
    registry = FakeRegistry(FILES, ranges=ranges, cut_after=300_000 if ranges else 0)
    with serving(registry) as host:
        image = pull(host)
        blob = image.open_blob(image.layers[0])
        whole = blob.read()
        assert digest(whole) == image.layers[0].digest
        blob.seek(400_000)
        assert blob.read(10) == whole[400_000:400_010]
        check(image)


def test_no_progress_is_an_error() -> None:
    def empty(request: Request) -> bool:
        if "/blobs/" not in request.path or request.path.endswith(digest_of_config()):
            return False
        request.send_response(200)
        request.send_header("Content-Length", "5000")
        request.end_headers()
        request.close_connection = True
        return True

    with (
        serving(FakeRegistry(FILES, answer=empty)) as host,
        pytest.raises(NetworkError, match="breaks off after 0"),
    ):
        analyse(pull(host))


def digest_of_config() -> str:
    name = json.loads(FILES["index.json"])["manifests"][0]["digest"]
    return str(json.loads(FILES["blobs/" + name.replace(":", "/")])["config"]["digest"])


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_statuses(status: int) -> None:
    body = json.dumps({"errors": [{"code": "DENIED", "message": "because\x1b[31m"}]}).encode()

    def refuse(request: Request) -> bool:
        if "/manifests/" not in request.path:
            return False
        request.reply(status, body, WWW_Authenticate="Basic realm=x")
        return True

    registry = FakeRegistry(FILES, answer=refuse)
    with serving(registry) as host, pytest.raises(NetworkError) as caught:
        pull(host)
    assert caught.value.hint and "\x1b" not in str(caught.value)
    tries = registry.seen["/v2/app/manifests/latest"]
    assert tries == (QUICK.tries if status in (429, 500, 503) else 1)


@pytest.mark.parametrize("where", ["config", "layer", "/token"])
@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_statuses_anywhere(where: str, status: int, tmp_path: Path) -> None:
    """The same clear error at whichever request it comes; nothing is shown of the image then."""

    def refuse(request: Request) -> bool:
        place = {"config": digest_of_config(), "layer": "/blobs/"}.get(where, where)
        if place not in request.path or (where == "layer" and digest_of_config() in request.path):
            return False
        request.reply(status, b"<html>no</html>", Content_Type="text/html")
        return True

    registry = FakeRegistry(FILES, answer=refuse, token="tok" if where == "/token" else "")
    with serving(registry) as host, pytest.raises(NetworkError) as caught:
        access = Access(auth_files=(auth_file(tmp_path / "config.json", host),))
        analyse(pull(host, access))
    assert caught.value.where and "<" not in str(caught.value)


def test_retry_after_is_obeyed_up_to_a_limit() -> None:
    slept: list[float] = []
    refusals = ["2", "Wed, 21 Oct 2015 07:28:00 GMT"]

    def busy(request: Request) -> bool:
        if "/manifests/" not in request.path or not refusals:
            return False
        request.reply(429, Retry_After=refusals.pop(0))
        return True

    patience = Patience(tries=4, pause=slept.append)
    with serving(FakeRegistry(FILES, answer=busy)) as host:
        check(pull(host, patience=patience))
        assert slept == [2.0, 0.0]
        refusals.append("3600")
        with pytest.raises(NetworkError, match="429"):
            pull(host, patience=patience)
    assert len(slept) == 2 and pause_before(0, {}) < 1


@pytest.mark.parametrize("where", ["ping", "manifest", "config", "blob"])
def test_html_of_a_proxy(where: str) -> None:
    parts = {"ping": "/v2/", "manifest": "/manifests/", "config": digest_of_config(), "blob": "/blobs/"}

    def page(request: Request) -> bool:
        hit = request.path == "/v2/" if where == "ping" else parts[where] in request.path
        if where == "blob" and digest_of_config() in request.path:
            hit = False
        if hit:
            request.reply(200, b"<html>please log in</html>", Content_Type="text/html; charset=utf-8")
        return hit

    with serving(FakeRegistry(FILES, answer=page)) as host, pytest.raises(TareError) as caught:
        analyse(pull(host))
    assert isinstance(caught.value, (NetworkError, ImageError)) and caught.value.hint


def drip(request: Request, stop: threading.Event, head: bytes) -> None:
    request.wfile.write(head)
    while not stop.wait(0.2):
        try:
            request.wfile.write(b" ")
            request.wfile.flush()
        except OSError:
            break
    request.close_connection = True


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize("where", ["head", "document", "blob"])
def test_a_server_that_drips(where: str, stop: threading.Event) -> None:
    heads = {
        "head": b"HTTP/1.1 200 OK\r\nX-Slow: ",
        "document": b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{",
        "blob": b"HTTP/1.1 200 OK\r\nContent-Length: 600000\r\n\r\n",
    }
    wanted = "/blobs/" if where == "blob" else "/manifests/"

    def slow(request: Request) -> bool:
        if wanted not in request.path or digest_of_config() in request.path:
            return False
        drip(request, stop, heads[where])
        return True

    once = Patience(connect_s=2, silence_s=1, answer_s=1, window_s=1, tries=1, pause=lambda seconds: None)
    with serving(FakeRegistry(FILES, answer=slow)) as host, pytest.raises(NetworkError) as caught:
        analyse(pull(host, patience=once))
    assert "no answer within" in str(caught.value) or "bytes within" in str(caught.value)


def test_nobody_there_and_no_tls() -> None:
    with pytest.raises(NetworkError, match="cannot be reached"):
        pull("127.0.0.1:1")
    with serving(FakeRegistry(FILES)) as host:
        port = host.partition(":")[2]
        name = "localhost.localdomain"
        with pytest.raises(NetworkError):
            pull(f"{name}:{port}")  # not loopback by name: no plain HTTP


def altered(kind: str) -> dict[str, Any]:
    files = dict(FILES)
    manifest_name = "blobs/" + json.loads(files["index.json"])["manifests"][0]["digest"].replace(":", "/")
    manifest = json.loads(files[manifest_name])
    layer = "blobs/" + manifest["layers"][0]["digest"].replace(":", "/")
    match kind:
        case "layer":
            files[layer] = gzip.compress(TARS[1]) + b"\0" * (len(files[layer]) - len(gzip.compress(TARS[1])))
        case "missing":
            del files[layer]
        case "config":
            name = "blobs/" + digest_of_config().replace(":", "/")
            files[name] = files[name].replace(b"amd64", b"arm64")
        case "foreign":
            manifest["layers"][0]["urls"] = ["https://files.example/layer"]
            del files[layer]
            raw = json.dumps(manifest).encode()
            index = json.loads(files["index.json"])
            index["manifests"][0]["digest"] = digest(raw)
            files["index.json"] = json.dumps(index).encode()
            files["blobs/" + digest(raw).replace(":", "/")] = raw
        case "schema 1":
            files[manifest_name] = b'{"schemaVersion": 1, "name": "app", "fsLayers": []}'
        case "huge":
            files[manifest_name] = b" " * (Limits().manifest_bytes + 1)
    return files


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("layer", "wrong digest"),
        ("missing", "not found"),
        ("config", "wrong digest"),
        ("foreign", "foreign"),
        ("schema 1", "schema 1"),
        ("huge", "more than"),
    ],
)
def test_altered_content(kind: str, said: str) -> None:
    with serving(FakeRegistry(altered(kind))) as host, pytest.raises(TareError, match=said) as caught:
        analyse(pull(host))
    assert caught.value.where and caught.value.hint
