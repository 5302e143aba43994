"""A small whole: a fake exchange, a lake, the ingest that fills it and the repository that answers; one clock."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from data_layer.engine.limits import EngineLimits
from data_layer.ingest import Ingest
from data_layer.refresh_report import RefreshReport
from data_layer.repository import MarketRepository
from data_layer.store import Lake
from tests.data_layer.wire_samples import NOW, FakeClient, event

LIMITS = EngineLimits(memory="256MB", threads=2)


class World:
    """Use as a context manager. `tick` moves the clock of everything."""

    def __init__(self, folder: Path, *events: Any, limits: EngineLimits = LIMITS) -> None:
        self.now = NOW
        self.client = FakeClient(list(events))
        self.lake = Lake(folder / "lake", clock=self.clock)
        self.repository = MarketRepository(self.lake, "demo", limits, clock=self.clock, follow=False)
        self._stack = ExitStack()

    def __enter__(self) -> World:
        self._stack.callback(self.repository.close)
        self.writer = self._stack.enter_context(self.lake.writer())
        self.ingest = self.new_ingest()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def clock(self) -> float:
        return self.now

    def tick(self, seconds: float) -> None:
        self.now += seconds
        self.client.now = self.now

    def new_ingest(self) -> Ingest:
        """Make an ingest as a process that has just started would."""
        return Ingest(self.client, self.writer, "demo", self.clock)  # type: ignore[arg-type]

    def crawl(self, *markets: Any, events: list[Any] | None = None) -> RefreshReport:
        """Fetch the universe, which consists of these markets of one event, and look at it."""
        if markets:
            self.client.events = [event(markets=markets)]
        if events is not None:
            self.client.events = events
        return self.seen(self.ingest.universe())

    def watch(self, *markets: Any) -> RefreshReport:
        """Fetch the quotes of these markets, and look at them."""
        self.client.markets = list(markets)
        return self.seen(self.ingest.watch([market.ticker for market in markets]))

    def seen(self, report: RefreshReport) -> RefreshReport:
        self.repository.advance()
        return report

    def row(self, ticker: str) -> dict[str, Any]:
        """Return a market's row of the market list, whatever its status."""
        from data_layer.questions import MarketFilter

        rows = self.repository.markets(MarketFilter(statuses=()), limit=1000).rows()
        (found,) = [row for row in rows if row["ticker"] == ticker]
        return found
