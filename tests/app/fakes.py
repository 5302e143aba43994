"""A process in miniature for tests of the screen: a repository over typed Arrow tables, and the context around it."""

from __future__ import annotations

import dataclasses
import math
import random
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pyarrow as pa

from app.hub import Hub
from app.progress import Attempt, Progress
from data_layer import schemas
from data_layer.errors import NoDataError
from data_layer.questions import Answer, MarketColumn, MarketFilter, Order, SnapshotInfo
from data_layer.search.index import DOCUMENTS, SearchIndex
from data_layer.search_questions import FOUND
from tests.app.agenda_fakes import AgendaAnswers
from tests.app.event_fakes import EventAnswers, series_row
from tests.app.favourite_fakes import FavouriteAnswers
from tests.app.movers_fakes import MoversAnswers
from tests.app.pulse_fakes import PulseAnswers

NOW = datetime(2026, 11, 22, 17, 5, tzinfo=UTC)

HOSTILE = [
    "<img src=x onerror=\"window.__xss=1;alert('x')\">",
    "</script><script>window.__xss=1</script>",
    "<svg onload=window.__xss=1>",
    "javascript:window.__xss=1",
    "{{constructor.constructor('window.__xss=1')()}}",
    "‮evil ‏right to left ​zero",
    "'\"><a href=javascript:window.__xss=1>click</a>",
    "${window.__xss=1}`",
    "A" * 500,
]

PRICE, COUNT, TEXT, TIME = schemas.PRICE, schemas.COUNT, schemas.TEXT, schemas.TIME
LIST_SCHEMA = pa.schema(
    [
        ("ticker", TEXT),
        ("event_ticker", TEXT),
        ("series_ticker", TEXT),
        ("category", TEXT),
        ("title", TEXT),
        ("outcome", TEXT),
        ("event_title", TEXT),
        ("series_title", TEXT),
        ("status", TEXT),
        ("yes_bid_dollars", PRICE),
        ("yes_ask_dollars", PRICE),
        ("yes_bid_size_contracts", COUNT),
        ("yes_ask_size_contracts", COUNT),
        ("spread_dollars", PRICE),
        ("probability", pa.decimal128(10, 5)),
        ("quote_quality", TEXT),
        ("last_price_dollars", PRICE),
        ("change_24h_pp", pa.decimal128(9, 3)),
        ("volume_contracts", COUNT),
        ("volume_24h_contracts", COUNT),
        ("open_interest_contracts", COUNT),
        ("close_time", TIME),
        ("expected_time", TIME),
        ("open_time", TIME),
        ("tick_dollars", PRICE),
        ("quote_time", TIME),
    ]
)
WATCHED_SCHEMA = pa.schema(
    [*LIST_SCHEMA, ("result", TEXT), ("settlement_value_dollars", schemas.MONEY), ("settlement_time", TIME)]
)
_ABOUT = [
    *((f.name, f.type) for f in schemas.MARKET_FIELDS),
    ("event_title", TEXT),
    ("event_sub_title", TEXT),
    ("series_title", TEXT),
    ("category", TEXT),
    ("mutually_exclusive", pa.bool_()),
    ("fee_type", TEXT),
    ("fee_multiplier", pa.float64()),
    ("probability", pa.decimal128(10, 5)),
    ("quote_quality", TEXT),
    ("spread_dollars", PRICE),
    ("change_24h_pp", pa.decimal128(9, 3)),
    ("expected_time", TIME),
    ("quote_time", TIME),
    ("settlement_sources_json", TEXT),
]
ABOUT_SCHEMA = pa.schema(_ABOUT)
CANDLE_SCHEMA = pa.schema([f for f in schemas.CANDLESTICKS.arrow if f.name != "month"])

_CATEGORIES = ("Politics", "Economics", "Sports", "Climate and Weather", "Entertainment")


def quote_quality(bid: Decimal | None, ask: Decimal | None) -> str:
    if bid is None and ask is None:
        return "none"
    if bid is None or ask is None:
        return "one-sided"
    spread = ask - bid
    return "tight" if spread <= Decimal("0.02") else "ok" if spread <= Decimal("0.10") else "wide"


