"""The backfill of a process that serves: one at a time, a step whenever nothing else is due."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from data_layer.backfill import Backfill, BackfillRequest, BackfillState
from data_layer.backfill.journal import unfinished
from data_layer.errors import DataLayerError
from data_layer.ingest import Ingest
from data_layer.repository import MarketRepository
from data_layer.store.writer import Writer

logger = logging.getLogger(__name__)

#: After a failure the same place is tried again after this long, and so often.
RETRY_SECONDS = 30.0
MOST_FAILURES = 3


class Backfilling:
    """One backfill at a time. `start` and `stop` may be called from any thread, `step` from the refresher's."""

    def __init__(self, repository: MarketRepository, clock: Callable[[], float], wake: Callable[[], None]) -> None:
        self._repository, self._clock, self._wake = repository, clock, wake
        self._lock = threading.Lock()
        self._wanted: BackfillRequest | None = None
        self._running: Backfill | None = None
        self._state: BackfillState | None = None
        self._failures, self._not_before = 0, 0.0

    @property
    def state(self) -> BackfillState | None:
        """How far the present or last backfill is; None when there was none."""
        return self._state

    @property
    def active(self) -> bool:
        """Whether one is wanted and not done."""
        return self._wanted is not None

    def start(self, request: BackfillRequest) -> str:
        """Begin, or go on with, a backfill; return why that cannot be, for a person, or nothing."""
        problem = request.problem(self._repository.lake.settings)
        if problem:
            return problem
        with self._lock:
            if self._wanted is not None:
                return "Another backfill is under way; stop it first."
            self._wanted, self._running = request, None
            self._failures, self._not_before = 0, 0.0
        self._wake()
        return ""

    def stop(self) -> None:
        """Stop after the present step; what is stored stays, and the same request goes on from there."""
        with self._lock:
            self._wanted = None
            if self._state is not None and not self._state.finished:
                self._state = replace(self._state, problem="Stopped. It goes on from here when it is started again.")

    def find_unfinished(self, writer: Writer, ingest: Ingest) -> None:
        """Show the backfill that the last process left unfinished, for somebody to go on with."""
        request = unfinished(writer.snapshot(), self._clock()) if self._state is None else None
        if request is None or request.problem(writer.lake.settings):
            return
        try:
            state = ingest.backfill(request, self._repository).state
        except DataLayerError as error:
            logger.info("the unfinished backfill cannot be shown yet: %s", error)
            return
        self._state = replace(state, problem="It was interrupted. It goes on from here when it is started again.")

    def step(self, ingest: Ingest) -> bool:
        """Do one step where one is wanted; return whether there was one."""
        with self._lock:
            wanted = self._wanted
        if wanted is None or self._clock() < self._not_before:
            return False
        if self._running is None:
            try:
                self._running = ingest.backfill(wanted, self._repository)
            except DataLayerError as error:
                logger.warning("a backfill cannot begin: %s", error)
                self._not_before = self._clock() + RETRY_SECONDS
                return False
        state = self._running.step()
        with self._lock:
            if self._wanted is not wanted:
                return True
            self._failures = self._failures + 1 if state.problem else 0
            self._not_before = self._clock() + RETRY_SECONDS if state.problem else 0.0
            if state.finished or self._failures >= MOST_FAILURES:
                self._wanted = None
            self._state = state
        return True
