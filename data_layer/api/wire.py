"""What Kalshi's JSON looks like: one Struct a noun, its attributes spelt exactly as the keys.

Every key but the identity may be absent or null and is then None: live objects omit keys rather than send null.
Prices are decimal strings in dollars (``"0.5600"``), counts decimal strings in contracts (``"10.00"``);
times are RFC 3339 strings, `_ts` on candlesticks Unix seconds. Nothing is interpreted here: sentinels
(``yes_ask_dollars "1.0000"`` = no ask) and untrusted text pass through as sent.
The integer-cent keys removed on 2026-03-12 have no attribute on purpose.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Wire(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Base of all wire objects: immutable, and free of reference cycles (so the collector need not look)."""


class PriceRange(Wire, frozen=True):
    """One stretch of a market's price grid; `start`, `end` and `step` in dollars."""

    start: str | None = None
    end: str | None = None
    step: str | None = None


class MveLeg(Wire, frozen=True):
    """One leg of a combo market."""

    event_ticker: str | None = None
    market_ticker: str | None = None
    side: str | None = None
    yes_settlement_value_dollars: str | None = None


class Market(Wire, frozen=True):
    """One yes/no contract as ``/markets`` and nested ``/events`` send it (``GET /markets``)."""

    ticker: str
    event_ticker: str | None = None
    market_type: str | None = None
    title: str | None = None
    subtitle: str | None = None
    yes_sub_title: str | None = None
    no_sub_title: str | None = None
    created_time: str | None = None
    updated_time: str | None = None
    open_time: str | None = None
    close_time: str | None = None
    expected_expiration_time: str | None = None
    expiration_time: str | None = None
    latest_expiration_time: str | None = None
    settlement_timer_seconds: int | None = None
    status: str | None = None
    yes_bid_dollars: str | None = None
    yes_bid_size_fp: str | None = None
    yes_ask_dollars: str | None = None
    yes_ask_size_fp: str | None = None
    no_bid_dollars: str | None = None
    no_ask_dollars: str | None = None
    last_price_dollars: str | None = None
    volume_fp: str | None = None
    volume_24h_fp: str | None = None
    open_interest_fp: str | None = None
    notional_value_dollars: str | None = None
    previous_yes_bid_dollars: str | None = None
    previous_yes_ask_dollars: str | None = None
    previous_price_dollars: str | None = None
    result: str | None = None
    can_close_early: bool | None = None
    early_close_condition: str | None = None
    expiration_value: str | None = None
    settlement_value_dollars: str | None = None
    settlement_ts: str | None = None
    settlement_bounds_type: str | None = None
    settlement_floor_dollars: str | None = None
    occurrence_datetime: str | None = None
    fee_waiver_expiration_time: str | None = None
    strike_type: str | None = None
    floor_strike: int | float | None = None
    cap_strike: int | float | None = None
    functional_strike: str | None = None
    custom_strike: dict[str, Any] | None = None
    rules_primary: str | None = None
    rules_secondary: str | None = None
    price_level_structure: str | None = None
    price_ranges: list[PriceRange] | None = None
    mve_collection_ticker: str | None = None
    mve_selected_legs: list[MveLeg] | None = None
    primary_participant_key: str | None = None
    is_provisional: bool | None = None
    exchange_index: int | None = None


class SettlementSource(Wire, frozen=True):
    """Who says how a market ended."""

    name: str | None = None
    url: str | None = None


class Event(Wire, frozen=True):
    """One occurrence holding markets (``GET /events``).

    `markets` is None when they were not asked for, or when every one of them is archived.
    """

    event_ticker: str
    series_ticker: str | None = None
    title: str | None = None
    sub_title: str | None = None
    category: str | None = None
    collateral_return_type: str | None = None
    mutually_exclusive: bool | None = None
    strike_date: str | None = None
    strike_period: str | None = None
    product_metadata: dict[str, Any] | None = None
    settlement_sources: list[SettlementSource] | None = None
    last_updated_ts: str | None = None
    fee_type_override: str | None = None
    fee_multiplier_override: int | float | None = None
    exchange_index: int | None = None
    markets: list[Market] | None = None


