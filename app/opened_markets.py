"""Markets that somebody opened: their histories when they are opened, their order books while they are on a screen.

One thread of the refresher does it. What came of it is kept here for the sessions: that a search found nothing, or
that a book is empty, is in no table.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from app import book_words
from app.progress import Attempt
from data_layer.api.candlestick_plan import Period
from data_layer.errors import DataLayerError, NoDataError
from data_layer.ingest import Ingest, RefreshReport
from data_layer.repository import MarketRepository

logger = logging.getLogger(__name__)

Value = TypeVar("Value")

LOOK_SECONDS = 1.0
#: A market's candlesticks are fetched again at the earliest after this long.
HISTORY_SECONDS = 60.0
#: What is fetched of a market that is opened: (period in minutes, days back).
OPENED_PERIODS: tuple[tuple[Period, float], ...] = ((60, 30.0), (1440, 1000.0), (1, 1.0))
#: Of a settled market: what is fetched ends a day after its settlement, so it must begin a day earlier.
SETTLED_PERIODS: tuple[tuple[Period, float], ...] = tuple((minutes, days + 1) for minutes, days in OPENED_PERIODS)
#: A round over the books on screens; every round is one new snapshot, whose making costs more than the books.
BOOK_SECONDS = 10.0
BOOKS_A_ROUND = 5
#: A book is on a screen this long after a session said so; sessions say it every five seconds.
WATCHED_SECONDS = 20.0
#: Extending one history is about five requests of the three a second that there are.
TURN_SECONDS = 6.0
MARKETS = 5_000

NOT_KNOWN = "Kalshi does not know this market."
READS_ONLY = "Another process fetches for this lake; this one shows what is stored."


class OpenedMarkets:
    """Fetch what sessions have open. `ingest` is None while this process does not write; `writes` says if it may.

    `look` moves to the newest snapshot and tells the sessions.
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
        self._queue: queue.Queue[str] = queue.Queue(maxsize=200)
        self._asked: OrderedDict[str, float] = OrderedDict()
        self._watched: OrderedDict[str, float] = OrderedDict()
        self._histories: OrderedDict[str, Attempt] = OrderedDict()
        self._books: OrderedDict[str, Attempt] = OrderedDict()
        self._last_round = float("-inf")

    # For the sessions

    def open(self, ticker: str) -> None:
        """Fetch one market's candlesticks, trades and book soon; returns at once. An unknown one is looked for."""
        with self._lock:
            if self._clock() - self._asked.get(ticker, float("-inf")) < HISTORY_SECONDS:
                return
            keep_newest(self._asked, ticker, self._clock())
            before = self._histories.get(ticker)
            if before is not None and before.problem:
                del self._histories[ticker]
        try:
            self._queue.put_nowait(ticker)
        except queue.Full:
            logger.warning("too many markets are being opened at once; %s waits for its next visit", ticker[:60])
            problem = "Too many markets are being opened at once; open it again in a minute."
            self._note(self._histories, ticker, Attempt(self._now(), 0, problem))

    def attempt(self, ticker: str) -> Attempt | None:
        """Return what came of fetching an opened market; None while it is under way, or was never asked for."""
        return self._histories.get(ticker)

    def watch_book(self, ticker: str) -> None:
        """Note that a market is on a screen: for a while its book is fetched every 10 s, its history every minute."""
        with self._lock:
            keep_newest(self._watched, ticker, self._clock())

    def book_attempt(self, ticker: str) -> Attempt | None:
        """Return what came of fetching a market's book the last time; `rows` are its levels, 0 an empty book."""
        return self._books.get(ticker)

    # The thread

    def run(self, stopping: threading.Event) -> None:
        """Do what is asked for, opened markets before books, until `stopping` is set."""
        while not stopping.is_set():
            try:
                ticker = self._queue.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                self.refresh_books()
                self.refresh_histories()
                continue
            while self._ingest() is None and self._writes() and not stopping.is_set():
                stopping.wait(LOOK_SECONDS)  # the writer's place is being taken
            self.fetch(ticker)

    def fetch(self, ticker: str) -> None:
        """Fetch the history of a market that was opened; the market itself first, where it is not stored."""
        ingest = self._ingest()
        if ingest is None:
            self._note(self._histories, ticker, Attempt(self._now(), 0, READS_ONLY))
            return
        try:
            report = self._fetch(ingest, ticker)
        except DataLayerError as error:
            logger.warning("the history of %s could not be stored: %s", ticker, error)
            self._note(self._histories, ticker, Attempt(self._now(), 0, str(error)))
            return
        problem = NOT_KNOWN if report.not_found else report.error
        self._note(self._histories, ticker, Attempt(self._now(), report.rows, problem))
        self._look()

    def refresh_books(self) -> None:
        """Fetch the books on screens that were fetched longest ago, at most once in 10 seconds."""
        now, ingest = self._clock(), self._ingest()
        if now - self._last_round < BOOK_SECONDS or ingest is None:
            return
        due = sorted(self._on_screens(), key=lambda ticker: self._age(ticker, now), reverse=True)[:BOOKS_A_ROUND]
        for ticker in due:
            try:
                report = ingest.order_book(ticker)
            except DataLayerError as error:
                logger.warning("the order book of %s could not be stored: %s", ticker, error)
                self._note(self._books, ticker, Attempt(self._now(), 0, str(error)))
                continue
            self._note(
                self._books, ticker, Attempt(self._now(), report.rows, book_words.problem(report), report.rejected)
            )
        if due:
            self._last_round = now
            self._look()

    def refresh_histories(self) -> None:
        """Extend the history on a screen that was asked for longest ago: new candlesticks and trades.

        Every market has its turn once a minute, or more seldom where many are open: the universe needs requests too.
        """
        now, watched = self._clock(), self._on_screens()
        with self._lock:
            waiting = [(self._asked.get(ticker, now), ticker) for ticker in watched]
            asked, ticker = min(waiting, default=(now, ""))
            if now - asked < max(HISTORY_SECONDS, TURN_SECONDS * len(watched)):
                return
            keep_newest(self._asked, ticker, now)
        self.fetch(ticker)

    def _on_screens(self) -> list[str]:
        with self._lock:
            while self._watched and self._clock() - next(iter(self._watched.values())) > WATCHED_SECONDS:
                self._watched.popitem(last=False)
            return list(self._watched)

    def _fetch(self, ingest: Ingest, ticker: str) -> RefreshReport:
        try:
            found = self._repository.market(ticker).table
        except NoDataError:
            found = None
        if found is None or found["event_title"][0].as_py() is None:  # settled markets come without their event
            report = ingest.missing_market(ticker)
            if found is None and report.outcome != "complete":
                return report
            self._look()
            found = self._repository.market(ticker).table
        status, series, settled, close = (
            found[name][0].as_py() for name in ("status", "series_ticker", "settlement_time", "close_time")
        )
        if status in {"determined", "finalized"}:
            return ingest.market_history(ticker, series, SETTLED_PERIODS, settled or close)
        return ingest.market_history(ticker, series, OPENED_PERIODS)

    def _age(self, ticker: str, now: float) -> float:
        attempt = self._books.get(ticker)
        return float("inf") if attempt is None else now - attempt.moment.timestamp()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    def _note(self, kept: OrderedDict[str, Attempt], ticker: str, attempt: Attempt) -> None:
        with self._lock:
            keep_newest(kept, ticker, attempt)


def keep_newest(kept: OrderedDict[str, Value], key: str, value: Value, most: int = MARKETS) -> None:
    """Keep the newest `most` values, last written last."""
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)
