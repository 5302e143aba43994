"""Events and series that somebody opened: candlesticks and settled events, fetched in the background.

One thread of the refresher does it, beside the one for single markets: an event of many outcomes takes a while.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from app.opened_markets import READS_ONLY, SETTLED_PERIODS, keep_newest
from app.progress import Attempt
from data_layer.api.candlestick_plan import Period
from data_layer.errors import DataLayerError, NoDataError
from data_layer.event_questions import FETCHED, LEADING
from data_layer.ingest import Ingest, RefreshReport
from data_layer.repository import MarketRepository

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
#: Candlesticks of an event are extended at the earliest after this long, while it is on a screen.
EVENT_SECONDS = 120.0
#: The settled events of a series are asked for at the earliest after this long.
SERIES_SECONDS = 1800.0
#: What is fetched: (period in minutes, days back, outcomes).
PERIODS: tuple[tuple[Period, float, int], ...] = ((60, 30.0, FETCHED), (1440, 1000.0, FETCHED), (1, 1.0, LEADING))
#: Of the fetched end this much is fetched again, to catch late corrections.
OVERLAP_PERIODS = 2
EVENTS = 1_000
NOT_KNOWN = "Kalshi does not know this event."

_OVER = frozenset({"determined", "finalized"})

Step = Callable[[Ingest], RefreshReport]


class OpenedEvents:
    """Fetch the events that sessions have open. `ingest` is None while this process does not write.

    `writes` says if it may; `look` moves to the newest snapshot and tells the sessions.
    """

    def __init__(
        self,
        repository: MarketRepository,
        ingest: Callable[[], Ingest | None],
        writes: Callable[[], bool],
        look: Callable[[], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._repository, self._ingest, self._writes, self._look = repository, ingest, writes, look
        self._clock = clock
        self._lock = threading.Lock()
        self._queue: queue.Queue[tuple[str, bool]] = queue.Queue(maxsize=100)
        self._asked: OrderedDict[str, float] = OrderedDict()
        self._series_asked: OrderedDict[str, float] = OrderedDict()
        self._attempts: OrderedDict[str, Attempt] = OrderedDict()
        self._steps: dict[str, tuple[int, int]] = {}
        self._until: OrderedDict[str, int] = OrderedDict()

    # For the sessions

    def open(self, event: str) -> None:
        """Fetch an event's candlesticks soon, or extend them; returns at once. An unknown event is looked for."""
        with self._lock:
            if self._clock() - self._asked.get(event, float("-inf")) < EVENT_SECONDS:
                return
            keep_newest(self._asked, event, self._clock(), EVENTS)
            before = self._attempts.get(event)
            if before is not None and before.problem:
                del self._attempts[event]
        try:
            self._queue.put_nowait((event, False))
        except queue.Full:
            self._note(event, 0, "Too many events are being opened at once; open it again in a few minutes.")

    def open_series(self, series: str) -> None:
        """Fetch the newest settled events of a series soon; returns at once."""
        with self._lock:
            if self._clock() - self._series_asked.get(series, float("-inf")) < SERIES_SECONDS:
                return
            keep_newest(self._series_asked, series, self._clock(), EVENTS)
        try:
            self._queue.put_nowait((series, True))
        except queue.Full:
            logger.warning("too much is being opened at once; the settled events of %s wait", series[:80])

    def attempt(self, event: str) -> Attempt | None:
        """Return what came of fetching an opened event; None while its first fetch is under way, or before it."""
        return self._attempts.get(event)

    def steps(self, event: str) -> tuple[int, int] | None:
        """Return how many of how many fetches of an event are done; None while nothing is fetched for it."""
        return self._steps.get(event)

    # The thread

    def run(self, stopping: threading.Event) -> None:
        """Fetch what is asked for until `stopping` is set."""
        while not stopping.is_set():
            try:
                ticker, is_series = self._queue.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                continue
            while self._ingest() is None and self._writes() and not stopping.is_set():
                stopping.wait(LOOK_SECONDS)  # the writer's place is being taken
            if is_series:
                self.fetch_series(ticker)
            else:
                self.fetch(ticker)

    def fetch_series(self, series: str) -> None:
        """Fetch the newest settled events of a series; what fails is in the log of refreshes."""
        ingest = self._ingest()
        if ingest is None:
            return
        try:
            ingest.settled_of_series(series)
        except DataLayerError as error:
            logger.warning("the settled events of %s could not be stored: %s", series[:80], error)
        self._look()

    def fetch(self, event: str) -> None:
        """Fetch what an opened event needs; the event itself first, where it is not stored."""
        ingest = self._ingest()
        if ingest is None:
            self._note(event, 0, READS_ONLY)
            return
        rows, problem = 0, ""
        try:
            problem = self._find(ingest, event)
            if not problem:
                rows, problem = self._candlesticks(ingest, event)
        except DataLayerError as error:
            logger.warning("the event %s could not be stored: %s", event[:80], error)
            problem = str(error)
        self._steps.pop(event, None)
        self._note(event, rows, problem)
        self._look()

    def _find(self, ingest: Ingest, event: str) -> str:
        """Fetch the event where it is not stored; return why it cannot be shown, empty where it can."""
        try:
            if self._repository.event(event).rows()[0]["is_stored"]:
                return ""
        except NoDataError:
            report = ingest.missing_event(event)
            self._look()
            if report.not_found:
                return NOT_KNOWN
            return report.error if report.outcome != "complete" else ""
        # Settled markets come without their event: what it is called is missed, but they can be shown without.
        ingest.missing_event(event)
        self._look()
        return ""

    def _candlesticks(self, ingest: Ingest, event: str) -> tuple[int, str]:
        now = int(self._clock())
        steps = list(self._plan(event, now))
        rows = 0
        for done, step in enumerate(steps):
            self._steps[event] = (done, len(steps))
            report = step(ingest)
            rows += report.rows
            if report.outcome == "failed":
                return rows, report.error
            self._look()
        with self._lock:
            keep_newest(self._until, event, now, EVENTS)
        return rows, ""

    def _plan(self, event: str, now: int) -> Iterator[Step]:
        """Yield the fetches of an event: a period of all its live outcomes at once, settled outcomes one by one."""
        outcomes: list[dict[str, Any]] = self._repository.event_outcomes(event).rows()[:FETCHED]
        live = [row["ticker"] for row in outcomes if row["status"] not in _OVER]
        before = self._until.get(event)
        for minutes, days, most in PERIODS:
            start = now - int(days * 86_400)
            if before is not None:
                start = max(start, before - OVERLAP_PERIODS * minutes * 60)
            if live[:most]:
                yield _of_many(live[:most], minutes, start, now)
        for row in outcomes[:LEADING]:
            ended = row["settlement_time"] or row["close_time"]
            if row["status"] in _OVER and before is None:
                yield _of_one(row["ticker"], row["series_ticker"], ended)

    def _note(self, event: str, rows: int, problem: str) -> None:
        moment = datetime.fromtimestamp(self._clock(), UTC)
        with self._lock:
            keep_newest(self._attempts, event, Attempt(moment, rows, problem), EVENTS)


def _of_many(tickers: Sequence[str], minutes: Period, start: int, end: int) -> Step:
    return lambda ingest: ingest.candlesticks_of_many(tickers, minutes, start, end)


def _of_one(ticker: str, series: str | None, ended: datetime | None) -> Step:
    return lambda ingest: ingest.market_history(ticker, series, SETTLED_PERIODS, ended)
