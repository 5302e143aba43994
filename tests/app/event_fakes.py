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


LISTED_SCHEMA = pa.schema(
    [
        *((name, TEXT) for name in ("series_ticker", "title", "category")),
        ("tags", pa.list_(TEXT)),
        *((name, TEXT) for name in ("frequency", "fee_type")),
        ("fee_multiplier", pa.float64()),
        ("volume_contracts", COUNT),
        ("last_updated_time", TIME),
        *((name, pa.int64()) for name in ("open_markets", "open_events")),
        *((f"{name}_contracts", COUNT) for name in ("volume_24h", "open_interest")),
        ("settlement_sources_json", TEXT),
    ]
)
SERIES_EVENTS_SCHEMA = pa.schema(
    [
        *((name, TEXT) for name in ("event_ticker", "title", "sub_title")),
        *((f"{name}markets", pa.int64()) for name in ("", "open_", "decided_")),
        *((f"{name}_contracts", COUNT) for name in ("volume_24h", "volume", "open_interest")),
        *((name, TIME) for name in ("close_time", "settlement_time")),
        ("mutually_exclusive", pa.bool_()),
        ("fee_type_override", TEXT),
        ("fee_multiplier_override", pa.float64()),
    ]
)
DAYS_SCHEMA = pa.schema([("day", pa.date32()), ("volume_contracts", COUNT), ("markets", pa.int32())])


def series_row(number: int, **changes: Any) -> dict[str, Any]:
    """Make one row of the list of series."""
    known: dict[str, Any] = {
        "series_ticker": f"KXSERIES{number:04d}",
        "title": f"Series number {number}",
        "category": ("Politics", "Sports", "Economics")[number % 3],
        "tags": [f"tag {number % 7}"],
        "frequency": "daily",
        "fee_type": "quadratic",
        "fee_multiplier": 1.0,
        "volume_contracts": Decimal(number),
        "open_markets": number % 5,
        "open_events": number % 2,
        "volume_24h_contracts": Decimal(1000 - number) if number % 5 else None,
        "open_interest_contracts": Decimal(10 * number) if number % 5 else None,
    }
    return known | changes


class EventAnswers:
    """Answers about events; `events` and `outcomes` hold changes by ticker."""

    rows: list[dict[str, Any]]
    events: dict[str, dict[str, Any]]
    outcome_changes: dict[str, dict[str, Any]]
    series_rows: list[dict[str, Any]]
    event_changes: dict[str, dict[str, Any]]
    days: dict[Any, int]

    def series_list(self, filter: Any, order: Any, offset: int = 0, limit: int = 50) -> Answer:
        self._check()
        self.asked.append(("series_list", filter, order, offset, limit))
        words = filter.text.lower().split()
        found = [
            row
            for row in self.series_rows
            if all(word in f"{row['series_ticker']} {row['title']} {row['tags']}".lower() for word in words)
            and filter.category in {"", row["category"]}
            and (not filter.tag or filter.tag in row["tags"])
            and (not filter.only_open or row["open_markets"])
        ]
        column = order.column.value
        known = sorted((r for r in found if r[column] is not None), key=lambda r: r[column], reverse=order.descending)
        found = known + [row for row in found if row[column] is None]
        page = pa.Table.from_pylist(found[offset : offset + limit], schema=LISTED_SCHEMA)
        return self._answer(page, len(found), "series_list")

    def _counted(self, name: str, values: list[Any]) -> Answer:
        counts: dict[str, int] = {}
        for value in values:
            counts[value] = counts.get(value, 0) + 1
        schema = pa.schema([(name, TEXT), ("series", pa.int64())])
        rows = [{name: value, "series": count} for value, count in counts.items()]
        return self._answer(pa.Table.from_pylist(rows, schema=schema), len(rows), name)

    def series_categories(self) -> Answer:
        return self._counted("category", [row["category"] for row in self.series_rows])

    def series_tags(self, category: str = "") -> Answer:
        rows = [row for row in self.series_rows if category in {"", row["category"]}]
        return self._counted("tag", [tag for row in rows for tag in row["tags"]])

    def series_about(self, series_ticker: str) -> Answer:
        self._check()
        found = [row for row in self.series_rows if row["series_ticker"] == series_ticker]
        if not found:
            raise NoDataError(f"No series {series_ticker!r} is stored.")
        return self._answer(pa.Table.from_pylist(found, schema=LISTED_SCHEMA), 1, "series_about")

    def series_events(self, series_ticker: str) -> Answer:
        self._check()
        legs: dict[str, list[dict[str, Any]]] = {}
        for row in self.rows:
            if row["series_ticker"] == series_ticker:
                legs.setdefault(row["event_ticker"], []).append(row)
        events = [
            {
                "event_ticker": ticker,
                "title": rows[0]["event_title"],
                "markets": len(rows),
                "open_markets": len(rows),
                "decided_markets": 0,
                "volume_24h_contracts": sum(row["volume_24h_contracts"] for row in rows),
                "close_time": max(row["close_time"] for row in rows),
            }
            | self.event_changes.get(ticker, {})
            for ticker, rows in legs.items()
        ]
        return self._answer(pa.Table.from_pylist(events, schema=SERIES_EVENTS_SCHEMA), len(events), "series_events")

    def event_days(self, tickers: list[str], start: datetime | None = None, end: datetime | None = None) -> Answer:
        self._check()
        self.asked.append(("event_days", tuple(tickers), start, end))
        rows = [{"day": day, "volume_contracts": Decimal(n), "markets": 1} for day, n in sorted(self.days.items())]
        return self._answer(pa.Table.from_pylist(rows, schema=DAYS_SCHEMA), len(rows), "event_days")

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
