"""The twenty traps of Kalshi's API, one test each. Where the wire's own tests prove more, they are named."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from data_layer.api import KalshiClient, RetryPolicy, Unlimited
from data_layer.api.wire import Market
from data_layer.errors import KalshiRateLimitError, KalshiRequestError, SchemaDriftError
from data_layer.parsing import parse_candlesticks, parse_markets, parse_settled_markets
from data_layer.questions import MarketFilter
from tests.data_layer.api import scripted
from tests.data_layer.wire_samples import NOW, candlestick, event, market, market_json, series
from tests.data_layer.world import World

FETCHED = datetime.fromtimestamp(NOW, UTC)
A, B = "KXTEST-27JAN15-A", "KXTEST-27JAN15-B"


class Exchange:
    """A scripted exchange and a client of it that never waits."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.status = 200
        self.server = scripted.ScriptedServer(self._answer)
        self.client = KalshiClient(
            [self.server.url], rate_limit=Unlimited(), policy=RetryPolicy(), sleep=lambda seconds: None
        )

    def _answer(self, asked: scripted.Asked, connected: object) -> bytes:
        found = next((body for path, body in self.answers.items() if asked.path.startswith(path)), {})
        return scripted.http_answer(found, self.status)

    def asked(self) -> scripted.Asked:
        return self.server.asked[-1]


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    made = Exchange()
    yield made
    made.client.close()
    made.server.stop()


def row(**changes: Any) -> dict[str, Any]:
    (found,) = parse_markets([market(**changes)], FETCHED).table.to_pylist()
    return found


def test_trap_01_numbers_are_strings_and_the_removed_cents_are_never_read(exchange: Exchange) -> None:
    both = market_json(yes_bid=99, last_price=1, volume=7, liquidity=5)
    exchange.answers["/markets"] = {"markets": [both], "cursor": ""}
    (page,) = exchange.client.iter_market_pages()
    (stored,) = parse_markets(page.items, FETCHED).table.to_pylist()
    assert (stored["yes_bid_dollars"], stored["volume_contracts"]) == (Decimal("0.5600"), Decimal("1234.56"))
    cents = {k: v for k, v in both.items() if not k.endswith(("_dollars", "_fp"))}
    exchange.answers["/markets"] = {"markets": [cents], "cursor": ""}
    with pytest.raises(SchemaDriftError) as caught:
        next(exchange.client.iter_market_pages())
    assert caught.value.condition == "cents_instead_of_dollars"


def test_trap_02_omitted_keys_are_null_not_zero() -> None:
    least = parse_markets([Market(ticker="A", event_ticker="E", status="active")], FETCHED)
    (found,) = least.table.to_pylist()
    given = {name for name, value in found.items() if value is not None}
    assert given == {"ticker", "event_ticker", "status", "fetched_time"}


def test_trap_03_sentinels_are_no_prices(world: World) -> None:
    unquoted = {"yes_bid_dollars": "0.0000", "yes_ask_dollars": "1.0000", "last_price_dollars": "0.0000"}
    young = {f"previous_{name}_dollars": "0.0000" for name in ("yes_bid", "yes_ask", "price")}
    world.crawl(market(A, **unquoted), market(B, **young))
    empty = world.row(A)
    assert empty["yes_bid_dollars"] is empty["yes_ask_dollars"] is empty["probability"] is None
    assert empty["quote_quality"] == "none"
    assert world.row(B)["change_24h_pp"] is None
    mirror = row(yes_bid_dollars="0.0000", yes_ask_dollars="0.0000", no_bid_dollars="1.0000", no_ask_dollars="1.0000")
    assert mirror["yes_bid_dollars"] is mirror["yes_ask_dollars"] is None


def test_trap_04_after_settlement_there_is_no_quote_and_no_probability(world: World) -> None:
    pinned = {"yes_bid_dollars": "0.9900", "yes_ask_dollars": "0.9950", "last_price_dollars": "0.9900"}
    world.crawl(market(A, status="finalized", result="yes", **pinned), market(B))
    found = world.row(A)
    assert (
        found["probability"] is found["spread_dollars"] is found["change_24h_pp"] is found["yes_bid_dollars"] is None
    )
    assert found["last_price_dollars"] == Decimal("0.99")
    assert world.repository.markets().table["ticker"].to_pylist() == [B]
    # That no calibration uses such a price: test_maintenance.py


