"""Hourly candlesticks of many markets at once: of the most traded, and of those that a list draws lines of."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence

from app.opened_markets import keep_newest
from data_layer.errors import DataLayerError
from data_layer.ingest import Ingest, RefreshReport

logger = logging.getLogger(__name__)

#: Candlesticks of a market are extended at the earliest after this long.
HISTORIES_SECONDS = 3600.0
#: Nine days: a price of seven days ago, and two days of hourly changes before it.
HISTORIES_DAYS = 9
HISTORIES_MARKETS_A_STEP = 100
#: Of the fetched end this much is fetched again, to catch late corrections.
OVERLAP_SECONDS = 2 * 3600
#: So many markets' ends are remembered; what is forgotten is fetched from its beginning again.
REMEMBERED = 10_000
#: So many drawn markets wait at most; who draws more has the newest.
WAITING = 500
#: What is drawn is fetched when nothing else was drawn for this long, at the latest after so many times as long.
PAUSE_SECONDS, MOST_PAUSES = 2.0, 5


class Histories:
    """Fetch hourly candlesticks in batch calls. `ingest` is None while this process does not write.

    `look` moves to the newest snapshot and tells the sessions.
    """

    def __init__(
        self, ingest: Callable[[], Ingest | None], look: Callable[[], None], clock: Callable[[], float] = time.time
    ) -> None:
        self._ingest, self._look, self._clock = ingest, look, clock
        self._lock = threading.Lock()
        self._until: OrderedDict[str, int] = OrderedDict()
        self._waiting: OrderedDict[str, float] = OrderedDict()
        self._asked = threading.Event()

    def draw(self, tickers: Sequence[str]) -> None:
        """Fetch what is missing of markets whose lines are on a screen soon; returns at once."""
        now = self._clock()
        with self._lock:
            for ticker in tickers:
                if now - self._until.get(ticker, 0) >= HISTORIES_SECONDS:
                    keep_newest(self._waiting, ticker, now, WAITING)
            if self._waiting:
                self._asked.set()

    def run(self, stopping: threading.Event) -> None:
        """Fetch what is drawn until `stopping` is set."""
        while not stopping.is_set():
            if not self._asked.wait(1.0):
                continue
            # While somebody filters or turns pages nothing is stored: each commit has lists read anew.
            for _ in range(MOST_PAUSES):
                self._asked.clear()
                if not self._asked.wait(PAUSE_SECONDS):
                    break
            self.step()

    def step(self) -> None:
        """Fetch what waits. What fails stands in the log of refreshes, and is fetched when it is drawn again."""
        self._asked.clear()
        with self._lock:
            now = self._clock()
            # Newest first: who turned the page waits for this one. What was under way when it was drawn is there.
            tickers = [
                name for name in reversed(self._waiting) if now - self._until.get(name, 0) >= HISTORIES_SECONDS
            ]
            self._waiting.clear()
        ingest = self._ingest()
        if ingest is None or not tickers:
            return
        try:
            for _done, _report in self.extend(ingest, tickers):
                self._look()
        except DataLayerError as error:
            logger.warning("candlesticks of %d drawn markets could not be stored: %s", len(tickers), error)

    def extend(self, ingest: Ingest, tickers: Sequence[str]) -> Iterator[tuple[int, RefreshReport]]:
        """Fetch markets' candlesticks some at a time, up to a failed fetch; yield how many markets are done."""
        now = int(self._clock())
        # What is new needs all nine days: it comes first and together, or every step would fetch them for all.
        ordered = sorted(tickers, key=lambda ticker: self._until.get(ticker, 0))
        for first in range(0, len(ordered), HISTORIES_MARKETS_A_STEP):
            some = ordered[first : first + HISTORIES_MARKETS_A_STEP]
            known = min(self._until.get(ticker, 0) for ticker in some)
            start = max(now - HISTORIES_DAYS * 86_400, known - OVERLAP_SECONDS)
            report = ingest.candlesticks_of_many(some, 60, start, now)
            if report.outcome != "failed":
                with self._lock:
                    for ticker in some:
                        keep_newest(self._until, ticker, now, REMEMBERED)
            yield first + len(some), report
            if report.outcome == "failed":
                return
