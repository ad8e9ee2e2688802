import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import pytest
import uv

from tare.core.errors import NetworkError, ProjectError, ResolutionError, UsageError
from tare.knowledge.estimate import EnvironmentEstimate, estimate_environment
from tare.knowledge.index_settings import IndexSettings
from tests.support.package_index import IndexServer, make_sdist, make_wheel, serve_index

SOURCE = b"def answer():\n    return 42\n" * 2000
FILES = dict(
    [
        make_wheel("app-base", "1.0", requires=["native>=1", "only-on-windows; sys_platform == 'win32'"]),
        make_wheel(
            "native", "1.0", "cp311-cp311-manylinux2014_x86_64", files={"native.so": os.urandom(90_000)}
        ),
        make_wheel("native", "2.0", "cp311-cp311-manylinux2014_x86_64", files={"native.py": SOURCE}),
        make_wheel("native", "2.0", "cp311-cp311-musllinux_1_1_x86_64"),
        make_wheel("only-on-windows", "1.0"),
        make_wheel("new-python", "1.0", "cp313-cp313-manylinux2014_x86_64"),
        make_sdist("source", "1.0", requires=["plain"]),
        make_wheel("plain", "1.0"),
        make_wheel("torchlike", "2.0", files={"big.py": SOURCE}),
    ]
)


@pytest.fixture(scope="module")
def shared() -> Iterator[IndexServer]:
    with serve_index(FILES) as running:
        yield running


@pytest.fixture
def server(shared: IndexServer) -> IndexServer:
    shared.json_api = shared.sizes = shared.ranges = True
    shared.failures.clear()
    shared.requests.clear()
    return shared


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    home = tmp_path_factory.mktemp("home")
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "UV_CACHE_DIR": str(home / "cache"),
        "NO_PROXY": "127.0.0.1",
    }


def _estimate(
    server: IndexServer, environ: Mapping[str, str], *lines: str, find_links: tuple[str, ...] = ()
) -> EnvironmentEstimate:
    return estimate_environment(
        lines=lines,
        python_version="3.11",
        settings=IndexSettings(server.simple),
        find_links=find_links,
        environ=environ,
        client=httpx.Client(trust_env=False),
    )


def _installed_bytes(server: IndexServer, environ: Mapping[str, str], target: Path, *lines: str) -> int:
    subprocess.run(
        [uv.find_uv_bin(), "pip", "install", "-q", "--no-config", "--default-index", server.simple,
         "--target", str(target), "--python-version", "3.11", "--python-platform", "x86_64-manylinux_2_36", *lines],
        env=environ, check=True,
    )  # fmt: skip
    return sum(path.stat().st_size for path in target.rglob("*") if path.is_file() and path.name != ".lock")


def test_the_estimate_holds_what_is_installed(
    server: IndexServer, environ: Mapping[str, str], tmp_path: Path
) -> None:
    estimate = _estimate(server, environ, "app-base", "torchlike")
    assert {(p.name, p.version) for p in estimate.packages} == {
        ("app-base", "1.0"),
        ("native", "2.0"),
        ("torchlike", "2.0"),
    }
    assert estimate.complete
    assert estimate.compressed.basis == "measured"
    assert estimate.compressed.value == sum(len(FILES[p.filename]) for p in estimate.packages)
    real = _installed_bytes(server, environ, tmp_path / "site", "app-base", "torchlike")
    assert estimate.uncompressed.basis == "estimated"
    assert estimate.uncompressed.value == pytest.approx(real, rel=0.02)
    assert (estimate.with_bytecode.value or 0) > real


def test_a_source_only_package_is_estimated_and_never_built(
    server: IndexServer, environ: Mapping[str, str]
) -> None:
    estimate = _estimate(server, environ, "source")
    kinds = {p.name: p.kind for p in estimate.packages}
    assert kinds == {"source": "sdist", "plain": "wheel"}
    assert estimate.compressed.basis == "estimated"
    assert (
        (estimate.uncompressed.low or 0)
        < (estimate.uncompressed.value or 0)
        < (estimate.uncompressed.high or 0)
    )


