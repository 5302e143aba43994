"""The words in which the app asks and is answered: filters, orders, answers.

Plain frozen values, hashable, so that an answer can be memoised by (question, snapshot).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import pandas as pd
import pyarrow as pa

from data_layer.reproduction import Call, Statement


class QuoteQuality(StrEnum):
    """How much a market's quote can be trusted: by its spread, or by what is missing."""

    TIGHT = "tight"  # spread <= 2 cents
    OK = "ok"  # spread <= 10 cents
    WIDE = "wide"  # spread above 10 cents
    ONE_SIDED = "one-sided"  # only a bid or only an ask
    NONE = "none"  # neither, or not trading


class MarketColumn(StrEnum):
    """Columns of the market list that can be sorted by: the only identifiers that ever reach SQL."""

    TICKER = "ticker"
    TITLE = "title"
    OUTCOME = "outcome"
    CATEGORY = "category"
    SERIES = "series_ticker"
    PROBABILITY = "probability"
    YES_BID = "yes_bid_dollars"
    YES_ASK = "yes_ask_dollars"
    SPREAD = "spread_dollars"
    LAST_PRICE = "last_price_dollars"
    CHANGE_24H = "change_24h_pp"
    VOLUME = "volume_contracts"
    VOLUME_24H = "volume_24h_contracts"
    OPEN_INTEREST = "open_interest_contracts"
    CLOSES = "expected_time"
    OPENED = "open_time"


class MoverColumn(StrEnum):
    """Columns of the list of movers that can be sorted by; moves by their size, up or down."""

    POINTS = "size_pp"
    LOG_ODDS = "size_log_odds"
    Z = "size_z"
    TITLE = "title"
    PROBABILITY = "price_now"
    SPREAD = "spread_dollars"
    VOLUME_24H = "volume_24h_contracts"
    RECENT = "recent_share"
    SURGE = "surge"
    CLOSES = "expected_time"


class MoverSide(StrEnum):
    """Which way a market moved; `UNKNOWN` are those without a price at the beginning of the window."""

    BOTH = "both"
    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"


class FavouriteColumn(StrEnum):
    """Columns of the list of favourites that can be sorted by."""

    TITLE = "title"
    SIDE = "side"
    BID = "bid_dollars"
    ASK = "ask_dollars"
    NET_COST = "net_cost_dollars"
    RETURN = "return_if_right"
    SIMPLE = "simple_annual_return"
    COMPOUND = "compound_annual_return"
    DAYS = "days_to_settlement"
    ASK_SIZE = "ask_size_contracts"
    SPREAD = "spread_dollars"
    VOLUME_24H = "volume_24h_contracts"


class AgendaColumn(StrEnum):
    """Columns of the calendar's list that can be sorted by."""

    TIME = "time"
    TITLE = "title"
    OUTCOME = "outcome"
    CHANCE = "probability"
    MARKETS = "markets"
    VOLUME_24H = "volume_24h_contracts"
    OPEN_INTEREST = "open_interest_contracts"


@dataclass(frozen=True, slots=True)
class Order:
    """One sort key; rows without a value always come last."""

    column: MarketColumn | MoverColumn | FavouriteColumn | AgendaColumn
    descending: bool = True


@dataclass(frozen=True, slots=True)
class MarketFilter:
    """What the screener lets through; every bound is inclusive, absent bounds let everything through.

    A market without a probability (or spread, …) does not pass a bound on it: unknown is not "small".
    Probabilities are 0–1, spreads dollars, counts contracts, days calendar days of 24 h.
    """

    text: str = ""
    categories: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    event: str = ""
    statuses: tuple[str, ...] = ("active",)
    qualities: tuple[QuoteQuality, ...] = ()
    probability_min: Decimal | None = None
    probability_max: Decimal | None = None
    spread_min_dollars: Decimal | None = None
    spread_max_dollars: Decimal | None = None
    volume_min_contracts: int | None = None
    volume_24h_min_contracts: int | None = None
    open_interest_min_contracts: int | None = None
    days_to_close_min: Decimal | None = None
    days_to_close_max: Decimal | None = None
    days_since_open_max: Decimal | None = None


