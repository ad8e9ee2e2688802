"""Child processes whose output is watched line by line, and which never outlive their parent's interest."""

import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tare.core.errors import EngineError

KEPT_LINES = 400


@dataclass(frozen=True, slots=True)
class ProcessResult:
    """How a process ended. `output` is the end of stdout and stderr together, at most `KEPT_LINES` lines."""

    returncode: int
    output: str
    timed_out: bool = False


def watch(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: str | None = None,
    timeout_s: float | None = None,
    on_line: Callable[[str], None] | None = None,
) -> ProcessResult:
    """Run a process to its end in a process group of its own; the group is killed on interrupt and time-out.

    Raises `EngineError` when the program cannot be started.
    """
    tail: deque[str] = deque(maxlen=KEPT_LINES)
    try:
        process = subprocess.Popen(
            list(argv),
            env=None if env is None else {**os.environ, **env},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise EngineError(
            f"{argv[0]} cannot be started: {error.strerror}", hint="is it installed?"
        ) from error
    expired = threading.Event()

    def expire() -> None:
        expired.set()
        _kill(process)

    timer = threading.Timer(timeout_s, expire) if timeout_s is not None else None
    try:
        if timer is not None:
            timer.start()
        assert process.stdout is not None
        for raw in process.stdout:
            line = raw.decode(errors="replace").rstrip("\r\n")
            tail.append(line)
            if on_line is not None:
                on_line(line)
        process.wait()
    except BaseException:
        _kill(process)
        process.wait()
        raise
    finally:
        if timer is not None:
            timer.cancel()
        if process.stdout is not None:
            process.stdout.close()
    return ProcessResult(process.returncode, "\n".join(tail), expired.is_set())


def _kill(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=5)
    except ProcessLookupError:
        return
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Answer:
    """A short command's answer: exit code, stdout and stderr apart."""

    returncode: int
    stdout: str
    stderr: str


def ask(
    argv: Sequence[str],
    *,
    stdin: str | None = None,
    timeout_s: float = 120.0,
    env: Mapping[str, str] | None = None,
) -> Answer:
    """Run a short command; `env` adds to this process's environment.

    A time-out is exit code 124; a program that is not there is 127."""
    try:
        done = subprocess.run(
            list(argv),
            input=(stdin or "").encode(),
            capture_output=True,
            timeout=timeout_s,
            check=False,
            env=None if env is None else {**os.environ, **env},
        )
    except subprocess.TimeoutExpired:
        return Answer(124, "", f"no answer within {timeout_s:.0f} s")
    except OSError as error:
        return Answer(127, "", str(error))
    return Answer(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
