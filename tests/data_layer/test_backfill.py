"""Backfills: whole, resumable after any stop, nothing twice, and honest about what could not be had."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.api import KalshiClient, RateLimit, RetryPolicy
from data_layer.backfill import Backfill, BackfillRequest
from data_layer.backfill.journal import open_job
from data_layer.demo import start_exchange
from data_layer.errors import KalshiConnectionError, StoreError
from data_layer.ingest import Ingest
from data_layer.repository import MarketRepository
from data_layer.store import Lake
from data_layer.store.settings import LakeSettings

#: A world that stands still, so that two runs over it can be compared.
MOMENT = datetime(2026, 11, 22, 17, 5, tzinfo=UTC).timestamp()


@pytest.fixture(scope="module")
def exchange() -> Iterator[Any]:
    running = start_exchange(markets=150, settled=2000, requests_per_second=None, clock=lambda: MOMENT)
    yield running
    running.stop()


class Shop:
    """A lake being filled from the simulated exchange; `restarted` is what a new process would see."""

    def __init__(self, exchange: Any, folder: Path) -> None:
        self.client = KalshiClient(
            [exchange.base_url], rate_limit=RateLimit(per_second=1000), policy=RetryPolicy(attempts=1)
        )
        self.lake = Lake(folder / "lake", clock=lambda: MOMENT)
        self.writing = self.lake.writer()
        self.writer = self.writing.__enter__()
        self.repository = MarketRepository(self.lake, "demo", clock=lambda: MOMENT)
        self.restarted()

    def restarted(self) -> None:
        self.ingest = Ingest(self.client, self.writer, "demo", lambda: MOMENT)

    def backfill(self, **asked: Any) -> Backfill:
        return self.ingest.backfill(BackfillRequest(**asked), self.repository)

    def whole(self, **asked: Any) -> Any:
        backfill = self.backfill(**asked)
        state = backfill.state
        while not state.finished:
            state = backfill.step()
            assert state.problem == ""
        return state

    def rows(self, table: str) -> list[dict[str, Any]]:
        self.repository.advance()
        return self.repository.table_reader(table).read_all().to_pylist()

    def close(self) -> None:
        self.repository.close()
        self.writing.__exit__(None, None, None)
        self.client.close()


@pytest.fixture
def shop(exchange: Any, tmp_path: Path) -> Iterator[Shop]:
    made = Shop(exchange, tmp_path)
    made.ingest.universe()
    made.repository.advance()
    yield made
    made.close()


REQUESTS = [
    ("candlesticks", {"kind": "candles", "days": 20, "markets": 100}, ("ticker", "period_minutes", "end_time")),
    ("settled_markets", {"kind": "settled", "days": 40}, ("ticker",)),
    ("trades", {"kind": "trades", "days": 3, "markets": 40}, ("trade_id",)),
]


@pytest.mark.parametrize(("table", "asked", "key"), REQUESTS, ids=[r[0] for r in REQUESTS])
def test_a_stop_after_every_commit_loses_nothing_and_stores_nothing_twice(
    exchange: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    table: str,
    asked: dict[str, Any],
    key: tuple[str, ...],
) -> None:
    monkeypatch.setattr("data_layer.backfill.run.STEP_REQUESTS", {"candles": 1}.get(asked["kind"], 12))
    straight, broken = Shop(exchange, tmp_path / "a"), Shop(exchange, tmp_path / "b")
    straight.ingest.universe()
    broken.ingest.universe()
    whole = straight.whole(**asked)
    runs, state = 0, None
    while state is None or not state.finished:
        broken.restarted()
        backfill = broken.backfill(**asked)
        assert backfill.state.resumed == (state.done if state else 0)
        state = backfill.step()
        runs += 1
        assert runs < 200
    assert runs > 2, "the request is too small to be interrupted"
    assert state.done == state.total == whole.total
    found, wanted = broken.rows(table), straight.rows(table)
    keys = [tuple(row[name] for name in key) for row in found]
    assert len(keys) == len(set(keys))
    assert len(found) > 100
    assert sorted(keys, key=str) == sorted((tuple(row[name] for name in key) for row in wanted), key=str)
    straight.close()
    broken.close()


def test_the_same_request_again_is_a_new_backfill_that_finds_nothing_new(shop: Shop) -> None:
    first = shop.whole(kind="candles", days=5, markets=20)
    again = shop.whole(kind="candles", days=5, markets=20)
    assert first.rows > 0
    assert (again.rows, again.resumed) == (0, 0)
    assert again.job != first.job


def test_settled_markets_come_from_both_tiers_and_only_from_the_days_asked_for(shop: Shop) -> None:
    cutoff = shop.client.get_historical_cutoff().market_settled_ts
    shop.whole(kind="settled", days=90)
    settled = sorted(row["settlement_time"].isoformat() for row in shop.rows("settled_markets"))
    assert settled[0] < cutoff < settled[-1]
    oldest = MOMENT - 91 * 86_400
    assert min(row["settlement_time"].timestamp() for row in shop.rows("settled_markets")) >= oldest


def test_a_place_that_the_exchange_has_forgotten_is_looked_for_from_the_beginning(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, forgotten = shop.client.iter_historical_market_pages, []

    def small(cursor: str = "", **asked: Any) -> Any:
        if not forgotten:
            return real(cursor=cursor, limit=100, **asked)
        if cursor:
            forgotten.append(cursor)
        return real(cursor="bm90IGEgY3Vyc29y" if cursor else "", limit=100, **asked)

    monkeypatch.setattr(shop.client, "iter_historical_market_pages", small)
    backfill = shop.backfill(kind="settled", days=365)
    for _ in range(40):
        backfill.step()
        if backfill._job.cursor:
            break
    assert backfill._job.cursor
    forgotten.append("")
    for _ in range(40):
        state = backfill.step()
        assert state.problem == ""
        if state.finished:
            break
    assert state.finished
    assert len(forgotten) > 1, "the old place was not asked for"
    tickers = [row["ticker"] for row in shop.rows("settled_markets")]
    assert len(tickers) == len(set(tickers)) > 100


def test_an_exchange_that_does_not_answer_stops_it_in_words_and_what_came_before_is_stored(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = shop.client.get_batch_candlesticks, []

    def failing(*asked: Any) -> Any:
        calls.append(asked)
        if len(calls) == 3:
            raise KalshiConnectionError("Kalshi cannot be reached.")
        return real(*asked)

    monkeypatch.setattr(shop.client, "get_batch_candlesticks", failing)
    backfill = shop.backfill(kind="candles", days=60, markets=100)
    state = backfill.step()
    assert "cannot be reached" in state.problem
    assert 0 < state.done < state.total
    assert {row["ticker"] for row in shop.rows("candlesticks")} <= {a for c in calls[:2] for a in c[0]}
    assert backfill.step().finished


def test_a_market_the_exchange_does_not_know_is_counted_and_not_asked_for_again(shop: Shop) -> None:
    tickers = ("KXNONE-26-A", shop.repository.markets(limit=1).table["ticker"][0].as_py())
    state = shop.whole(kind="candles", days=5, tickers=tickers)
    assert (state.total, state.unknown) == (2, 1)
    (said,) = [row["problem"] for row in shop.rows("backfill_steps") if row["step"] == "KXNONE-26-A"]
    assert "does not know" in said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"kind": "trades", "days": 31}, "kept for 30 days"),
        ({"kind": "candles", "days": 15, "period_minutes": 1}, "kept for 14 days"),
        ({"kind": "books"}, "no backfill of"),
        ({"kind": "candles", "scope": "both"}, "no 'both' markets"),
        ({"kind": "settled", "days": 0}, "1 to 3,650 days"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_with_the_reason(shop: Shop, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(StoreError, match=said):
        shop.backfill(**asked)


def test_daily_candles_may_reach_back_for_years() -> None:
    assert BackfillRequest("candles", days=3650, period_minutes=1440).problem(LakeSettings()) == ""


@given(st.lists(st.from_regex(r"[A-Z]{1,9}(-[A-Z0-9.]{1,9}){0,2}", fullmatch=True), max_size=4), st.integers(1, 3650))
def test_equal_requests_have_equal_texts_and_others_do_not(tickers: list[str], days: int) -> None:
    request = BackfillRequest("trades", days=days, tickers=tuple(tickers))
    assert request.text == BackfillRequest("trades", days, tickers=tuple(tickers)).text
    assert request.text != BackfillRequest("candles", days, tickers=tuple(tickers)).text


def test_the_time_left_is_what_the_rate_limit_allows(exchange: Any, tmp_path: Path) -> None:
    slow = Shop(exchange, tmp_path)
    slow.ingest.universe()
    slow.client._connection._rate_limit.per_second = 2.0
    state = slow.backfill(kind="candles", days=30, markets=130).state
    assert state.seconds_left == 5.0, "130 markets of 721 hours are 13 a request: 10 requests at 2 a second"
    slow.close()


def test_after_a_stop_only_what_is_left_counts_in_the_time_left(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data_layer.backfill.run.STEP_REQUESTS", 12)
    first = shop.backfill(kind="settled", days=40).step()
    shop.restarted()
    backfill = shop.backfill(kind="settled", days=40)
    assert backfill._steps.requests_left(0, 0) == first.total - first.done
    state = backfill.step()
    each = state.requests / (state.done - first.done)
    assert backfill._steps.requests_left(state.done - first.done, state.requests) == (state.total - state.done) * each


def test_a_job_is_found_by_its_request_alone(shop: Shop) -> None:
    shop.backfill(kind="settled", days=30).step()
    found = open_job(shop.lake.snapshot(), BackfillRequest("settled", days=30), MOMENT)
    other = open_job(shop.lake.snapshot(), BackfillRequest("settled", days=31), MOMENT)
    assert found.done
    assert not other.done
