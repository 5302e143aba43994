"""(a) screener, (b) one market's year, (c) movers, (d) a page of JSON, (f) append, compaction, cold open."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import msgspec
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import synthetic
from benchmarks.measuring import Row, rounds, row
from data_layer.api import wire
from data_layer.engine.limits import EngineLimits
from data_layer.memo import Memo
from data_layer.movers_questions import Movers
from data_layer.parsing import parse_markets
from data_layer.questions import MarketColumn, MarketFilter, MoverFilter, Order, QuoteQuality
from data_layer.repository import MarketRepository
from data_layer.store import Lake

MARKETS, TICKERS, HOURS = 150_000, 1_000, 8_760
#: Says what is in the folder: a lake without the quotes is built anew.
_COMPLETE = "complete-with-quotes"
FILTER = MarketFilter(
    text="rate austin",
    qualities=(QuoteQuality.TIGHT, QuoteQuality.OK),
    probability_min=Decimal("0.10"),
    probability_max=Decimal("0.90"),
    spread_max_dollars=Decimal("0.05"),
    volume_24h_min_contracts=1,
    open_interest_min_contracts=1,
    days_to_close_max=Decimal(60),
)


def build(folder: Path) -> Lake:
    """Return a lake of 150,000 markets, 8.76 million candlesticks and 6.9 million quotes, and the seed's layout."""
    lake = Lake(folder / "lake", clock=lambda: synthetic.NOW.timestamp())
    seed_layout = folder / "one-file-a-ticker"
    if (folder / _COMPLETE).exists():
        return lake
    shutil.rmtree(folder, ignore_errors=True)
    seed_layout.mkdir(parents=True)
    months = list(synthetic.hourly_months(TICKERS, HOURS))
    with lake.writer() as writer:
        with writer.refresh("universe", source="demo") as refresh:
            refresh.replace("markets", synthetic.markets(MARKETS))
        for month in months:
            with writer.refresh("candlesticks", source="demo") as refresh:
                refresh.append("candlesticks", month)
        for day in synthetic.quote_days(MARKETS):
            with writer.refresh("watch", source="demo") as refresh:
                refresh.append("quotes", day)
    whole = pa.concat_tables(months).sort_by([("ticker", "ascending"), ("end_time", "ascending")])
    for number in range(TICKERS):
        part = whole.slice(number * HOURS, HOURS)
        pq.write_table(part, seed_layout / f"{number:05d}.parquet", compression="snappy")
    (folder / _COMPLETE).touch()
    return lake


@contextmanager
def opened(lake: Lake) -> Iterator[MarketRepository]:
    """Open a repository whose clock stands at the end of the synthetic history."""
    clock = lambda: synthetic.NOW.timestamp()  # noqa: E731
    repository = MarketRepository(lake, "demo", EngineLimits(), clock=clock, follow=False)
    repository.advance()
    yield repository
    repository.close()


def forgetful(repository: MarketRepository, ask):
    """Return a call that asks without the help of the memo."""

    def call():
        repository._newest.current().database.remembered = Memo()
        return ask()

    return call


def screener(repository: MarketRepository) -> Row:
    order = (Order(MarketColumn.VOLUME_24H),)
    engine = repository._newest.current()
    frame = engine._cursor().sql("SELECT * FROM market_list").df()
    latest = synthetic.NOW + timedelta(days=60)

    def over_pandas():
        everything = engine._cursor().sql("SELECT * FROM market_list").df()
        return over_memory(everything)

    def over_memory(table: pd.DataFrame = frame):
        text = table.search_text
        kept = table[
            text.str.contains("rate", regex=False)
            & text.str.contains("austin", regex=False)
            & (table.status == "active")
            & table.quote_quality.isin(["tight", "ok"])
            & table.probability.between(0.10, 0.90)
            & (table.spread_dollars <= 0.05)
            & (table.volume_24h_contracts >= 1)
            & (table.open_interest_contracts >= 1)
            & (table.expected_time <= latest)
        ]
        return kept.sort_values("volume_24h_contracts", ascending=False).head(50), len(kept)

    ask = forgetful(repository, lambda: repository.markets(FILTER, order, 50, 50))
    mine, theirs = rounds(ask, over_pandas)
    _, held = rounds(lambda: None, over_memory)
    note = f"pandas with the table already in memory: {sorted(held)[len(held) // 2]:.0f} ms"
    return row(
        "(a) screener: 8 predicates, text, sort, page of 150,000", mine, theirs, "pandas over SELECT *", 30, note
    )


