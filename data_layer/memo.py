"""A bounded memory of answers, one flight per key: many waiters, one computation, failures shared, then forgotten."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Memo(Generic[K, V]):
    """Remember up to `size` values by key, dropping the least recently used. Safe to share between threads.

    `weigh` says what a value weighs: all together at most `weight`.
    """

    def __init__(self, size: int = 512, weigh: Callable[[V], int] = lambda _: 0, weight: int = 0) -> None:
        self._size, self._weigh, self._weight = size, weigh, weight
        self._lock = threading.Lock()
        self._values: OrderedDict[K, Future[V]] = OrderedDict()
        #: Of the values that have been computed.
        self._weights: dict[K, int] = {}

    def get(self, key: K, compute: Callable[[], V]) -> V:
        """Return the value of `key`, computing it once however many callers ask at the same time.

        An error is raised in every caller that waited for it and is not remembered.
        """
        with self._lock:
            future = self._values.get(key)
            mine = future is None
            if future is None:
                future = self._values[key] = Future()
                self._make_room()
            else:
                self._values.move_to_end(key)
        if mine:
            try:
                value = compute()
                weight = self._weigh(value)
            except BaseException as error:  # noqa: BLE001 - every waiter gets it, whatever it is
                with self._lock:
                    if self._values.get(key) is future:
                        self._forget(key)
                future.set_exception(error)
            else:
                future.set_result(value)
                with self._lock:
                    if self._values.get(key) is future:  # not forgotten meanwhile
                        self._weights[key] = weight
                        self._make_room()
        return future.result()

    def keep(self, wanted: Callable[[K], bool]) -> None:
        """Forget the values of all other keys; who waits for one still gets it."""
        with self._lock:
            for key in [key for key in self._values if not wanted(key)]:
                self._forget(key)

    def _make_room(self) -> None:
        while len(self._values) > self._size or sum(self._weights.values()) > self._weight:
            self._forget(next(iter(self._values)))

    def _forget(self, key: K) -> None:
        del self._values[key]
        self._weights.pop(key, None)
