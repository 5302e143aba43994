"""Markets that sessions have open: what is fetched for them, how often, and what is told when nothing comes."""

from __future__ import annotations

import threading

import pytest

from app.opened_markets import OpenedMarkets
from data_layer.api import wire
from data_layer.errors import (
    KalshiAuthError,
    KalshiConnectionError,
    KalshiNotFoundError,
    NoDataError,
    SchemaDriftError,
)
from data_layer.ingest import Ingest
from data_layer.repository import MarketRepository
from data_layer.store import Lake
from tests.app.test_refresher import Client, Clock, event, market

TICKER, OTHER, SETTLED = "KXTEST-27JAN15-A", "KXTEST-27JAN15-B", "KXTEST-27JAN01-A"


class World:
    """A lake with its writer, and the markets opened of it."""

    def __init__(self, folder):
        self.clock, self.looked, self.writes = Clock(), 0, True
        self.client = Client([event(markets=[market(), market(OTHER)])])
        self.client.markets = list(self.client.events[0].markets)
        self.repository = MarketRepository(Lake(folder, clock=self.clock), "demo", clock=self.clock, follow=False)
        self.ingest: Ingest | None = None
        self.opened = OpenedMarkets(
            self.repository, lambda: self.ingest, lambda: self.writes, self.look, clock=self.clock
        )

    def look(self):
        self.looked += 1
        self.repository.advance()

    def books(self):
        return [body["ticker"] for kind, body in self.client.asked if kind == "order_book"]

    def round(self):
        """Let ten seconds pass, and a round over the books."""
        self.client.asked.clear()
        self.clock.now += 10
        self.opened.refresh_books()
        return self.books()


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path / "lake")
    with world.repository.lake.writer() as writer:
        world.ingest = Ingest(world.client, writer, "demo", world.clock)
        world.ingest.universe()
        world.look()
        yield world
    world.repository.close()


def bids(**levels):
    return wire.OrderBook(ticker=TICKER, orderbook_fp=wire.OrderBookLevels(**levels))


def test_a_book_on_a_screen_is_fetched_every_ten_seconds_until_nobody_looks(world):
    world.client.books[TICKER] = bids(yes_dollars=[("0.5600", "10.00")], no_dollars=[])
    world.opened.watch_book(TICKER)
    assert world.round() == [TICKER]
    assert world.opened.book_attempt(TICKER).rows == 1
    assert world.repository.order_book(TICKER).rows()[0]["count_contracts"] == 10
    world.client.asked.clear()
    world.clock.now += 9
    world.opened.refresh_books()
    assert world.books() == []
    world.opened.watch_book(TICKER)
    assert world.round() == [TICKER]
    world.clock.now += 21
    assert world.round() == []


def test_many_books_take_turns_and_a_round_is_one_announcement(world):
    tickers = [f"KXTEST-27JAN15-{n:02d}" for n in range(12)]
    seen, looked = [], world.looked
    for _ in range(3):
        for ticker in tickers:
            world.opened.watch_book(ticker)
        seen += world.round()
    assert sorted(seen[:12]) == tickers
    assert world.looked == looked + 3


def test_an_empty_book_is_told_from_one_that_could_not_be_fetched(world, monkeypatch):
    world.client.books[TICKER] = bids(yes_dollars=[], no_dollars=[])
    world.opened.watch_book(TICKER)
    world.round()
    assert (world.opened.book_attempt(TICKER).rows, world.opened.book_attempt(TICKER).problem) == (0, "")

    for error, says in (
        (KalshiAuthError("GET /markets/X/orderbook: 401"), "only to those who ask with an API key"),
        (KalshiNotFoundError("GET /markets/X/orderbook: 404"), "keeps no order book"),
        (
            SchemaDriftError("field_removed:orderbook_fp", "The answer holds no order book."),
            "could not be read as an",
        ),
        (KalshiConnectionError("GET /markets/X/orderbook: reset"), "did not answer"),
    ):

        def refuse(_ticker, error=error):
            raise error

        monkeypatch.setattr(world.client, "get_order_book", refuse)
        world.opened.watch_book(TICKER)
        world.round()
        said = world.opened.book_attempt(TICKER).problem
        assert says in said
        assert str(error) not in said, "the exchange's words are for the log"


def test_a_book_of_levels_that_cannot_be_is_not_an_empty_book(world):
    world.client.books[TICKER] = bids(yes_dollars=[("1.7000", "10.00"), ("0.5000", "0.00")], no_dollars=[])
    world.opened.watch_book(TICKER)
    world.round()
    attempt = world.opened.book_attempt(TICKER)
    assert (attempt.rows, "all 2 levels" in attempt.problem) == (0, True)
    world.client.books[TICKER] = bids(yes_dollars=[("1.7000", "10.00"), ("0.5000", "3.00")], no_dollars=[])
    world.opened.watch_book(TICKER)
    world.round()
    attempt = world.opened.book_attempt(TICKER)
    assert (attempt.rows, attempt.problem, attempt.refused) == (1, "", 1)