def market_year(repository: MarketRepository, seed_layout: Path) -> Row:
    connection = duckdb.connect()
    path = str(seed_layout / "00417.parquet")
    ask = forgetful(
        repository,
        lambda: repository.candlesticks("KXB-00417", 60, synthetic.NOW - timedelta(days=365), max_points=10_000),
    )
    mine, theirs = rounds(
        ask, lambda: connection.cursor().sql(f"SELECT * FROM read_parquet('{path}')").to_arrow_table()
    )
    assert ask().total == HOURS
    return row(
        "(b) one market's hourly year of 8.76 M", mine, theirs, "the seed: its own file", 25, "the seed's best case"
    )


def movers(repository: MarketRepository, seed_layout: Path) -> list[Row]:
    """Return the first look at a window, and a change of a filter: both with the lines of the listed markets."""
    connection = duckdb.connect()
    then = synthetic.NOW - timedelta(hours=6)
    sql = f"""
        SELECT ticker, arg_max(price_close_dollars, end_time) FILTER (WHERE price_close_dollars IS NOT NULL) AS now,
               arg_max(price_close_dollars, end_time)
                   FILTER (WHERE price_close_dollars IS NOT NULL AND end_time <= $then) AS before
        FROM read_parquet('{seed_layout}/*.parquet')
        WHERE end_time > $back GROUP BY ticker ORDER BY abs(now - before) DESC NULLS LAST LIMIT 50"""
    values = {"then": then, "back": then - timedelta(days=7)}

    def page(least_contracts: int | None = 2_000) -> Movers:
        found = repository.movers(6, MoverFilter(volume_24h_min_contracts=least_contracts))
        repository.sparklines(found.table["ticker"].to_pylist(), 24)
        return found

    def first() -> Movers:
        repository._past = Memo(8)
        return page()

    def seed() -> pa.Table:
        return connection.cursor().sql(sql, params=values).to_arrow_table()

    assert 0 < page().total < page().passing
    opened_rounds, theirs = rounds(forgetful(repository, first), seed)
    rows = [
        row(
            "(c) movers page, first look at 6 h: 6.9 M quotes, 8.76 M candles",
            *(opened_rounds, theirs, "the seed: a file a ticker", 1_000),
            "the seed has no spread gate, no z, no quotes, 1,000 markets",
        )
    ]
    for name, least in (("2,000 contracts or more", 2_000), ("any volume", None)):
        changed, theirs = rounds(forgetful(repository, lambda least=least: page(least)), seed)
        rows.append(row(f"(c) movers page, filter changed: {name}", changed, theirs, "the same", 200))
    return rows


def page_of_markets() -> Row:
    sample = sample_market()
    body = msgspec.json.encode({"markets": [{**sample, "ticker": f"KXP-{n}"} for n in range(1_000)], "cursor": ""})
    decoder = msgspec.json.Decoder(Envelope)

    def ours():
        return parse_markets(decoder.decode(body).markets, datetime.now(UTC))

    assert ours().table.num_rows == 1_000
    mine, theirs = rounds(ours, lambda: pd.json_normalize(json.loads(body)["markets"]))
    note = f"{len(body) / 1e6:.1f} MB; the baseline has no types and no checks"
    return row("(d) 1,000 markets: JSON to validated Arrow", mine, theirs, "json + json_normalize", 25, note)


class Envelope(msgspec.Struct):
    """A page of markets."""

    markets: list[wire.Market]
    cursor: str