def test_trap_05_filter_words_are_asked_and_payload_words_are_stored(exchange: Exchange, world: World) -> None:
    exchange.answers["/markets"] = {"markets": [], "cursor": ""}
    list(exchange.client.iter_market_pages(status="settled"))
    assert exchange.asked().params()["status"] == "settled"
    settled = parse_settled_markets([market(status="finalized", settlement_ts="2027-01-15T00:00:00Z")], FETCHED)
    assert settled.table["status"].to_pylist() == ["finalized"]
    world.crawl(market(A, status="closed"), market(B, status="inactive"))
    world.ingest.settled()
    assert world.client.asked[-1] == ("markets", world.client.asked[-1][1] | {"status": "settled"})
    assert world.repository.markets(MarketFilter(statuses=("closed", "inactive"))).total == 2


def test_trap_06_combos_are_neither_asked_for_nor_stored(exchange: Exchange, world: World) -> None:
    exchange.answers["/markets"] = {"markets": [], "cursor": ""}
    list(exchange.client.iter_market_pages())
    assert exchange.asked().params()["mve_filter"] == "exclude"
    world.crawl(market(A), market("KXMVE-1", mve_collection_ticker="KXMVE"))
    assert world.repository.markets(MarketFilter(statuses=())).table["ticker"].to_pylist() == [A]


def test_trap_07_category_and_series_come_from_the_event_and_its_series(world: World) -> None:
    world.client.series_list = [series(category="Weather")]
    world.crawl(events=[event(category="Deprecated", markets=[market(A)])])
    assert (world.row(A)["series_ticker"], world.row(A)["category"]) == ("KXTEST", "Deprecated")
    world.seen(world.ingest.series())
    assert world.row(A)["category"] == "Weather"


@pytest.mark.parametrize(
    ("ticker", "event_ticker", "series_ticker"),
    [
        ("KXELONMARS-99", "KXELONMARS-99", "KXELONMARS"),
        ("EUCLIMATE", "EUCLIMATE", "KXEUCLIMATE"),
        ("KXWTASETWINNER-26AUG24KNULEP-2-KNU", "KXWTASETWINNER-26AUG24KNULEP-2", "KXWTASETWINNER"),
        ("KXMVECROSSCATEGORY-SHARD1-S1", "KXMVECROSSCATEGORY-SHARD1-E", "KXMVECROSSCATEGORY-SHARD1"),
        ("KXBTCD-26JUL2502-T74299.99", "KXBTCD-26JUL2502", "KXBTCD"),
    ],
)
def test_trap_08_tickers_are_never_taken_apart(
    exchange: Exchange, world: World, ticker: str, event_ticker: str, series_ticker: str
) -> None:
    made = event(event_ticker, series_ticker, [market(ticker, event_ticker=event_ticker)])
    world.crawl(events=[made])
    (found,) = world.repository.market(ticker).rows()
    assert (found["event_ticker"], found["series_ticker"]) == (event_ticker, series_ticker)
    assert world.repository.market_siblings(ticker).total == 0
    exchange.answers["/markets/"] = {"market": market_json(ticker)}
    assert exchange.client.get_market(ticker).ticker == ticker
    assert exchange.asked().path == f"/markets/{ticker}"
    world.ingest.market_history(ticker, series_ticker, [(60, 1.0)])
    assert sum(path.is_file() and ticker in path.name for path in world.lake.root.rglob("*")) == 0


def test_trap_09_candlesticks_are_sparse_and_days_are_not_utc_days(exchange: Exchange) -> None:
    path = "/series/KXS/markets/KXS-1/candlesticks"
    exchange.answers[path] = {"ticker": "KXS-1", "candlesticks": [scripted.candle(1_777_608_000)]}
    exchange.client.get_candlesticks("KXS", "KXS-1", 1_777_500_000, 1_777_700_000, 1440)
    assert exchange.asked().path == path
    # Midnight in New York is 04:00 UTC; a candlestick lies in the UTC month of its last instant.
    found = parse_candlesticks("KXS-1", 1440, [candlestick(1_777_608_000)])
    assert (found.table["month"].to_pylist(), found.table.num_rows) == (["2026-05"], 1)
    midnight = int(datetime(2026, 5, 1, tzinfo=UTC).timestamp())
    assert parse_candlesticks("A", 60, [candlestick(midnight)]).table["month"].to_pylist() == ["2026-04"]
    # Gaps stay gaps: test_value_and_time_faults.py, fault 43; days of 25 hours: fault 39


