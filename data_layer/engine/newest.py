"""Which snapshot is answered from: the newest that can be opened."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from data_layer.engine.database import Database
from data_layer.engine.duckdb_engine import DuckDBEngine
from data_layer.engine.limits import EngineLimits
from data_layer.engine.query_log import QueryLog
from data_layer.errors import NoDataError, QueryError, StoreError
from data_layer.store.lake import Lake, PinnedSnapshot

logger = logging.getLogger(__name__)

#: Looking for a newer snapshot costs a directory listing; with `follow` it is done at most this often.
LOOK_SECONDS = 1.0


class NewestEngine:
    """Holds the engine over the newest snapshot of a lake that could be opened, and the pin on it. Thread-safe.

    Whoever got an engine from `current` may finish with it after a newer one has taken its place.
    """

    def __init__(
        self, lake: Lake, limits: EngineLimits, log: QueryLog, clock: Callable[[], float], follow: bool
    ) -> None:
        self._lake = lake
        self._limits = limits
        self._log = log
        self._clock = clock
        self._follow = follow
        self._looked = float("-inf")
        self._moving = threading.Lock()
        self._pinned: PinnedSnapshot | None = None
        self._database: Database | None = None
        self._engine: DuckDBEngine | None = None
        self._closed = False
        #: Why the newest snapshot could not be opened; empty when it is the one that is answered from.
        self.problem = ""

    @property
    def snapshot_id(self) -> int:
        """The number of the snapshot that is answered from; 0 when nothing is stored."""
        engine = self._engine
        return engine.snapshot_id if engine is not None else 0

    def advance(self) -> bool:
        """Move to the newest snapshot; return whether it changed. Where it cannot be opened, see `problem`."""
        with self._moving:
            if self._closed:  # a thread that is still at work would open it again, and nobody close it
                return False
            self._looked = self._clock()
            try:
                if self._engine is not None and self._lake.snapshot().snapshot_id == self._engine.snapshot_id:
                    self.problem = ""
                    return False
                pinned = self._lake.pin()
                try:
                    self._database = self._database or Database(self._lake.root, self._limits, self._log)
                    engine = DuckDBEngine(pinned.snapshot, self._database)
                except BaseException as error:
                    pinned.release()
                    if isinstance(error, QueryError):
                        self._database = None  # it may be at fault: the next attempt begins with a new one
                    raise
            except (StoreError, NoDataError, QueryError) as error:
                self.problem = str(error)
                logger.warning("staying on the older snapshot: %s", error)
                return False
            self._engine = engine
            self._pinned, released = pinned, self._pinned
            self.problem = ""
            engine.forget_others()
            if released is not None:
                released.release()
            return True

    def current(self) -> DuckDBEngine:
        """Return the engine to ask; raise NoDataError before a snapshot could be opened, QueryError when closed."""
        if self._engine is None or (self._follow and self._clock() - self._looked >= LOOK_SECONDS):
            self.advance()
        engine = self._engine
        if self._closed:
            raise QueryError("The stored data are closed.")
        if engine is None:
            raise NoDataError(f"Nothing stored can be read: {self.problem or 'the lake is empty'}")
        return engine

    def close(self) -> None:
        """Give the snapshot and its memory back, for good."""
        with self._moving:
            self._closed = True
            if self._pinned is not None:
                self._pinned.release()
            if self._engine is not None:
                self._engine.database.close()
            self._pinned = self._engine = self._database = None
