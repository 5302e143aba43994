"""The process's background work: one thread keeps the lake fresh, three fetch what was just opened or drawn.

All share the client's rate limit. The process that holds the lake's writer lock fetches; every other process only
looks for newer snapshots, and takes over when the writer is gone.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.alert_watch import AlertWatch
from app.backfilling import Backfilling
from app.histories import HISTORIES_SECONDS, Histories
from app.hub import Hub
from app.opened_events import OpenedEvents
from app.opened_markets import OpenedMarkets
from app.progress import Progress
from data_layer.api import KalshiClient
from data_layer.errors import CorruptFileError, DataLayerError, NoDataError, StoreError, WriterLockedError
from data_layer.ingest import Ingest, RefreshReport
from data_layer.maintenance import DAILY_ROLLUP, derive, maintain
from data_layer.repository import MarketRepository
from data_layer.store.writer import Writer

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
RETRY_SECONDS = 30.0
MAINTENANCE_SECONDS = 3600.0
SETTLED_SECONDS = 6 * 3600.0
#: The universe is fetched by hand at most this often, for all users together.
BY_HAND_SECONDS = 60.0
#: A market stays in the watch set this long after it was last shown.
SHOWN_SECONDS = 600.0
SHOWN_MARKETS = 500


@dataclass(frozen=True)
class Rhythm:
    """How often each thing is fetched, in seconds, and for how many of the most traded markets.

    `watch_markets` are always watched, `history_markets` have their hourly candlesticks fetched.
    """

    universe_seconds: float = 900.0
    watch_seconds: float = 30.0
    series_seconds: float = 86_400.0
    watch_markets: int = 200
    history_markets: int = 1000
    milestones_seconds: float = 86_400.0


class Refresher:
    """Keep one source's lake fresh and tell the hub. `start` and `stop` may each be called once."""

    def __init__(
        self,
        client: KalshiClient,
        repository: MarketRepository,
        hub: Hub,
        rhythm: Rhythm,
        clock: Callable[[], float] = time.time,
        alerts: AlertWatch | None = None,
    ) -> None:
        self.client = client
        self.repository = repository
        #: The rules that are judged after each refresh of this process.
        self.alerts = alerts
        self._hub = hub
        self._rhythm = rhythm
        self._clock = clock
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._progress = Progress()
        self._shown: OrderedDict[str, float] = OrderedDict()
        self._ingest: Ingest | None = None
        #: What sessions have open: how its fetching ended is asked of it.
        self.opened = OpenedMarkets(
            repository, lambda: self._ingest, lambda: self._progress.writes, self._look, clock
        )
        #: History that somebody asked for: a step of it whenever nothing else is due.
        self.backfilling = Backfilling(repository, clock, self._wake.set)
        self.opened_events = OpenedEvents(
            repository, lambda: self._ingest, lambda: self._progress.writes, self._look, clock
        )
        #: Surges, days in the rollup, z, old prices of movers and lines in lists come from hourly candlesticks.
        self.histories = Histories(lambda: self._ingest, self._look, clock)
        kinds = ("universe", "series", "watch", "settled", "milestones", "histories", "maintenance")
        self._due = dict.fromkeys(kinds, 0.0)
        self._asked = float("-inf")
        self._pages_expected: int | None = None
        #: The minute in which `_prepare` last read what is on screens.
        self._prepared = 0.0
        self._errors: dict[str, str] = {}
        self._threads = [
            threading.Thread(target=self._run, name="refresher", daemon=True),
            threading.Thread(target=self._run_opened, name="refresher-opened", daemon=True),
            threading.Thread(target=self._run_events, name="refresher-events", daemon=True),
            threading.Thread(target=self._run_drawn, name="refresher-drawn", daemon=True),
        ]

    # For the sessions

    def progress(self) -> Progress:
        """Return how far the background work is."""
        return self._progress

    def show(self, tickers: list[str], lines: bool = False) -> None:
        """Note that these markets are on somebody's screen: their quotes are fetched with the watch set.

        Where their `lines` are drawn, the hourly candlesticks that are missing are fetched too.
        """
        now = self._clock()
        with self._lock:
            for ticker in tickers:
                self._shown[ticker] = now
                self._shown.move_to_end(ticker)
            while len(self._shown) > SHOWN_MARKETS:
                self._shown.popitem(last=False)
        if lines:
            self.histories.draw(tickers)

    def open_market(self, ticker: str) -> None:
        """Fetch one market's candlesticks, trades and book soon; returns at once. An unknown one is looked for."""
        self.show([ticker])
        self.opened.open(ticker)

    def refresh_now(self) -> None:
        """Fetch the universe as soon as the current step is done; ignored before `refresh_possible_at`."""
        with self._lock:
            if self._clock() >= self._possible_at():
                self._asked = self._clock()
                self._due["universe"] = 0.0
        self._wake.set()

    def refresh_possible_at(self) -> float:
        """Return when (Unix seconds) `refresh_now` is heard: a minute after the last crawl, or after it was asked."""
        with self._lock:
            return self._possible_at()

    def _possible_at(self) -> float:
        crawled = self._due["universe"] - self._rhythm.universe_seconds
        return max(self._asked, crawled) + BY_HAND_SECONDS

    # Life

    def start(self) -> None:
        """Start the background threads."""
        for thread in self._threads:
            thread.start()

    def stop(self, timeout_seconds: float = 10.0) -> None:
        """End the background threads; a refresh under way is finished or rolled back."""
        self._stopping.set()
        self._wake.set()
        self.client.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout_seconds)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self.repository.lake.writer() as writer:
                    self._tell(writes=True)
                    self._work(writer)
            except WriterLockedError as error:
                self._tell(stage="idle", writes=False, message=str(error))
                self._look()
                self._stopping.wait(LOOK_SECONDS)
            except DataLayerError as error:
                self._tell(error=str(error))
                logger.exception("the refresher cannot work; trying again in %g s", RETRY_SECONDS)
                self._look()
                self._stopping.wait(RETRY_SECONDS)
            finally:
                self._ingest = None

    def _work(self, writer: Writer) -> None:
        """Do what is due, as the writer, until the end."""
        self._look()
        self._repair(writer)
        self._ingest = Ingest(self.client, writer, self.repository.source, self._clock, self._on_page)
        self.backfilling.find_unfinished(writer, self._ingest)
        while not self._stopping.is_set():
            kind = self._next_due()
            if kind is None and self.backfilling.step(self._ingest):
                self._look()
                continue
            if kind is None:
                self._idle()
                continue
            self._do(kind, self._ingest)

    def _idle(self) -> None:
        """Wait for what is due next; questions that count from now have other answers every minute."""
        if self._clock() // 60 != self._prepared:
            self._prepare()
        self._wake.wait(LOOK_SECONDS)
        self._wake.clear()

    def _next_due(self) -> str | None:
        now = self._clock()
        with self._lock:
            due = [(moment, kind) for kind, moment in self._due.items() if moment <= now]
        # In the order of the table: the universe first, so that a first start shows something soonest.
        return next((kind for kind in self._due if any(kind == name for _, name in due)), None)

    def _do(self, kind: str, ingest: Ingest) -> None:
        rhythm = self._rhythm
        self._tell(stage=kind, done=0, total=self._pages_expected if kind == "universe" else None)
        match kind:
            case "universe":
                self._finish(kind, ingest.universe(), rhythm.universe_seconds)
            case "series":
                self._finish(kind, ingest.series(), rhythm.series_seconds)
            case "settled":
                self._finish(kind, ingest.settled(), SETTLED_SECONDS)
            case "milestones":
                self._finish(kind, ingest.milestones(), rhythm.milestones_seconds)
            case "watch":
                tickers = self._watch_set()
                report = ingest.watch(tickers) if tickers else None
                self._finish(kind, report, rhythm.watch_seconds)
            case "histories":
                self._finish(kind, self._fetch_histories(ingest), HISTORIES_SECONDS)
            case "maintenance":
                maintain(ingest, self.repository)
                self._finish(kind, None, MAINTENANCE_SECONDS)
        self._tell(stage="idle", done=0, total=None)

    def _finish(self, kind: str, report: RefreshReport | None, seconds: float) -> None:
        """Note the result, say when the same is due again, and show what came."""
        failed = report is not None and report.outcome == "failed"
        now = self._clock()
        with self._lock:
            self._due[kind] = now + (min(RETRY_SECONDS, seconds) if failed else seconds)
        if report is not None:
            if kind == "universe" and not failed:
                self._pages_expected = report.pages
            self._note_reachability(report, failed, now)
        self._look()

    def _note_reachability(self, report: RefreshReport, failed: bool, now: float) -> None:
        """Tell what fails. Any success shows that the exchange answers; the reason of another failure stays."""
        if failed:
            self._errors[report.kind] = report.error
            since = self._progress.live_unreachable_since or datetime.fromtimestamp(now, UTC)
            retry = datetime.fromtimestamp(now + RETRY_SECONDS, UTC)
            self._tell(live_unreachable_since=since, next_attempt=retry)
        else:
            self._errors.pop(report.kind, None)
            self._tell(live_unreachable_since=None, next_attempt=None)
        self._tell(error=next(iter(self._errors.values()), None))

    def _fetch_histories(self, ingest: Ingest) -> RefreshReport | None:
        """Extend the hourly candlesticks of the most traded markets, some at a time, with progress."""
        tickers = self._most_traded(self._rhythm.history_markets)
        self._tell(stage="histories", done=0, total=len(tickers))
        report = None
        for done, report in self.histories.extend(ingest, tickers):
            if report.outcome == "failed" or self._stopping.is_set():
                return report
            self._tell(stage="histories", done=done, total=len(tickers))
        derive(ingest, self.repository, DAILY_ROLLUP)
        return report

    def _most_traded(self, limit: int) -> list[str]:
        try:
            found: list[str] = self.repository.markets(limit=limit).table["ticker"].to_pylist()
        except NoDataError:
            return []
        return found

    def _watch_set(self) -> list[str]:
        """Return what is on screens or watched, what rules name, and the most traded markets; each has its bound."""
        oldest = self._clock() - SHOWN_SECONDS
        with self._lock:
            shown = [ticker for ticker, moment in reversed(self._shown.items()) if moment >= oldest]
        named = self.alerts.named if self.alerts is not None else ()
        return list(dict.fromkeys([*shown, *named, *self._most_traded(self._rhythm.watch_markets)]))

    def _run_opened(self) -> None:
        self.opened.run(self._stopping)

    def _run_events(self) -> None:
        self.opened_events.run(self._stopping)

    def _run_drawn(self) -> None:
        self.histories.run(self._stopping)

    def _repair(self, writer: Writer) -> None:
        """Take damaged files out; what was lost is fetched again by the refreshes that follow."""
        while self.repository.problem:
            try:
                writer.lake.snapshot().files("markets")
                for table in writer.lake.snapshot().tables:
                    writer.lake.snapshot().files(table)
                return
            except CorruptFileError as error:
                logger.warning("dropping a damaged file, to be fetched again: %s", error)
                writer.repair(error.table)
                self._look()

    def _look(self) -> None:
        """Move to the newest snapshot and tell the sessions if there is one."""
        try:
            if self.repository.advance():
                self._prepare()
                if self.alerts is not None and self._progress.writes:
                    self.alerts.judge(self.repository)
                self._hub.publish()
                self.repository.prepare_search()
        except StoreError as error:
            self._tell(error=str(error))

    def _prepare(self) -> None:
        """Read anew what is on screens, on this thread: sessions are told when the answers are there."""
        if self._hub.sessions:
            self._prepared = self._clock() // 60
            self.repository.prepare()

    def _on_page(self, stage: str, done: int) -> None:
        self._tell(stage=stage, done=done)

    def _tell(self, **changes: object) -> None:
        self._progress = replace(self._progress, **changes)  # type: ignore[arg-type]
