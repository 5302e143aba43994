"""One context a process: the client, lake, repository and refresher of the source that is being shown.

``auto`` shows live data; where the exchange cannot be reached and nothing is stored, it starts the simulated exchange
and keeps trying live. Real and simulated data lie in different folders.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from app.alert_watch import AlertWatch
from app.hub import Hub
from app.progress import Attempt, Progress
from app.refresher import RETRY_SECONDS, Refresher, Rhythm
from app.settings import Settings
from app.webhook import Webhook
from data_layer.alert_journal import AlertJournal
from data_layer.api import ApiKey, KalshiClient, RateLimit, RetryPolicy
from data_layer.backfill import BackfillRequest, BackfillState
from data_layer.demo import RunningExchange, start_exchange
from data_layer.engine.limits import EngineLimits
from data_layer.errors import KalshiError
from data_layer.ingest import Ingest, RefreshReport
from data_layer.repository import MarketRepository
from data_layer.store import Lake

logger = logging.getLogger(__name__)

#: The simulated exchange lives on this machine: faster rhythms, and no reason to be gentle.
DEMO_RHYTHM = Rhythm(universe_seconds=60.0, watch_seconds=4.0, series_seconds=3600.0)
DEMO_REQUESTS_PER_SECOND = 18.0
#: The lowest tier of a key allows 20 reads a second.
KEYED_REQUESTS_PER_SECOND = 15.0
#: The first page waits for this, so it is asked once and not for long.
PROBE = RetryPolicy(attempts=1, deadline_seconds=4.0)


class Context:
    """What the pages need of the process. Made once by `build_context`; `close` frees everything."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self.hub = Hub()
        self._clock = clock
        self._closing = threading.Event()
        self._exchange: RunningExchange | None = None
        self._live_unreachable_since: datetime | None = None
        self._next_attempt: datetime | None = None
        self._refreshers: dict[str, Refresher] = {}
        self._webhooks: dict[str, Webhook] = {}
        self._shown = "live" if settings.source == "auto" else settings.source

    # Life

    def start(self) -> Context:
        """Start the background work of the chosen source; returns at once, data arrive later."""
        if self.settings.source == "auto" and self._must_simulate():
            self._shown = "demo"
            threading.Thread(target=self._await_live, name="await-live", daemon=True).start()
        self._refreshers[self._shown] = self._refresher(self._shown)
        self._refreshers[self._shown].start()
        return self

    def refresh_once(self) -> list[RefreshReport]:
        """Fetch series, the universe and what settled lately, as the writer, and end. Raises WriterLockedError."""
        source = "live" if self.settings.source == "auto" else self.settings.source
        refresher = self._refreshers[source] = self._refresher(source)
        with refresher.repository.lake.writer() as writer:
            ingest = Ingest(refresher.client, writer, source, self._clock)
            return [ingest.series(), ingest.universe(), ingest.settled()]

    def backfill(
        self,
        request: BackfillRequest,
        on_state: Callable[[BackfillState], None],
        most_failures: int,
        retry_seconds: float,
    ) -> BackfillState:
        """Fill in history, as the writer, and end: with nothing left, or after `most_failures` in a row.

        Where no market list is stored yet it is fetched first. Raises WriterLockedError while a dashboard runs.
        """
        source = "live" if self.settings.source == "auto" else self.settings.source
        refresher = self._refreshers[source] = self._refresher(source)
        repository = refresher.repository
        with repository.lake.writer() as writer:
            ingest = Ingest(refresher.client, writer, source, self._clock)
            if not writer.snapshot().rows("markets"):
                ingest.universe()
            repository.advance()
            backfill = ingest.backfill(request, repository)
            failures, state = 0, backfill.state
            on_state(state)
            while not state.finished and failures < most_failures:
                state = backfill.step()
                on_state(state)
                failures = failures + 1 if state.problem else 0
                if state.problem and failures < most_failures and self._closing.wait(retry_seconds):
                    break
            return state

    def close(self) -> None:
        """Stop all background work and free the lake."""
        self._closing.set()
        for webhook in self._webhooks.values():
            webhook.stop()
        for refresher in self._refreshers.values():
            refresher.stop()
            refresher.repository.close()
        if self._exchange is not None:
            self._exchange.stop()

    # For the pages

    @property
    def refresher(self) -> Refresher:
        """The background work of the source being shown."""
        return self._refreshers[self._shown]

    @property
    def repository(self) -> MarketRepository:
        """The questions of the source being shown; ask for it anew each time, the source may change."""
        return self.refresher.repository

    @property
    def alerts(self) -> AlertWatch:
        """The rules and the log of the source being shown."""
        alerts = self.refresher.alerts
        assert alerts is not None, "every refresher of a context has them"
        return alerts

    @property
    def simulated(self) -> bool:
        """Whether what is shown comes from the simulated exchange."""
        return self._shown == "demo"

    def request_market(self, ticker: str) -> None:
        """Fetch a market's history in the background; the hub announces it. Returns at once."""
        self.refresher.open_market(ticker)

    def show(self, tickers: list[str], lines: bool = False) -> None:
        """Keep the quotes of these markets fresh for a while; fetch the candlesticks of their `lines` too."""
        self.refresher.show(tickers, lines)

    def attempt(self, ticker: str) -> Attempt | None:
        """Return what came of a market's request; None while it is under way."""
        return self.refresher.opened.attempt(ticker)

    def watch_book(self, ticker: str) -> None:
        """Keep the order book of this market fresh for a while: it is on somebody's screen."""
        self.refresher.opened.watch_book(ticker)

    def book_attempt(self, ticker: str) -> Attempt | None:
        """Return what came of fetching a market's order book the last time; None before the first."""
        return self.refresher.opened.book_attempt(ticker)

    def start_backfill(self, request: BackfillRequest) -> str:
        """Begin, or go on with, filling in history; return why that cannot be, or nothing."""
        return self.refresher.backfilling.start(request)

    def stop_backfill(self) -> None:
        """Stop filling in history; what is stored stays."""
        self.refresher.backfilling.stop()

    def request_event(self, event: str) -> None:
        """Fetch the candlesticks of an event's outcomes in the background; the hub announces them."""
        self.refresher.opened_events.open(event)

    def request_series(self, series: str) -> None:
        """Fetch the settled events of a series in the background; the hub announces them."""
        self.refresher.opened_events.open_series(series)

    def event_attempt(self, event: str) -> Attempt | None:
        """Return what came of an event's request; None while it is under way."""
        return self.refresher.opened_events.attempt(event)

    def event_steps(self, event: str) -> tuple[int, int] | None:
        """Return how many of how many fetches of an event are done; None while nothing is fetched for it."""
        return self.refresher.opened_events.steps(event)

    def refresh_now(self) -> None:
        """Fetch the open universe soon; at most once a minute for all users together."""
        self.refresher.refresh_now()

    def progress(self) -> Progress:
        """Return how far the background work is, and why simulated data are shown if they are."""
        possible = datetime.fromtimestamp(max(0.0, self.refresher.refresh_possible_at()), UTC)
        filling = self.refresher.backfilling
        progress = replace(
            self.refresher.progress(), refresh_after=possible, backfill=filling.state, backfilling=filling.active
        )
        if not self.simulated:
            return progress
        return replace(
            progress,
            simulated=True,
            live_unreachable_since=self._live_unreachable_since,
            next_attempt=self._next_attempt,
        )

    # Parts

    def _lake(self, source: str) -> Lake:
        return Lake(self.settings.lake_folder(source), self.settings.layout, self._clock)

    def _client(self, source: str, policy: RetryPolicy | None = None) -> KalshiClient:
        settings = self.settings
        if source == "demo":
            if self._exchange is None:
                self._exchange = start_exchange(markets=settings.demo_markets, seed=settings.demo_seed)
            limit = RateLimit(per_second=DEMO_REQUESTS_PER_SECOND)
            return KalshiClient([self._exchange.base_url], rate_limit=limit)
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        key, per_second = None, settings.requests_per_second
        if settings.api_key_id and settings.api_key_file is not None:
            key = ApiKey(settings.api_key_id, settings.api_key_file)
            per_second = max(per_second, KEYED_REQUESTS_PER_SECOND)
        limit = RateLimit(settings.data_dir / "rate-limit", per_second=per_second)
        return KalshiClient(settings.base_urls, rate_limit=limit, api_key=key, policy=policy)

    def _refresher(self, source: str) -> Refresher:
        settings = self.settings
        limits = EngineLimits(memory=settings.memory_limit, threads=settings.threads, seconds=settings.query_seconds)
        repository = MarketRepository(self._lake(source), source, limits, self._clock, follow=False)
        rhythm = DEMO_RHYTHM
        if source == "live":
            rhythm = Rhythm(
                settings.universe_seconds,
                settings.watch_seconds,
                settings.series_hours * 3600,
                settings.watch_markets,
            )
        alerts = AlertWatch(
            AlertJournal(settings.lake_folder(source)),
            source,
            self._clock,
            editing=settings.alert_editing == "on",
            webhook=bool(settings.alert_webhook),
        )
        refresher = Refresher(self._client(source), repository, self.hub, rhythm, self._clock, alerts)
        if settings.alert_webhook:
            self._webhooks[source] = Webhook(
                alerts.journal,
                settings.alert_webhook,
                private=settings.alert_webhook_private == "on",
                is_mine=lambda: refresher.progress().writes,
                now=lambda: datetime.fromtimestamp(self._clock(), UTC),
            )
            self._webhooks[source].start()
        return refresher

    def _must_simulate(self) -> bool:
        """Whether the first start finds neither stored data nor the exchange."""
        if self._lake("live").snapshot().rows("markets"):
            return False
        return not self._live_answers()

    def _live_answers(self) -> bool:
        client = self._client("live", PROBE)
        try:
            client.get_exchange_status()
        except KalshiError as error:
            now = datetime.fromtimestamp(self._clock(), UTC)
            self._live_unreachable_since = self._live_unreachable_since or now
            self._next_attempt = datetime.fromtimestamp(self._clock() + RETRY_SECONDS, UTC)
            logger.warning("Kalshi cannot be reached: %s", error)
            return False
        finally:
            client.close()
        return True

    def _await_live(self) -> None:
        """Try live until it answers, fetch it beside the simulation, and switch over when its markets are stored."""
        while not self._closing.wait(RETRY_SECONDS):
            if self._live_answers():
                break
        if self._closing.is_set():
            return
        live = self._refreshers["live"] = self._refresher("live")
        live.start()
        while not self._closing.wait(1.0):
            if live.repository.lake.snapshot().rows("markets"):
                live.repository.advance()
                self._shown = "live"
                self.hub.publish()
                self._refreshers["demo"].stop()
                return


_lock = threading.Lock()
_context: Context | None = None


def get_context() -> Context:
    """Return the process's one context; made from the environment and started at the first call.

    It is closed when the process ends: `panel serve` tells nobody, and a thread of ours that was storing something
    then met an interpreter half taken down (docs/adr/0151).
    """
    global _context
    with _lock:
        if _context is None:
            _context = Context(Settings.from_environment()).start()
            atexit.register(_context.close)
        return _context


def set_context(context: Context) -> None:
    """Let `get_context` return this one."""
    global _context
    with _lock:
        _context = context