@pytest.mark.parametrize(
    "price", [None, {}, {"previous_dollars": "0.5000"}, {"open_dollars": None, "close_dollars": None}]
)
def test_trap_10_a_candlestick_without_a_trade_has_quotes_and_no_price(price: Any) -> None:
    (found,) = parse_candlesticks("A", 60, [candlestick(int(NOW), price=price, volume_fp="0.00")]).table.to_pylist()
    names = ("open", "high", "low", "close", "mean")
    assert all(found[f"price_{name}_dollars"] is None for name in names)
    assert (found["yes_bid_close_dollars"], found["volume_contracts"]) == (Decimal("0.56"), 0)
    assert found["price_previous_dollars"] == (Decimal("0.5") if price and "previous_dollars" in price else None)


def test_trap_11_the_caps_count_what_is_asked_so_long_spans_are_cut(exchange: Exchange) -> None:
    exchange.answers["/series"] = {"ticker": "KXS-1", "candlesticks": []}
    exchange.client.get_candlesticks("KXS", "KXS-1", 1_777_000_000, 1_777_000_000 + 60 * 12_000, 1)
    spans = [(int(one.params()["start_ts"]), int(one.params()["end_ts"])) for one in exchange.server.asked]
    assert len(spans) == 3
    assert all(end - start <= 60 * 5_000 for start, end in spans)
    # Meeting without gap or overlap: api/test_candlestick_plan.py


def test_trap_12_a_settled_market_is_fetched_where_it_is_kept_counting_back_from_its_end(world: World) -> None:
    settled = datetime(2026, 3, 1, tzinfo=UTC)
    world.ingest.market_history(A, "KXTEST", [(60, 30.0)], settled_time=settled)
    name, asked = world.client.asked[-1]
    assert name == "candlesticks"
    assert asked["settlement_ts"] == settled.isoformat()
    assert asked["start"] == int(settled.timestamp()) + 86_400 - 30 * 86_400
    # That the client then asks the historical tier, and reads its other spelling:
    # api/test_client.py, test_a_settlement_before_the_cutoff_is_asked_at_the_historical_tier_at_once


def test_trap_13_lists_of_tickers_are_spelt_as_each_endpoint_wants_them(exchange: Exchange) -> None:
    exchange.answers["/markets/orderbooks"] = {"orderbooks": []}
    exchange.answers["/markets/candlesticks"] = {"markets": []}
    exchange.answers["/markets"] = {"markets": [], "cursor": ""}
    exchange.client.get_order_books(["KXA-1", "KXA-2"])
    assert exchange.asked().query == [("tickers", "KXA-1"), ("tickers", "KXA-2")]
    exchange.client.get_batch_candlesticks(["KXA-1", "KXA-2"], 1_777_000_000, 1_777_003_600)
    assert exchange.asked().params()["market_tickers"] == "KXA-1,KXA-2"
    list(exchange.client.iter_market_pages(tickers=["KXA-1", "KXA-2"]))
    assert exchange.asked().params()["tickers"] == "KXA-1,KXA-2"


def test_trap_14_a_book_is_bids_of_both_sides_in_the_order_sent(exchange: Exchange) -> None:
    sides = {
        "yes_dollars": [["0.7800", "10.00"], ["0.8000", "1.00"]],
        "no_dollars": [["0.1700", "5.00"], ["0.1900", "2.00"]],
    }
    exchange.answers["/markets/KXA-1/orderbook"] = {"orderbook_fp": sides}
    levels = exchange.client.get_order_book("KXA-1").orderbook_fp
    assert levels is not None
    assert levels.yes_dollars
    assert levels.no_dollars
    assert max(Decimal(price) for price, _ in levels.yes_dollars) == Decimal("0.80")
    assert 1 - max(Decimal(price) for price, _ in levels.no_dollars) == Decimal("0.81")


