"""Each endpoint: what is asked on the wire, and what the caller gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from data_layer.api import KalshiClient, RequestRecord
from data_layer.errors import (
    KalshiCircuitOpenError,
    KalshiConnectionError,
    KalshiNotFoundError,
    KalshiPayloadError,
    KalshiRateLimitError,
    KalshiRequestError,
    KalshiServerError,
    PaginationError,
    SchemaDriftError,
)
from tests.data_layer.api.scripted import Asked, FakeClock, Handler, ScriptedServer, candle, http_answer, market

Connect = Callable[..., KalshiClient]
Serve = Callable[[Handler], ScriptedServer]

MOVED = {"error": {"code": "not_found", "message": "not found"}}
CUTOFF = {"market_settled_ts": "2026-08-01T00:00:00Z", "trades_created_ts": "2026-08-01T00:00:00Z"}
CUTOFF_SECONDS = 1_785_542_400


@pytest.fixture
def exchange(serve: Serve, connect: Connect) -> Callable[..., tuple[ScriptedServer, KalshiClient]]:
    """Start a server that answers by path (a value, or a function of the request) and a client for it."""

    def start(answers: dict[str, Any], **more: object) -> tuple[ScriptedServer, KalshiClient]:
        def handler(asked: Asked, connected: object) -> bytes:
            found = answers.get(asked.path, (404, MOVED))
            found = found(asked) if callable(found) else found
            status, body = found if isinstance(found, tuple) else (200, found)
            return http_answer(body, status)

        server = serve(handler)
        return server, connect(server.url, **more)

    return start


Exchange = Callable[..., tuple[ScriptedServer, KalshiClient]]


def trade(name: str, ticker: str = "KXA-1") -> dict[str, object]:
    return {
        "trade_id": name,
        "ticker": ticker,
        "count_fp": "1.00",
        "yes_price_dollars": "0.4000",
        "no_price_dollars": "0.6000",
        "taker_outcome_side": "yes",
        "created_time": "2026-11-01T00:00:00Z",
    }


# What is asked


def test_markets_are_asked_without_combos_and_tickers_in_comma_lists_of_a_hundred(exchange: Exchange) -> None:
    server, client = exchange({"/markets": {"markets": [], "cursor": ""}})
    list(client.iter_market_pages(status="open", min_close_ts=1_790_000_000.7))
    assert server.asked[0].query == [
        ("limit", "1000"),
        ("status", "open"),
        ("mve_filter", "exclude"),
        ("min_close_ts", "1790000000"),
    ]
    list(client.iter_market_pages(tickers=[f"KXA-{n}" for n in range(250)] + ["KXA-0"]))
    asked = [one.params()["tickers"].split(",") for one in server.asked[1:]]
    assert [len(some) for some in asked] == [100, 100, 50]
    assert "mve_filter" not in server.asked[1].params(), "a combo that is asked by name is wanted"


def test_order_books_are_asked_with_repeated_parameters_a_hundred_at_a_time(exchange: Exchange) -> None:
    def books(asked: Asked) -> object:
        levels = {"yes_dollars": [["0.7800", "45938.68"]], "no_dollars": None}
        return {"orderbooks": [{"ticker": value, "orderbook_fp": levels} for _, value in asked.query]}

    server, client = exchange({"/markets/orderbooks": books})
    found = client.get_order_books([f"KXA-{n}" for n in range(101)])
    assert len(found) == 101
    assert [len(asked.query) for asked in server.asked] == [100, 1]
    assert server.asked[1].query == [("tickers", "KXA-100")]
    levels = found["KXA-3"].orderbook_fp
    assert levels is not None
    assert (levels.yes_dollars, levels.no_dollars) == ([("0.7800", "45938.68")], None)


def test_a_walk_over_events_brings_their_markets_and_milestones(exchange: Exchange) -> None:
    event = {"event_ticker": "KXA", "series_ticker": "KXA", "title": "A", "markets": [market("KXA-1")]}
    pages = {
        None: {"events": [event], "milestones": [{"id": "m"}], "cursor": "next"},
        "next": {"events": [{**event, "event_ticker": "KXB", "markets": [market("KXB-1")]}], "cursor": ""},
    }
    server, client = exchange({"/events": lambda asked: pages[asked.params().get("cursor")]}, wall_clock=lambda: 5.0)
    walk = client.iter_event_pages(status="open", with_milestones=True)
    found = list(walk)
    assert [[row.ticker for event in page.items for row in event.markets or ()] for page in found] == [
        ["KXA-1"],
        ["KXB-1"],
    ]
    assert [milestone.id for milestone in found[0].milestones] == ["m"]
    assert walk.complete
    assert (found[1].path, found[1].fetched_at, found[1].request_params["cursor"]) == ("/events", 5.0, "next")
    assert found[0].nbytes == len(json.dumps(pages[None]))
    same = [("limit", "200"), ("status", "open"), ("with_nested_markets", "true"), ("with_milestones", "true")]
    assert [asked.query for asked in server.asked] == [same, [*same, ("cursor", "next")]]


def test_series_fee_changes_and_milestones_are_asked_by_their_names(exchange: Exchange) -> None:
    server, client = exchange(
        {
            "/series": {"series": [{"ticker": "KXA", "title": "A", "category": "World", "volume_fp": "3.00"}]},
            "/series/KXA": {"series": {"ticker": "KXA", "title": "A", "category": "World"}},
            "/series/fee_changes": {"series_fee_change_arr": [{"id": "1"}]},
            "/events/fee_changes": {"event_fee_changes": [{"id": "2", "fee_type_override": None}], "cursor": ""},
            "/milestones": {"milestones": [{"id": "3"}], "cursor": ""},
            "/exchange/status": {"exchange_active": True, "trading_active": False},
        }
    )
    assert client.list_series(include_volume=True, tags=["a", "b"]).items[0].volume_fp == "3.00"
    assert client.get_series("KXA").title == "A"
    assert client.list_series_fee_changes(show_historical=True).items[0].id == "1"
    assert next(client.iter_event_fee_changes()).items[0].id == "2"
    assert next(client.iter_milestone_pages(category="Sports")).items[0].id == "3"
    assert client.get_exchange_status().trading_active is False
    assert [asked.query for asked in server.asked] == [
        [("tags", "a,b"), ("include_volume", "true")],
        [],
        [("show_historical", "true")],
        [("limit", "1000")],
        [("limit", "500"), ("category", "Sports")],
        [],
    ]


@pytest.mark.parametrize(
    "ticker", ["../secret", "A/B", "", ".", "..", "A..B", "A B", "A,B", "A%2fB", "\u0130X", "A" * 129, "A\n", "-A", None, 5]
)  # fmt: skip
def test_what_is_no_ticker_is_never_sent(exchange: Exchange, ticker: Any) -> None:
    server, client = exchange({})
    for call in (client.get_market, client.get_event, client.get_series, client.get_order_book):
        with pytest.raises(KalshiRequestError):
            call(ticker)
    with pytest.raises(KalshiRequestError):
        client.iter_market_pages(tickers=[ticker])
    assert not server.asked


def test_tickers_of_every_recorded_form_are_sent_as_they_are(exchange: Exchange) -> None:
    names = ["KXELONMARS-99", "EUCLIMATE", "KXBTCD-26JUL2502-T74299.99", "KXMVECROSSCATEGORY-SHARD1", "kx_lower-1"]
    _, client = exchange({f"/markets/{name}": {"market": market(name)} for name in names})
    assert [client.get_market(name).ticker for name in names] == names


def test_milliseconds_are_refused_before_they_are_sent(exchange: Exchange) -> None:
    server, client = exchange({})
    with pytest.raises(KalshiRequestError, match="Unix seconds"):
        client.iter_trade_pages(ticker="KXA-1", min_ts=1_790_000_000_000)
    assert not server.asked


# What comes back


def test_an_answer_about_something_else_is_refused(exchange: Exchange) -> None:
    other = market("KXB-1")
    _, client = exchange(
        {
            "/markets/KXA-1": {"market": other},
            "/markets": {"markets": [market("KXA-1"), other], "cursor": ""},
            "/events/KXA": {"event": {"event_ticker": "KXB", "series_ticker": "S", "title": "T"}},
            "/series/KXA": {"series": {"ticker": "KXB", "title": "A", "category": "World"}},
            "/series/KXA/markets/KXA-1/candlesticks": {"ticker": "KXB-1", "candlesticks": []},
            "/markets/candlesticks": {"markets": [{"market_ticker": "KXB-1", "candlesticks": []}]},
            "/markets/trades": {"trades": [trade("t", "KXB-1")], "cursor": ""},
            "/markets/orderbooks": {"orderbooks": [{"ticker": "KXA-1,KXC-1", "orderbook_fp": {}}]},
        }
    )
    for call in (
        lambda: client.get_market("KXA-1"),
        lambda: list(client.iter_market_pages(tickers=["KXA-1"])),
        lambda: client.get_event("KXA"),
        lambda: client.get_series("KXA"),
        lambda: client.get_candlesticks("KXA", "KXA-1", 0, 3600),
        lambda: client.get_batch_candlesticks(["KXA-1"], 0, 3600),
        lambda: list(client.iter_trade_pages(ticker="KXA-1")),
        lambda: client.get_order_books(["KXA-1", "KXC-1"]),
    ):
        with pytest.raises(KalshiPayloadError, match="not asked"):
            call()


@pytest.mark.parametrize("nested", [True, False], ids=["inside the event", "beside it, the older form"])
def test_an_events_markets_are_found_inside_or_beside_it(exchange: Exchange, nested: bool) -> None:
    event = {"event_ticker": "KXA", "series_ticker": "KXA", "title": "A"}
    rows = [market("KXA-1"), {"ticker": 5}, market("KXA-2")]
    inside = {"event": {**event, "markets": rows}, "markets": []}
    beside = {"event": event, "markets": rows}
    _, client = exchange({"/events/KXA": inside if nested else beside})
    page = client.get_event_page("KXA")
    assert [row.ticker for row in page.items[0].markets or ()] == ["KXA-1", "KXA-2"]
    assert len(page.rejected) == 1
    assert client.get_event("KXA") == page.items[0]


def test_an_order_book_may_be_empty_but_not_absent(exchange: Exchange) -> None:
    answers = [
        {"orderbook_fp": {"yes_dollars": [], "no_dollars": [["0.1", "2"]]}},
        {"orderbook_fp": None},
        {"orderbook": {"yes": None, "yes_dollars": None}},
        {"something": {}},
        {"orderbook": {"yes_dollars": [["0.15", 100]]}},
    ]
    _, client = exchange({"/markets/KXA-1/orderbook": lambda asked: answers.pop(0)})
    assert client.get_order_book("KXA-1").orderbook_fp is not None
    for _ in range(2):
        levels = client.get_order_book("KXA-1").orderbook_fp
        assert levels is not None
        assert (levels.yes_dollars, levels.no_dollars) == (None, None)
    for _ in range(2):
        with pytest.raises(SchemaDriftError):
            client.get_order_book("KXA-1")


def test_a_single_object_that_changed_its_shape_is_drift(exchange: Exchange) -> None:
    answers = [{"market": market(yes_bid_dollars=0.4)}, {"market": None}, {}, {"market": market(status=None)}]
    _, client = exchange({"/markets/KXA-1": lambda asked: answers.pop(0)})
    for condition in ("type_changed:yes_bid_dollars", "row_changed", "row_changed", "field_removed:status"):
        with pytest.raises(SchemaDriftError) as caught:
            client.get_market("KXA-1")
        assert caught.value.condition == condition
        assert caught.value.path == "/markets/KXA-1"


# Candlesticks


def test_a_long_span_is_asked_in_pieces_and_comes_back_in_one(exchange: Exchange) -> None:
    def answer(asked: Asked) -> object:
        first, last = (int(asked.params()[name]) for name in ("start_ts", "end_ts"))
        ends = range(-(-first // 60) * 60, last + 1, 60)
        return {"ticker": "KXA-1", "candlesticks": [candle(end) for end in ends]}

    server, client = exchange({"/series/KXA/markets/KXA-1/candlesticks": answer})
    start = 1_790_000_040
    found = client.get_candlesticks("KXA", "KXA-1", start, start + 12_000 * 60, 1, include_latest_before_start=True)
    assert [one.end_period_ts for one in found.items] == list(range(start, start + 12_000 * 60 + 1, 60))
    assert found.requests == len(server.asked) == 3
    flags = ["include_latest_before_start" in asked.params() for asked in server.asked]
    assert flags == [True, False, False]


def test_many_markets_are_asked_together_and_unknown_ones_are_missing(exchange: Exchange) -> None:
    def answer(asked: Asked) -> object:
        tickers = asked.params()["market_tickers"].split(",")
        rows: list[dict[str, Any]] = [
            {"market_ticker": ticker, "candlesticks": [candle(3600)]} for ticker in tickers if ticker != "KXA-7"
        ]
        rows[0]["candlesticks"] = None
        return {"markets": rows[::-1]}

    server, client = exchange({"/markets/candlesticks": answer})
    found = client.get_batch_candlesticks([f"KXA-{n}" for n in range(120)], 0, 99 * 3600, 60)
    assert set(found) == {f"KXA-{n}" for n in range(120)} - {"KXA-7"}
    assert [len(asked.params()["market_tickers"].split(",")) for asked in server.asked] == [100, 20]
    assert (found["KXA-0"].items, len(found["KXA-1"].items)) == ([], 1)


def test_an_events_candlesticks_go_on_where_the_exchange_cut_them(exchange: Exchange) -> None:
    def answer(asked: Asked) -> object:
        start, end = (int(asked.params()[name]) for name in ("start_ts", "end_ts"))
        reached = min(end, start + 10 * 3600)
        ends = range(-(-start // 3600) * 3600, reached + 1, 3600)
        return {
            "market_tickers": ["KXA-1", "KXA-2"],
            "market_candlesticks": [[candle(at) for at in ends], None],
            "adjusted_end_ts": reached,
        }

    server, client = exchange({"/series/KXA/events/KXA/candlesticks": answer})
    found = client.get_event_candlesticks("KXA", "KXA", 3600, 31 * 3600, 60)
    assert [one.end_period_ts for one in found["KXA-1"].items] == list(range(3600, 31 * 3600 + 1, 3600))
    assert found["KXA-2"].items == []
    assert len(server.asked) == 3


def test_an_events_candlesticks_that_do_not_come_further_are_an_error_not_a_gap(exchange: Exchange) -> None:
    stuck = {"market_tickers": [], "market_candlesticks": [], "adjusted_end_ts": 3600}
    _, client = exchange({"/series/KXA/events/KXA/candlesticks": stuck})
    with pytest.raises(PaginationError, match="does not come further"):
        client.get_event_candlesticks("KXA", "KXA", 3600, 31 * 3600, 60)


# Both history tiers


def historical_candle(end: int) -> dict[str, object]:
    quote = {"open": "0.40", "low": "0.40", "high": "0.40", "close": "0.40"}
    price = dict.fromkeys(["open", "low", "high", "close", "mean", "previous"])
    return {
        "end_period_ts": end,
        "yes_bid": quote,
        "yes_ask": quote,
        "price": price,
        "volume": "0.00",
        "open_interest": "5.00",
    }


def test_a_market_that_moved_to_the_historical_tier_is_still_found(exchange: Exchange) -> None:
    old = market("KXA-1", status="finalized")
    _, client = exchange(
        {"/historical/markets/KXA-1": {"market": old}, "/markets/KXB-1": {"market": market("KXB-1")}}
    )
    assert client.get_market_any_tier("KXA-1").status == "finalized"
    assert client.get_market_any_tier("KXB-1").status == "active"
    with pytest.raises(KalshiNotFoundError):
        client.get_market("KXA-1")
    with pytest.raises(KalshiNotFoundError):
        client.get_market_any_tier("KXC-1")


@pytest.mark.parametrize("series_ticker", ["KXA", None])
def test_candlesticks_are_the_same_whichever_tier_they_come_from(
    exchange: Exchange, series_ticker: str | None
) -> None:
    live_answers = {
        "/series/KXA/markets/KXB-1/candlesticks": {"ticker": "KXB-1", "candlesticks": [candle(3600)]},
        "/markets/candlesticks": lambda asked: {
            "markets": [{"market_ticker": "KXB-1", "candlesticks": [candle(3600)]}]
            if asked.params()["market_tickers"] == "KXB-1"
            else []
        },
        "/historical/markets/KXA-1/candlesticks": {"ticker": "KXA-1", "candlesticks": [historical_candle(3600)]},
    }
    _, client = exchange(live_answers)
    live = client.get_candlesticks_any_tier("KXB-1", 0, 3600, series_ticker=series_ticker)
    moved = client.get_candlesticks_any_tier("KXA-1", 0, 3600, series_ticker=series_ticker)
    assert (live.tier, moved.tier) == ("live", "historical")
    assert live.items == moved.items


def test_a_settlement_before_the_cutoff_is_asked_at_the_historical_tier_at_once(exchange: Exchange) -> None:
    server, client = exchange(
        {
            "/historical/cutoff": CUTOFF,
            "/historical/markets/KXA-1/candlesticks": {"ticker": "KXA-1", "candlesticks": []},
            "/series/KXA/markets/KXA-1/candlesticks": {"ticker": "KXA-1", "candlesticks": []},
        }
    )

    def ask(settled: str) -> str:
        return client.get_candlesticks_any_tier("KXA-1", 0, 3600, series_ticker="KXA", settlement_ts=settled).tier

    assert ask("2026-07-31T23:59:59.5Z") == "historical"
    assert ask("2026-08-01T00:00:00Z") == "live"
    assert [asked.path.split("/")[1] for asked in server.asked] == ["historical", "historical", "series"]


def test_a_markets_trades_go_on_from_the_live_tier_into_the_historical_one(exchange: Exchange) -> None:
    answers = {
        "/historical/cutoff": CUTOFF,
        "/markets/trades": {"trades": [trade("new")], "cursor": ""},
        "/historical/trades": {"trades": [trade("old")], "cursor": ""},
    }
    server, client = exchange(answers)

    def ids(**more: int) -> list[str]:
        walk = client.iter_trade_pages_any_tier("KXA-1", **more)
        found = [row.trade_id for page in walk for row in page.items]
        assert walk.complete
        return found

    assert ids() == ["new", "old"]
    assert ids(min_ts=CUTOFF_SECONDS + 1) == ["new"]
    assert ids(max_ts=CUTOFF_SECONDS - 1) == ["old"]
    del answers["/markets/trades"]
    assert ids() == ["old"]
    assert [asked.path for asked in server.asked].count("/historical/cutoff") == 1


# Trouble


def test_a_failure_is_repeated_and_counted(exchange: Exchange) -> None:
    answers = [(503, b"<html>"), (429, {"error": "too many requests"}), {"market": market()}]
    records: list[RequestRecord] = []
    _, client = exchange({"/markets/KXA-1": lambda asked: answers.pop(0)}, on_request=records.append)
    assert client.get_market("KXA-1").ticker == "KXA-1"
    statistics = client.statistics()
    assert (statistics.requests, statistics.retries, statistics.rate_limited) == (3, 2, 1)
    assert statistics.failures == {"KalshiServerError": 1, "KalshiRateLimitError": 1}
    assert (statistics.breaker_state, statistics.requests_last_minute) == ("closed", 3)
    assert statistics.bytes_decoded > 100
    assert [type(record.error).__name__ for record in records] == [
        "KalshiServerError",
        "KalshiRateLimitError",
        "NoneType",
    ]


def test_a_429_that_stays_ends_after_four_attempts_within_the_deadline(exchange: Exchange, clock: FakeClock) -> None:
    server, client = exchange(
        {"/markets/KXA-1": (429, {"error": "too many requests"})},
        clock=clock,
        sleep=clock.sleep,
        jitter=lambda: 1.0,
    )
    with pytest.raises(KalshiRateLimitError):
        client.get_market("KXA-1")
    assert len(server.asked) <= 4
    assert clock.slept == [1.0, 2.0]


def test_retry_after_beyond_the_deadline_is_not_waited_for(serve: Serve, connect: Connect, clock: FakeClock) -> None:
    server = serve(lambda asked, connected: http_answer({}, 503, {"Retry-After": "20"}))
    client = connect(server.url, clock=clock, sleep=clock.sleep)
    with pytest.raises(KalshiServerError) as caught:
        client.get_market("KXA-1")
    assert caught.value.retry_after_seconds == 20
    assert (len(server.asked), clock.slept) == (1, [])


def test_what_would_fail_again_is_asked_once(exchange: Exchange) -> None:
    for status in (400, 401, 403, 404, 302):
        server, client = exchange({"/markets/KXA-1": (status, MOVED)})
        with pytest.raises(Exception, match=str(status)):
            client.get_market("KXA-1")
        assert len(server.asked) == 1


def test_in_an_outage_hardly_anything_is_sent(exchange: Exchange, clock: FakeClock) -> None:
    server, client = exchange({"/markets/KXA-1": (503, b"")}, clock=clock, sleep=clock.sleep)
    refused = 0
    for _ in range(600):
        clock.now += 1
        try:
            client.get_market("KXA-1")
        except KalshiCircuitOpenError:
            refused += 1
        except KalshiServerError:
            pass
    assert len(server.asked) <= 5 + 600 / 30 + 1
    assert refused > 550
    assert client.statistics().breaker_state == "open"


@pytest.mark.parametrize(("ticker", "error"), [("KXA-1", SchemaDriftError), ("KXB-1", KalshiNotFoundError)])
def test_refusals_and_drift_do_not_open_the_breaker(exchange: Exchange, ticker: str, error: type[Exception]) -> None:
    _, client = exchange({"/markets/KXA-1": {"market": {}}})
    for _ in range(8):
        with pytest.raises(error):
            client.get_market(ticker)
    assert client.statistics().breaker_state == "closed"


def test_a_captcha_in_place_of_data_opens_the_breaker(serve: Serve, connect: Connect) -> None:
    client = connect(
        serve(lambda asked, connected: http_answer(b"<html>", headers={"Content-Type": "text/html"})).url
    )
    for _ in range(5):
        with pytest.raises(KalshiPayloadError):
            client.get_market("KXA-1")
    with pytest.raises(KalshiCircuitOpenError):
        client.get_market("KXA-1")


def test_the_second_host_is_used_only_after_a_connection_error(serve: Serve, connect: Connect) -> None:
    good = serve(lambda asked, connected: http_answer({"market": market()}))
    closing = serve(lambda asked, connected: None)
    sick = serve(lambda asked, connected: http_answer(b"", 503))
    client = connect(closing.url, good.url)
    assert client.get_market("KXA-1").ticker == "KXA-1"
    assert client.get_market("KXA-1").ticker == "KXA-1"
    assert (len(closing.asked), len(good.asked)) == (1, 2)
    assert client.statistics().host in good.url
    with pytest.raises(KalshiServerError):
        connect(sick.url, good.url).get_market("KXA-1")
    assert len(good.asked) == 2


def test_json_cut_short_is_asked_again(exchange: Exchange) -> None:
    answers = [(200, b'{"market": {"ticker"'), {"market": market()}]
    _, client = exchange({"/markets/KXA-1": lambda asked: answers.pop(0)})
    assert client.get_market("KXA-1").ticker == "KXA-1"


def test_a_closed_client_asks_nothing(exchange: Exchange) -> None:
    server, client = exchange({})
    client.close()
    with pytest.raises(KalshiConnectionError, match="closed"):
        client.get_market("KXA-1")
    assert not server.asked


def test_closing_ends_the_wait_before_the_next_attempt(serve: Serve, connect: Connect) -> None:
    def close_while_failing() -> float:
        client.close()
        return 1.0

    client: KalshiClient = connect("http://127.0.0.1:9", sleep=None, jitter=close_while_failing)
    with pytest.raises(KalshiConnectionError):
        client.get_market("KXA-1")
