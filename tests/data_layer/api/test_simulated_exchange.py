"""The client against the simulated exchange: every endpoint, and every fault that has a name."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from data_layer.api import KalshiClient, RetryPolicy, Walk
from data_layer.demo import FAULTS, RunningExchange, start_exchange
from data_layer.errors import (
    KalshiAuthError,
    KalshiConnectionError,
    KalshiError,
    KalshiNotFoundError,
    KalshiPayloadError,
    KalshiRateLimitError,
    KalshiRedirectError,
    KalshiRequestError,
    KalshiServerError,
    PaginationError,
    SchemaDriftError,
)

MARKETS = 600
#: Some questions pause between two instances, so that a few less than all are open at a moment.
OPEN = MARKETS - 30
PAGE = 100
HOUR = 3600
NOW = 1_795_000_000
"""The exchange's clock stands still here, so that nothing opens or closes between two questions."""


@pytest.fixture(scope="module")
def exchange() -> Iterator[RunningExchange]:
    with start_exchange(markets=MARKETS, settled=400, requests_per_second=None, clock=lambda: NOW) as running:
        yield running


@pytest.fixture
def faultless(exchange: RunningExchange) -> Iterator[None]:
    """Leave the exchange without faults."""
    yield
    exchange.clear_faults()


@pytest.fixture
def client(exchange: RunningExchange, connect: Callable[..., KalshiClient], faultless: None) -> KalshiClient:
    return connect(exchange.base_url, policy=RetryPolicy(deadline_seconds=20.0), wall_clock=lambda: NOW)


def walk_over(client: KalshiClient) -> Walk[Any]:
    return client.iter_market_pages(status="open", limit=PAGE)


# Every endpoint


def test_the_universe_is_walked_whole(client: KalshiClient) -> None:
    walk = client.iter_event_pages(status="open")
    rows = [row for page in walk for event in page.items for row in event.markets or ()]
    active = {row.ticker for row in rows if row.status == "active"}
    assert walk.complete
    assert walk.rejected == 0
    listed = {row.ticker for page in walk_over(client) for row in page.items}
    assert len(listed) >= OPEN
    assert listed <= active | {row.ticker for row in rows}


def test_every_other_listing_and_object_is_read(client: KalshiClient) -> None:
    assert client.get_exchange_status().exchange_active
    series = client.list_series(include_volume=True)
    assert series.items
    assert not series.rejected
    assert client.get_series(series.items[0].ticker).ticker == series.items[0].ticker
    event = next(iter(client.iter_event_pages(status="open", with_milestones=True, most_pages=1))).items[0]
    assert client.get_event(event.event_ticker).markets
    for walk in (client.iter_event_fee_changes(), client.iter_milestone_pages()):
        assert all(not page.rejected for page in walk)
    assert not client.list_series_fee_changes(show_historical=True).rejected


def busiest(client: KalshiClient, count: int) -> list[Any]:
    rows = [row for page in walk_over(client) for row in page.items]
    return sorted(rows, key=lambda row: Decimal(row.volume_24h_fp or 0), reverse=True)[:count]


def test_a_markets_book_trades_and_candlesticks_are_read(client: KalshiClient) -> None:
    market = busiest(client, 1)[0]
    event = client.get_event(market.event_ticker)
    book = client.get_order_book(market.ticker).orderbook_fp
    assert book is not None
    assert book.yes_dollars or book.no_dollars
    assert list(client.get_order_books([market.ticker])) == [market.ticker]
    trades = next(client.iter_trade_pages_any_tier(market.ticker, limit=50, most_pages=1))
    assert trades.items
    assert not trades.rejected
    end = NOW
    assert event.series_ticker is not None
    single = client.get_candlesticks(event.series_ticker, market.ticker, end - 48 * HOUR, end, 60)
    assert single.items
    batch = client.get_batch_candlesticks([market.ticker], end - 48 * HOUR, end, 60)
    assert batch[market.ticker].items == single.items
    of_event = client.get_event_candlesticks(event.series_ticker, event.event_ticker, end - 48 * HOUR, end, 60)
    assert of_event[market.ticker].items == single.items
    assert client.get_candlesticks_any_tier(market.ticker, end - 48 * HOUR, end).items == single.items


