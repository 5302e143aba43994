"""What a repository in memory answers about favourites: each side of each row, by the formulas themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from data_layer import schemas
from data_layer.analytics import returns
from data_layer.analytics.fees import fee_dollars, fee_terms
from data_layer.favourite_questions import SEED
from data_layer.questions import Answer, FavouriteFilter, Order

TEXT, TIME, PRICE, COUNT = schemas.TEXT, schemas.TIME, schemas.PRICE, schemas.COUNT
FAVOURITE_SCHEMA = pa.schema(
    [
        *((name, TEXT) for name in ("ticker", "event_ticker", "series_ticker", "category", "title", "outcome")),
        ("event_title", TEXT),
        *((name, PRICE) for name in ("spread_dollars", "tick_dollars")),
        ("quote_quality", TEXT),
        *((name, COUNT) for name in ("volume_contracts", "volume_24h_contracts")),
        ("close_time", TIME),
        ("quote_time", TIME),
        ("side", TEXT),
        *((name, PRICE) for name in ("bid_dollars", "ask_dollars")),
        ("ask_size_contracts", COUNT),
        ("expected_expiration_time", TIME),
        ("settlement_timer_seconds", pa.int64()),
        ("fee_type", TEXT),
        ("fee_dollars", pa.decimal128(21, 2)),
        *((name, pa.float64()) for name in ("net_cost_dollars", "return_if_right", "days_to_settlement")),
        *((name, pa.float64()) for name in ("simple_annual_return", "compound_annual_return")),
    ]
)


class FavouriteAnswers:
    """The questions about favourites; `fee_types` gives single tickers another fee than the usual."""

    rows: list[dict[str, Any]]
    fee_types: dict[str, str] = {}

    def favourites(
        self,
        filter: FavouriteFilter = SEED,
        order: tuple[Order, ...] = (),
        offset: int = 0,
        limit: int = 50,
    ) -> Answer:
        self._check()  # type: ignore[attr-defined]
        self.asked.append(("favourites", filter, order, offset, limit))  # type: ignore[attr-defined]
        sides = [side for row in self.rows for side in self._sides(row, filter)]
        passing = [side for side in sides if self._is_favourite(side, filter)]
        for key in reversed(order):
            name = key.column.value
            known = [side for side in passing if side[name] is not None]
            known.sort(key=lambda side: side[name], reverse=key.descending)
            passing = known + [side for side in passing if side[name] is None]
        table = pa.Table.from_pylist(passing[offset : offset + limit], schema=FAVOURITE_SCHEMA)
        unknown = sum(side["fee_dollars"] is None for side in sides)
        notes = (f"the fee of {unknown} of {len(sides)} sides is not published",) if unknown else ()
        answer: Answer = self._answer(table, len(passing), "favourites")  # type: ignore[attr-defined]
        return replace(answer, notes=notes)

    def tightest_favourite_filter(self, filter: FavouriteFilter) -> tuple[str, int] | None:
        self._check()  # type: ignore[attr-defined]
        found = self.favourites(replace(filter, annual_min=None)).total
        return ("annual_min", found) if found else None

    def _sides(self, row: dict[str, Any], filter: FavouriteFilter) -> list[dict[str, Any]]:
        bid, ask = row["yes_bid_dollars"], row["yes_ask_dollars"]
        if bid is None or ask is None:
            return []
        quotes = {
            "yes": (bid, ask, row["yes_ask_size_contracts"]),
            "no": (1 - ask, 1 - bid, row["yes_bid_size_contracts"]),
        }
        made = []
        for side, (own_bid, own_ask, size) in quotes.items():
            if filter.side in {"both", side} and own_bid >= (filter.bid_min_dollars or Decimal("0.5")):
                made.append(self._measured(row, side, own_bid, own_ask, size, filter.contracts))
        return made

    def _measured(
        self, row: dict[str, Any], side: str, bid: Decimal, ask: Decimal, size: Decimal, contracts: int
    ) -> dict[str, Any]:
        terms = fee_terms(self.fee_types.get(row["ticker"], "quadratic"), 1.0)
        fee = fee_dollars(terms, ask, Decimal(contracts), self.now)  # type: ignore[attr-defined]
        days = returns.days_to_settlement(row["expected_time"], 300, self.now)  # type: ignore[attr-defined]
        found: dict[str, Any] = {name: row.get(name) for name in FAVOURITE_SCHEMA.names} | {
            "side": side,
            "bid_dollars": bid,
            "ask_dollars": ask,
            "ask_size_contracts": size,
            "expected_expiration_time": row["expected_time"],
            "settlement_timer_seconds": 300,
            "fee_type": terms.fee_type,
            "fee_dollars": fee,
            "days_to_settlement": days,
        }
        if fee is not None:
            cost = returns.net_cost_dollars(ask, fee, Decimal(contracts))
            gain = returns.return_if_right(cost)
            found |= {
                "net_cost_dollars": float(cost),
                "return_if_right": float(gain),
                "simple_annual_return": returns.simple_annual_return(gain, days),
                "compound_annual_return": returns.compound_annual_return(gain, days),
            }
        return found

    def _is_favourite(self, side: dict[str, Any], filter: FavouriteFilter) -> bool:
        def late(moment: Any, days: Decimal | None) -> bool:
            return days is None or moment >= self.now + timedelta(days=float(days))  # type: ignore[attr-defined]

        gain = side["simple_annual_return"]
        return (
            filter.category in {"", side["category"]}
            and (filter.volume_min_contracts is None or side["volume_contracts"] >= filter.volume_min_contracts)
            and late(side["close_time"], filter.days_to_close_min)
            and late(side["expected_expiration_time"], filter.days_to_expiration_min)
            and (filter.annual_min is None or (gain is not None and gain >= filter.annual_min))
        )
