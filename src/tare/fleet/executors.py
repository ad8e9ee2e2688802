"""Where tasks run: the protocol, the dispatch with its limits, and the local pool of processes."""

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol, TypeVar

from tare.fleet.registries import Manners, Registries
from tare.fleet.tasks import Failure, Outcome, ReadTask, SurveyTask, Task
from tare.fleet.work import perform, prepare
from tare.image.access import Access

AnyTask = TypeVar("AnyTask", ReadTask, SurveyTask)
DIED = Failure(
    "the worker was killed while it read this", "it may need more memory: --workers 1, or a larger machine"
)


class Executor(Protocol):
    """Runs tasks somewhere. Answers come in the order in which they are ready; every task gets exactly one."""

    slots: int
    """Tasks that can run at once."""
    where: str

    def submit(self, task: Task) -> None:
        """Take a task."""

    def next(self) -> tuple[Task, Outcome]:
        """Wait for an answer."""

    def close(self) -> None:
        """Stop; what runs is given up."""


def dispatch(
    executor: Executor, tasks: Iterable[AnyTask], per_host: int
) -> Iterator[tuple[AnyTask, Outcome]]:
    """Run all tasks with bounded work in flight: two a slot, and at most `per_host` of one registry. Tasks are taken from
    their iterator when there is room, so that neither they nor their answers pile up."""
    window = executor.slots * 2
    source = iter(tasks)
    held: deque[AnyTask] = deque()
    hosts: dict[str, int] = {}
    flying = 0
    exhausted = False

    def admit(task: AnyTask) -> bool:
        if task.host and hosts.get(task.host, 0) >= per_host:
            return False
        hosts[task.host] = hosts.get(task.host, 0) + 1
        executor.submit(task)
        return True

    while True:
        for _ in range(len(held)):
            if flying >= window:
                break
            task = held.popleft()
            if admit(task):
                flying += 1
            else:
                held.append(task)
        while flying < window and len(held) < window and not exhausted:
            try:
                task = next(source)
            except StopIteration:
                exhausted = True
                break
            if admit(task):
                flying += 1
            else:
                held.append(task)
        if not flying:
            return
        done, outcome = executor.next()
        flying -= 1
        hosts[done.host] -= 1
        yield done, outcome  # type: ignore[misc]


class Inline:
    """One task at a time in this process: what a small fleet needs, and no other process to start."""

    slots = 1
    where = "this process"

    def __init__(self, registries: Registries) -> None:
        self._registries = registries
        self._waiting: deque[Task] = deque()

    def submit(self, task: Task) -> None:
        """Take a task."""
        self._waiting.append(task)

    def next(self) -> tuple[Task, Outcome]:
        """Do the task that waited longest."""
        task = self._waiting.popleft()
        return task, perform(task, self._registries)

    def close(self) -> None:
        """Nothing runs."""


class LocalPool:
    """Processes of this machine. When one is killed, the others' work is done again, the suspects one at a time; a task
    that kills its process twice while it is alone gets a `Failure`."""

    def __init__(self, workers: int, access: Access, manners: Manners) -> None:
        self.slots = workers
        self.where = "local processes"
        self._setup = (access, manners)
        self._pool = self._new()
        self._flying: dict[Future[Outcome], Task] = {}
        self._waiting: deque[Task] = deque()
        self._suspects: deque[Task] = deque()
        self._ready: deque[tuple[Task, Outcome]] = deque()
        self._deaths: dict[str, int] = {}

    def _new(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self.slots,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=prepare,
            initargs=self._setup,
        )

    def submit(self, task: Task) -> None:
        """Take a task."""
        self._waiting.append(task)
        self._launch()

    def _launch(self) -> None:
        if self._suspects:
            if not self._flying:
                self._start(self._suspects.popleft())
            return
        while self._waiting and not self._suspects:
            self._start(self._waiting.popleft())

    def _start(self, task: Task) -> None:
        try:
            self._flying[self._pool.submit(perform, task)] = task
        except BrokenProcessPool:  # it broke between two answers
            self._waiting.appendleft(task)
            self._recover()

    def next(self) -> tuple[Task, Outcome]:
        """Wait for an answer."""
        while not self._ready:
            self._launch()
            done, _ = wait(self._flying, return_when=FIRST_COMPLETED)
            for future in done:
                if future not in self._flying:
                    continue
                try:
                    outcome = future.result()
                except BrokenProcessPool:
                    self._recover()
                    break
                self._ready.append((self._flying.pop(future), outcome))
        return self._ready.popleft()

    def _recover(self) -> None:
        """A process died: keep the answers that came, do the rest again in a new pool."""
        lost = []
        for future, task in self._flying.items():
            if future.done() and future.exception() is None:
                self._ready.append((task, future.result()))
            else:
                lost.append(task)
        self._flying.clear()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._new()
        if len(lost) == 1:
            task = lost[0]
            self._deaths[task.id] = self._deaths.get(task.id, 0) + 1
            if self._deaths[task.id] >= 2:
                self._ready.append((task, DIED))
                return
        self._suspects.extend(lost)

    def close(self) -> None:
        """Stop; what runs is given up."""
        processes = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self._flying:
            for process in processes:
                process.terminate()
        for process in processes:
            process.join(5)
