"""Every book, and every row of the recorded tables, through the parser: kept as it was sent, or refused with a reason.

The recordings are not part of the project; these tests skip, and say so, where the folder is absent.
"""

from __future__ import annotations

import csv
import dataclasses
import gzip
import json
import os
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest

from data_layer.api import decoding, row_kinds, wire
from data_layer.parsing import (
    parse_candlesticks,
    parse_events,
    parse_markets,
    parse_order_book,
    parse_series,
    parse_settled_markets,
)

SHARED = Path(os.environ.get("KALSHI_SHARED_DIR") or Path(__file__).resolve().parents[3] / "shared")
RECORDED, TABLES = SHARED / "data" / "recorded", SHARED / "data" / "tables"
FETCHED = datetime(2026, 8, 9, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not TABLES.is_dir(), reason=f"no recorded tables in {TABLES}")


def rows_of(name: str) -> list[dict[str, str]]:
    path = TABLES / name
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open("rt") as stream:
        return list(csv.DictReader(stream))


def decoded(rows: list[dict[str, Any]], kind: Any) -> list[Any]:
    """Decode rows that hold only some of what is sent: what drift would ask for is not asked."""
    lenient = dataclasses.replace(kind, required=())
    found = decoding.decode_rows([msgspec.Raw(msgspec.json.encode(row)) for row in rows], lenient)
    assert found.rejected == ()
    return found.items


def recorded_books() -> list[dict[str, Any]]:
    books = json.loads((RECORDED / "cockpit" / "combo_orderbooks.json").read_text())
    single = json.loads((RECORDED / "cockpit" / "market_single.json").read_text())
    return [*books, {"ticker": single["ticker"], **single["orderbook"]}]


def test_every_book_is_stored_level_by_level() -> None:
    books = recorded_books()
    assert len(books) > 10
    sides = Counter[str]()
    for sent in books:
        batch = parse_order_book(sent["ticker"], msgspec.convert(sent, wire.OrderBook), FETCHED)
        levels = {
            (side, Decimal(price), Decimal(count))
            for side in ("yes", "no")
            for price, count in sent["orderbook_fp"][f"{side}_dollars"]
        }
        stored = {(row["side"], row["price_dollars"], row["count_contracts"]) for row in batch.table.to_pylist()}
        assert batch.rejects == []
        assert stored == levels
        sides.update(side for side, *_ in levels)
    assert min(sides["yes"], sides["no"]) >= 10


def test_the_book_of_january_under_its_old_key_is_empty_and_not_invented() -> None:
    sent = json.loads((RECORDED / "golden" / "orderbook_response.json").read_text())["response"]
    book = msgspec.convert({"ticker": "A", **sent}, wire.OrderBook)
    assert parse_order_book("A", book, FETCHED).table.num_rows == 0


def test_every_market_of_the_census_is_stored_under_its_own_ticker() -> None:
    """72,482 real tickers with dots, dashes and one segment."""
    rows = rows_of("markets_index.csv.gz")
    names = ("ticker", "event_ticker", "status", "strike_type")
    batch = parse_markets(decoded([{n: row[n] or None for n in names} for row in rows], row_kinds.MARKET), FETCHED)
    assert (batch.rejects, batch.duplicates) == ([], 0)
    assert batch.table["ticker"].to_pylist() == [row["ticker"] for row in rows]
    assert batch.table["yes_bid_dollars"].null_count == len(rows), "the census has no prices, and none is invented"


def test_every_event_of_the_census_keeps_its_series_and_its_exclusivity() -> None:
    rows = rows_of("events_index.csv.gz")
    sent = [
        {
            "event_ticker": row["event_ticker"],
            "series_ticker": row["series_ticker"],
            "mutually_exclusive": row["mutually_exclusive"] == "1",
            "collateral_return_type": row["collateral_return_type"] or "",
        }
        for row in rows
    ]
    batch = parse_events(decoded(sent, row_kinds.EVENT), FETCHED)
    assert (batch.rejects, batch.duplicates) == ([], 0)
    assert batch.table["series_ticker"].to_pylist() == [row["series_ticker"] for row in rows]
    assert sum(batch.table["mutually_exclusive"].to_pylist()) == sum(row["mutually_exclusive"] == "1" for row in rows)


