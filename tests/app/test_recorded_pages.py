"""Recorded markets and events of the real exchange on their pages: a lake is filled from them, and every page drawn.

The recordings are not part of the project; these tests skip, and say so, where the folder is absent.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.shell import Shell
from components.quality import QUALITIES
from data_layer.api import decoding, wire
from tests.app.fakes import FakeContext
from tests.data_layer.world import World

SHARED = Path(os.environ.get("KALSHI_SHARED_DIR") or Path(__file__).resolve().parents[3] / "shared")
RECORDED = SHARED / "data" / "recorded" / "cockpit"
NOW = datetime(2026, 8, 9, 12, tzinfo=UTC)
GAME = "KXMLBGAME-26AUG091340LAAMIA"

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason=f"no recorded responses in {RECORDED}")


def recorded(name: str) -> Any:
    return json.loads((RECORDED / f"{name}.json").read_text())


def events_in(found: Any) -> Iterator[dict[str, Any]]:
    if isinstance(found, dict):
        if "event_ticker" in found and "series_ticker" in found and "title" in found:
            yield found
            return
        found = list(found.values())
    if isinstance(found, list):
        for part in found:
            yield from events_in(part)


class RealContext(FakeContext):
    """A process whose repository reads a lake on the disk."""

    def __init__(self, world: World) -> None:
        super().__init__(world.repository)  # type: ignore[arg-type]

    def request_market(self, ticker: str) -> None:
        """Everything there is lies in the lake already."""
        self.requested.append(ticker)

    def request_event(self, event: str) -> None:
        """As `request_market`."""
        self.events_requested.append(event)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A lake with 464 recorded markets, the candlesticks of one game before it began, and one order book."""
    names = ("events_sports_nested", "events_mlb_props_nested", "events_nfl_preseason")
    sent = {event["event_ticker"]: event for name in names for event in events_in(recorded(name))}
    single = recorded("market_single")
    sent[single["event_ticker"]] = {
        "event_ticker": single["event_ticker"], "series_ticker": "KXNCAAFGAME", "title": "Michigan St. vs Notre Dame",
        "mutually_exclusive": True, "markets": [single["nested"]],
    }  # fmt: skip
    game = recorded("candlesticks_pregame_mlb")
    sent[GAME] = {
        "event_ticker": GAME, "series_ticker": game["series_ticker"], "title": "Angels vs Marlins",
        "mutually_exclusive": True, "markets": [game["market"]],
    }  # fmt: skip
    raws = [msgspec.Raw(msgspec.json.encode(event)) for event in sent.values()]
    with World(tmp_path_factory.mktemp("recorded")) as made:
        made.now = made.client.now = NOW.timestamp()
        made.crawl(events=decoding.decode_events(raws).items)
        candles = msgspec.convert(game["candlesticks_response"]["candlesticks"], list[wire.Candlestick])
        ticker = game["market"]["ticker"]
        made.client.candles[ticker, 1] = candles
        made.now = made.client.now = float(max(candle.end_period_ts for candle in candles) + 60)
        made.seen(made.ingest.market_history(ticker, game["series_ticker"], ((1, 1),)))
        book = msgspec.convert({"ticker": single["ticker"], **single["orderbook"]}, wire.OrderBook)
        made.client.books[single["ticker"]] = book
        made.seen(made.ingest.order_book(single["ticker"]))
        yield made


def draw(world: World, query: str) -> Shell:
    return Shell(RealContext(world), query, now=lambda: datetime.fromtimestamp(world.now, UTC))


def head(shell: Shell) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", shell._pages["market"].head.object).split())


def all_rows(world: World) -> list[dict[str, Any]]:
    from data_layer.questions import MarketFilter

    return world.repository.markets(MarketFilter(statuses=()), limit=1000).rows()


def draw_all(world: World, rows: list[dict[str, Any]]) -> set[str]:
    """Open one market after the other, and return the qualities of their quotes."""
    shell = draw(world, f"?page=market&ticker={rows[0]['ticker']}&tz=utc")
    qualities = set()
    for row in rows:
        shell._on_browser({"kind": "click", "search": f"?page=market&ticker={row['ticker']}&tz=utc"})
        page = shell._pages["market"]
        assert page.model.problem == ""
        assert page.model.market["ticker"] == row["ticker"]
        said, chance = head(shell), row["probability"]
        if row["status"] != "active":
            continue
        assert ("—" if chance is None else f"{Decimal(chance * 100).quantize(Decimal('0.1'))} %") in said, row[
            "ticker"
        ]
        assert chance is not None or "50.0 %" not in said, "an empty book is no chance of one half"
        assert QUALITIES[row["quote_quality"]].tag in said
        qualities.add(row["quote_quality"])
    return qualities


def test_recorded_markets_of_every_quality_are_drawn_with_their_own_price_and_words(world: World) -> None:
    rows = all_rows(world)
    assert len(rows) > 400
    few: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        few.setdefault((row["quote_quality"], row["status"]), row)
    few |= {("some", row["ticker"]): row for row in rows[::40]}
    assert len(draw_all(world, list(few.values()))) >= 3, "the recordings have good and bad quotes"


@pytest.mark.slow
def test_every_recorded_market_is_drawn_with_its_own_price_and_words(world: World) -> None:
    draw_all(world, all_rows(world))


def test_the_recorded_game_has_its_candlesticks_and_the_recorded_book_its_levels(world: World) -> None:
    game, single = recorded("candlesticks_pregame_mlb"), recorded("market_single")
    shell = draw(world, f"?page=market&ticker={game['market']['ticker']}&period=1m&window=1d")
    stored = shell._pages["market"].model.candles.rows()
    bids = {c["end_period_ts"]: c["yes_bid"]["close_dollars"] for c in game["candlesticks_response"]["candlesticks"]}
    assert len(stored) == len(bids) > 40
    for row in stored:
        assert row["yes_bid_close_dollars"] == (Decimal(bids[int(row["end_time"].timestamp())]) or None)
    shell = draw(world, f"?page=market&ticker={single['ticker']}")
    book, sent = shell._pages["market"].model.book, single["orderbook"]["orderbook_fp"]
    assert {level.price_dollars for level in book.bids} == {Decimal(price) for price, _ in sent["yes_dollars"]}
    assert {level.price_dollars for level in book.asks} == {1 - Decimal(price) for price, _ in sent["no_dollars"]}
    assert book.spread_dollars > 0, "a real book is not crossed"


@pytest.mark.slow
def test_every_recorded_event_is_drawn_with_all_its_outcomes(world: World) -> None:
    outcomes: dict[str, set[str]] = {}
    for row in all_rows(world):
        outcomes.setdefault(row["event_ticker"], set()).add(row["ticker"])
    tickers = sorted(outcomes)
    assert len(tickers) > 30
    shell = draw(world, f"?page=event&event={tickers[0]}")
    for ticker in tickers:
        shell._on_browser({"kind": "click", "search": f"?page=event&event={ticker}"})
        model = shell._pages["event"].model
        assert (model.problem, model.unknown) == ("", False), ticker
        assert {row["ticker"] for row in model.outcomes} == outcomes[ticker]
        assert model.totals.outcomes == len(model.outcomes) > 0
        missing = any(row["yes_ask_dollars"] is None for row in model.outcomes if row["status"] == "active")
        if missing and model.book.sums is not None:
            assert model.book.sums.ask_dollars is None, "a book with a missing ask has no sum"