@dataclass(frozen=True, slots=True)
class MoverFilter:
    """What the list of movers lets through; bounds are inclusive, None lets everything through.

    Days are of 24 hours: to the close of trading, to the expected settlement, since trading began. A market without
    such a time does not pass a bound on it.
    """

    categories: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    volume_24h_min_contracts: int | None = 2_000
    days_to_close_min: Decimal | None = Decimal(1)
    days_to_close_max: Decimal | None = Decimal(365)
    days_to_expiration_min: Decimal | None = Decimal(1)
    days_open_min: Decimal | None = Decimal(2)

    @classmethod
    def everything(cls) -> MoverFilter:
        """Return the filter that lets everything through."""
        return cls((), (), None, None, None, None, None)


@dataclass(frozen=True, slots=True)
class FavouriteFilter:
    """Which sides are favourites; bounds are inclusive, None lets everything through.

    `bid_min_dollars` is never below `FAVOURITE_BID_MIN`. `contracts` is the size of the order that the fee is counted
    for. `annual_min` is a share a year, of the simple return net of the fee; unknown is not "large", so a side whose
    fee is unknown does not pass it. Days are of 24 hours; without an expected expiration no bound on it is passed.
    """

    bid_min_dollars: Decimal | None = Decimal("0.90")
    contracts: int = 100
    side: str = "both"
    category: str = ""
    volume_min_contracts: int | None = 500
    days_to_close_min: Decimal | None = Decimal(2)
    days_to_expiration_min: Decimal | None = Decimal(2)
    annual_min: Decimal | None = Decimal("0.20")


@dataclass(frozen=True)
class AgendaFilter:
    """What of the calendar is asked for: its `kind` is closes, expires, opens or milestones.

    `zone` (IANA) says where a day begins. Without `day`, the `days` calendar days that begin with today, from now on;
    with it that day, and of it one `hour` where that is not empty: ``13``, or ``1b`` for an hour of the clock that
    comes a second time.
    """

    kind: str = "closes"
    category: str = ""
    zone: str = "America/New_York"
    days: int = 7
    day: date | None = None
    hour: str = ""


@dataclass(frozen=True)
class Answer:
    """Rows that answer one question, and where they come from.

    `table` keeps decimals exact; `frame` is the same for charts (prices as float64). Both are shared between
    sessions: never change them. `total` counts all rows that match, `table` may be one page of them.
    `as_of` is the time the oldest part of the answer was received (UTC), None when nothing is stored.
    `statements` are the queries that were run for it, `call` how the repository was asked: every question notes both.
    """

    table: pa.Table
    total: int
    as_of: datetime | None
    snapshot_id: int
    source: str
    query: str
    notes: tuple[str, ...] = field(default=())
    statements: tuple[Statement, ...] = field(default=(), compare=False)
    call: Call | None = field(default=None, compare=False)

    @property
    def frame(self) -> pd.DataFrame:
        """The rows as a DataFrame, decimals as float64: for charts, not for money."""
        casts = [(f.name, pa.float64() if pa.types.is_decimal(f.type) else f.type) for f in self.table.schema]
        return self.table.cast(pa.schema(casts)).to_pandas()

    def rows(self) -> list[dict[str, object]]:
        """Return the rows as dictionaries, decimals exact."""
        return self.table.to_pylist()

    def sql(self) -> str:
        """Return the SQL that was run, with its values; empty for what comes from no query."""
        return "\n\n".join(statement.text() for statement in self.statements)

    def code(self) -> str:
        """Return the lines of a notebook that make this answer again; empty for what no question gave."""
        return self.call.code() if self.call is not None else ""


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """What is being looked at: the snapshot's number, its source, and how old its parts are.

    `as_of` is when the open universe was last received whole, `quotes_as_of` the newest quote in it.
    """

    snapshot_id: int
    source: str
    as_of: datetime | None
    quotes_as_of: datetime | None
    open_markets: int
    events: int
    series: int
    rejected: int
    conditions: tuple[str, ...] = ()
