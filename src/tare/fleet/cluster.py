"""The same tasks on a Dask cluster (extra `fleet`). Workers need this version of tare, and credentials of their own for the
registries; they need no shared file system, unless the fleet is one of files."""

import time
from queue import Empty, SimpleQueue

from distributed import Client, Future
from distributed.client import FutureCancelledError
from distributed.scheduler import KilledWorker

from tare import __version__
from tare.core.errors import EngineError
from tare.fleet.executors import DIED
from tare.fleet.tasks import Outcome, Task
from tare.fleet.work import perform

_TICK_S = 2.0
_GONE_S = 60.0


class DaskCluster:
    """A cluster by its scheduler's address. A task whose worker is killed is done again elsewhere; its answer is taken
    once."""

    def __init__(self, address: str, *, timeout_s: float = 30.0) -> None:
        self._address = address
        try:
            self._client = Client(address, timeout=timeout_s, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise EngineError(
                f"the scheduler cannot be reached: {error}",
                where=address,
                hint="dask scheduler; dask worker ADDRESS",
            ) from error
        self._flying: dict[Future, Task] = {}
        self._done: SimpleQueue[Future] = SimpleQueue()
        self._number = 0
        self.where = f"Dask at {address}"
        self.slots = self._workers()

    def _workers(self) -> int:
        try:
            self._client.wait_for_workers(1, timeout=30)
            versions = self._client.run(_version)
        except (TimeoutError, OSError, ImportError, ModuleNotFoundError) as error:
            self.close()
            raise EngineError(
                f"no worker can be used: {error}",
                where=self._address,
                hint=f"start workers that have tare-image {__version__} installed: dask worker {self._address}",
            ) from error
        other = {worker: version for worker, version in versions.items() if version != __version__}
        if other:
            self.close()
            worker, version = next(iter(other.items()))
            raise EngineError(
                f"worker {worker} has tare {version}, this is {__version__}",
                where=self._address,
                hint="install one version everywhere",
            )
        threads: int = sum(self._client.nthreads().values())
        return max(1, threads)

    def submit(self, task: Task) -> None:
        """Take a task."""
        self._number += 1
        future = self._client.submit(perform, task, key=f"tare-{self._number}-{task.id}", pure=False)
        self._flying[future] = task
        future.add_done_callback(self._done.put)

    def next(self) -> tuple[Task, Outcome]:
        """Wait for an answer. Raises `EngineError` when the scheduler is gone."""
        silent_since: float | None = None
        while True:
            try:
                return self._take(self._done.get(timeout=_TICK_S))
            except Empty:
                pass
            if self._client.status == "running":
                silent_since = None
                continue
            silent_since = silent_since or time.monotonic()
            if self._client.status == "closed" or time.monotonic() - silent_since > _GONE_S:
                raise self._gone()

    def _take(self, future: Future) -> tuple[Task, Outcome]:
        task = self._flying.pop(future)
        try:
            return task, self._result(future)
        except KilledWorker:
            return task, DIED
        finally:
            future.release()

    def _result(self, future: Future) -> Outcome:
        """An answer that is there; where its worker went with it, wait until another made it again."""
        while True:
            try:
                outcome: Outcome = future.result(timeout=_GONE_S)
                return outcome
            except TimeoutError as error:
                if self._client.status != "running":
                    raise self._gone() from error
            except (FutureCancelledError, OSError) as error:
                raise self._gone() from error

    def _gone(self) -> EngineError:
        return EngineError(
            "the scheduler is gone, or gave the work up",
            where=self._address,
            hint="start it and run the same command again: what was read is kept",
        )

    def close(self) -> None:
        """Give up what runs, and disconnect."""
        if self._client.status == "running" and self._flying:
            self._client.cancel(list(self._flying), force=True)
        self._flying.clear()
        self._client.close(timeout=5)


def _version() -> str:
    from tare import __version__ as version

    return version
