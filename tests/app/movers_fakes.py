"""Answers about what moved, from rows in memory: a part of `FakeRepository`."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from data_layer import schemas
from data_layer.analytics import odds
from data_layer.movers_questions import LARGEST_MOVE, SEED_FILTER, SPARKLINE_POINTS, Movers
from data_layer.questions import Answer, MoverFilter, MoverSide, Order

CHANCE, TEXT, TIME, FLOAT = pa.decimal128(10, 5), schemas.TEXT, schemas.TIME, pa.float64()
MOVED = [
    ("then_source", TEXT),
    ("then_time", TIME),
    ("basis", TEXT),
    ("price_then", CHANCE),
    ("price_now", CHANCE),
    ("spread_then_dollars", schemas.PRICE),
    ("change_pp", pa.decimal128(9, 3)),
    ("change_log_odds", FLOAT),
    ("z", FLOAT),
    ("hourly_deviation", FLOAT),
    ("observations", pa.int32()),
    ("recent_share", FLOAT),
    ("surge", FLOAT),
    ("mean_daily_contracts", FLOAT),
]


class MoversAnswers:
    """Answers about moves: a row's `change_24h_pp` is its change over any window.

    `deviations` (σ of hourly changes) and `mean_days` are by ticker; `lines` the buckets of sparklines.
    """

    list_schema: pa.Schema
    rows: list[dict[str, Any]]
    now: datetime
    asked: list[tuple[Any, ...]]
    mean_days: dict[str, float]
    deviations: dict[str, float] = {}
    lines: dict[str, dict[int, Decimal]] = {}

    def _check(self) -> None:
        raise NotImplementedError

    def _answer(self, table: pa.Table, total: int, query: str) -> Answer:
        raise NotImplementedError

    def movers(
        self,
        hours: int = 24,
        filter: MoverFilter = SEED_FILTER,
        side: MoverSide = MoverSide.BOTH,
        order: tuple[Order, ...] = LARGEST_MOVE,
        offset: int = 0,
        limit: int = 50,
    ) -> Movers:
        self._check()
        self.asked.append(("movers", hours, filter, side, order, offset, limit))
        passing = [self._moved(row, hours) for row in self.rows if self._lets_through(row, filter)]
        beyond = [
            row
            for row in passing
            if row["change_pp"] is not None and abs(row["change_pp"]) > 50 * (row["spread_dollars"] or 0)
        ]
        unknown = [row for row in passing if row["change_pp"] is None]
        found = {
            MoverSide.BOTH: beyond,
            MoverSide.UP: [row for row in beyond if row["change_pp"] > 0],
            MoverSide.DOWN: [row for row in beyond if row["change_pp"] < 0],
            MoverSide.UNKNOWN: unknown,
        }[side]
        found.sort(key=lambda row: row["ticker"])
        for key in reversed(order):
            known = [row for row in found if row[key.column.value] is not None]
            known.sort(key=lambda row: row[key.column.value], reverse=key.descending)
            found = known + [row for row in found if row[key.column.value] is None]
        if offset >= len(found):
            offset = max(0, (len(found) - 1) // limit * limit)
        schema = pa.schema([*self.list_schema, *MOVED])
        answer = self._answer(
            pa.Table.from_pylist(found[offset : offset + limit], schema=schema), len(found), "movers"
        )
        return Movers(
            **{field.name: getattr(answer, field.name) for field in fields(Answer)},
            passing=len(passing),
            unknown=len(unknown),
            within_spread=len(passing) - len(unknown) - len(beyond),
            without_z=sum(row["hourly_deviation"] is None for row in passing),
            then=self.now - timedelta(hours=hours),
        )

    def _moved(self, row: dict[str, Any], hours: int) -> dict[str, Any]:
        now, change = row["probability"], row["change_24h_pp"]
        then = None if now is None or change is None else now - change / 100
        log_odds = None if then is None else odds.change_log_odds(now, min(max(then, Decimal(0)), Decimal(1)))
        deviation = self.deviations.get(row["ticker"])
        z = None if log_odds is None else odds.z_score(log_odds, deviation, hours)
        mean = self.mean_days.get(row["ticker"])
        moved = {
            "then_source": None if then is None else "exchange" if hours == 24 else "lake",
            "then_time": None if hours == 24 or then is None else self.now - timedelta(hours=hours, minutes=2),
            "basis": None if then is None else "quotes",
            "price_then": then,
            "price_now": now if then is not None else None,
            "change_pp": None if then is None else change,
            "change_log_odds": log_odds,
            "z": z,
            "hourly_deviation": deviation,
            "observations": 168 if deviation else 3,
            "recent_share": float(row["volume_24h_contracts"] / row["volume_contracts"])
            if row["volume_contracts"]
            else None,
            "surge": float(row["volume_24h_contracts"]) / mean if mean else None,
            "mean_daily_contracts": mean,
        }
        sizes = {"size_pp": moved["change_pp"], "size_log_odds": log_odds, "size_z": z}
        return row | moved | {name: None if value is None else abs(value) for name, value in sizes.items()}

    def _lets_through(self, row: dict[str, Any], filter: MoverFilter) -> bool:
        def after(days: Decimal | None) -> datetime | None:
            return None if days is None else self.now + timedelta(days=float(days))

        opened = None if filter.days_open_min is None else after(-filter.days_open_min)
        return (
            (not filter.categories or row["category"] in filter.categories)
            and (not filter.series or row["series_ticker"] in filter.series)
            and row["volume_24h_contracts"] >= (filter.volume_24h_min_contracts or 0)
            and row["close_time"] >= (after(filter.days_to_close_min) or row["close_time"])
            and row["close_time"] <= (after(filter.days_to_close_max) or row["close_time"])
            and row["expected_time"] >= (after(filter.days_to_expiration_min) or row["expected_time"])
            and row["open_time"] <= (opened or row["open_time"])
        )

    def tightest_mover_filter(self, hours: int, filter: MoverFilter, side: MoverSide) -> tuple[str, int] | None:
        everything, found = MoverFilter.everything(), []
        for part in fields(MoverFilter):
            if getattr(filter, part.name) != getattr(everything, part.name):
                without = replace(filter, **{part.name: getattr(everything, part.name)})
                found.append((part.name, self.movers(hours, without, side, limit=1).total))
        best = max(found, key=lambda pair: pair[1], default=None)
        return best if best and best[1] else None

    def sparklines(self, tickers: list[str], hours: int) -> Answer:
        self._check()
        self.asked.append(("sparklines", tuple(tickers), hours))
        rows = []
        for n, ticker in enumerate(tickers):
            default = {b: Decimal(300 + (b * (n + 3)) % 90) / 1000 for b in range(0, SPARKLINE_POINTS, 3)}
            line = self.lines.get(ticker, default)
            rows += [{"ticker": ticker, "bucket": bucket, "probability": value} for bucket, value in line.items()]
        schema = pa.schema([("ticker", TEXT), ("bucket", pa.int32()), ("probability", CHANCE)])
        return self._answer(pa.Table.from_pylist(rows, schema=schema), len(rows), "sparklines")