def test_a_minute_span_beyond_the_cap_is_read_in_pieces(client: KalshiClient) -> None:
    market = busiest(client, 1)[0]
    series = client.get_event(market.event_ticker).series_ticker
    assert series is not None
    end = NOW
    found = client.get_candlesticks(series, market.ticker, end - 8 * 86400, end, 1)
    assert found.requests == 3


def test_what_moved_to_the_historical_tier_just_works(client: KalshiClient) -> None:
    """Fault 14 as it really comes: the live tier answers 404 for a market that everybody knows."""
    settled = next(client.iter_historical_market_pages(limit=200)).items
    market = max(settled, key=lambda row: Decimal(row.volume_fp or 0))
    with pytest.raises(KalshiNotFoundError):
        client.get_market(market.ticker)
    assert client.get_market_any_tier(market.ticker).ticker == market.ticker
    assert market.settlement_ts is not None
    for hint in (None, market.settlement_ts):
        found = client.get_candlesticks_any_tier(market.ticker, NOW - 4000 * 86400, NOW, 1440, settlement_ts=hint)
        assert found.tier == "historical"
        assert found.items
        assert found.items[0].yes_bid is not None
        assert found.items[0].volume_fp is not None
    walk = client.iter_trade_pages_any_tier(market.ticker)
    assert sum(len(page.items) for page in walk) > 0
    assert walk.complete


# Every fault


Check = Callable[[Walk[Any], list[Any]], bool]


def is_whole(walk: Walk[Any], pages: list[Any]) -> bool:
    return walk.complete and walk.rows >= OPEN and not walk.rejected


def is_whole_in_dollars(walk: Walk[Any], pages: list[Any]) -> bool:
    prices = (Decimal(row.yes_ask_dollars) for page in pages for row in page.items)
    return is_whole(walk, pages) and all(0 <= price <= 1 for price in prices)


def has_a_repeated_ticker(walk: Walk[Any], pages: list[Any]) -> bool:
    tickers = [row.ticker for page in pages for row in page.items]
    return walk.complete and len(tickers) > len(set(tickers))


def has_a_gap_no_client_can_see(walk: Walk[Any], pages: list[Any]) -> bool:
    return walk.complete and walk.rows > OPEN - 10


EXPECTED: dict[str, type[Exception] | tuple[type[Exception], str] | Check] = {
    "refused": KalshiConnectionError,
    "no-answer": KalshiConnectionError,
    "hang-after-headers": KalshiConnectionError,
    "drip": KalshiConnectionError,
    "reset": KalshiConnectionError,
    "short-content-length": KalshiConnectionError,
    "truncated-body": KalshiConnectionError,
    "truncated-chunk": KalshiConnectionError,
    "truncated-json": KalshiConnectionError,
    "too-many-requests": KalshiRateLimitError,
    "retry-after": KalshiRateLimitError,
    "status-500": KalshiServerError,
    "status-502": KalshiServerError,
    "status-503": KalshiServerError,
    "status-504": KalshiServerError,
    "status-400": KalshiRequestError,
    "status-401": KalshiAuthError,
    "status-403": KalshiAuthError,
    "status-404": KalshiNotFoundError,
    "redirect-host": KalshiRedirectError,
    "redirect-loop": KalshiRedirectError,
    "captcha": KalshiPayloadError,
    "gzip-bomb": KalshiPayloadError,
    "false-gzip": KalshiPayloadError,
    "broken-gzip": KalshiConnectionError,
    "latin-1": KalshiPayloadError,
    "bom": KalshiPayloadError,
    "surrogates": KalshiPayloadError,
    "nan": KalshiPayloadError,
    "huge-number": is_whole,  # under a key nobody reads, so that it never becomes a number
    "duplicate-keys": PaginationError,  # the last cursor counts, and the exchange refuses it
    "deep": KalshiPayloadError,
    "late": KalshiConnectionError,
    "cursor-400": PaginationError,
    "cursor-repeats": PaginationError,
    "cursor-endless": PaginationError,
    "same-market-twice": has_a_repeated_ticker,
    "market-moves": has_a_gap_no_client_can_see,
    "empty-page": lambda walk, pages: walk.complete and walk.ended_on_empty_page and walk.pages == 1,
    "page-fails": KalshiServerError,
    "shrunk": lambda walk, pages: walk.complete and walk.rows < MARKETS / 5,  # only a comparison over time can tell
    "cents": (SchemaDriftError, "cents_instead_of_dollars"),
    "disagreeing-forms": is_whole_in_dollars,
    "field-removed": (SchemaDriftError, "field_removed:yes_bid_dollars"),
    "field-added": lambda walk, pages: is_whole(walk, pages) and pages[0].unknown_fields == ("yes_bid_dollars_v2",),
    "type-changed": (SchemaDriftError, "type_changed:yes_bid_dollars"),
    "rows-null": (SchemaDriftError, "container_changed:markets"),
    "rows-object": (SchemaDriftError, "container_changed:markets"),
    "row-without-ticker": lambda walk, pages: walk.complete and walk.rejected == walk.pages,
}


