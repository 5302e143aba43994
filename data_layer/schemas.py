"""One schema per table: field, unit, meaning. It drives parsing, storage, empty views and the data dictionary.

Prices are DECIMAL(9,4) dollars, counts DECIMAL(18,2) contracts, times UTC microseconds. A price that is absent,
or that Kalshi spells with a sentinel (bid 0.0000, ask 1.0000), is null here, never 0 and never 50 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa

#: Raise it when a stored table changes so that an older program must not read it.
LAKE_SCHEMA_VERSION = 1

PRICE = pa.decimal128(9, 4)
COUNT = pa.decimal128(18, 2)
MONEY = pa.decimal128(18, 4)
TIME = pa.timestamp("us", tz="UTC")
TEXT = pa.string()
FLAG = pa.bool_()
PRICE_RANGES = pa.list_(pa.struct([("start", PRICE), ("end", PRICE), ("step", PRICE)]))


@dataclass(frozen=True)
class Field:
    """One column: Arrow type, unit, meaning."""

    name: str
    type: pa.DataType
    unit: str
    meaning: str
    required: bool = False


@dataclass(frozen=True)
class Table:
    """One table: columns, the key that is unique in it, how files are split, and the order inside a file."""

    name: str
    meaning: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    sort: tuple[str, ...]
    partition: tuple[str, ...] = ()
    #: Columns whose share of filled values is watched from refresh to refresh.
    watched: tuple[str, ...] = field(default=())

    @cached_property
    def arrow(self) -> pa.Schema:
        """The Arrow schema, required columns marked not-null."""
        return pa.schema([pa.field(f.name, f.type, nullable=not f.required) for f in self.fields])

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(f.name for f in self.fields)

    def empty(self) -> pa.Table:
        """Return a typed table without rows."""
        return self.arrow.empty_table()


def _time(name: str, meaning: str, required: bool = False) -> Field:
    return Field(name, TIME, "UTC", meaning, required)


def _price(name: str, meaning: str) -> Field:
    return Field(name, PRICE, "dollars per contract", meaning)


def _count(name: str, meaning: str) -> Field:
    return Field(name, COUNT, "contracts", meaning)


def _text(name: str, meaning: str, required: bool = False) -> Field:
    return Field(name, TEXT, "", meaning, required)


def _ohlc(prefix: str, of: str) -> tuple[Field, ...]:
    words = (("open", "first"), ("high", "highest"), ("low", "lowest"), ("close", "last"))
    return tuple(_price(f"{prefix}_{w}_dollars", f"{said.capitalize()} {of} in the period") for w, said in words)


QUOTE_FIELDS = (
    _price("yes_bid_dollars", "Best bid for YES; null when nobody bids (wire 0.0000) or the market is not active"),
    _count("yes_bid_size_contracts", "Contracts at the best YES bid"),
    _price("yes_ask_dollars", "Best ask for YES; null when nobody asks (wire 1.0000) or the market is not active"),
    _count("yes_ask_size_contracts", "Contracts at the best YES ask"),
    _price("last_price_dollars", "Last traded YES price; null when never traded"),
    _count("volume_contracts", "Contracts traded since the market opened, one side counted once"),
    _count("volume_24h_contracts", "Contracts traded in the last 24 hours"),
    _count("open_interest_contracts", "Contracts outstanding"),
)

MARKET_FIELDS = (
    _text("ticker", "Identity of the market", required=True),
    _text("event_ticker", "Event the market belongs to", required=True),
    _text("series_ticker", "Series of the event; null when the event was not fetched with the market"),
    _text("market_type", "binary or scalar"),
    _text("status", "Lifecycle word of the payload: initialized, inactive, active, closed, …, finalized", True),
    _text("title", "Title; often the same for every outcome of an event"),
    _text("subtitle", "Deprecated by Kalshi, still sent"),
    _text("yes_sub_title", "What YES means: the label of the outcome"),
    _text("no_sub_title", "What NO means; usually equals yes_sub_title"),
    *QUOTE_FIELDS,
    _price("previous_yes_bid_dollars", "Best YES bid about 24 hours ago; null when there was none"),
    _price("previous_yes_ask_dollars", "Best YES ask about 24 hours ago; null when there was none"),
    _price("previous_price_dollars", "Last price about 24 hours ago; null when there was none"),
    Field("notional_value_dollars", MONEY, "dollars per contract", "What one contract pays"),
    _time("created_time", "When the market was created"),
    _time("updated_time", "Last change that was not a trade"),
    _time("open_time", "When trading opens"),
    _time("close_time", "When trading closes at the latest; can be decades after the event"),
    _time("expected_expiration_time", "When settlement is expected"),
    _time("latest_expiration_time", "When settlement happens at the latest"),
    _time("occurrence_time", "When the thing itself is expected to happen (wire occurrence_datetime)"),
    _time("settlement_time", "When it settled (wire settlement_ts); only when finalized"),
    _time("fee_waiver_expiration_time", "Until when no fee is charged"),
    Field("settlement_timer_seconds", pa.int64(), "seconds", "Wait between determination and settlement"),
    Field("can_close_early", FLAG, "", "Whether trading may end before close_time"),
    _text("early_close_condition", "Why it may close early"),
    _text(
        "strike_type",
        "greater, greater_or_equal, less, less_or_equal, between, functional, custom, structured",
    ),
    Field("floor_strike", pa.float64(), "unit of the underlying", "Lower strike"),
    Field("cap_strike", pa.float64(), "unit of the underlying", "Upper strike"),
    _text("functional_strike", "Strike that is a formula"),
    _text("custom_strike_json", "Strike with arbitrary keys, as canonical JSON"),
    _text("rules_primary", "Rule text; untrusted"),
    _text("rules_secondary", "More rule text; untrusted"),
    _text("price_level_structure", "Label of the price grid; price_ranges is what counts"),
    Field("price_ranges", PRICE_RANGES, "dollars", "The price grid: start, end, step"),
    _price("tick_dollars", "Smallest step of the price grid (derived)"),
    _text("result", "yes, no, scalar; null before determination"),
    Field("settlement_value_dollars", MONEY, "dollars per contract", "What YES paid; from result when not sent"),
    _text("expiration_value", "What was observed, free text"),
    _text("settlement_bounds_type", "default or floor"),
    Field("settlement_floor_dollars", MONEY, "dollars per contract", "Least that is paid"),
    Field("is_provisional", FLAG, "", "May be deleted if it never trades"),
    _text("primary_participant_key", "Key of the main participant, where sent"),
    _text("mve_collection_ticker", "Collection of a combo; combos are excluded from the universe"),
    Field("exchange_index", pa.int64(), "", "Exchange shard"),
    _time("fetched_time", "When this row was received", required=True),
)

MARKETS = Table(
    "markets",
    "Every market of the last whole crawl of the open universe, and those that left it until they have settled",
    MARKET_FIELDS,
    key=("ticker",),
    sort=("event_ticker", "ticker"),
    watched=(
        "yes_bid_dollars",
        "yes_ask_dollars",
        "last_price_dollars",
        "volume_contracts",
        "open_interest_contracts",
        "close_time",
        "expected_expiration_time",
        "rules_primary",
        "yes_sub_title",
        "series_ticker",
        "price_ranges",
    ),
)

SETTLED_MARKETS = Table(
    "settled_markets",
    "Markets that settled: the history that calibration counts",
    (_text("month", "Month of settlement (UTC), YYYY-MM", required=True), *MARKET_FIELDS),
    key=("ticker",),
    sort=("event_ticker", "ticker"),
    partition=("month",),
    watched=("result", "settlement_value_dollars", "settlement_time"),
)

EVENTS = Table(
    "events",
    "Every event of the last whole crawl",
    (
        _text("event_ticker", "Identity of the event", required=True),
        _text("series_ticker", "Series it belongs to", required=True),
        _text("title", "Title; untrusted"),
        _text("sub_title", "Short label; may be empty"),
        _text("category", "Deprecated by Kalshi; the series' category counts"),
        _text("collateral_return_type", "MECNET, DIRECNET or empty"),
        Field("mutually_exclusive", FLAG, "", "At most one outcome is YES; not necessarily exhaustive"),
        _time("strike_time", "When it is decided (wire strike_date)"),
        _text("strike_period", "Period it is decided in, free text"),
        _text("competition", "Competition, from product_metadata"),
        _text("competition_scope", "Scope, from product_metadata"),
        _text("settlement_sources_json", "Sources as JSON [{name, url}]; untrusted"),
        _text("fee_type_override", "Overrides the series' fee type"),
        Field("fee_multiplier_override", pa.float64(), "", "Overrides the series' fee multiplier"),
        Field("exchange_index", pa.int64(), "", "Exchange shard"),
        _time("last_updated_time", "Last change; null for the zero time"),
        _time("fetched_time", "When this row was received", required=True),
    ),
    key=("event_ticker",),
    sort=("series_ticker", "event_ticker"),
    watched=("title", "mutually_exclusive"),
)

SERIES = Table(
    "series",
    "Every series",
    (
        _text("series_ticker", "Identity of the series", required=True),
        _text("title", "Title; untrusted"),
        _text("frequency", "How often it recurs, free text"),
        _text("category", "Category"),
        Field("categories", pa.list_(TEXT), "", "All categories"),
        Field("tags", pa.list_(TEXT), "", "Tags"),
        _text("settlement_sources_json", "Sources as JSON [{name, url}]; untrusted"),
        _text("contract_url", "Certification; untrusted"),
        _text("contract_terms_url", "Terms; untrusted"),
        _text("fee_type", "quadratic, quadratic_with_maker_fees, …, flat"),
        Field("fee_multiplier", pa.float64(), "", "Multiplier of the fee formula"),
        _text("additional_prohibitions_json", "Who may not trade, as JSON"),
        _count("volume_contracts", "Contracts traded ever; only when asked for"),
        Field("exchange_index", pa.int64(), "", "Exchange shard"),
        _time("last_updated_time", "Last change"),
        _time("fetched_time", "When this row was received", required=True),
    ),
    key=("series_ticker",),
    sort=("series_ticker",),
    watched=("title", "category", "fee_type", "fee_multiplier"),
)

MILESTONES = Table(
    "milestones",
    "Happenings of the real world that events hang on, such as games: those to come at the last fetch",
    (
        _text("milestone_id", "Identity of the milestone (wire id)", required=True),
        _text("title", "Title; untrusted"),
        _text("category", "Kalshi's category of the milestone; not always that of the series"),
        _text("type", "What it is, such as basketball_game; a word of Kalshi's"),
        _text("competition", "Competition, from details"),
        _time("start_time", "When it starts (wire start_date)", required=True),
        _time("end_time", "When it ends; usually not sent"),
        Field("related_event_tickers", pa.list_(TEXT), "", "Events that hang on it"),
        Field("primary_event_tickers", pa.list_(TEXT), "", "The most important of them"),
        _time("last_updated_time", "Last change"),
        _time("fetched_time", "When this row was received", required=True),
    ),
    key=("milestone_id",),
    sort=("start_time", "milestone_id"),
    watched=("title", "related_event_tickers"),
)

QUOTES = Table(
    "quotes",
    "Quote history: a row whenever a market's quote was seen to have changed",
    (
        _text("day", "UTC day of observed_time, YYYY-MM-DD", required=True),
        _text("ticker", "Market", required=True),
        _time("observed_time", "When the quote was received", required=True),
        _text("status", "Status then"),
        *QUOTE_FIELDS,
    ),
    key=("ticker", "observed_time"),
    sort=("ticker", "observed_time"),
    partition=("day",),
)

CANDLESTICKS = Table(
    "candlesticks",
    "Candlesticks of the markets that were opened or watched; sparse: a period without change has no row",
    (
        Field("period_minutes", pa.int32(), "minutes", "1, 60 or 1440 (a US-Eastern day)", required=True),
        _text("month", "UTC month of the last instant of the period, YYYY-MM", required=True),
        _text("ticker", "Market", required=True),
        _time("end_time", "End of the period, inclusive (wire end_period_ts)", required=True),
        *_ohlc("price", "trade price"),
        _price("price_mean_dollars", "Volume-weighted mean trade price; null without a trade"),
        _price("price_previous_dollars", "Last trade price before the period"),
        *_ohlc("yes_bid", "YES bid"),
        *_ohlc("yes_ask", "YES ask"),
        _count("volume_contracts", "Contracts traded in the period"),
        _count("open_interest_contracts", "Contracts outstanding at the end"),
    ),
    key=("period_minutes", "ticker", "end_time"),
    sort=("ticker", "end_time"),
    partition=("period_minutes", "month"),
)

TRADES = Table(
    "trades",
    "Trades of the markets that were opened",
    (
        _text("day", "UTC day of created_time, YYYY-MM-DD", required=True),
        _text("trade_id", "Identity of the trade", required=True),
        _text("ticker", "Market", required=True),
        _time("created_time", "When it happened", required=True),
        _count("count_contracts", "Contracts"),
        _price("yes_price_dollars", "YES price"),
        _price("no_price_dollars", "NO price"),
        _text("taker_outcome_side", "yes or no: what the taker bought"),
        _text("taker_book_side", "bid or ask"),
        Field("is_block_trade", FLAG, "", "Negotiated off the book"),
    ),
    key=("trade_id",),
    sort=("ticker", "created_time"),
    partition=("day",),
)

ORDER_BOOKS = Table(
    "order_books",
    "Order books of the markets that were opened, as they were then: bids of both sides",
    (
        _text("day", "UTC day of observed_time, YYYY-MM-DD", required=True),
        _text("ticker", "Market", required=True),
        _time("observed_time", "When the book was received", required=True),
        _text("side", "yes or no: what the bid is for; a NO bid at p is a YES ask at 1 - p", required=True),
        Field("price_dollars", PRICE, "dollars per contract", "Price of the level", required=True),
        Field("count_contracts", COUNT, "contracts", "Contracts bid at this price", required=True),
    ),
    key=("ticker", "observed_time", "side", "price_dollars"),
    sort=("ticker", "observed_time", "side", "price_dollars"),
    partition=("day",),
)

DAILY_ROLLUP = Table(
    "daily_rollup",
    "One row per market and US-Eastern day, from hourly candlesticks",
    (
        _text("month", "Month of the day, YYYY-MM", required=True),
        _text("ticker", "Market", required=True),
        Field("day", pa.date32(), "US-Eastern day", "The day", required=True),
        *_ohlc("price", "trade price"),
        _price("vwap_dollars", "Σ mean·volume / Σ volume over hours with trades; null without a trade"),
        _price("yes_bid_close_dollars", "Last YES bid"),
        _price("yes_ask_close_dollars", "Last YES ask"),
        _count("volume_contracts", "Contracts traded"),
        Field("turnover_dollars", MONEY, "dollars", "Σ mean·volume: what was paid for YES, estimated"),
        _count("open_interest_contracts", "Contracts outstanding at the end"),
        Field("hours", pa.int32(), "hours", "Hourly candlesticks in the day", required=True),
    ),
    key=("ticker", "day"),
    sort=("ticker", "day"),
    partition=("month",),
)

SETTLEMENT_FACTS = Table(
    "settlement_facts",
    "One row per settled market and horizon: the quote that stood before the close, and what came",
    (
        _text("month", "Month of settlement, YYYY-MM", required=True),
        _text("ticker", "Market", required=True),
        Field("horizon_hours", pa.int32(), "hours before the close", "How long before", required=True),
        _text("event_ticker", "Event"),
        _text("series_ticker", "Series"),
        _text("category", "Category of the series"),
        _price("yes_bid_dollars", "YES bid at the horizon"),
        _price("yes_ask_dollars", "YES ask at the horizon"),
        _price("price_dollars", "Last trade at or before the horizon"),
        _text("result", "yes, no or scalar"),
        Field("settlement_value_dollars", MONEY, "dollars per contract", "What YES paid"),
        _count("volume_contracts", "Contracts traded ever"),
        _time("close_time", "When trading closed"),
        _time("settlement_time", "When it settled"),
    ),
    key=("ticker", "horizon_hours"),
    sort=("ticker", "horizon_hours"),
    partition=("month",),
)

REJECTS = Table(
    "rejects",
    "Rows that were refused, with the reason: nothing is lost silently",
    (
        _time("rejected_time", "When", required=True),
        _text("table_name", "Table the row was meant for", required=True),
        _text("key", "Identity of the row, where it had one"),
        _text("rule", "Which rule it broke", required=True),
        _text("reason", "What was wrong", required=True),
        _text("excerpt", "The row, cut to 500 characters; untrusted"),
    ),
    key=(),
    sort=("rejected_time",),
)

REFRESH_LOG = Table(
    "refresh_log",
    "One row per refresh: what was asked, what came, what went wrong",
    (
        _text("refresh_id", "Identity of the refresh", required=True),
        _text(
            "kind",
            "universe, watch, series, milestones, candlesticks, order_book, market, settled, backfill",
            required=True,
        ),
        _text("source", "live or demo", required=True),
        _time("started_time", "Start", required=True),
        _time("finished_time", "End", required=True),
        _text("outcome", "complete, partial, failed", required=True),
        Field("pages", pa.int64(), "pages", "Pages received"),
        Field("bytes", pa.int64(), "bytes", "Bytes received"),
        Field("rows", pa.int64(), "rows", "Rows stored"),
        Field("rejected", pa.int64(), "rows", "Rows rejected"),
        Field("duplicates", pa.int64(), "rows", "Rows that came twice; the last counts"),
        _text("error", "What went wrong, for a person"),
        _text("conditions_json", "Named conditions: drift, completeness, identity breaks, unknown fields"),
        _text("completeness_json", "Share of filled values per watched column"),
    ),
    key=("refresh_id",),
    sort=("started_time",),
)

BACKFILL_STEPS = Table(
    "backfill_steps",
    "What backfills have done, so that one that was interrupted goes on where it stopped",
    (
        _text("job", "Identity of the backfill; begins with the time it was started", required=True),
        _text("step", "A market, a UTC day, a place on the historical tier, or `end`", required=True),
        _text("request_json", "What was asked for; equal requests have equal texts", required=True),
        _text("cursor", "Where the historical tier is read on, as the exchange said"),
        Field("rows", pa.int64(), "rows", "Rows the step fetched"),
        _text("problem", "Why the step brought nothing, or not all"),
        _time("started_time", "When the backfill was started", required=True),
        _time("finished_time", "When the step was stored", required=True),
    ),
    key=("job", "step"),
    sort=("job", "step"),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        MARKETS,
        EVENTS,
        SERIES,
        MILESTONES,
        QUOTES,
        CANDLESTICKS,
        TRADES,
        ORDER_BOOKS,
        SETTLED_MARKETS,
        DAILY_ROLLUP,
        SETTLEMENT_FACTS,
        REJECTS,
        REFRESH_LOG,
        BACKFILL_STEPS,
    )
}


def data_dictionary(tables: Sequence[Table] = tuple(TABLES.values())) -> str:
    """Return the data dictionary as Markdown; `docs/data-dictionary.md` is this text."""
    parts = [
        "# Data dictionary",
        "",
        "Generated from `data_layer/schemas.py` by `make docs`; a test holds them together.",
    ]
    for table in tables:
        key = ", ".join(f"`{name}`" for name in table.key) or "none (an append-only log)"
        split = ", ".join(f"`{name}`" for name in table.partition) or "one folder"
        order = ", ".join(f"`{name}`" for name in table.sort)
        parts += ["", f"## {table.name}", "", f"{table.meaning}.", ""]
        parts += [f"Key: {key}. Partitioned by: {split}. Sorted by: {order}.", ""]
        parts += ["| column | type | unit | null | meaning |", "|---|---|---|---|---|"]
        for column in table.fields:
            nullable = "no" if column.required else "yes"
            kind = str(column.type).replace("|", "\\|")
            parts.append(f"| `{column.name}` | {kind} | {column.unit} | {nullable} | {column.meaning} |")
    return "\n".join(parts) + "\n"