def sample_market() -> dict:
    text = (
        "If the highest temperature recorded in Springfield on the day is above 91 degrees, it resolves to Yes. " * 4
    )
    return {
        "ticker": "KXP", "event_ticker": "KXP-E", "market_type": "binary", "title": text[:80], "yes_sub_title": "91 or above",
        "no_sub_title": "91 or above", "status": "active", "yes_bid_dollars": "0.5600", "yes_bid_size_fp": "120.00",
        "yes_ask_dollars": "0.5800", "yes_ask_size_fp": "75.50", "no_bid_dollars": "0.4200", "no_ask_dollars": "0.4400",
        "last_price_dollars": "0.5700", "previous_yes_bid_dollars": "0.5000", "previous_yes_ask_dollars": "0.5200",
        "previous_price_dollars": "0.5100", "volume_fp": "1234.56", "volume_24h_fp": "200.00", "open_interest_fp": "900.25",
        "notional_value_dollars": "1.0000", "created_time": "2026-11-01T00:00:00.12345Z", "open_time": "2026-11-01T01:00:00Z",
        "close_time": "2026-12-01T00:00:00Z", "expected_expiration_time": "2026-11-20T00:00:00Z",
        "latest_expiration_time": "2026-12-08T00:00:00Z", "updated_time": "2026-11-02T03:04:05.123456Z",
        "settlement_timer_seconds": 300, "result": "", "can_close_early": True, "expiration_value": "",
        "early_close_condition": text[:90], "strike_type": "greater", "floor_strike": 91, "rules_primary": text[:300],
        "rules_secondary": text, "price_level_structure": "linear_cent", "exchange_index": 0,
        "price_ranges": [{"start": "0.0000", "end": "1.0000", "step": "0.0100"}], "settlement_bounds_type": "default",
        "custom_strike": {"station": "KSPI"}, "is_provisional": False,
    }  # fmt: skip


def upkeep(folder: Path, lake: Lake) -> list[Row]:
    """Append an hour, compact, open cold: on a copy, so that the lake stays as it is."""
    copy = folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(lake.root, copy)
    changed = Lake(copy, replace(lake.settings, compact_files=2), clock=lambda: synthetic.NOW.timestamp())
    hour = next(synthetic.hourly_months(TICKERS, 24)).slice(0, 0)
    appended, compacted = [], []
    with changed.writer() as writer:
        for n in range(1, 25):
            hour = _hour(n)
            started = time.perf_counter()
            with writer.refresh("candlesticks", source="demo") as refresh:
                refresh.append("candlesticks", hour)
            appended.append((time.perf_counter() - started) * 1000)
        started = time.perf_counter()
        writer.compact("candlesticks")
        compacted.append((time.perf_counter() - started) * 1000)
    cold = [_cold_open(lake.root) for _ in range(3)]
    shutil.rmtree(copy)
    return [
        row("(f) append an hour of 1,000 markets", appended, [], "", None, "one Delta commit and one snapshot"),
        row("(f) compact 24 appended hours", compacted, [], "", None, "one month's file rewritten"),
        row(
            "(f) cold open: new process to first answer",
            cold,
            [],
            "",
            None,
            "imports, hashing of every file, hot table",
        ),
    ]


def _hour(number: int) -> pa.Table:
    moment = synthetic.NOW + timedelta(hours=number)
    last = list(synthetic.hourly_months(TICKERS, 1))[-1]
    end = pa.repeat(pa.scalar(moment, last["end_time"].type), last.num_rows)
    return last.set_column(last.column_names.index("end_time"), last.schema.field("end_time"), end).set_column(
        last.column_names.index("month"),
        last.schema.field("month"),
        pa.repeat(pa.scalar(f"{moment:%Y-%m}"), last.num_rows),
    )


def _cold_open(root: Path) -> float:
    code = (
        "import sys, time; started = time.perf_counter()\n"
        "from pathlib import Path\nfrom data_layer.store import Lake\nfrom data_layer.repository import MarketRepository\n"
        "r = MarketRepository(Lake(Path(sys.argv[1])), 'demo'); assert r.markets().total\n"
        "print((time.perf_counter() - started) * 1000)"
    )
    done = subprocess.run([sys.executable, "-c", code, root], capture_output=True, text=True, check=True, timeout=120)
    return float(done.stdout)
