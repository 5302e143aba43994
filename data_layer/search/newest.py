"""Which index is asked: the one of the newest crawl, built on a thread of its own while the older one answers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable

from data_layer.errors import DataLayerError
from data_layer.search.index import SearchIndex

logger = logging.getLogger(__name__)

Build = Callable[[], SearchIndex]


class NewestIndex:
    """Holds one index. `key` says what it was built from; where that has changed, it is built again. Thread-safe."""

    def __init__(self) -> None:
        self._building = threading.Lock()
        self._held: tuple[Hashable, SearchIndex] | None = None

    def get(self, key: Hashable, build: Build) -> SearchIndex:
        """Return the index of `key`; an older one while that is being built; only the first is waited for."""
        held = self._held
        if held is None:
            with self._building:
                if self._held is None:
                    self._held = (key, build())
                return self._held[1]
        if held[0] != key:
            self.prepare(key, build)
        return held[1]

    def prepare(self, key: Hashable, build: Build) -> None:
        """Build the index of `key` in the background, unless it is there or one is being built; returns at once."""
        held = self._held
        if (held is not None and held[0] == key) or not self._building.acquire(blocking=False):
            return

        def run() -> None:
            try:
                self._held = (key, build())
            except DataLayerError as error:
                logger.warning("the search index could not be built: %s", error)
            finally:
                self._building.release()

        threading.Thread(target=run, name="search-index", daemon=True).start()

    def close(self) -> None:
        """Give the index back; one that is being built is waited for, as it still asks of what is closed next."""
        with self._building:
            self._held = None
