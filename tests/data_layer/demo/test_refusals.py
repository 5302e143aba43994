"""What the exchange says no to, and with which body."""

from __future__ import annotations

import pytest

from data_layer.demo import start_exchange

NOW = 1_795_366_800.25
START = int(NOW) - 86400

BAD = [
    ("/markets", {"status": "finalized"}, "invalid status filter"),
    ("/markets", {"status": "active"}, "invalid status filter"),
    ("/markets", {"status": "open,closed"}, "only one status filter may be supplied"),
    ("/markets", {"min_close_ts": 1, "min_created_ts": 1}, "incompatible timestamp filters"),
    ("/markets", {"min_settled_ts": 1, "max_updated_ts": 1}, "incompatible timestamp filters"),
    ("/markets", {"min_settled_ts": 1, "status": "open"}, "incompatible"),
    ("/markets", {"min_created_ts": 1, "status": "closed"}, "incompatible"),
    ("/markets", {"min_updated_ts": 1, "status": "open"}, "incompatible"),
    ("/markets", {"min_updated_ts": 1, "series_ticker": "KXNBA"}, "incompatible"),
    ("/markets", {"mve_filter": "none"}, "invalid mve_filter"),
    ("/markets", {"limit": "ten"}, "invalid limit"),
    ("/markets", {"limit": -1}, "limit must be"),
    ("/markets", {"cursor": "!!"}, "invalid cursor"),
    ("/markets", {"cursor": "WyJhIl0"}, "invalid cursor"),
    ("/events", {"status": "paused"}, "invalid status filter"),
    ("/events", {"limit": 201}, "limit must be"),
    ("/events/multivariate", {"series_ticker": "A", "collection_ticker": "B"}, "cannot be used together"),
    ("/milestones", {}, "limit is required"),
    ("/historical/markets", {"tickers": "A", "event_ticker": "B"}, "mutually exclusive"),
    ("/historical/markets", {"mve_filter": "only"}, "invalid mve_filter"),
    ("/markets/candlesticks", {"market_tickers": "A", "end_ts": 9, "period_interval": 60}, "start_ts is required"),
    ("/markets/candlesticks", {"market_tickers": ",".join("A" * 101), "start_ts": 1, "end_ts": 9, "period_interval": 60}, "100"),
    (
        "/markets/candlesticks",
        {"market_tickers": ",".join("A" * 100), "start_ts": 0, "end_ts": 101 * 3600, "period_interval": 60},
        "requested candlesticks across all markets: 10100, max candlesticks: 10000",
    ),
    ("/markets/orderbooks", {"tickers": [str(n) for n in range(101)]}, "100"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "query", "says"), BAD, ids=lambda part: str(part)[:40])
def test_a_wrong_question_is_a_400_that_says_why(ask, path, query, says):
    answer = ask.raw(path, **query)
    assert answer.status_code == 400
    body = answer.json()
    body = body.get("error", body)  # most are wrapped, some are flat
    assert body["code"] == "bad_request"
    assert says in body["details"]


def test_single_candles_are_capped_by_what_is_asked_for(ask, busiest):
    series, market = busiest[0]
    path = f"/series/{series}/markets/{market['ticker']}/candlesticks"
    most = {"start_ts": 0, "end_ts": 5000 * 3600, "period_interval": 60}
    assert ask.raw(path, **most).status_code == 200
    over = ask.raw(path, **{**most, "end_ts": 5001 * 3600})
    assert over.status_code == 400
    details = "requested time range with candlesticks: 5001, max candlesticks: 5000"
    assert over.json()["error"]["details"] == details
    assert ask.raw(path, start_ts=0, end_ts=600, period_interval=5).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/markets/NOSUCH",
        "/markets/NOSUCH/orderbook",
        "/events/NOSUCH",
        "/events/NOSUCH/metadata",
        "/series/NOSUCH",
        "/milestones/nosuch",
        "/structured_targets/nosuch",
        "/historical/markets/NOSUCH",
        "/series/A/markets/B/candlesticks?start_ts=0&end_ts=60&period_interval=1",
        "/historical/markets/B/candlesticks?start_ts=0&end_ts=60&period_interval=1",
    ],
)
def test_what_is_not_there_is_a_404(ask, path):
    answer = ask.raw(path)
    assert answer.status_code == 404
    body = answer.json()
    assert body.get("error", body)["code"] == "not_found"
    if path.startswith("/historical"):
        assert body["error"]["details"] == "failed_to_get_market_by_ticker:_not_found"


def test_a_path_nobody_knows_is_plain_text(ask):
    answer = ask.raw("/no/such/route")
    assert (answer.status_code, answer.text.strip()) == (404, "404 page not found")


def test_private_routes_want_a_key(ask):
    answer = ask.raw("/portfolio/balance")
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "token_authentication_failure"


def test_too_many_requests_is_a_string_without_a_hint(asker):
    with start_exchange(markets=100, settled=0, requests_per_second=5) as running:
        ask = asker(running.base_url)
        answers = [ask.raw("/exchange/status") for _ in range(20)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        assert answers[0].status_code == 200
        assert refused[0].json() == {"error": "too many requests"}
        assert "Retry-After" not in refused[0].headers
        assert len(running.request_log) == 20
        at, method, path = running.request_log[0]
        assert (method, path) == ("GET", "/trade-api/v2/exchange/status")
        assert at <= running.request_log[-1][0]


def test_answers_are_compressed_when_asked_for(ask):
    packed = ask.session.get(ask.base_url + "/events", headers={"Accept-Encoding": "gzip"}, timeout=10)
    plain = ask.session.get(ask.base_url + "/events", headers={"Accept-Encoding": "identity"}, timeout=10)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.json() == plain.json()


def test_it_listens_on_loopback_only_stops_twice_and_leaves_the_port(asker):
    running = start_exchange(markets=50, settled=0)
    assert running.base_url == f"http://127.0.0.1:{running.port}/trade-api/v2"
    running.stop()
    running.stop()
    with start_exchange(markets=50, settled=0, port=running.port) as again:
        assert again.port == running.port
        with pytest.raises(OSError, match="in use"):
            start_exchange(markets=50, settled=0, port=again.port)
