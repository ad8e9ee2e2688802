"""Whole runs over a registry that counts every request."""

import gzip
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tare.api._fleet import FleetOptions, fleet
from tare.core.errors import OutputError, UsageError
from tare.fleet.registries import Rate
from tare.fleet.store import Store
from tare.image.sources.patience import Patience
from tare.schema.fleet import FleetReport
from tests.support.fleet import FakeFleet, app_layers, base_layer, retimed, small_fleet
from tests.support.random_image import (
    Operation,
    digest,
    layer_tar,
    oci_files,
    write_docker_archive,
    write_files,
    write_tar,
)
from tests.support.registries import Request, serving

QUICK = Patience(tries=2, longest_pause_s=0.05)
OPTIONS = FleetOptions(workers=1, patience=QUICK)


def run(fake: FakeFleet, host: str, store: Path, options: FleetOptions = OPTIONS) -> FleetReport:
    return fleet([f"catalog:{host}"], store, options=options)


def test_each_layer_is_read_once_and_an_unchanged_fleet_reads_nothing(tmp_path: Path) -> None:
    fake = small_fleet()
    with serving(fake.registry) as host:
        first = run(fake, host, tmp_path)
        asked = fake.blob_requests()
        assert {asked[name] for name in fake.layer_digests()} == {1}
        fake.registry.seen.clear()
        second = run(fake, host, tmp_path)
    assert first.complete and first.totals.images == 6 and first.work.layers_read == 11
    assert not fake.blob_requests() and not any(
        "manifests" in one and "HEAD" not in one for one in fake.registry.seen
    )
    assert second.work.layers_read == 0 and second.work.workers == 0 and second.work.names_unchanged == 6
    assert replace(second, work=first.work, trend=None) == first
    assert second.trend is not None and second.trend.stored_bytes == 0 and second.trend.complete


def test_the_figures(tmp_path: Path) -> None:
    fake = small_fleet()
    with serving(fake.registry) as host:
        report = run(fake, host, tmp_path)
    sizes = {name: sum(_file_bytes(tar) for tar in tars) for name, tars in fake.images.items()}
    distinct = {digest(tar): _file_bytes(tar) for tars in fake.images.values() for tar in tars}
    assert report.totals.images_bytes == sum(sizes.values())
    assert report.totals.stored_bytes == sum(distinct.values())
    blobs = {digest(gzip.compress(tar, mtime=0)): tar for tars in fake.images.values() for tar in tars}
    assert report.totals.stored_compressed.value == sum(len(fake.blobs[name]) for name in blobs)
    assert report.totals.stored_compressed.basis == "measured"
    (base,) = report.bases
    assert (base.name, base.known_by, base.images, base.direct) == (
        f"docker://{host}/base/debian:12",
        "compared",
        5,
        5,
    )
    assert base.freeable_bytes == 80_000 and base.saved_pull_bytes.value == 5 * (
        base.freeable_compressed.value or 0
    )
    vim = next(one for one in report.packages if one.name == "vim")
    assert (vim.images, vim.images_bytes, vim.stored_bytes) == (6, 300_000, 50_000)
    deleted = next(one for one in report.waste if one.name == "whiteout")
    assert deleted.images == 5 and deleted.stored_bytes == sum(10_000 + number for number in range(5))
    assert (
        sum(image.own_bytes for image in report.images)
        == sum(distinct.values()) - distinct[digest(base_layer())]
    )


def test_what_one_image_still_needs_is_not_freeable_of_a_shared_layer(tmp_path: Path) -> None:
    base = layer_tar([Operation("file", "data", b"d" * 9000)])
    images = {"keeps:1": [base], "drops:1": [base, layer_tar([Operation("whiteout", "data")])]}
    fake = FakeFleet(images)
    with serving(fake.registry) as host:
        report = run(fake, host, tmp_path)
    (waste,) = report.waste
    assert waste.images_bytes == 9000 and waste.stored_bytes == 0 and report.totals.freeable_bytes == 0


def test_layers_that_differ_by_times_only_are_twins(tmp_path: Path) -> None:
    layer = layer_tar([Operation("file", "opt/model", b"m" * 5000)])
    other = layer_tar([Operation("file", "opt/model", b"n" * 5000)])
    fake = FakeFleet({"a:1": [layer], "b:1": [retimed(layer)], "c:1": [other]})
    with serving(fake.registry) as host:
        report = run(fake, host, tmp_path)
    (twins,) = report.twins
    assert (twins.kind, len(twins.layers), twins.images, twins.wasted_bytes) == ("time-stamps", 2, 2, 5000)


def test_a_tag_that_moves_between_two_requests_is_read_as_it_was(tmp_path: Path) -> None:
    fake = small_fleet(1)
    before = fake.tags["team/app0:1"]
    moved = threading.Event()

    def answer(request: Request) -> bool:
        if request.command == "GET" and "/team/app0/manifests/" in request.path and not moved.is_set():
            moved.set()
            fake.push("team/app0:1", [base_layer(), *app_layers(20)])
        return False

    fake.answer = answer
    with serving(fake.registry) as host:
        report = run(fake, host, tmp_path)
        assert moved.is_set() and report.complete
        assert before in {image.digest for image in report.images}
        again = run(fake, host, tmp_path)
    assert before not in {image.digest for image in again.images}
    assert again.trend is not None and (again.trend.new_images, again.trend.gone_images) == (1, 1)
    assert again.work.layers_read == 2