def test_without_ranges_the_range_is_wide_and_holds_the_truth(
    server: IndexServer, environ: Mapping[str, str]
) -> None:
    exact = _estimate(server, environ, "plain")
    server.ranges = False
    rough = _estimate(server, environ, "plain")
    assert "cannot be read" in rough.packages[0].uncompressed.source
    assert (rough.uncompressed.high or 0) - (rough.uncompressed.low or 0) > (
        (exact.uncompressed.high or 0) - (exact.uncompressed.low or 0)
    )


def test_what_cannot_be_sized_is_missing_and_said(server: IndexServer, environ: Mapping[str, str]) -> None:
    estimate = _estimate(server, environ, "plain", "-e .", "git+https://g.example/x")
    assert not estimate.complete
    assert [m.requirement for m in estimate.missing] == ["-e .", "git+https://g.example/x"]


def test_a_direct_wheel_url_is_sized(server: IndexServer, environ: Mapping[str, str]) -> None:
    estimate = _estimate(server, environ, f"plain @ {server.url}/files/plain-1.0-py3-none-any.whl")
    assert [p.filename for p in estimate.packages] == ["plain-1.0-py3-none-any.whl"]
    assert estimate.compressed.value == len(FILES["plain-1.0-py3-none-any.whl"])


def test_the_cpu_build_wins_where_it_is_offered_beside_the_main_index(
    server: IndexServer, environ: Mapping[str, str], tmp_path: Path
) -> None:
    name, body = make_wheel("torchlike", "2.0+cpu", files={"big.py": b""})
    (tmp_path / name).write_bytes(body)
    small = _estimate(server, environ, "torchlike==2.0", find_links=(str(tmp_path),))
    assert [p.version for p in small.packages] == ["2.0+cpu"]
    assert small.compressed.value == len(body)


def test_files_and_their_options_count(
    server: IndexServer, environ: Mapping[str, str], tmp_path: Path
) -> None:
    (tmp_path / "requirements.txt").write_text(f"--index-url {server.simple}\n-c constraints.txt\nnative\n")
    (tmp_path / "constraints.txt").write_text("native<2\n")
    estimate = estimate_environment(
        [tmp_path / "requirements.txt"],
        python_version="3.11",
        settings=IndexSettings("http://127.0.0.1:9/simple"),
        environ=environ,
        client=httpx.Client(trust_env=False),
    )
    assert [(p.name, p.version) for p in estimate.packages] == [("native", "1.0")]


def test_nothing_to_install_is_nothing(server: IndexServer, environ: Mapping[str, str]) -> None:
    estimate = _estimate(server, environ)
    assert estimate.packages == ()
    assert estimate.compressed.value == 0


@pytest.mark.parametrize(
    ("lines", "named", "hint"),
    [
        (("plain", "nowhere==1"), "nowhere==1", "spelling"),
        (("plain==7",), "plain==7", "loosen"),
        (("new-python",), "new-python", "platform"),
        (("plain", "native=!2"), "native=!2", "PEP 508"),
    ],
)
def test_an_unresolvable_requirement_is_named(
    server: IndexServer, environ: Mapping[str, str], lines: tuple[str, ...], named: str, hint: str
) -> None:
    with pytest.raises(ResolutionError) as caught:
        _estimate(server, environ, *lines)
    assert f"`{named}`" in caught.value.message
    assert caught.value.where == f"command:{len(lines)}"
    assert hint in (caught.value.hint or "")
    assert caught.value.detail
    assert "\n" not in caught.value.detail


def test_an_unreachable_index_is_a_network_error(environ: Mapping[str, str]) -> None:
    with serve_index({}) as gone:
        url = gone.simple.replace("http://", "http://user:secret@")
    with pytest.raises(NetworkError) as caught:
        estimate_environment(
            lines=["plain"],
            python_version="3.11",
            settings=IndexSettings(url),
            environ={**environ, "UV_HTTP_RETRIES": "0"},
        )
    assert "secret" not in f"{caught.value} {caught.value.detail}"


def test_bad_input_is_refused_before_anything_runs(environ: Mapping[str, str], tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        estimate_environment(lines=["plain"], python_version="2.7", environ=environ)
    with pytest.raises(ProjectError):
        estimate_environment([tmp_path / "gone.txt"], python_version="3.11", environ=environ)