def market_row(number: int, **changes: Any) -> dict[str, Any]:
    """Make one row of the list; the numbers follow from `number` alone."""
    chance = random.Random(number)
    mid = chance.randint(3, 96)
    half = chance.choice((1, 1, 1, 2, 4, 8))
    bid = Decimal(max(1, mid - half)) / 100 if number % 11 else None
    ask = Decimal(min(99, mid + half)) / 100 if number % 17 else None
    quality = quote_quality(bid, ask)
    spread = ask - bid if bid is not None and ask is not None else None
    last = Decimal(mid) / 100 if number % 13 else None
    trusted = spread is not None and spread <= Decimal("0.20")
    row = {
        "ticker": f"KXTEST-26NOV{number // 4:03d}-T{number % 4}",
        "event_ticker": f"KXTEST-26NOV{number // 4:03d}",
        "series_ticker": "KXTEST",
        "category": _CATEGORIES[number // 4 % len(_CATEGORIES)],
        "title": f"Will number {number // 4} come up before the end of the month?",
        "outcome": f"Outcome {number % 4}",
        "event_title": f"Number {number // 4}",
        "series_title": "Test numbers",
        "status": "active",
        "yes_bid_dollars": bid,
        "yes_ask_dollars": ask,
        "yes_bid_size_contracts": Decimal(chance.randint(1, 9000)) if bid is not None else None,
        "yes_ask_size_contracts": Decimal(chance.randint(1, 9000)) if ask is not None else None,
        "spread_dollars": spread,
        "probability": (bid + ask) / 2 if trusted else last,
        "quote_quality": quality,
        "last_price_dollars": last,
        "change_24h_pp": Decimal(chance.randint(-90, 90)) / 10 if number % 7 else None,
        "volume_contracts": Decimal(chance.randint(0, 4_000_000)),
        "volume_24h_contracts": Decimal(chance.randint(0, 400_000)),
        "open_interest_contracts": Decimal(chance.randint(0, 900_000)),
        "close_time": NOW + timedelta(hours=chance.randint(2, 4000)),
        "expected_time": NOW + timedelta(hours=chance.randint(2, 4000)),
        "open_time": NOW - timedelta(days=chance.randint(1, 200)),
        "tick_dollars": Decimal("0.01"),
        "quote_time": NOW - timedelta(minutes=4),
    }
    return row | changes


def default_rows(count: int = 130) -> list[dict[str, Any]]:
    """Make a list of markets, hostile titles among them."""
    rows = [market_row(n) for n in range(count)]
    for n, text in enumerate(HOSTILE):
        rows[n * 4] |= {
            "title": text,
            "outcome": text,
            "event_title": text,
            "category": text if n < 2 else "Politics",
        }
    rows[50] |= {
        "tick_dollars": Decimal("0.001"),
        "yes_bid_dollars": Decimal("0.0150"),
        "yes_ask_dollars": Decimal("0.0170"),
    }
    return rows


def candle_rows(ticker: str, period: int, end: datetime, count: int = 170, seed: int = 3) -> list[dict[str, Any]]:
    """Make candlesticks of a walk in log-odds, with a hole of 5 hours and one of 40."""
    chance, level, rows, last = random.Random(seed), 0.3, [], None
    end = end.replace(minute=0, second=0, microsecond=0)
    for n in range(count):
        level += chance.gauss(0, 0.07)
        if 60 <= n < 65 or 100 <= n < 140:
            continue
        mid = round(100 / (1 + math.exp(-level)))
        traded = chance.random() < 0.7
        price = Decimal(mid) / 100
        bid, ask = Decimal(max(1, mid - 1)) / 100, Decimal(min(99, mid + 1)) / 100
        rows.append(
            {
                "period_minutes": period,
                "ticker": ticker,
                "end_time": end - timedelta(minutes=period) * (count - 1 - n),
                **{f"price_{w}_dollars": price if traded else None for w in ("open", "high", "low", "close", "mean")},
                "price_previous_dollars": last,
                **{f"yes_bid_{w}_dollars": bid for w in ("open", "high", "low", "close")},
                **{f"yes_ask_{w}_dollars": ask for w in ("open", "high", "low", "close")},
                "volume_contracts": Decimal(chance.randint(1, 5000)) if traded else Decimal(0),
                "open_interest_contracts": Decimal(1000 + 10 * n),
            }
        )
        last = price if traded else last
    return rows


class FakeRepository(AgendaAnswers, FavouriteAnswers, EventAnswers, PulseAnswers, MoversAnswers):
    """Answers from rows in memory; `failure` is raised by every question while it is set."""

    list_schema = LIST_SCHEMA

    def __init__(self, rows: list[dict[str, Any]] | None = None, now: datetime = NOW) -> None:
        self.rows = default_rows() if rows is None else rows
        self.events: dict[str, dict[str, Any]] = {}
        self.outcome_changes: dict[str, dict[str, Any]] = {}
        self.event_changes: dict[str, dict[str, Any]] = {}
        self.series_rows = [series_row(n) for n in range(120)] + [series_row(0, series_ticker="KXTEST")]
        self.days: dict[Any, int] = {}
        self.now, self.snapshot_id, self.as_of = now, 1, now - timedelta(minutes=4)
        self.source, self.rejected, self.conditions = "live", 3, ()
        self.failure: Exception | None = None
        self.about: dict[str, dict[str, Any]] = {}
        self.candles: dict[tuple[str, int], list[dict[str, Any]]] = {}
        self.books: dict[str, list[dict[str, Any]]] = {}
        self.trade_rows: dict[str, list[dict[str, Any]]] = {}
        self.day_rows: dict[str, list[dict[str, Any]]] = {}
        self.asked: list[tuple[Any, ...]] = []
        #: Classes of the models that show answers.
        self.askers: set[str] = set()

    def _check(self) -> None:
        if self.failure is not None:
            raise self.failure

    def _answer(self, table: pa.Table, total: int, query: str) -> Answer:
        return Answer(table, total, self.as_of, self.snapshot_id, self.source, query)

    def asked_by(self, asker: object) -> AbstractContextManager[None]:
        self.askers.add(type(asker).__name__)
        return nullcontext()

    def left_by(self, asker: object) -> None:
        self.askers.discard(type(asker).__name__)

    def snapshot_info(self) -> SnapshotInfo:
        self._check()
        return SnapshotInfo(
            self.snapshot_id,
            self.source,
            self.as_of,
            self.as_of,
            len(self.rows),
            30,
            1,
            self.rejected,
            self.conditions,
        )

    def markets(
        self, filter: MarketFilter = MarketFilter(), order: tuple[Order, ...] = (), offset: int = 0, limit: int = 50
    ) -> Answer:
        self._check()
        self.asked.append(("markets", filter, order, offset, limit))
        words = filter.text.lower().split()

        found = [row for row in self.rows if self._passes(row, filter, words)]
        for key in reversed(order or (Order(MarketColumn.VOLUME_24H),)):
            known = [row for row in found if row[key.column.value] is not None]
            known.sort(key=lambda row: row[key.column.value], reverse=key.descending)
            found = known + [row for row in found if row[key.column.value] is None]
        page = pa.Table.from_pylist(found[offset : offset + limit], schema=LIST_SCHEMA)
        return self._answer(page, len(found), "markets")

    def _passes(self, row: dict[str, Any], filter: MarketFilter, words: list[str]) -> bool:
        def days(number: Decimal | None) -> datetime | None:
            return None if number is None else self.now + timedelta(days=float(number))

        least = {
            "spread_dollars": filter.spread_min_dollars,
            "open_time": days(None if filter.days_since_open_max is None else -filter.days_since_open_max),
            "probability": filter.probability_min,
            "volume_contracts": filter.volume_min_contracts,
            "volume_24h_contracts": filter.volume_24h_min_contracts,
            "open_interest_contracts": filter.open_interest_min_contracts,
            "expected_time": days(filter.days_to_close_min),
        }
        most = {
            "probability": filter.probability_max,
            "spread_dollars": filter.spread_max_dollars,
            "expected_time": days(filter.days_to_close_max),
        }
        named = {
            "category": filter.categories,
            "series_ticker": filter.series,
            "event_ticker": (filter.event,) if filter.event else (),
            "status": filter.statuses,
            "quote_quality": filter.qualities,
        }
        text = f"{row['ticker']} {row['title']} {row['outcome']}".lower()
        return (
            all(word in text for word in words)
            and all(not allowed or row[name] in allowed for name, allowed in named.items())
            and all(b is None or (row[name] is not None and row[name] >= b) for name, b in least.items())
            and all(b is None or (row[name] is not None and row[name] <= b) for name, b in most.items())
        )

    def tightest_filter(self, filter: MarketFilter) -> tuple[str, int] | None:
        self._check()
        plain, found = MarketFilter(), []
        for part in dataclasses.fields(MarketFilter):
            if getattr(filter, part.name) != getattr(plain, part.name):
                without = dataclasses.replace(filter, **{part.name: getattr(plain, part.name)})
                found.append((part.name, self.markets(without, limit=1).total))
        best = max(found, key=lambda pair: pair[1], default=None)
        return best if best and best[1] else None

    def markets_reader(
        self, filter: MarketFilter = MarketFilter(), order: tuple[Order, ...] = (), limit: int = 200_000
    ) -> pa.RecordBatchReader:
        table = self.markets(filter, order, 0, limit).table
        table = table.append_column("as_of", pa.array([self.as_of] * len(table), TIME))
        table = table.append_column("source", pa.array([self.source] * len(table), TEXT))
        said = {"kalshi.source": self.source, "kalshi.as_of": self.as_of.isoformat()}
        return table.replace_schema_metadata(said).to_reader(max_chunksize=50)

    def series_found(self, text: str, limit: int = 12) -> Answer:
        self._check()
        counts: dict[str, int] = {}
        for row in self.rows:
            if text.lower() in f"{row['series_ticker']} {row['series_title']}".lower():
                counts[row["series_ticker"]] = counts.get(row["series_ticker"], 0) + 1
        schema = pa.schema([("series_ticker", TEXT), ("title", TEXT), ("markets", pa.int64())])
        rows = [{"series_ticker": s, "title": "Test numbers", "markets": n} for s, n in counts.items()][:limit]
        return self._answer(pa.Table.from_pylist(rows, schema=schema), len(rows), "series_found")

    def watched_markets(self, tickers: Any) -> Answer:
        self._check()
        stored = {row["ticker"]: row for row in self.rows}
        found = [stored[ticker] for ticker in dict.fromkeys(tickers) if ticker in stored]
        return self._answer(pa.Table.from_pylist(found, schema=WATCHED_SCHEMA), len(found), "watched_markets")

    def search(self, text: str, limits: dict[str, int] | None = None) -> Answer:
        """Find by the real index, over the rows of this repository."""
        self._check()
        self.asked.append(("search", text))
        events = dict.fromkeys((row["event_ticker"], row["event_title"]) for row in self.rows)
        documents = [
            {"kind": "series", "key": "KXTEST", "title": "Test numbers", "detail": "Economics", "words": "KXTEST"},
            *(
                {"kind": "event", "key": key, "title": title, "detail": "", "words": key, "parent": 0}
                for key, title in events
            ),
        ]
        places = {row["key"]: n for n, row in enumerate(documents)}
        documents += [
            {
                "kind": "market",
                "key": row["ticker"],
                "title": row["title"],
                "detail": row["outcome"],
                "words": row["ticker"],
                "volume": float(row["volume_24h_contracts"]) if row["status"] == "active" else None,
                "members": 1,
                "parent": places[row["event_ticker"]],
            }
            for row in self.rows
        ]
        index = SearchIndex(pa.Table.from_pylist(documents, schema=DOCUMENTS))
        hits = index.find(text, dict(limits or FOUND))
        table = index.documents.take(pa.array([hit.row for hit in hits], pa.int64()))
        table = table.append_column("score", pa.array([hit.score for hit in hits], pa.float64()))
        return self._answer(table, len(hits), "search_documents")

    def market(self, ticker: str) -> Answer:
        self._check()
        row = next((row for row in self.rows if row["ticker"] == ticker), None)
        if row is None:
            raise NoDataError(f"No market {ticker!r} is stored.")
        about = {name: row.get(name) for name in ABOUT_SCHEMA.names} | {
            "yes_sub_title": row["outcome"],
            "rules_primary": f"If number comes up, the market resolves to Yes.\n{row['title']}",
            "rules_secondary": "Ties settle at 50¢.",
            "created_time": row["open_time"] - timedelta(hours=3),
            "expected_expiration_time": row["expected_time"],
            "latest_expiration_time": row["close_time"] + timedelta(days=7),
            "settlement_sources_json": '[{"name": "Bureau <b>of</b> Tests", "url": "javascript:alert(1)"}]',
            **self.about.get(ticker, {}),
        }
        return self._answer(pa.Table.from_pylist([about], schema=ABOUT_SCHEMA), 1, "market")

    def market_siblings(self, ticker: str, limit: int = 500) -> Answer:
        event = self.market(ticker).rows()[0]["event_ticker"]
        others = [row for row in self.rows if row["event_ticker"] == event and row["ticker"] != ticker]
        return self._answer(pa.Table.from_pylist(others, schema=LIST_SCHEMA), len(others), "market_siblings")

    def categories(self) -> Answer:
        self._check()
        counts: dict[str, int] = {}
        for row in self.rows:
            counts[row["category"]] = counts.get(row["category"], 0) + 1
        listed = [{"category": c, "markets": n} for c, n in sorted(counts.items(), key=lambda pair: -pair[1])]
        return self._answer(pa.Table.from_pylist(listed), len(listed), "categories")

    def candlesticks(
        self,
        ticker: str,
        period_minutes: int = 60,
        start: datetime | None = None,
        end: datetime | None = None,
        max_points: int = 2000,
    ) -> Answer:
        self._check()
        self.asked.append(("candlesticks", ticker, period_minutes, start))
        stored = self.candles.get((ticker, period_minutes))
        if stored is None:
            stored = candle_rows(ticker, period_minutes, self.now)
        rows = [
            row
            for row in stored
            if (start is None or row["end_time"] >= start) and (end is None or row["end_time"] <= end)
        ]
        return self._answer(pa.Table.from_pylist(rows, schema=CANDLE_SCHEMA), len(rows), "candlesticks")

    def order_book(self, ticker: str) -> Answer:
        self._check()
        rows = self.books.get(ticker)
        if rows is None:
            bids = {f"0.{40 - n}": f"{100 * n + 50}.50" for n in range(1, 12)}
            rows = book_rows(self.now, bids, {f"0.{58 - n}": f"{70 * n + 20}" for n in range(1, 9)})
        return self._answer(pa.Table.from_pylist(rows, schema=BOOK_SCHEMA), len(rows), "order_book")

    def trades(self, ticker: str, limit: int = 200) -> Answer:
        self._check()
        rows = self.trade_rows.get(ticker)
        rows = trade_rows(ticker, self.now)[:limit] if rows is None else rows
        return self._answer(pa.Table.from_pylist(rows, schema=TRADE_SCHEMA), len(rows), "trades")

    def daily_bars(self, ticker: str, start: datetime | None = None, end: datetime | None = None) -> Answer:
        self._check()
        rows = self.day_rows.get(ticker)
        rows = day_rows(self.now) if rows is None else rows
        return self._answer(pa.Table.from_pylist(rows, schema=DAY_SCHEMA), len(rows), "daily_bars")


BOOK_SCHEMA = pa.schema(
    [("side", TEXT), ("price_dollars", PRICE), ("count_contracts", COUNT), ("observed_time", TIME)]
)
TRADE_SCHEMA = schemas.TRADES.arrow
DAY_SCHEMA = pa.schema(
    [
        ("day", pa.date32()),
        *((f"price_{word}_dollars", PRICE) for word in ("open", "high", "low", "close")),
        ("vwap_dollars", PRICE),
        ("volume_contracts", COUNT),
        ("open_interest_contracts", COUNT),
        ("hours", pa.int32()),
    ]
)


def book_rows(now: datetime, yes: dict[str, str], no: dict[str, str]) -> list[dict[str, Any]]:
    """Make a book of bids: price to contracts, best first on each side."""
    return [
        {
            "side": side,
            "price_dollars": Decimal(price),
            "count_contracts": Decimal(count),
            "observed_time": now - timedelta(seconds=7),
        }
        for side, bids in (("yes", yes), ("no", no))
        for price, count in sorted(bids.items(), key=lambda bid: -Decimal(bid[0]))
    ]


def trade_rows(ticker: str, now: datetime, count: int = 30) -> list[dict[str, Any]]:
    """Make the last trades, newest first; every seventh is a block trade."""
    return [
        {
            "day": "2026-11-22",
            "trade_id": f"{ticker}-{n}",
            "ticker": ticker,
            "created_time": now - timedelta(seconds=50 * n + 5),
            "count_contracts": Decimal(n * 13 + 1),
            "yes_price_dollars": Decimal(40 + n % 3) / 100,
            "no_price_dollars": Decimal(60 - n % 3) / 100,
            "taker_outcome_side": "yes" if n % 2 else "no",
            "taker_book_side": "bid" if n % 2 else "ask",
            "is_block_trade": n % 7 == 3,
        }
        for n in range(count)
    ]


def day_rows(now: datetime, count: int = 5) -> list[dict[str, Any]]:
    """Make US-Eastern days, newest first; nothing was traded on the second."""
    return [
        {
            "day": (now - timedelta(days=n)).date(),
            **{
                f"price_{w}_dollars": None if n == 1 else Decimal(40 + n) / 100
                for w in ("open", "high", "low", "close")
            },
            "vwap_dollars": None if n == 1 else Decimal("0.4125"),
            "volume_contracts": Decimal(0 if n == 1 else 1200 - n),
            "open_interest_contracts": Decimal(5000 - n),
            "hours": 24,
        }
        for n in range(count)
    ]


class QuietAlerts:
    """An installation whose rules never said anything."""

    source = "live"

    def latest(self) -> int:
        return 0

    def firings(self, *_asked: Any, **_more: Any) -> tuple[list[Any], int]:
        return [], 0


class FakeContext:
    """The process as pages see it; what they wish for is written down."""

    def __init__(self, repository: FakeRepository | None = None) -> None:
        self.repository = repository or FakeRepository()
        self.hub = Hub()
        self.state = Progress(stage="idle")
        self.requested: list[str] = []
        self.shown: list[str] = []
        self.refreshes_asked = 0
        self.watched: list[str] = []
        self.attempts: dict[str, Attempt] = {}
        self.book_attempts: dict[str, Attempt] = {}
        self.events_requested: list[str] = []
        self.series_requested: list[str] = []
        self.event_attempts: dict[str, Attempt] = {}
        self.event_progress: dict[str, tuple[int, int]] = {}
        self.settings = SimpleNamespace()
        self.alerts: Any = QuietAlerts()

    def request_market(self, ticker: str) -> None:
        self.requested.append(ticker)
        if all(row["ticker"] != ticker for row in self.repository.rows):
            self.attempts.setdefault(ticker, Attempt(NOW, 0, "Kalshi does not know it (404)."))

    def attempt(self, ticker: str) -> Attempt | None:
        return self.attempts.get(ticker)

    def watch_book(self, ticker: str) -> None:
        self.watched.append(ticker)

    def book_attempt(self, ticker: str) -> Attempt | None:
        return self.book_attempts.get(ticker)

    def request_event(self, event: str) -> None:
        self.events_requested.append(event)
        if all(row["event_ticker"] != event for row in self.repository.rows):
            self.event_attempts.setdefault(event, Attempt(NOW, 0, "Kalshi does not know it (404)."))

    def request_series(self, series: str) -> None:
        self.series_requested.append(series)

    def event_attempt(self, event: str) -> Attempt | None:
        return self.event_attempts.get(event)

    def event_steps(self, event: str) -> tuple[int, int] | None:
        return self.event_progress.get(event)

    def show(self, tickers: list[str], lines: bool = False) -> None:
        self.shown = tickers
        self.drawn = tickers if lines else []

    def refresh_now(self) -> None:
        self.refreshes_asked += 1

    def progress(self) -> Progress:
        return self.state

    def set_progress(self, **changes: Any) -> None:
        self.state = dataclasses.replace(self.state, **changes)