@pytest.mark.parametrize("lie", ["altered", "cut", "absent", "limit"])
def test_a_registry_that_lies_about_a_layer_leaves_that_image_out_and_says_so(
    tmp_path: Path, lie: str
) -> None:
    fake = small_fleet(3)
    bad = digest(gzip.compress(app_layers(1)[0], mtime=0))

    def answer(request: Request) -> bool:
        if not request.path.endswith(bad):
            return False
        blob = fake.blobs[bad]
        if lie == "altered":
            request.reply(200, blob[:-9] + bytes([blob[-9] ^ 1]) + blob[-8:])
        elif lie == "cut":
            request.send_response(200)
            request.send_header("Content-Length", str(len(blob)))
            request.end_headers()
            request.wfile.write(blob[:20])
            request.close_connection = True
            request.connection.shutdown(2)
        elif lie == "limit":
            request.reply(429, b"", Retry_After="3600")
        else:
            request.reply(404)
        return True

    fake.answer = answer
    with serving(fake.registry) as host:
        report = run(fake, host, tmp_path)
        assert not report.complete
        assert {one.stage for one in report.missing} == {"read", "survey"}
        assert any("team/app1:1" in one.what for one in report.missing)
        assert report.totals.images == 3 and not any("app1" in image.names[0] for image in report.images)
        fake.answer = lambda request: False
        again = run(fake, host, tmp_path)
    assert again.complete and again.work.layers_read == 1 and again.totals.images == 4
    assert again.trend is not None and not again.trend.complete


def test_a_layer_that_one_repository_lost_is_read_from_another(tmp_path: Path) -> None:
    fake = small_fleet(3)
    base = digest(gzip.compress(base_layer(), mtime=0))
    refused = []

    def answer(request: Request) -> bool:
        if request.path.endswith(base) and not refused:
            refused.append(request.path)
            request.reply(404)
            return True
        return False

    fake.answer = answer
    with serving(fake.registry) as host:
        report = run(fake, host, tmp_path)
    assert refused and report.complete


def test_rate_limits_are_waited_for(tmp_path: Path) -> None:
    fake = small_fleet(2)
    waited: set[str] = set()

    def answer(request: Request) -> bool:
        if request.path in waited or request.path == "/v2/":
            return False
        waited.add(request.path)
        request.reply(429, b"", Retry_After="0")
        return True

    fake.answer = answer
    with serving(fake.registry) as host:
        report = run(fake, host, tmp_path)
    assert report.complete and report.totals.images == 3


@pytest.mark.parametrize("kind", ["endless", "html", "forbidden"])
def test_a_catalogue_that_cannot_be_listed_is_no_whole_fleet(tmp_path: Path, kind: str) -> None:
    fake = small_fleet(1)

    def answer(request: Request) -> bool:
        if "/_catalog" not in request.path:
            return False
        if kind == "endless":
            request.reply(200, b'{"repositories": ["team/app0"]}', Link='</v2/_catalog?last=x>; rel="next"')
        elif kind == "html":
            request.reply(200, b"<html>", Content_Type="text/html")
        else:
            request.reply(403)
        return True

    fake.answer = answer
    with serving(fake.registry) as host:
        report = run(fake, host, tmp_path)
    assert not report.complete and report.missing[0].stage == "list"


def test_requests_to_one_registry_are_limited(tmp_path: Path) -> None:
    fake = small_fleet(6)
    lock, now, most = threading.Lock(), 0, 0

    def answer(request: Request) -> bool:
        nonlocal now, most
        if "/blobs/" in request.path:
            with lock:
                now += 1
                most = max(most, now)
            time.sleep(0.02)
            with lock:
                now -= 1
        return False

    fake.answer = answer
    with serving(fake.registry) as host:
        run(fake, host, tmp_path, replace(OPTIONS, workers=2, per_registry=1))
    assert most == 1


def test_archives_are_known_by_their_file_and_a_changed_one_is_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(2):
        write_docker_archive(folder / f"{number}.tar", [base_layer(), *app_layers(number)])
    first = fleet([str(folder)], tmp_path / "store", options=OPTIONS)
    assert first.complete and first.work.layers_read == 5
    write_docker_archive(folder / "1.tar", [base_layer(), *app_layers(7)])
    second = fleet([str(folder)], tmp_path / "store", options=OPTIONS)
    assert second.work.layers_read == 2 and second.work.names_unchanged == 1