def test_trap_15_closing_soon_is_by_the_expected_time_clamped_to_the_close(world: World) -> None:
    far = "2099-12-31T00:00:00Z"
    world.crawl(
        market(A, close_time=far, expected_expiration_time="2027-01-16T00:00:00Z"),
        market(B, close_time="2027-01-17T00:00:00Z", expected_expiration_time=far),
        market(
            "KXTEST-27JAN15-C",
            close_time=far,
            expected_expiration_time=None,
            occurrence_datetime="2027-01-18T00:00:00Z",
        ),
        market("KXTEST-27JAN15-D", close_time=far, expected_expiration_time=None),
    )
    days = [world.row(f"KXTEST-27JAN15-{name}")["expected_time"].date().isoformat() for name in "ABCD"]
    assert days == ["2027-01-16", "2027-01-17", "2027-01-18", "2099-12-31"]
    soon = world.repository.markets(MarketFilter(days_to_close_max=Decimal(3)))
    assert set(soon.table["ticker"].to_pylist()) == {A, B, "KXTEST-27JAN15-C"}


def test_trap_16_volume_is_contracts_and_may_be_larger_than_any_int32(world: World) -> None:
    world.client.series_list = [series(volume_fp="12345678901.25")]
    world.crawl(market(A))
    world.seen(world.ingest.series())
    assert world.row(A)["volume_contracts"] == Decimal("1234.56")
    from data_layer.parsing import parse_series

    (found,) = parse_series(world.client.series_list, FETCHED).table.to_pylist()
    assert found["volume_contracts"] == Decimal("12345678901.25")


@pytest.mark.parametrize("digits", ["", ".1", ".123", ".1234", ".12345", ".123456", ".123456789"])
def test_trap_17_times_have_any_number_of_digits_and_the_zero_time_is_none(digits: str) -> None:
    found = row(updated_time=f"2027-01-02T03:04:05{digits}Z", settlement_ts="0001-01-01T00:00:00Z")
    assert found["updated_time"].replace(microsecond=0) == datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert found["settlement_time"] is None


HOSTILE = [
    "Will  become <person> **bold** & >91° ::\nnext?",
    "<script>alert(1)</script>",
    "${7*7} {{constructor}} %00 ' OR 1=1 --",
    "“curly” é ü 東京 \u202eevil\u200b",
    "x" * 370,
]


def test_trap_18_text_passes_through_unchanged_for_the_one_place_that_escapes_it(world: World) -> None:
    def told(n: int, text: str) -> Any:
        made = market(f"M-{n}", event_ticker=f"E-{n}", title=text, yes_sub_title=text, rules_primary=text)
        return event(f"E-{n}", title=text, markets=[made])

    world.crawl(events=[told(n, text) for n, text in enumerate(HOSTILE)])
    for n, text in enumerate(HOSTILE):
        (found,) = world.repository.market(f"M-{n}").rows()
        assert found["title"] == found["yes_sub_title"] == found["rules_primary"] == found["event_title"] == text
        assert world.row(f"M-{n}")["outcome"] == text


def test_trap_19_a_429_is_a_plain_string_and_ends_in_its_own_error(exchange: Exchange) -> None:
    exchange.status = 429
    exchange.answers["/markets"] = {"error": "too many requests"}
    with pytest.raises(KalshiRateLimitError) as caught:
        next(exchange.client.iter_market_pages())
    assert "too many requests" in json.dumps([str(caught.value), caught.value.body_excerpt])
    assert len(exchange.server.asked) == 4


def test_trap_20_without_a_key_everything_is_polled(exchange: Exchange) -> None:
    exchange.answers["/exchange/status"] = {"exchange_active": True}
    assert exchange.client.get_exchange_status().exchange_active
    assert not [name for name in exchange.asked().headers if name.startswith("kalshi-access")]
    public: list[Callable[..., Any]] = [
        value for name, value in inspect.getmembers(KalshiClient, callable) if not name.startswith("_")
    ]
    assert not [method for method in public if "socket" in method.__name__]
    with pytest.raises(KalshiRequestError):
        exchange.client.get_candlesticks("KXS", "KXS-1", 5, 4)
