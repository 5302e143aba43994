"""How each noun's rows are read and what a whole response of them may never lack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec

from data_layer.api import wire

T = TypeVar("T", bound=wire.Wire)

SECONDS_CEILING = 100_000_000_000
"""Unix seconds stay below this until the year 5138; milliseconds are above it."""


def _named(key: str) -> Callable[[Any], str | None]:
    def refuse(row: Any) -> str | None:
        return None if getattr(row, key).strip() else f"{key} is empty"

    return refuse


def _refuse_candlestick(row: wire.Candlestick) -> str | None:
    if 0 < row.end_period_ts < SECONDS_CEILING:
        return None
    return "end_period_ts is not in Unix seconds"


@dataclass(frozen=True)
class RowKind(Generic[T]):
    """One noun on the wire.

    `required`: dotted names which at least one row of a response has. `cents`: dotted name -> the removed
    integer key whose presence instead of it means that the prices are cents. `removed`: keys known from
    before, not reported as unknown. `refuse` says why a well-formed row makes no sense.
    """

    struct: type[T]
    identity: str
    decode: Callable[[msgspec.Raw], T]
    refuse: Callable[[T], str | None]
    required: tuple[str, ...] = ()
    cents: Mapping[str, str] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()

    @property
    def known_keys(self) -> frozenset[str]:
        """The keys that are no news in a row of this kind."""
        return frozenset(self.struct.__struct_fields__) | self.removed


def _kind(struct: type[T], identity: str, **more: Any) -> RowKind[T]:
    more.setdefault("decode", msgspec.json.Decoder(struct).decode)
    more.setdefault("refuse", _named(identity))
    return RowKind(struct=struct, identity=identity, **more)


def _dollars(suffixed: str | None, plain: str | int | float | None) -> str | None:
    """Take the dollar string under either spelling; a number without a suffix is cents and no dollar string."""
    if suffixed is not None or plain is None or isinstance(plain, str):
        return suffixed if suffixed is not None else plain  # type: ignore[return-value]
    return None


class _HistoricalRange(wire.PriceRangeTraded, frozen=True):
    open: str | int | float | None = None
    low: str | int | float | None = None
    high: str | int | float | None = None
    close: str | int | float | None = None
    mean: str | int | float | None = None
    previous: str | int | float | None = None

    def spelt_live(self, struct: type[wire.QuoteRange]) -> Any:
        names = struct.__struct_fields__
        plain = {name: getattr(self, name.removesuffix("_dollars"), None) for name in names}
        return struct(**{name: _dollars(getattr(self, name), plain[name]) for name in names})


class _HistoricalCandlestick(wire.Wire, frozen=True):
    end_period_ts: int
    yes_bid: _HistoricalRange | None = None
    yes_ask: _HistoricalRange | None = None
    price: _HistoricalRange | None = None
    volume: str | int | None = None
    open_interest: str | int | None = None
    volume_fp: str | None = None
    open_interest_fp: str | None = None


_decode_historical = msgspec.json.Decoder(_HistoricalCandlestick).decode


def _historical_candlestick(raw: msgspec.Raw) -> wire.Candlestick:
    """Read a candlestick of the historical tier, which spells its keys without suffixes, into the live shape."""
    row = _decode_historical(raw)
    return wire.Candlestick(
        end_period_ts=row.end_period_ts,
        yes_bid=row.yes_bid and row.yes_bid.spelt_live(wire.QuoteRange),
        yes_ask=row.yes_ask and row.yes_ask.spelt_live(wire.QuoteRange),
        price=row.price and row.price.spelt_live(wire.PriceRangeTraded),
        volume_fp=_dollars(row.volume_fp, row.volume),
        open_interest_fp=_dollars(row.open_interest_fp, row.open_interest),
    )


_CANDLE_CENTS = {
    "yes_bid.close_dollars": "yes_bid.close",
    "yes_ask.close_dollars": "yes_ask.close",
    "price.close_dollars": "price.close",
}
_CANDLE_REQUIRED = ("volume_fp", "open_interest_fp")

MARKET = _kind(
    wire.Market,
    "ticker",
    required=(
        "event_ticker", "status", "close_time", "yes_bid_dollars", "yes_ask_dollars",
        "last_price_dollars", "volume_fp", "open_interest_fp",
    ),
    cents={"yes_bid_dollars": "yes_bid", "yes_ask_dollars": "yes_ask", "last_price_dollars": "last_price"},
    removed=frozenset({
        "yes_bid", "yes_ask", "no_bid", "no_ask", "last_price", "previous_yes_bid", "previous_yes_ask",
        "previous_price", "volume", "volume_24h", "open_interest", "liquidity", "liquidity_dollars", "notional_value",
        "tick_size", "response_price_units", "risk_limit_cents", "fractional_trading_enabled", "category",
    }),
)  # fmt: skip
EVENT = _kind(
    wire.Event, "event_ticker", required=("series_ticker", "title"), removed=frozenset({"available_on_brokers"})
)
SERIES = _kind(wire.Series, "ticker", required=("title", "category"))
TRADE = _kind(
    wire.Trade,
    "trade_id",
    required=("yes_price_dollars", "count_fp", "created_time"),
    cents={"yes_price_dollars": "yes_price"},
    removed=frozenset({"count", "price", "yes_price", "no_price"}),
)
CANDLESTICK = _kind(
    wire.Candlestick,
    "end_period_ts",
    refuse=_refuse_candlestick,
    required=_CANDLE_REQUIRED,
    cents=_CANDLE_CENTS,
    removed=frozenset({"volume", "open_interest"}),
)
HISTORICAL_CANDLESTICK = _kind(
    wire.Candlestick,
    "end_period_ts",
    decode=_historical_candlestick,
    refuse=_refuse_candlestick,
    required=_CANDLE_REQUIRED,
    cents=_CANDLE_CENTS,
    removed=frozenset({"volume", "open_interest"}),
)
SERIES_FEE_CHANGE = _kind(wire.SeriesFeeChange, "id")
EVENT_FEE_CHANGE = _kind(wire.EventFeeChange, "id")
MILESTONE = _kind(wire.Milestone, "id")