class Series(Wire, frozen=True):
    """The template of recurring events (``GET /series``)."""

    ticker: str
    title: str | None = None
    frequency: str | None = None
    category: str | None = None
    categories: list[str] | None = None
    tags: list[str] | None = None
    settlement_sources: list[SettlementSource] | None = None
    contract_url: str | None = None
    contract_terms_url: str | None = None
    fee_type: str | None = None
    fee_multiplier: int | float | None = None
    additional_prohibitions: list[str] | None = None
    product_metadata: dict[str, Any] | None = None
    volume_fp: str | None = None
    last_updated_ts: str | None = None
    exchange_index: int | None = None


class Trade(Wire, frozen=True):
    """One fill (``GET /markets/trades``). `taker_outcome_side` falls back to the older `taker_side`."""

    trade_id: str
    ticker: str
    count_fp: str | None = None
    yes_price_dollars: str | None = None
    no_price_dollars: str | None = None
    taker_outcome_side: str | None = None
    taker_book_side: str | None = None
    taker_side: str | None = None
    created_time: str | None = None
    is_block_trade: bool | None = None

    def __post_init__(self) -> None:
        if self.taker_outcome_side is None and self.taker_side is not None:
            msgspec.structs.force_setattr(self, "taker_outcome_side", self.taker_side)


class QuoteRange(Wire, frozen=True):
    """Open, low, high, close of one side's quote in one period; dollars."""

    open_dollars: str | None = None
    low_dollars: str | None = None
    high_dollars: str | None = None
    close_dollars: str | None = None


class PriceRangeTraded(QuoteRange, frozen=True):
    """Open, low, high, close, mean of the trades in one period; all None when nothing traded."""

    mean_dollars: str | None = None
    previous_dollars: str | None = None
    min_dollars: str | None = None
    max_dollars: str | None = None


class Candlestick(Wire, frozen=True):
    """One period of one market, keyed by its inclusive end in Unix seconds. Both tiers come out in this shape."""

    end_period_ts: int
    yes_bid: QuoteRange | None = None
    yes_ask: QuoteRange | None = None
    price: PriceRangeTraded | None = None
    volume_fp: str | None = None
    open_interest_fp: str | None = None


class OrderBookLevels(Wire, frozen=True):
    """Bids of both sides as (price in dollars, contracts), in the order sent: recorded books run worst to best.

    There are no asks on the wire: a yes ask is 1 - a no bid.
    """

    yes_dollars: list[tuple[str, str]] | None = None
    no_dollars: list[tuple[str, str]] | None = None


class OrderBook(Wire, frozen=True):
    """The order book of one market."""

    ticker: str
    orderbook_fp: OrderBookLevels | None = None


class ExchangeIndexStatus(Wire, frozen=True):
    """Whether one shard of the exchange is open."""

    exchange_index: int | None = None
    description: str | None = None
    exchange_active: bool | None = None
    trading_active: bool | None = None
    intra_exchange_transfers_active: bool | None = None


class ExchangeStatus(Wire, frozen=True):
    """Whether the exchange is open (``GET /exchange/status``); the top flags mirror shard 0."""

    exchange_active: bool
    trading_active: bool | None = None
    intra_exchange_transfers_active: bool | None = None
    exchange_estimated_resume_time: str | None = None
    exchange_index_statuses: list[ExchangeIndexStatus] | None = None


class HistoricalCutoff(Wire, frozen=True):
    """Where the live tier ends: older settlements and trades are only under ``/historical``. RFC 3339 times."""

    market_settled_ts: str
    trades_created_ts: str | None = None
    orders_updated_ts: str | None = None
    market_positions_last_updated_ts: str | None = None


class SeriesFeeChange(Wire, frozen=True):
    """A change of a series' fees, past or scheduled."""

    id: str
    series_ticker: str | None = None
    fee_type: str | None = None
    fee_multiplier: int | float | None = None
    scheduled_ts: str | None = None


class EventFeeChange(Wire, frozen=True):
    """A change of one event's fee override; None clears the override."""

    id: str
    event_ticker: str | None = None
    series_ticker: str | None = None
    fee_type_override: str | None = None
    fee_multiplier_override: int | float | None = None
    scheduled_ts: str | None = None


class Milestone(Wire, frozen=True):
    """A real-world happening behind events, such as a game; `start_date` is the true start."""

    id: str
    category: str | None = None
    type: str | None = None
    start_date: str | None = None
    end_date: str | None = None
    related_event_tickers: list[str] | None = None
    primary_event_tickers: list[str] | None = None
    title: str | None = None
    notification_message: str | None = None
    source_id: str | None = None
    source_ids: dict[str, Any] | None = None
    details: dict[str, Any] | None = None
    last_updated_ts: str | None = None