def test_the_exchange_s_own_words_for_an_unknown_market_are_for_the_log(world, monkeypatch):
    raw = "Kalshi does not know this (404: failed_to_get_market_by_ticker:_not_found)."

    def refuse(_ticker):
        raise KalshiNotFoundError(raw, status=404)

    monkeypatch.setattr(world.client, "get_market_any_tier", refuse)
    world.opened.fetch("KXNOSUCH")
    assert world.opened.attempt("KXNOSUCH").problem == "Kalshi does not know this market."
    world.repository.advance()
    assert raw in {row["error"] for row in world.repository.refreshes().rows()}


def test_what_came_of_looking_for_a_market_is_told(world, monkeypatch):
    assert world.opened.attempt("KXNOSUCH") is None
    world.opened.open("KXNOSUCH")
    world.opened.fetch("KXNOSUCH")
    assert world.opened.attempt("KXNOSUCH").problem == "Kalshi does not know this market."
    world.repository.advance()
    assert world.repository.snapshot_info().conditions == ()  # a mistyped link is no fault of the data

    def unreachable(_ticker):
        raise KalshiConnectionError("No answer from Kalshi.")

    monkeypatch.setattr(world.client, "get_market_any_tier", unreachable)
    world.clock.now += 61
    world.opened.open("KXNOSUCH")
    assert world.opened.attempt("KXNOSUCH") is None
    world.opened.fetch("KXNOSUCH")
    assert world.opened.attempt("KXNOSUCH").problem == "No answer from Kalshi."
    world.opened.fetch(TICKER)
    assert world.opened.attempt(TICKER).problem == ""


def test_a_market_that_has_left_the_lake_since_is_fetched_when_it_is_opened_again(world):
    world.opened.open(TICKER)
    world.opened.fetch(TICKER)
    assert world.opened.attempt(TICKER).problem == ""
    gone, world.client.markets = world.client.markets, []
    world.client.events = [event(markets=[market(OTHER)])]
    world.clock.now += 900
    world.ingest.universe()
    world.look()
    with pytest.raises(NoDataError):
        world.repository.market(TICKER)
    world.client.markets = gone
    world.opened.open(TICKER)
    world.opened.fetch(world.opened._queue.get_nowait())  # what stood in it first
    world.opened.fetch(world.opened._queue.get_nowait())
    assert world.repository.market(TICKER).total == 1


def test_a_process_that_does_not_write_says_so_and_fetches_nothing(world):
    world.ingest, world.writes = None, False
    world.client.asked.clear()
    stopping = threading.Event()
    world.opened.open(TICKER)
    world.opened.watch_book(TICKER)
    worker = threading.Thread(target=world.opened.run, args=[stopping], daemon=True)
    worker.start()
    while world.opened.attempt(TICKER) is None and worker.is_alive():
        stopping.wait(0.01)
    stopping.set()
    worker.join(10)
    assert "Another process" in world.opened.attempt(TICKER).problem
    assert world.client.asked == []


def test_markets_on_screens_get_new_trades_every_minute_and_many_of_them_more_seldom(world, monkeypatch):
    fetched = []
    monkeypatch.setattr(world.opened, "fetch", fetched.append)

    def turns(tickers, seconds):
        fetched.clear()
        for _ in range(seconds):
            world.clock.now += 1
            for ticker in tickers:
                world.opened.watch_book(ticker)
            world.opened.refresh_histories()
        return sorted(fetched)

    world.opened.open(TICKER)
    assert turns([TICKER], 59) == []
    assert turns([TICKER], 62) == [TICKER] * 2
    many = [f"KXTEST-27JAN15-{n:02d}" for n in range(20)]
    for ticker in many:
        world.opened.open(ticker)
    assert turns(many, 119) == []
    assert turns(many, 20) == many
    assert turns([], 300) == []


def test_a_settled_market_without_its_event_gets_it(world):
    world.client.markets = [market(SETTLED, status="finalized", result="yes", settlement_ts="2027-01-10T00:00:00Z")]
    world.ingest.settled()
    world.look()
    assert world.repository.market(SETTLED).rows()[0]["event_title"] is None
    world.opened.fetch(SETTLED)
    assert world.repository.market(SETTLED).rows()[0]["event_title"] == "Rain in Springfield"