def test_every_fault_with_a_name_is_expected_here() -> None:
    assert set(EXPECTED) == set(FAULTS)


@pytest.mark.parametrize("fault", EXPECTED)
def test_a_fault_ends_in_its_typed_error_or_in_the_right_data(
    exchange: RunningExchange, connect: Callable[..., KalshiClient], faultless: None, fault: str
) -> None:
    expected = EXPECTED[fault]
    deadline = 1.0 if expected is KalshiConnectionError else 20.0
    client = connect(exchange.base_url, policy=RetryPolicy(deadline_seconds=deadline))
    exchange.set_fault(fault)
    walk = walk_over(client)
    began = time.monotonic()
    if isinstance(expected, type | tuple):
        kind, condition = expected if isinstance(expected, tuple) else (expected, None)
        with pytest.raises(kind) as caught:
            list(walk)
        assert type(caught.value) is kind
        assert getattr(caught.value, "condition", None) == condition
        assert not walk.complete
        if isinstance(caught.value, KalshiError):
            assert caught.value.path == "/markets"
    else:
        pages = list(walk)
        assert expected(walk, pages)
    assert time.monotonic() - began < 25, "a guard against hanging"
    assert client.statistics().requests <= 4 * 8


@pytest.mark.parametrize("fault", ["reset", "status-503", "too-many-requests", "truncated-json", "broken-gzip"])
def test_a_fault_that_passes_is_only_a_retry(exchange: RunningExchange, client: KalshiClient, fault: str) -> None:
    exchange.set_fault(fault, times=1)
    walk = walk_over(client)
    assert is_whole(walk, list(walk))
    assert client.statistics().retries == 1


def test_an_expired_cursor_restarts_the_walk_which_then_is_whole(
    exchange: RunningExchange, client: KalshiClient
) -> None:
    exchange.set_fault("cursor-400", times=1)
    walk = walk_over(client)
    tickers = {row.ticker for page in walk for row in page.items}
    assert (walk.complete, walk.restarts) == (True, 1)
    assert len(tickers) >= OPEN


def test_retry_after_in_every_spelling_is_kept_or_given_up(
    exchange: RunningExchange, connect: Callable[..., KalshiClient]
) -> None:
    waits: list[float] = []
    policy = RetryPolicy(attempts=2, deadline_seconds=10)
    for value, kept in {
        "3": 3.0,
        "soon": 0.5,
        "-1": 0.5,
        "Wed, 21 Oct 2015 07:28:00 GMT": 0.5,
        "86400": None,
    }.items():
        exchange.set_fault("retry-after", value=value, times=1)
        client = connect(exchange.base_url, policy=policy, sleep=waits.append, jitter=lambda: 0.5)
        if kept is None:
            with pytest.raises(KalshiRateLimitError) as caught:
                client.get_exchange_status()
            assert caught.value.retry_after_seconds == 86400
        else:
            client.get_exchange_status()
            assert waits.pop() == kept
        exchange.clear_faults()
    assert not waits


def test_a_wall_clock_an_hour_off_or_going_backwards_changes_nothing_but_the_stamp(
    exchange: RunningExchange, connect: Callable[..., KalshiClient]
) -> None:
    wrong = itertools.cycle([NOW + HOUR, NOW - HOUR, 0.0])
    walk = walk_over(connect(exchange.base_url, wall_clock=lambda: next(wrong)))
    assert is_whole(walk, list(walk))
