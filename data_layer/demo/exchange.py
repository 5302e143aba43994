"""The simulated exchange as a server: an application, a thread to run it in, and a way to stop it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

import tornado.httpserver
import tornado.ioloop
import tornado.netutil
import tornado.web

from data_layer.demo import candle_routes, event_routes, market_routes, reference_routes
from data_layer.demo.answering import PREFIX, FastGzip, KeyNeeded, NoSuchRoute, TokenBucket
from data_layer.demo.combos import Combos
from data_layer.demo.control import FaultControl
from data_layer.demo.faults import Faults
from data_layer.demo.payloads import Writer
from data_layer.demo.world import World

_ROUTES: tuple[tuple[str, type[tornado.web.RequestHandler]], ...] = (
    ("/exchange/status", reference_routes.Status),
    ("/exchange/schedule", reference_routes.Schedule),
    ("/exchange/user_data_timestamp", reference_routes.UserDataTimestamp),
    ("/series", reference_routes.SeriesList),
    ("/series/fee_changes", reference_routes.SeriesFeeChanges),
    ("/series/([^/]+)", reference_routes.OneSeries),
    ("/series/([^/]+)/markets/([^/]+)/candlesticks", candle_routes.MarketCandles),
    ("/series/([^/]+)/events/([^/]+)/candlesticks", candle_routes.EventCandles),
    ("/series/([^/]+)/events/([^/]+)/forecast_percentile_history", KeyNeeded),
    ("/events", event_routes.EventsPage),
    ("/events/multivariate", event_routes.ComboEvents),
    ("/events/fee_changes", event_routes.EventFeeChanges),
    ("/events/([^/]+)", event_routes.OneEvent),
    ("/events/([^/]+)/metadata", event_routes.EventMetadata),
    ("/markets", market_routes.MarketsPage),
    ("/markets/trades", market_routes.Trades),
    ("/markets/orderbooks", market_routes.ManyBooks),
    ("/markets/candlesticks", candle_routes.ManyCandles),
    ("/markets/([^/]+)", market_routes.OneMarket),
    ("/markets/([^/]+)/orderbook", market_routes.OneBook),
    ("/historical/cutoff", candle_routes.Cutoff),
    ("/historical/markets", candle_routes.HistoricalPage),
    ("/historical/trades", market_routes.HistoricalTrades),
    ("/historical/markets/([^/]+)", candle_routes.HistoricalMarket),
    ("/historical/markets/([^/]+)/candlesticks", candle_routes.HistoricalCandles),
    ("/milestones", reference_routes.Milestones),
    ("/milestones/([^/]+)", reference_routes.OneMilestone),
    ("/structured_targets", reference_routes.StructuredTargets),
    ("/structured_targets/([^/]+)", reference_routes.OneTarget),
    ("/search/tags_by_categories", reference_routes.TagsByCategories),
    ("/search/filters_by_sport", reference_routes.FiltersBySport),
    ("/incentive_programs", reference_routes.IncentivePrograms),
    ("/multivariate_event_collections", reference_routes.Collections),
    ("/portfolio/.*", KeyNeeded),
    ("/account/limits", KeyNeeded),
    ("/historical/(?:fills|orders|positions)", KeyNeeded),
)


class Exchange:
    """What the handlers share."""

    def __init__(self, world: World, requests_per_second: float | None) -> None:
        self.world = world
        self.writer = Writer(world)
        self.combos = Combos(world)
        self.bucket = TokenBucket(requests_per_second)
        self.faults = Faults()
        self.request_log: deque[tuple[float, str, str]] = deque(maxlen=20_000)

    def application(self) -> tornado.web.Application:
        """Return the Tornado application."""
        shared: dict[str, Any] = {"exchange": self}
        routes: list[Any] = [(PREFIX + path, handler, shared) for path, handler in _ROUTES]
        routes.append(("/control/faults", FaultControl, shared))
        application = tornado.web.Application(
            routes,
            default_handler_class=NoSuchRoute,
            default_handler_args=shared,
            log_function=lambda handler: None,
        )
        application.transforms.append(FastGzip)
        return application


class RunningExchange:
    """A simulated exchange that is being served; ``stop()`` it, or use it as a context manager."""

    def __init__(self, exchange: Exchange, port: int) -> None:
        self._exchange = exchange
        self._ready = threading.Event()
        self._problem: BaseException | None = None
        self._loop: tornado.ioloop.IOLoop | None = None
        self._server: tornado.httpserver.HTTPServer | None = None
        self.port = port
        self._thread = threading.Thread(target=self._run, name="simulated-exchange", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._problem is not None:
            raise self._problem

    @property
    def world(self) -> World:
        """The world that is served."""
        return self._exchange.world

    @property
    def request_log(self) -> deque[tuple[float, str, str]]:
        """The last 20,000 requests: (monotonic seconds, method, path and query)."""
        return self._exchange.request_log

    @property
    def base_url(self) -> str:
        """Where the API is, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}{PREFIX}"

    def set_fault(self, name: str, **options: Any) -> None:
        """Switch a fault on (names: FAULTS), for a ``path`` prefix and ``times`` requests if these are given."""
        self._exchange.faults.set(name, **options)

    def clear_faults(self) -> None:
        """Switch all faults off and let go of whoever is kept waiting."""
        self._exchange.faults.clear()

    def _run(self) -> None:
        async def serve() -> None:
            try:
                sockets = tornado.netutil.bind_sockets(self.port, "127.0.0.1")
                self.port = sockets[0].getsockname()[1]
                self._server = tornado.httpserver.HTTPServer(self._exchange.application())
                self._server.add_sockets(sockets)
                self._loop = tornado.ioloop.IOLoop.current()
                self._stopping = asyncio.Event()
                self._exchange.faults.attach(self._loop, self._server, self.port)
            except OSError as problem:
                self._problem = problem
                return
            finally:
                self._ready.set()
            await self._stopping.wait()
            self._exchange.faults.clear()
            self._server.stop()
            await self._server.close_all_connections()

        asyncio.run(serve())

    def stop(self) -> None:
        """Stop serving; a second call does nothing."""
        if self._thread.is_alive() and self._loop is not None:
            self._loop.add_callback(self._stopping.set)
            self._thread.join(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_exchange(
    *,
    markets: int = 6000,
    settled: int = 20000,
    seed: int = 1,
    port: int = 0,
    requests_per_second: float | None = 20,
    clock: Callable[[], float] = time.time,
) -> RunningExchange:
    """Start a simulated exchange in a thread of its own, on 127.0.0.1.

    markets: open markets at any time, combos apart; settled: remembered settled markets, at least;
    port: 0 for a free one; requests_per_second: more than that is answered 429, None for no limit;
    clock: Unix seconds, called in the exchange's thread.
    Raises OSError if the port is taken.
    """
    world = World(markets=markets, settled=settled, seed=seed, clock=clock)
    return RunningExchange(Exchange(world, requests_per_second), port)


def serve_forever(
    *,
    markets: int = 6000,
    settled: int = 20000,
    seed: int = 1,
    port: int = 0,
    requests_per_second: float | None = 20,
    faults: Sequence[str] = (),
) -> None:
    """Serve a simulated exchange until interrupted, with ``faults`` switched on."""
    with start_exchange(
        markets=markets, settled=settled, seed=seed, port=port, requests_per_second=requests_per_second
    ) as running:
        for name in faults:
            running.set_fault(name)
        print(f"Simulated exchange, seed {seed}: {running.base_url}", flush=True)  # noqa: T201
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return
