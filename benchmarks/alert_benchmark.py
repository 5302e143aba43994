"""(r) 1,000 rules of alerts judged over 150,000 markets, as after a refresh: what is measured, and what fires."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks import synthetic
from benchmarks.lake_benchmarks import MARKETS, opened
from benchmarks.measuring import Row, rounds, row
from data_layer import schemas
from data_layer.alert_questions import METRICS, MOST_A_RULE, Condition
from data_layer.questions import MarketFilter
from data_layer.repository import MarketRepository
from data_layer.store import Lake

RULES = 1_000


#: What `alert_metrics.sql` reads of every open market, without the history.
_READ = """SELECT ticker, probability, spread_dollars, previous_spread_dollars, change_24h_pp, expected_time
FROM market_list WHERE status = 'active'"""


def alerts(folder: Path) -> list[Row]:
    """Return the time to measure all markets, and to judge half named-market and half view rules over them.

    Measuring is beside what it reads, judging beside the same rules one after the other over the same tables.
    """
    with opened(_lake(folder / "alerts")) as repository:
        engine = repository._newest.current()
        now = synthetic.NOW + timedelta(minutes=1)
        after = repository.alert_state(METRICS, now)
        before = _before(after)
        conditions = _rules(engine.query("tickers", "SELECT ticker FROM market_list", unbounded=True)["ticker"])
        listed = engine._cursor().sql("SELECT ticker, search_text FROM market_list").df()
        both = _floats(after).merge(_floats(before), on="ticker", suffixes=("", "_before")).merge(listed, on="ticker")

        def read() -> pa.Table:
            return engine.query("read", _READ, unbounded=True)

        def judge() -> pa.Table:
            return repository.alert_firings(conditions, after, before, [], now)

        measured, alone = rounds(lambda: repository.alert_state(METRICS, now), read, times=7)
        judged, one_by_one = rounds(judge, lambda: _one_by_one(conditions, both), times=5)
        fired = judge().num_rows
        assert fired == _one_by_one(conditions, both)
        cold, quotes = rounds(lambda: _anew(repository, now), lambda: _quotes_then(engine), times=5)
    moved = f"a tenth had moved; {fired:,} firings, the same in both"
    return [
        row(
            "(r) measure 150,000 markets for alerts",
            *(measured, alone, "their columns read, nothing else", 500),
            "history of 1 h and 6 h kept for 5 min",
        ),
        row(
            "(r) the same, history read anew",
            *(cold, quotes, "pandas: newest quote before two moments", None),
            "300,000 rows of quotes; the baseline finds what stood and measures nothing",
        ),
        row(f"(r) judge {RULES:,} rules over them", judged, one_by_one, "pandas, rule by rule", 500, moved),
    ]


def _anew(repository: MarketRepository, now: datetime) -> None:
    repository._stood_kept = None
    repository.alert_state(METRICS, now)


def _quotes_then(engine: Any) -> list[pd.DataFrame]:
    columns = "ticker, observed_time, yes_bid_dollars, yes_ask_dollars, last_price_dollars"
    quotes = engine._cursor().sql(f"SELECT {columns} FROM quotes").df().sort_values("observed_time")
    moments = [pd.Timestamp(synthetic.NOW - timedelta(hours=hours)) for hours in (1, 6)]
    return [quotes[quotes["observed_time"] <= then].drop_duplicates("ticker", keep="last") for then in moments]


def _floats(state: pa.Table) -> pd.DataFrame:
    return pa.table(
        {name: state[name] if name == "ticker" else state[name].cast("double") for name in state.column_names}
    ).to_pandas()


def _one_by_one(conditions: list[Condition], both: pd.DataFrame) -> int:
    """Judge rule by rule in pandas, nothing told before; return how many firings are named."""
    named = 0
    for rule in conditions:
        name, threshold = rule.metric.replace("size", "move"), float(rule.threshold)
        value, was = both[name], both[f"{name}_before"]
        if rule.metric.startswith("size"):
            value, was = value.abs(), was.abs()
        met, before = (
            (value >= threshold, was >= threshold) if rule.rising else (value <= threshold, was <= threshold)
        )
        fires = met & ~before & (was.notna() if rule.metric == "price" else True)
        found = both[fires]
        for word in rule.filter.text.split():
            found = found[found["search_text"].str.contains(word, regex=False)]
        if rule.tickers:
            found = found[found["ticker"].isin(rule.tickers)]
        named += min(len(found), MOST_A_RULE)
    return named


def _lake(folder: Path) -> Lake:
    lake = Lake(folder / "lake", clock=lambda: synthetic.NOW.timestamp())
    if (folder / "complete").exists():
        return lake
    shutil.rmtree(folder, ignore_errors=True)
    markets = synthetic.markets(MARKETS)
    with lake.writer() as writer, writer.refresh("universe", source="demo") as refresh:
        refresh.replace("markets", markets)
        for hours in (2, 30):
            refresh.append("quotes", _quotes(markets, hours))
    (folder / "complete").touch()
    return lake


def _quotes(markets: pa.Table, hours: int) -> pa.Table:
    """Return every market's quote as it was some hours ago: what the exchange says it was a day ago."""
    seen = synthetic.NOW - timedelta(hours=hours)
    columns = {name: markets[name] for name in schemas.QUOTES.names if name in markets.column_names}
    columns |= {
        "yes_bid_dollars": markets["previous_yes_bid_dollars"],
        "yes_ask_dollars": markets["previous_yes_ask_dollars"],
    }
    columns["observed_time"] = pa.repeat(pa.scalar(seen, schemas.TIME), len(markets))
    columns["day"] = pa.repeat(pa.scalar(f"{seen:%Y-%m-%d}"), len(markets))
    return pa.table([columns[name] for name in schemas.QUOTES.names], schema=schemas.QUOTES.arrow)


def _before(after: pa.Table) -> pa.Table:
    """Return the state a refresh earlier: every tenth market stood two points lower, time was a minute earlier."""
    moved = pa.array([n % 10 == 0 for n in range(len(after))])
    lower = _shifted(after, "price", Decimal(-2))
    place = after.column_names.index("price")
    before = after.set_column(place, after.schema.field("price"), pc.if_else(moved, lower, after["price"]))
    place = after.column_names.index("closing")
    return before.set_column(place, after.schema.field("closing"), _shifted(after, "closing", Decimal("0.01667")))


def _shifted(table: pa.Table, name: str, by: Decimal) -> pa.ChunkedArray:
    kind = table.schema.field(name).type
    return pc.add(table[name], pa.scalar(by, kind)).cast(kind)


def _rules(tickers: pa.ChunkedArray) -> list[Condition]:
    chance, names = random.Random(3), tickers.to_pylist()
    usual: dict[str, Callable[[], int]] = {
        "price": lambda: chance.randint(1, 99),
        "spread": lambda: chance.randint(1, 10),
        "surge": lambda: 3,
        "closing": lambda: chance.choice([1, 6, 24]),
    }
    made = []
    for key in range(RULES):
        metric = METRICS[key % len(METRICS)]
        made.append(
            Condition(
                key,
                metric,
                metric != "closing" and (metric != "spread" or chance.random() < 0.5),
                Decimal(usual.get(metric, lambda: chance.choice([5, 8, 10]))()),
                growing=metric.startswith(("size", "move", "surge")),
                tickers=tuple(chance.sample(names, 50)) if key % 2 else (),
                filter=MarketFilter(text=chance.choice(["", "rate", "senate control"])),
            )
        )
    return made
