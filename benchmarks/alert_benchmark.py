"""(r) 1,000 rules of alerts judged over 150,000 markets, as after a refresh: what is measured, and what fires."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks import synthetic
from benchmarks.lake_benchmarks import MARKETS, opened
from benchmarks.measuring import Row, rounds, row
from data_layer import schemas
from data_layer.alert_questions import METRICS, Condition
from data_layer.questions import MarketFilter
from data_layer.repository import MarketRepository
from data_layer.store import Lake

RULES = 1_000


def alerts(folder: Path) -> list[Row]:
    """Return the time to measure all markets, and to judge half named-market and half view rules over them."""
    with opened(_lake(folder / "alerts")) as repository:
        engine = repository._newest.current()
        now = synthetic.NOW + timedelta(minutes=1)
        after = repository.alert_state(METRICS, now)
        before = _before(after)
        conditions = _rules(engine.query("tickers", "SELECT ticker FROM market_list", unbounded=True)["ticker"])
        measured, _ = rounds(lambda: repository.alert_state(METRICS, now), times=7)
        judged, _ = rounds(lambda: repository.alert_firings(conditions, after, before, [], now), times=7)
        fired = repository.alert_firings(conditions, after, before, [], now).num_rows
        cold = _cold(repository, now)
    return [
        row("(r) measure 150,000 markets for alerts", measured, [], "", 500, "history of 1 h and 6 h kept for 5 min"),
        row("(r) the same, history read anew", cold, [], "", None, "300,000 rows of quotes"),
        row(f"(r) judge {RULES:,} rules over them", judged, [], "", 500, f"a tenth had moved; {fired:,} firings"),
    ]


def _cold(repository: MarketRepository, now) -> list[float]:
    def ask() -> None:
        repository._stood_kept = None
        repository.alert_state(METRICS, now)

    return rounds(ask, times=5)[0]


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
