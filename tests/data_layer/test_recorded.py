"""Every recorded response through decoder and parser: parsed row by row, or refused for a reason written down here.

The recordings are not part of the project; these tests skip, and say so, where the folder is absent.
What the decoder makes of them is tested in `api/test_recorded.py`; books and tables in `test_recorded_tables.py`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from data_layer.api import decoding, row_kinds
from data_layer.errors import SchemaDriftError
from data_layer.parsing import (
    parse_candlesticks,
    parse_events,
    parse_markets,
    parse_series,
    parse_settled_markets,
)
from data_layer.validation import Batch

SHARED = Path(os.environ.get("KALSHI_SHARED_DIR") or Path(__file__).resolve().parents[3] / "shared")
RECORDED = SHARED / "data" / "recorded"
FETCHED = datetime(2026, 8, 9, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason=f"no recorded responses in {RECORDED}")


def recorded(name: str) -> Any:
    return json.loads((RECORDED / name).read_text())


def decoded(rows: list[Any], kind: Any) -> list[Any]:
    found = decoding.decode_rows([msgspec.Raw(msgspec.json.encode(row)) for row in rows], kind)
    assert found.rejected == ()
    return found.items


def markets_in(found: Any) -> Iterator[dict[str, Any]]:
    """Walk a recording for the objects that are markets."""
    if isinstance(found, dict):
        if "yes_bid_dollars" in found and "ticker" in found:
            yield found
            return
        found = list(found.values())
    if isinstance(found, list):
        for part in found:
            yield from markets_in(part)


def events_in(found: Any) -> Iterator[dict[str, Any]]:
    if isinstance(found, dict):
        if "event_ticker" in found and "series_ticker" in found and "title" in found:
            yield found
            return
        found = list(found.values())
    if isinstance(found, list):
        for part in found:
            yield from events_in(part)


MARKETS_OF_TODAY = {
    "events_sports_nested": 200,
    "events_mlb_props_nested": 200,
    "events_nfl_preseason": 64,
    "combo_priced_markets": 12,
    "markets_settled": 44,
    "market_single": 2,
}


def check_quotes(batch: Batch, sent: list[dict[str, Any]]) -> None:
    """Hold every stored quote against the text that was sent."""
    by_ticker = {market["ticker"]: market for market in sent}
    for row in batch.table.to_pylist():
        market = by_ticker[row["ticker"]]
        for name, sentinel in (("yes_bid_dollars", Decimal(0)), ("yes_ask_dollars", Decimal(1))):
            if row[name] is not None:
                assert row["status"] == "active"
                assert row[name] == Decimal(market[name]) != sentinel
            elif row["status"] == "active":
                size = market.get(name.replace("_dollars", "_size_fp"), "1")
                assert not 0 < Decimal(market[name]) < 1 or Decimal(size) == 0
        assert row["volume_contracts"] == Decimal(market["volume_fp"])
        assert row["rules_primary"] == (market["rules_primary"] or None)


@pytest.mark.parametrize(("name", "fewest"), MARKETS_OF_TODAY.items())
def test_every_market_of_today_parses_whole(name: str, fewest: int) -> None:
    sent = list(markets_in(recorded(f"cockpit/{name}.json")))
    assert len(sent) >= fewest
    batch = parse_markets(decoded(sent, row_kinds.MARKET), FETCHED)
    assert batch.rejects == []
    assert batch.conditions == set()
    assert batch.table.num_rows == len({market["ticker"] for market in sent}) == len(sent) - batch.duplicates
    check_quotes(batch, sent)


def test_settled_markets_have_a_result_a_value_and_no_quote() -> None:
    sent = recorded("cockpit/markets_settled.json")["markets"]
    batch = parse_settled_markets(decoded(sent, row_kinds.MARKET), FETCHED)
    assert batch.rejects == []
    for row in batch.table.to_pylist():
        assert row["yes_bid_dollars"] is row["yes_ask_dollars"] is None
        if row["status"] == "finalized":
            assert row["settlement_value_dollars"] == {"yes": 1, "no": 0}[row["result"]]
            assert row["month"] == "2026-08"
            assert row["close_time"] <= row["settlement_time"]


@pytest.mark.parametrize("name", ["events_sports_nested", "events_mlb_props_nested", "events_nfl_preseason"])
def test_every_event_of_today_parses_whole(name: str) -> None:
    sent = list(events_in(recorded(f"cockpit/{name}.json")))
    batch = parse_events(decoded(sent, row_kinds.EVENT), FETCHED)
    assert (batch.rejects, batch.table.num_rows) == ([], len({event["event_ticker"] for event in sent}))


def test_every_candlestick_of_today_parses_whole() -> None:
    files = list(recorded("cockpit/candlesticks_mlb.json")["markets"].items())
    pregame = recorded("cockpit/candlesticks_pregame_mlb.json")["candlesticks_response"]
    files.append((pregame["ticker"], pregame))
    for ticker, sent in files:
        batch = parse_candlesticks(ticker, 1, decoded(sent["candlesticks"], row_kinds.CANDLESTICK))
        assert batch.rejects == []
        assert batch.table.num_rows == len(sent["candlesticks"])
        for row, candle in zip(batch.table.to_pylist(), sent["candlesticks"], strict=True):
            assert row["end_time"].timestamp() == candle["end_period_ts"]
            assert row["volume_contracts"] == Decimal(candle["volume_fp"])
            close = candle.get("price", {}).get("close_dollars")
            assert row["price_close_dollars"] == (close and Decimal(close))


def test_series_of_both_recordings_parse_whole() -> None:
    sent = [payload["series"] for payload in recorded("cockpit/series_fee_fields.json")["payloads"].values()]
    sent += recorded("golden/series_list_response.json")["response"]["series"]
    batch = parse_series(decoded(sent, row_kinds.SERIES), FETCHED)
    assert batch.rejects == []
    assert batch.table.num_rows == len({series["ticker"] for series in sent})


def test_the_price_grid_of_the_recording_is_kept() -> None:
    (grid,) = recorded("cockpit/price_grids.json")["grids"]
    made = {"ticker": "A", "event_ticker": "E", "status": "active", "price_ranges": grid["price_ranges"]}
    (row,) = parse_markets(decoded([made], row_kinds.MARKET), FETCHED).table.to_pylist()
    assert row["tick_dollars"] == min(Decimal(part["step"]) for part in grid["price_ranges"])


JANUARY = {
    "markets_list_response": lambda response: (response["markets"], row_kinds.MARKET),
    "trades_list_response": lambda response: (response["trades"], row_kinds.TRADE),
    "series_candlesticks_response": lambda response: (response["candlesticks"], row_kinds.CANDLESTICK),
    "event_candlesticks_response": lambda response: (response["market_candlesticks"][0], row_kinds.CANDLESTICK),
    "candlesticks_batch_response": lambda response: (response["markets"][0]["candlesticks"], row_kinds.CANDLESTICK),
    "events_list_response": lambda response: (list(markets_in(response)), row_kinds.MARKET),
    "events_multivariate_list_response": lambda response: (list(markets_in(response)), row_kinds.MARKET),
    "event_single_response": lambda response: (list(markets_in(response)), row_kinds.MARKET),
    "market_single_response": lambda response: ([response["market"]], row_kinds.MARKET),
}


@pytest.mark.parametrize("name", JANUARY)
def test_january_2026_is_refused_as_a_whole_or_parses_without_its_integer_counts(name: str) -> None:
    """Transitional format: dollars beside cents, counts only as integers. Two rows or more are drift; a single row is
    read with its dollars, and with counts that are absent, not zero."""
    rows, kind = JANUARY[name](recorded(f"golden/{name}.json")["response"])
    raws = [msgspec.Raw(msgspec.json.encode(row)) for row in rows]
    if len(rows) > 1:
        with pytest.raises(SchemaDriftError) as caught:
            decoding.decode_rows(raws, kind)
        assert caught.value.condition in {"field_removed:volume_fp", "field_removed:count_fp"}
        return
    found = decoding.decode_rows(raws, kind).items
    for row in parse_markets(found, FETCHED).table.to_pylist() if kind is row_kinds.MARKET else []:
        assert row["volume_contracts"] is None


#: Recordings of what the lake does not keep; everything else must be in a test of this file, or in one of the others.
NOT_STORED = {
    "golden/_recording_summary", "golden/event_metadata_response", "golden/exchange_announcements_response",
    "golden/exchange_schedule_response", "golden/exchange_status_response", "golden/filters_by_sport_response",
    "golden/incentive_programs_response", "golden/live_data_batch_response", "golden/live_data_milestone_response",
    "golden/milestone_single_response", "golden/milestones_list_response",
    "golden/multivariate_event_collection_lookup_tickers_response", "golden/user_data_timestamp_response",
    "golden/multivariate_event_collection_single_response", "golden/multivariate_event_collections_list_response",
    "golden/series_fee_changes_response", "golden/structured_target_single_response",
    "golden/structured_targets_list_response", "golden/tags_by_categories_response",
    "cockpit/occurrence_datetime_probe",
}  # fmt: skip
READ = {
    *(f"golden/{name}" for name in JANUARY), *(f"cockpit/{name}" for name in MARKETS_OF_TODAY),
    "golden/series_list_response", "golden/series_single_response", "cockpit/series_fee_fields",
    "cockpit/candlesticks_mlb", "cockpit/candlesticks_pregame_mlb", "cockpit/price_grids",
    "cockpit/combo_orderbooks", "golden/orderbook_response",
}  # fmt: skip


def test_no_recording_is_forgotten() -> None:
    names = {path.relative_to(RECORDED).with_suffix("").as_posix() for path in RECORDED.rglob("*.json")}
    assert names - NOT_STORED - READ == set()