def test_every_series_of_the_census_is_stored_with_its_fees() -> None:
    fees = {row["series_ticker"]: row for row in rows_of("events_index.csv.gz")}
    sent = [
        {"ticker": row["series_ticker"]}
        | {
            "fee_type": fees[row["series_ticker"]]["fee_type"] or None,
            "fee_multiplier": float(fees[row["series_ticker"]]["fee_multiplier"] or 1),
        }
        for row in rows_of("series_rollup.csv")
        if row["series_ticker"] in fees
    ]
    assert len(sent) > 3_000
    batch = parse_series(decoded(sent, row_kinds.SERIES), FETCHED)
    assert (batch.rejects, batch.table.num_rows) == ([], len(sent))
    known = {"quadratic", "quadratic_with_maker_fees", "quadratic_with_combo_maker_fees", "flat", None}
    assert set(batch.table["fee_type"].to_pylist()) <= known, "a fee type that the formula has never heard of"


def test_every_settled_market_has_what_it_came_to_and_no_quote() -> None:
    """Post-outcome prices stay last trades: they are never a quote, and so never a forecast."""
    rows = rows_of("settled_outcomes.csv.gz")
    sent = [
        {
            "ticker": row["ticker"],
            "event_ticker": row["event_ticker"] or row["ticker"],
            "status": "finalized",
            "result": row["result"],
            "close_time": row["close_time"] or None,
            "settlement_ts": row["settlement_ts"] or None,
            "settlement_value_dollars": f"{float(row['settlement_value']):.4f}" if row["settlement_value"] else None,
            "yes_bid_dollars": "0.9900",
            "yes_ask_dollars": "1.0000",
        }
        for row in rows
    ]
    named = [row for row in sent if row["ticker"]]
    batch = parse_settled_markets(decoded(named, row_kinds.MARKET), FETCHED)
    refused = Counter((reject.rule, reject.reason) for reject in batch.rejects)
    timeless = sum(not row["close_time"] and not row["settlement_ts"] for row in named)
    assert refused == {("time", "neither the time of settlement nor that of the close was sent"): timeless}
    assert batch.table["yes_bid_dollars"].null_count == batch.table.num_rows
    assert batch.table.num_rows + batch.duplicates + sum(refused.values()) == len(named)
    assert set(batch.table["result"].to_pylist()) <= {"yes", "no", "scalar"}


def test_a_settled_row_without_a_ticker_is_refused_and_says_why() -> None:
    """Of the 15-minute crypto markets only the event is recorded: nothing is made up in its place."""
    nameless = [row for row in rows_of("settled_outcomes.csv.gz") if not row["ticker"]]
    assert len(nameless) > 10_000
    raws = [
        msgspec.Raw(msgspec.json.encode({"ticker": "", "event_ticker": row["event_ticker"], "status": "finalized"}))
        for row in nameless[:50]
    ]
    named = [
        msgspec.Raw(msgspec.json.encode({"ticker": f"T{n}", "event_ticker": "E", "status": "finalized"}))
        for n in range(5_000)
    ]
    found = decoding.decode_rows([*named, *raws], dataclasses.replace(row_kinds.MARKET, required=()))
    assert {row.reason for row in found.rejected} == {"ticker is empty"}
    assert (len(found.items), len(found.rejected)) == (5_000, 50)


def _range(row: dict[str, Any], prefix: str) -> dict[str, str | None]:
    parts = {word: row[f"{prefix}_{word}"] for word in ("open", "high", "low", "close")}
    return {f"{word}_dollars": None if value is None else f"{value:.4f}" for word, value in parts.items()}


@pytest.mark.slow
def test_every_recorded_candlestick_is_stored_or_refused_with_a_reason() -> None:
    """50,765 hours of 4,304 markets."""
    table = pq.read_table(TABLES / "candles_60min.parquet").sort_by(
        [("ticker", "ascending"), ("end_period_ts", "ascending")]
    )
    kept, refused = 0, Counter[str]()
    for ticker, group in groupby(table.to_pylist(), key=lambda row: row["ticker"]):
        rows = list(group)
        sent = [
            {
                "end_period_ts": row["end_period_ts"],
                "price": _range(row, "price"),
                "yes_bid": _range(row, "yes_bid"),
                "yes_ask": _range(row, "yes_ask"),
                "volume_fp": f"{row['volume']:.2f}",
                "open_interest_fp": f"{row['open_interest']:.2f}",
            }
            for row in rows
        ]
        batch = parse_candlesticks(ticker, 60, msgspec.convert(sent, list[wire.Candlestick]))
        refused.update(f"{reject.rule}: {reject.reason}" for reject in batch.rejects)
        kept += batch.table.num_rows
        for name, sentinel in (("yes_bid_close_dollars", 0), ("yes_ask_close_dollars", 1)):
            assert sentinel not in batch.table[name].to_pylist(), "an absent quote is null"
    assert kept + sum(refused.values()) == table.num_rows
    assert refused == {}
