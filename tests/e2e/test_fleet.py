"""Fleets on real parts: Docker's registry, and a Dask cluster of several processes on loopback that loses some of them."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tare.api._fleet import FleetOptions, fleet
from tare.core.errors import EngineError
from tare.image.access import Access
from tare.image.sources.patience import Patience
from tests.support.fleet import app_layers, base_layer, push_all, small_fleet
from tests.support.registries import (
    PASSWORD,
    USER,
    Request,
    auth_file,
    docker_registry,
    free_port,
    serving,
)

OPTIONS = FleetOptions(workers=1, patience=Patience(tries=2, longest_pause_s=0.05))


@dataclass
class Cluster:
    """A scheduler and workers, each a process of its own."""

    log: Path
    port: int = field(default_factory=free_port)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Of the scheduler."""
        return f"tcp://127.0.0.1:{self.port}"

    def start(self, workers: int) -> None:
        """The scheduler, and so many workers."""
        self._run("scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")
        for _ in range(workers):
            words = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")
            self._run("worker", self.address, *words, "--death-timeout", "60")

    def _run(self, *words: str) -> None:
        environ = {**os.environ, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s"}
        with self.log.open("ab") as log:
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "dask", *words],
                    stdout=log,
                    stderr=log,
                    env=environ,
                    cwd=self.log.parent,
                )
            )

    def kill(self, place: int) -> None:
        """End one without a chance to say goodbye; 0 is the scheduler."""
        self.processes[place].send_signal(signal.SIGKILL)
        self.processes[place].wait()

    def stop(self) -> None:
        """End all."""
        for process in self.processes:
            process.kill()
            process.wait()
        self.processes.clear()


@contextmanager
def cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """A cluster that runs."""
    one = Cluster(folder / "dask.log")
    one.start(workers)
    try:
        yield one
    finally:
        one.stop()


def after(layers: set[str], count: int, act: Callable[[], None]) -> Callable[[Request], bool]:
    """A registry's answer that does something once, when so many layers were asked for."""
    lock, seen = threading.Lock(), 0

    def answer(request: Request) -> bool:
        nonlocal seen
        if request.command == "GET" and request.path.rpartition("/")[2] in layers:
            with lock:
                seen += 1
                if seen == count:
                    act()
        return False

    return answer


def test_a_cluster_that_loses_a_worker_loses_nothing_and_counts_nothing_twice(tmp_path: Path) -> None:
    fake = small_fleet(8)
    with serving(fake.registry) as host:
        clean = fleet([f"catalog:{host}"], tmp_path / "clean", options=OPTIONS)
        with cluster(tmp_path) as dask:
            fake.answer = after(fake.layer_digests(), 5, lambda: dask.kill(1))
            options = replace(OPTIONS, scheduler=dask.address, per_registry=8)
            report = fleet([f"catalog:{host}"], tmp_path / "cluster", options=options)
    assert report.complete and report.work.where == f"Dask at {dask.address}"
    assert report.work.layers_read == len(fake.layer_digests())
    assert replace(report, work=clean.work) == clean


def test_a_scheduler_that_is_killed_stops_the_run_and_the_next_goes_on(tmp_path: Path) -> None:
    fake = small_fleet(8)
    store = tmp_path / "store"
    with serving(fake.registry) as host, cluster(tmp_path, workers=1) as dask:
        options = replace(OPTIONS, scheduler=dask.address)
        fake.answer = after(fake.layer_digests(), 8, lambda: dask.kill(0))
        started = time.monotonic()
        with pytest.raises(EngineError, match="scheduler is gone") as caught:
            fleet([f"catalog:{host}"], store, options=options)
        assert time.monotonic() - started < 120 and "run the same command again" in (caught.value.hint or "")
        dask.stop()
        dask.start(1)
        report = fleet([f"catalog:{host}"], store, options=options)
        clean = fleet([f"catalog:{host}"], tmp_path / "clean", options=OPTIONS)
    assert report.complete and report.work.resumed and report.work.layers_known > 0
    assert report.work.layers_read + report.work.layers_known == len(fake.layer_digests())
    assert replace(report, work=clean.work) == clean


def test_no_scheduler_is_one_clear_error(tmp_path: Path) -> None:
    fake = small_fleet(1)
    options = replace(OPTIONS, scheduler=f"tcp://127.0.0.1:{free_port()}", scheduler_s=1.0)
    with serving(fake.registry) as host, pytest.raises(EngineError, match="cannot be reached"):
        fleet([f"catalog:{host}"], tmp_path, options=options)


@pytest.mark.engine
def test_a_real_registry_by_catalogue_list_and_manifest(tmp_path: Path) -> None:
    base = base_layer()
    images = {
        "base/debian:12": [base],
        "team/web:1": [base, *app_layers(1)],
        "team/web:2": [base, *app_layers(2)],
    }
    with docker_registry(tmp_path) as host:
        push_all(tmp_path, host, images)
        report = fleet([f"catalog:{host}"], tmp_path / "store", options=replace(OPTIONS, workers=2))
        assert report.complete and report.totals.images == 3 and report.work.layers_read == 5
        assert report.bases[0].name == f"docker://{host}/base/debian:12" and report.bases[0].images == 2
        again = fleet([f"catalog:{host}"], tmp_path / "store", options=OPTIONS)
        assert again.work.names_unchanged == 3 and again.work.layers_read == 0
        (tmp_path / "pod.yaml").write_text(
            f"kind: Pod\nspec: {{containers: [{{name: a, image: '{host}/team/web:2'}}]}}\n"
        )
        pod = fleet([str(tmp_path / "pod.yaml")], tmp_path / "store", options=OPTIONS)
        assert pod.complete and pod.totals.images == 1 and pod.work.layers_read == 0
        team = fleet([f"catalog:{host}/team"], tmp_path / "s2", options=replace(OPTIONS, newest=1))
        assert [image.names for image in team.images] == [(f"docker://{host}/team/web:2",)]


@pytest.mark.engine
def test_a_registry_with_a_password_is_read_with_the_users_login(tmp_path: Path) -> None:
    images = {"team/a:1": [base_layer()], "team/b:1": [base_layer(), *app_layers(1)]}
    with docker_registry(tmp_path, password=True) as host:
        push_all(tmp_path, host, images, "--dest-creds", f"{USER}:{PASSWORD}")
        stranger = fleet([f"catalog:{host}"], tmp_path / "s1", options=OPTIONS)
        assert not stranger.complete and "docker login" in stranger.missing[0].hint
        access = Access(auth_files=(auth_file(tmp_path / "auth.json", host),))
        report = fleet(
            [f"catalog:{host}"], tmp_path / "s2", access=access, options=replace(OPTIONS, workers=2)
        )
    assert report.complete and report.totals.images == 2 and report.work.layers_read == 3
