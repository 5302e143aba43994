"""One market: what it is, its quote, candlesticks, order book, trades and days, and its event's other outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import param

from app import link_words
from app.models.base import PageModel, Source, now_utc, why_missing
from app.models.event import MINUTES_KEPT
from app.models.event_chart import OVER
from app.models.exports import Export
from app.models.order_book import Ladder, ladder
from app.models.present import Present, present
from app.progress import Attempt
from app.state import State
from data_layer.errors import NoDataError
from data_layer.questions import Answer

WINDOWS: dict[str, timedelta | None] = {
    "1d": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
    "all": None,
}
#: More candlesticks than pixels say nothing more; the repository merges them exactly.
MAX_CANDLESTICKS = 1_000
MAX_TRADES = 50
#: Days that are shown; older ones are on the chart. And other outcomes beside a market; an event can have hundreds.
MOST_DAYS, MOST_OUTCOMES = 31, 40
#: What shows more of a market that is young.
_FINER = {"1d": "1h", "1h": "1m"}
_NOTHING = dict.fromkeys(
    ("market", "about", "candles", "quote", "siblings", "book", "book_attempt", "trades", "days")
)


def window_of(
    market: Mapping[str, Any], values: Mapping[str, Any], now: datetime
) -> tuple[datetime | None, datetime]:
    """Return the chart's window (UTC): its begin, None for all that is stored, and its end, when the market was over.

    It begins on a whole minute, so that the same question within a minute is answered from memory.
    """
    over = market["status"] in OVER
    end = now if not over else min(now, market["settlement_time"] or market["close_time"] or now)
    span = WINDOWS[values["window"]]
    return None if span is None else end.replace(second=0, microsecond=0) - span, end


def period_of(market: Mapping[str, Any], values: Mapping[str, Any], now: datetime) -> str:
    """Return the period of the candlesticks: the asked one, or a finer one where the market lived less than two.

    A chart of hours has nothing of a market's first hour, and of an hourly market nothing at all.
    """
    period: str = values["period"]
    finer = _FINER.get(period, period)
    opened, (_, end) = market["open_time"], window_of(market, values, now)
    is_young = opened is not None and opened <= end < opened + timedelta(minutes=2 * link_words.PERIODS[period])
    is_kept = finer != "1m" or now - end < MINUTES_KEPT
    return finer if is_young and is_kept else period


def _candles(source: Any, values: Mapping[str, Any], now: datetime) -> Answer:
    repository, ticker = source.repository, values["ticker"]
    market = repository.market(ticker).rows()[0]
    minutes, (start, _) = link_words.PERIODS[period_of(market, values, now)], window_of(market, values, now)
    found: Answer = repository.candlesticks(ticker, minutes, start, max_points=MAX_CANDLESTICKS)
    return found


EXPORTS: dict[str, Export] = {
    "market": Export(
        "The market’s row",
        lambda source, values, now: source.repository.market(values["ticker"]),
        ("The chance is the middle of bid and ask where they are at most 20¢ apart, else the last trade.",),
        method="probability",
    ),
    "candles": Export(
        "Prices, volume and open interest",
        _candles,
        ("A minute without a change of the quote or a trade has no candlestick.",),
        method="candlesticks",
    ),
    "book": Export(
        "Order book",
        lambda source, values, now: source.repository.order_book(values["ticker"]),
        ("The exchange lists bids: a bid for NO at p is an ask for YES at 1 − p.",),
        method="order-book",
    ),
    "trades": Export(
        "Last trades",
        lambda source, values, now: source.repository.trades(values["ticker"], MAX_TRADES),
        (f"The newest {MAX_TRADES}; all that are stored: kalshi-dashboard export trades.",),
        method="trades",
    ),
    "days": Export(
        "Days",
        lambda source, values, now: source.repository.daily_bars(values["ticker"]),
        ("US-Eastern days, from hourly candlesticks.", "A day without a trade has no price."),
        method="days",
        most=MOST_DAYS,
    ),
    "outcomes": Export(
        "Other outcomes of the event",
        lambda source, values, now: source.repository.market_siblings(values["ticker"]),
        method="probability",
        most=MOST_OUTCOMES,
    ),
}


class MarketModel(PageModel):
    """Everything of the market the session has open; asks for it to be fetched when it is opened, stored or not."""

    market = param.Dict(default=None, allow_None=True, doc="The market's row, prices exact; None when there is none.")
    about = param.ClassSelector(class_=Answer, default=None, allow_None=True, doc="Where the row comes from.")
    candles = param.ClassSelector(class_=Answer, default=None, allow_None=True, doc="Candlesticks of the window.")
    period = param.String(default="1h", doc="Period of the candlesticks, as links have it: the asked one, or finer.")
    quote = param.ClassSelector(
        class_=Present,
        default=None,
        allow_None=True,
        doc="The quote the chart ends in; None where nothing is traded.",
    )
    siblings = param.ClassSelector(class_=Answer, default=None, allow_None=True, doc="The event's other outcomes.")
    book = param.ClassSelector(
        class_=Ladder, default=None, allow_None=True, doc="The last order book received, in prices of the side."
    )
    book_attempt = param.ClassSelector(
        class_=Attempt, default=None, allow_None=True, doc="How the last fetch of the book ended; None before it."
    )
    trades = param.ClassSelector(class_=Answer, default=None, allow_None=True, doc="The last trades, newest first.")
    days = param.ClassSelector(class_=Answer, default=None, allow_None=True, doc="US-Eastern days, newest first.")
    unknown = param.Boolean(default=False, doc="Whether no such market is stored, and looking for it found none.")
    missing_reason = param.String(default="", doc="Why looking for an unknown market found none.")
    looking = param.Boolean(default=False, doc="Whether a market that is not stored is being looked for.")
    fetching = param.Boolean(default=False, doc="Whether candlesticks were asked for and nothing came yet.")
    fetch_problem = param.String(default="", doc="Why fetching the market's history failed; empty when it did not.")
    start = param.Parameter(default=None, allow_None=True, doc="Begin of the chart's window (UTC), None for all.")
    end = param.Parameter(default=None, doc="End of the chart's window (UTC): now, or when the market was over.")
    now = param.Parameter(default=None, doc="When it was asked (UTC datetime): base of ages.")

    inputs = ("ticker", "period", "window", "axis", "chart_style", "open_interest")
    exports = EXPORTS

    def __init__(self, source: Source, state: State, now: Callable[[], datetime] = now_utc) -> None:
        super().__init__(source, state, now)
        self._requested = ""

    @property
    def over(self) -> bool:
        """Whether nothing is traded any more."""
        return self.market is not None and self.market["status"] in OVER

    def poll(self) -> None:
        """Time passed: say that the book is still on a screen, and ask again when a search or a fetch has ended."""
        if not self.active:
            return
        ticker = self.state.ticker
        if self.looking or self.fetching:
            if self._source.attempt(ticker) is not None:
                self.refresh()
        elif self.market is not None:
            if not self.over:
                self._source.watch_book(ticker)
            self.param.update(now=self._now(), book_attempt=self._source.book_attempt(ticker))

    def _ask(self) -> dict[str, Any]:
        ticker, now = self.state.ticker, self._now()
        repository = self._source.repository
        if not ticker:
            return _NOTHING | {"unknown": True, "missing_reason": "", "looking": False, "fetching": False, "now": now}
        repository.snapshot_info()  # nothing stored at all is another answer than "not this one"
        if self._requested != ticker:
            # Once per opening: the refresher decides whether what is stored is fresh enough.
            self._requested = ticker
            self._source.request_market(ticker)
        attempt = self._source.attempt(ticker)
        try:
            about = self.answer_of("market")
        except NoDataError:
            reason = why_missing(attempt, partial(self._source.request_market, ticker))
            found = {"unknown": bool(reason), "missing_reason": reason, "looking": not reason}
            return _NOTHING | found | {"fetching": False, "now": now}
        self._source.show([ticker])
        market: dict[str, Any] = about.rows()[0]
        over = market["status"] in OVER
        if not over:
            self._source.watch_book(ticker)
        start, end = window_of(market, self.state.link_values(), now)
        candles = self.answer_of("candles")
        opened_at: Any = market["open_time"]
        return {
            "market": market,
            "about": about,
            "candles": candles,
            "period": period_of(market, self.state.link_values(), now),
            "quote": present(market, end, now),
            "siblings": self.answer_of("outcomes"),
            "book": ladder(self.answer_of("book").rows(), self.state.side),
            "book_attempt": self._source.book_attempt(ticker),
            "trades": self.answer_of("trades"),
            "days": self.answer_of("days"),
            "unknown": False,
            "missing_reason": "",
            "looking": False,
            "fetching": candles.table.num_rows == 0 and attempt is None,
            "fetch_problem": attempt.problem if attempt is not None else "",
            # Before the market opened there is nothing a chart could be missing.
            "start": max(start, opened_at) if start is not None and opened_at is not None else start,
            "end": end,
            "now": now,
        }
