"""The rate limit: one queue of departure times for all threads and processes of this machine.

The exchange's limit is about what *arrives* in a second, and arrivals bunch up when a connection is slow to open. So
departures are spaced as well as counted: at most 4 in any 4/3 s (3 a second, sustained) and 0.15 s apart. Six
departures then span 1.48 s at least, and only a delay of almost half a second between two of them could make
six arrive within one.
"""

from __future__ import annotations

import math
import os
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from data_layer.errors import KalshiRateLimitError, StoreError

LONGEST_QUEUE_SECONDS = 60.0
"""Nobody books a departure further ahead; a later stamp is left over from before a reboot."""

_SPACING_SHARE = 0.45
_LATE_SECONDS = 0.25


class RateLimit:
    """Let requests depart at a sustained `per_second`, over all processes that share `path`.

    `path` is a small state file, locked by ``path + ".lock"``; None limits this process only. The clock has to be the
    same for all processes, as the monotonic clock is on one machine. Thread-safe.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        per_second: float = 3.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.per_second = per_second
        self._count = math.ceil(per_second) + 1
        self._window = self._count / per_second
        self._spacing = _SPACING_SHARE / per_second
        self._clock = clock
        self._sleep = sleep
        self._thread_lock = threading.Lock()
        self._departures: list[float] = []
        self._path = path
        self._file_lock: FileLock | None = None
        if path is not None:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(f"The folder of the rate limit's state can not be made: {error}.") from error
            self._file_lock = FileLock(f"{path}.lock", thread_local=False)

    def acquire(self, longest_wait_seconds: float = LONGEST_QUEUE_SECONDS) -> None:
        """Wait for this request's turn; raise KalshiRateLimitError at once if that is further away than allowed."""
        give_up_at = self._clock() + min(longest_wait_seconds, LONGEST_QUEUE_SECONDS)
        while True:
            departure = self._book(give_up_at)
            wait = departure - self._clock()
            if wait > 0:
                self._sleep(wait)
            # A process that slept through its turn (a stopped or starved one) must not send beside the others'.
            if self._clock() - departure <= _LATE_SECONDS:
                return

    def _book(self, give_up_at: float) -> float:
        with self._thread_lock:
            if self._file_lock is None:
                departure, self._departures = self._next(self._departures, give_up_at)
                return departure
            return self._book_in_file(self._file_lock, give_up_at)

    def _book_in_file(self, lock: FileLock, give_up_at: float) -> float:
        assert self._path is not None
        try:
            with lock.acquire(timeout=max(give_up_at - self._clock(), 0.1), poll_interval=0.01):
                file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
                try:
                    departure, departures = self._next(self._read(file), give_up_at)
                    os.pwrite(file, struct.pack(f"<{self._count}d", *self._padded(departures)), 0)
                    os.ftruncate(file, 8 * self._count)
                finally:
                    os.close(file)
        except Timeout as error:
            raise KalshiRateLimitError("Our own rate limit is held by a process that does not answer.") from error
        except OSError as error:
            raise StoreError(f"The rate limit's state {self._path} can not be kept: {error.strerror}.") from error
        return departure

    def _next(self, departures: list[float], give_up_at: float) -> tuple[float, list[float]]:
        now = self._clock()
        booked = [stamp for stamp in departures if stamp <= now + LONGEST_QUEUE_SECONDS][-self._count :]
        departure = now
        if booked:
            departure = max(departure, booked[-1] + self._spacing)
        if len(booked) == self._count:
            departure = max(departure, booked[0] + self._window)
        if departure > give_up_at:
            message = (
                f"Our own limit of {self.per_second:g} requests a second has a queue of {departure - now:.0f} s."
            )
            raise KalshiRateLimitError(message, retry_after_seconds=departure - now)
        return departure, [*booked, departure][-self._count :]

    def _padded(self, departures: list[float]) -> list[float]:
        return [-math.inf] * (self._count - len(departures)) + departures

    def _read(self, file: int) -> list[float]:
        content = os.pread(file, 8 * self._count + 1, 0)
        if not content:
            return []
        stamps = struct.unpack(f"<{self._count}d", content) if len(content) == 8 * self._count else (math.nan,)
        if any(map(math.isnan, stamps)) or list(stamps) != sorted(stamps):
            return [self._clock()] * self._count  # torn or foreign: assume the window is full
        return [stamp for stamp in stamps if stamp > -math.inf]


class Unlimited(RateLimit):
    """No limit at all, for benchmarks against a local server."""

    def __init__(self) -> None:
        super().__init__(None, per_second=1e6)

    def acquire(self, longest_wait_seconds: float = LONGEST_QUEUE_SECONDS) -> None:
        """Return at once."""
