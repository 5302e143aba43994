"""What a repository in memory answers about events, from the rows of the list of markets."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from data_layer import schemas
from data_layer.errors import NoDataError
from data_layer.questions import Answer

TEXT, TIME, PRICE, COUNT = schemas.TEXT, schemas.TIME, schemas.PRICE, schemas.COUNT
CHANCE = pa.decimal128(10, 5)
EVENT_SCHEMA = pa.schema(
    [
        *((name, TEXT) for name in ("event_ticker", "series_ticker", "title", "sub_title")),
        ("mutually_exclusive", pa.bool_()),
        ("strike_time", TIME),
        *((name, TEXT) for name in ("strike_period", "competition", "collateral_return_type")),
        ("is_stored", pa.bool_()),
        ("fetched_time", TIME),
        *((name, TEXT) for name in ("series_title", "category", "frequency", "fee_type")),
        ("fee_multiplier", pa.float64()),
        ("settlement_sources_json", TEXT),
    ]
)
OUTCOME_SCHEMA = pa.schema(
    [
        *((name, TEXT) for name in ("ticker", "series_ticker", "title", "outcome", "market_type", "result")),
        ("settlement_value_dollars", schemas.MONEY),
        ("status", TEXT),
        *((f"yes_{side}_dollars", PRICE) for side in ("bid", "ask")),
        *((f"yes_{side}_size_contracts", COUNT) for side in ("bid", "ask")),
        ("spread_dollars", PRICE),
        ("probability", CHANCE),
        ("quote_quality", TEXT),
        ("change_24h_pp", pa.decimal128(9, 3)),
        ("last_price_dollars", PRICE),
        *((f"{name}_contracts", COUNT) for name in ("volume", "volume_24h", "open_interest")),
        *((name, TIME) for name in ("expected_time", "quote_time")),
        ("tick_dollars", PRICE),
        *((name, TIME) for name in ("open_time", "close_time", "settlement_time")),
        *((name, TEXT) for name in ("expiration_value", "rules_primary", "rules_secondary")),
        ("can_close_early", pa.bool_()),
        ("early_close_condition", TEXT),
        ("settlement_timer_seconds", pa.int64()),
    ]
)
CHANCES_SCHEMA = pa.schema(
    [
        ("ticker", TEXT),
        ("end_time", TIME),
        ("opening_chance", CHANCE),
        ("chance", CHANCE),
        ("candlesticks", pa.int32()),
    ]
)


class EventAnswers:
    """Answers about events; `events` and `outcomes` hold changes by ticker."""

    rows: list[dict[str, Any]]
    events: dict[str, dict[str, Any]]
    outcome_changes: dict[str, dict[str, Any]]

    def event(self, event_ticker: str) -> Answer:
        self._check()
        legs = [row for row in self.rows if row["event_ticker"] == event_ticker]
        if not legs and event_ticker not in self.events:
            raise NoDataError(f"No event {event_ticker!r} is stored.")
        first = legs[0] if legs else {}
        about = {
            "event_ticker": event_ticker,
            "series_ticker": first.get("series_ticker"),
            "title": first.get("event_title"),
            "sub_title": "Before the end of the month",
            "mutually_exclusive": True,
            "is_stored": True,
            "series_title": first.get("series_title"),
            "category": first.get("category"),
            "fee_type": "quadratic",
            "fee_multiplier": 1.0,
            "settlement_sources_json": '[{"name": "Bureau <b>of</b> Tests", "url": "javascript:alert(1)"}]',
        } | self.events.get(event_ticker, {})
        return self._answer(pa.Table.from_pylist([about], schema=EVENT_SCHEMA), 1, "event")

    def event_outcomes(self, event_ticker: str) -> Answer:
        self._check()
        rows = []
        for row in self.rows:
            if row["event_ticker"] == event_ticker:
                known = {name: row.get(name) for name in OUTCOME_SCHEMA.names}
                known |= {"rules_primary": f"It resolves to Yes. {row['title']}", "market_type": "binary"}
                rows.append(known | self.outcome_changes.get(row["ticker"], {}))
        rows.sort(key=lambda row: (row["probability"] is None, -(row["probability"] or 0), row["ticker"]))
        return self._answer(pa.Table.from_pylist(rows, schema=OUTCOME_SCHEMA), len(rows), "event_outcomes")

    def event_candlesticks(
        self,
        tickers: list[str],
        period_minutes: int = 60,
        start: datetime | None = None,
        end: datetime | None = None,
        bucket_minutes: int | None = None,
    ) -> Answer:
        rows = []
        for ticker in tickers:
            for row in self.candlesticks(ticker, period_minutes, start, end).rows():
                chance = (row["yes_bid_close_dollars"] + row["yes_ask_close_dollars"]) / Decimal(2)
                times = {"ticker": ticker, "end_time": row["end_time"], "candlesticks": 1}
                rows.append(times | {"opening_chance": chance, "chance": chance})
        return self._answer(pa.Table.from_pylist(rows, schema=CHANCES_SCHEMA), len(rows), "event_candlesticks")