def test_every_image_of_a_layout_counts_and_an_archive_of_several_is_not_whole(tmp_path: Path) -> None:
    one, two = oci_files([base_layer()]), oci_files([base_layer(), *app_layers(1)])
    roots = [json.loads(files["index.json"])["manifests"][0] for files in (one, two)]
    for root, name in zip(roots, ("v1", "v2"), strict=True):
        root["annotations"] = {"org.opencontainers.image.ref.name": name}
        root["platform"] = {"architecture": "amd64", "os": "linux"}
    files = {**one, **two, "index.json": json.dumps({"schemaVersion": 2, "manifests": roots}).encode()}
    write_files(tmp_path / "images" / "layout", files)
    options = replace(OPTIONS, platform="linux/amd64")
    whole = fleet([str(tmp_path / "images")], tmp_path / "s1", options=options)
    assert whole.complete and whole.totals.images == 2
    write_tar(tmp_path / "images" / "several.tar", files)
    part = fleet([str(tmp_path / "images")], tmp_path / "s2", options=options)
    assert not part.complete and part.totals.images == 2 and ":v1, :v2" in part.missing[0].hint


KILLED = """
import sys
from pathlib import Path
from tare.api._fleet import FleetOptions, fleet
from tare.image.sources.patience import Patience
if __name__ == "__main__":
    fleet([f"catalog:{sys.argv[1]}"], Path(sys.argv[2]), options=FleetOptions(workers=1, patience=Patience(tries=2)))
"""


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    fake = small_fleet(6)
    script, store = tmp_path / "run.py", tmp_path / "store"
    script.write_text(KILLED)
    served = 0
    gate = threading.Event()

    def answer(request: Request) -> bool:
        nonlocal served
        if request.command == "GET" and request.path.rpartition("/")[2] in layers:
            served += 1
            if served > 6 and not gate.is_set():
                gate.wait(20)
        return False

    layers = fake.layer_digests()
    fake.answer = answer
    with serving(fake.registry) as host:
        process = subprocess.Popen([sys.executable, str(script), host, str(store)], start_new_session=True)
        while served <= 6:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        gate.set()
        kept = _count(store / "fleet.sqlite", "layer")
        assert 3 <= kept < len(layers)
        fake.registry.seen.clear()
        report = run(fake, host, store)
        assert report.complete and report.work.resumed
        assert report.work.layers_read == len(layers) - kept and report.work.layers_known == kept
        clean = run(fake, host, tmp_path / "clean")
    assert replace(report, work=clean.work) == clean


def test_a_worker_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    fake = small_fleet(4)
    layers = fake.layer_digests()
    killed = threading.Event()

    def answer(request: Request) -> bool:
        if request.path.rpartition("/")[2] in layers and not killed.is_set():
            killed.set()
            _kill_workers()
        return False

    fake.answer = answer
    with serving(fake.registry) as host:
        report = run(fake, host, tmp_path / "killed", replace(OPTIONS, workers=2))
        clean = run(fake, host, tmp_path / "clean")
    assert killed.is_set() and report.complete
    assert replace(report, work=clean.work) == clean


def test_a_layer_that_kills_its_worker_twice_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    fake = small_fleet(3)
    bad = digest(gzip.compress(app_layers(1)[0], mtime=0))

    def answer(request: Request) -> bool:
        if request.path.endswith(bad):
            _kill_workers()
        return False

    fake.answer = answer
    with serving(fake.registry) as host:
        report = run(fake, host, tmp_path, replace(OPTIONS, workers=2))
    assert [one.what for one in report.missing if one.stage == "read"] == [bad]
    assert "killed" in report.missing[0].message and report.totals.images == 3


def test_a_rate_spreads_requests() -> None:
    rate = Rate(50)
    started = time.monotonic()
    threads = [threading.Thread(target=rate.wait) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - started >= 5 / 50


def test_two_runs_do_not_share_a_store(tmp_path: Path) -> None:
    with Store(tmp_path), pytest.raises(UsageError, match="another run"):
        Store(tmp_path)


def test_a_full_disk_stops_with_a_hint_and_the_next_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = small_fleet(3)
    made = Store._prepare

    def small(self: Store) -> None:
        made(self)
        pages = self._db.execute("PRAGMA page_count").fetchone()[0]
        self._db.execute(f"PRAGMA max_page_count = {pages}")  # SQLite's own "database or disk is full"

    with serving(fake.registry) as host:
        with monkeypatch.context() as patch:
            patch.setattr(Store, "_prepare", small)
            with pytest.raises(OutputError, match="full") as caught:
                run(fake, host, tmp_path)
        assert caught.value.hint and "run again" in caught.value.hint
        report = run(fake, host, tmp_path)
        assert report.complete and report.work.resumed


def _kill_workers() -> None:
    for child in _children(os.getpid()):
        with suppress(OSError):
            if b"spawn_main" in (Path("/proc") / str(child) / "cmdline").read_bytes():
                os.kill(child, signal.SIGKILL)


def _children(parent: int) -> list[int]:
    found = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(word) for one in found for word in one.read_text().split()]


def _count(path: Path, table: str) -> int:
    with sqlite3.connect(path) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def _file_bytes(tar: bytes) -> int:
    import io
    import tarfile

    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        return sum(info.size for info in archive)
