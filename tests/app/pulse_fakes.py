"""Answers about the exchange as a whole, from rows in memory: a part of `FakeRepository`."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from data_layer import schemas
from data_layer.questions import Answer

COUNT, TEXT = schemas.COUNT, schemas.TEXT
DOLLARS = pa.decimal128(20, 2)
DAY = timedelta(days=1)

SHARE_SCHEMA = pa.schema(
    [
        ("category", TEXT),
        ("markets", pa.int64()),
        ("volume_24h_contracts", COUNT),
        ("volume_24h_dollars", DOLLARS),
        ("open_interest_contracts", COUNT),
    ]
)

SPLIT_SCHEMA = pa.schema(
    [
        *[("name", TEXT), ("markets", pa.int64()), ("events", pa.int64()), ("series", pa.int64())],
        *[("volume_24h_contracts", COUNT), ("volume_24h_dollars", DOLLARS), ("unpriced_contracts", COUNT)],
        ("open_interest_contracts", COUNT),
    ]
)
DAYS_SCHEMA = pa.schema([("day", pa.date32()), ("name", TEXT), ("markets", pa.int64()), ("volume_contracts", COUNT)])


def totals_of(rows: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
    """Add up rows of the list as the repository does."""
    priced = [row for row in rows if row["probability"] is not None]
    return {
        "open_markets": len(rows),
        "open_events": len({row["event_ticker"] for row in rows}),
        "volume_24h_contracts": sum((row["volume_24h_contracts"] for row in rows), Decimal(0)),
        "priced_volume_24h_contracts": sum((row["volume_24h_contracts"] for row in priced), Decimal(0)),
        "volume_24h_dollars": sum((row["volume_24h_contracts"] * row["probability"] for row in priced), Decimal(0)),
        "open_interest_contracts": sum((row["open_interest_contracts"] for row in rows), Decimal(0)),
        "traded_24h_markets": sum(row["volume_24h_contracts"] > 0 for row in rows),
        "two_sided_markets": sum(row["quote_quality"] in {"tight", "ok", "wide"} for row in rows),
        "new_24h_markets": sum(now - DAY < row["open_time"] <= now for row in rows),
    }


class PulseAnswers:
    """Answers of the home page. `then` holds the totals of a day ago, None in a young lake; `days` has history."""

    list_schema: pa.Schema
    rows: list[dict[str, Any]]
    now: datetime
    then: dict[str, Any] | None = None
    since: datetime | None = None
    has_gap = False
    #: Mean contracts of a day, by ticker: the history that surges are measured against.
    mean_days: dict[str, float] = {}
    #: Contracts a day by category, as `DAYS_SCHEMA`.
    category_history: list[dict[str, Any]] = []

    def _check(self) -> None:
        raise NotImplementedError

    def _answer(self, table: pa.Table, total: int, query: str) -> Answer:
        raise NotImplementedError

    def _rows(self, query: str, rows: list[dict[str, Any]], schema: pa.Schema | None = None) -> Answer:
        self._check()
        table = pa.Table.from_pylist(rows, schema=schema)
        return self._answer(table, len(rows), query)

    def _listed(self, query: str, rows: list[dict[str, Any]], **more: pa.DataType) -> Answer:
        before = ("previous_spread_dollars", schemas.PRICE)
        schema = pa.schema([*self.list_schema, before, *more.items()])
        return self._rows(query, [{before[0]: row["spread_dollars"]} | row for row in rows], schema)

    def pulse_totals(self) -> Answer:
        return self._rows("pulse_totals", [totals_of(self.rows, self.now)])

    def pulse_totals_then(self) -> Answer:
        row = totals_of(self.rows, self.now) | {"new_24h_markets": None} | (self.then or {})
        times = {"oldest_time": self.since, "then_time": self.now - DAY - timedelta(minutes=3)}
        reach = {"reaches_back": self.then is not None, "has_gap": self.has_gap}
        return self._rows("pulse_totals_then", [times | reach | row])

    def pulse_history(self) -> Answer:
        return self._rows(
            "pulse_history", [{"markets": len(self.mean_days), "measured_markets": len(self.mean_days)}]
        )

    def pulse_surges(self, limit: int = 8) -> Answer:
        found = [
            row
            | {
                "mean_daily_contracts": self.mean_days[row["ticker"]],
                "surge": float(row["volume_24h_contracts"]) / self.mean_days[row["ticker"]],
            }
            for row in self.rows
            if row["ticker"] in self.mean_days
        ]
        found.sort(key=lambda row: -row["surge"])
        return self._listed("pulse_surges", found[:limit], mean_daily_contracts=pa.float64(), surge=pa.float64())

    def pulse_closing(self, limit: int = 8) -> Answer:
        found = sorted(
            (row | {"event_markets": 4} for row in self.rows), key=lambda row: (row["expected_time"], row["ticker"])
        )
        return self._listed("pulse_closing", found[:limit], event_markets=pa.int64())

    def pulse_new(self, limit: int = 8) -> Answer:
        found = [row | {"event_markets": 1} for row in self.rows if self.now - DAY < row["open_time"] <= self.now]
        found.sort(key=lambda row: -row["volume_24h_contracts"])
        return self._listed("pulse_new", found[:limit], event_markets=pa.int64())

    def category_split(self, category: str = "") -> Answer:
        of = "category" if not category else "series_ticker"
        placed = [row for row in self.rows if not category or row["category"] == category]
        rows = []
        for name in {row[of] for row in placed}:
            mine = [row for row in placed if row[of] == name]
            totals = totals_of(mine, self.now)
            unpriced = totals["volume_24h_contracts"] - totals["priced_volume_24h_contracts"]
            kept = {key: totals[key] for key in SHARE_SCHEMA.names if key in totals}
            counts = {"events": totals["open_events"], "series": len({row["series_ticker"] for row in mine})}
            kept["volume_24h_dollars"] = kept["volume_24h_dollars"].quantize(Decimal("0.01"))
            rows.append({"name": name, "markets": len(mine), "unpriced_contracts": unpriced} | counts | kept)
        rows.sort(key=lambda row: (-row["volume_24h_contracts"], str(row["name"])))
        return self._rows("category_split", rows, SPLIT_SCHEMA)

    def category_days(self, category: str = "") -> Answer:
        rows = [row for row in self.category_history if not category or row["name"] == category]
        return self._rows("category_days", rows, DAYS_SCHEMA)

    def category_share(self) -> Answer:
        rows = []
        for category in {row["category"] for row in self.rows}:
            totals = totals_of([row for row in self.rows if row["category"] == category], self.now)
            kept = {name: totals[name] for name in SHARE_SCHEMA.names if name in totals}
            rows.append({"category": category, "markets": totals["open_markets"]} | kept)
        rows.sort(key=lambda row: (-row["volume_24h_contracts"], row["category"]))
        for row in rows:
            row["volume_24h_dollars"] = row["volume_24h_dollars"].quantize(Decimal("0.01"))
        return self._rows("category_share", rows, SHARE_SCHEMA)
