"""How long to wait for the other side: a deadline for one answer, a least rate for a stream, pauses between tries."""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds and rates after which the other side counts as dead."""

    connect_s: float = 15.0
    silence_s: float = 30.0
    """Without a single byte."""
    answer_s: float = 90.0
    """For the head of an answer, and for a whole small document."""
    slowest_bytes_s: int = 1024
    """The least rate of a stream, over a window."""
    window_s: float = 60.0
    tries: int = 4
    longest_pause_s: float = 30.0
    """A server that asks for more is not waited for."""
    pause: Callable[[float], None] = time.sleep


class TooSlow(Exception):
    """The deadline passed or the rate stayed under the least one."""


def within(seconds: float, call: Callable[[], _T]) -> _T:
    """The result of `call`, or `TooSlow` after some seconds; a server that drips bytes defeats socket timeouts.

    The call goes on in a daemon thread then, until its socket is closed.
    """
    results: list[_T] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            results.append(call())
        except BaseException as error:  # noqa: BLE001 (handed on to the caller below)
            failures.append(error)

    thread = threading.Thread(target=run, daemon=True, name="tare-deadline")
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TooSlow(f"no answer within {seconds:g} s")
    if failures:
        raise failures[0]
    return results[0]


class Pace:
    """Watches a stream's rate; `saw` raises `TooSlow` when a whole window stayed under the least rate."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._since = time.monotonic()
        self._seen = 0

    def saw(self, count: int) -> None:
        """Some bytes came."""
        self._seen += count
        elapsed = time.monotonic() - self._since
        if elapsed >= self._patience.window_s:
            if self._seen < self._patience.slowest_bytes_s * elapsed:
                raise TooSlow(f"only {self._seen} bytes within {elapsed:.0f} s")
            self._since, self._seen = time.monotonic(), 0


def pause_before(attempt: int, headers: Mapping[str, str]) -> float:
    """Seconds before the next try: what `Retry-After` says (seconds or a date), else doubling with some chance."""
    asked = headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(asked[:9])
    if asked:
        try:
            return max(0.0, parsedate_to_datetime(asked).timestamp() - time.time())
        except (ValueError, TypeError, OverflowError):
            pass
    return float((0.5 * 2**attempt) * random.uniform(0.75, 1.25))
