"""Real recorded responses: they decode, or they are refused for a reason written down here.

The recordings are not part of the project; these tests skip where the folder is absent.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data_layer.api import KalshiClient
from data_layer.errors import SchemaDriftError
from tests.data_layer.api.scripted import Handler, ScriptedServer, http_answer

SHARED = Path(os.environ.get("KALSHI_SHARED_DIR") or Path(__file__).resolve().parents[4] / "shared")
RECORDED = SHARED / "data" / "recorded"

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason=f"no recorded responses in {RECORDED}")


def recorded(name: str) -> Any:
    found = json.loads((RECORDED / name).read_text())
    return found["response"] if isinstance(found, dict) and "_metadata" in found else found


@pytest.fixture
def client_for(
    serve: Callable[[Handler], ScriptedServer], connect: Callable[..., KalshiClient]
) -> Callable[[Any], KalshiClient]:
    """Make a client of an exchange that always gives the same answer, without its cursor."""

    def make(answer: Any) -> KalshiClient:
        if isinstance(answer, dict) and "cursor" in answer:
            answer = {**answer, "cursor": ""}
        return connect(serve(lambda asked, connected: http_answer(answer)).url)

    return make


ClientFor = Callable[[Any], KalshiClient]


def events_of(name: str) -> list[Any]:
    found = recorded(name)
    if isinstance(found, list):
        return found
    return found.get("events") or [event for events in found["events_by_series"].values() for event in events]


@pytest.mark.parametrize("name", ["events_sports_nested", "events_nfl_preseason", "events_mlb_props_nested"])
def test_events_of_today_decode_whole(client_for: ClientFor, name: str) -> None:
    events = events_of(f"cockpit/{name}.json")
    page = next(client_for({"events": events, "cursor": ""}).iter_event_pages())
    assert (page.rejected, page.unknown_fields) == ((), ())
    assert [event.event_ticker for event in page.items] == [event["event_ticker"] for event in events]
    for decoded, sent in zip(page.items, events, strict=True):
        for row, original in zip(decoded.markets or [], sent["markets"], strict=True):
            assert (row.yes_bid_dollars, row.volume_fp) == (original["yes_bid_dollars"], original["volume_fp"])


def test_settled_markets_and_combos_of_today_decode_whole(client_for: ClientFor) -> None:
    combos = recorded("cockpit/combo_priced_markets.json")["combos"]
    for rows in (recorded("cockpit/markets_settled.json")["markets"], combos):
        page = next(client_for({"markets": rows, "cursor": ""}).iter_market_pages(mve_filter=None))
        assert (page.rejected, page.unknown_fields) == ((), ())
        assert [row.settlement_value_dollars for row in page.items] == [
            r.get("settlement_value_dollars") for r in rows
        ]


def test_a_single_market_with_its_book_decodes(client_for: ClientFor) -> None:
    found = recorded("cockpit/market_single.json")
    assert client_for(found["single"]).get_market(found["ticker"]).ticker == found["ticker"]
    levels = client_for(found["orderbook"]).get_order_book(found["ticker"]).orderbook_fp
    assert levels is not None
    assert levels.yes_dollars
    assert [list(level) for level in levels.yes_dollars] == found["orderbook"]["orderbook_fp"]["yes_dollars"]


def test_bulk_order_books_decode(client_for: ClientFor) -> None:
    books = recorded("cockpit/combo_orderbooks.json")
    found = client_for({"orderbooks": books}).get_order_books([book["ticker"] for book in books])
    assert len(found) == len(books)


def test_candlesticks_of_today_decode(client_for: ClientFor) -> None:
    count = 0
    for ticker, sent in recorded("cockpit/candlesticks_mlb.json")["markets"].items():
        client = client_for({"ticker": ticker, "candlesticks": sent["candlesticks"]})
        found = client.get_candlesticks(sent["series_ticker"], ticker, sent["start_ts"], sent["end_ts"], 1)
        assert not found.rejected
        assert len(found.items) == len(sent["candlesticks"])
        count += len(found.items)
    assert count > 10


def test_series_with_fees_decode(client_for: ClientFor) -> None:
    for ticker, payload in recorded("cockpit/series_fee_fields.json")["payloads"].items():
        assert client_for(payload).get_series(ticker).fee_type


def test_what_carries_no_counts_decodes_from_january_2026_as_well(client_for: ClientFor) -> None:
    assert client_for(recorded("golden/exchange_status_response.json")).get_exchange_status().exchange_active
    series = recorded("golden/series_list_response.json")
    page = client_for(series).list_series()
    assert (len(page.items), page.rejected) == (len(series["series"]), ())
    assert client_for(recorded("golden/series_single_response.json")).get_series("CO2").title
    milestones = next(client_for(recorded("golden/milestones_list_response.json")).iter_milestone_pages())
    assert (len(milestones.items), milestones.rejected, milestones.unknown_fields) == (5, (), ())
    assert client_for(recorded("golden/series_fee_changes_response.json")).list_series_fee_changes().items == []
    events = next(
        client_for(recorded("golden/events_list_response.json")).iter_event_pages(with_nested_markets=False)
    )
    assert events.items
    assert not events.rejected


def test_the_empty_book_under_its_legacy_key_is_an_empty_book(client_for: ClientFor) -> None:
    levels = client_for(recorded("golden/orderbook_response.json")).get_order_book("KXA-1").orderbook_fp
    assert levels is not None
    assert (levels.yes_dollars, levels.no_dollars) == (None, None)


JANUARY = {
    "markets_list": ("volume_fp", lambda client: next(client.iter_market_pages(mve_filter=None))),
    "market_single": ("volume_fp", lambda client: client.get_market("KXMVENFLSINGLEGAME-S202513E70FA7695-688BECB3826")),
    "event_single": ("volume_fp", lambda client: client.get_event("KXELONMARS-99")),
    "trades_list": ("count_fp", lambda client: next(client.iter_trade_pages(ticker="KXELONMARS-99"))),
    "series_candlesticks": ("volume_fp", lambda client: client.get_candlesticks("KXELONMARS", "KXELONMARS-99", 0, 9, 1440)),
    "candlesticks_batch": ("volume_fp", lambda client: client.get_batch_candlesticks(["KXELONMARS-99"], 0, 9, 1440)),
    "event_candlesticks": ("volume_fp", lambda client: client.get_event_candlesticks("KXELONMARS", "KXELONMARS-99", 0, 9, 1440)),
}  # fmt: skip


@pytest.mark.parametrize("name", JANUARY)
def test_counts_that_still_were_integers_in_january_2026_are_drift_not_missing_volumes(
    client_for: ClientFor, name: str
) -> None:
    """Prices came in dollars beside the cents, but counts only as integers: read today they would all be absent."""
    field, ask = JANUARY[name]
    with pytest.raises(SchemaDriftError) as caught:
        ask(client_for(recorded(f"golden/{name}_response.json")))
    assert caught.value.condition == f"field_removed:{field}"


def test_dollars_beside_cents_count_once_the_counts_are_there(client_for: ClientFor) -> None:
    sent = recorded("golden/markets_list_response.json")["markets"]
    rows = [{**row, "volume_fp": f"{row['volume']}.00", "open_interest_fp": "0.00"} for row in sent]
    page = next(client_for({"markets": rows, "cursor": ""}).iter_market_pages(mve_filter=None))
    assert [row.yes_ask_dollars for row in page.items] == [row["yes_ask_dollars"] for row in sent]
    assert (page.rejected, page.unknown_fields) == ((), ())
