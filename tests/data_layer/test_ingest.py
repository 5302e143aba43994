"""Histories of single markets, and the quote history: what is fetched again, what is stored, what never twice."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.api import wire
from data_layer.errors import KalshiAuthError, KalshiConnectionError
from data_layer.quote_changes import changed_rows
from tests.data_layer.wire_samples import NOW, candlestick, market
from tests.data_layer.world import World

A, B = "KXTEST-27JAN15-A", "KXTEST-27JAN15-B"
HOUR, DAY = 3600, 86_400


def open_market(world: World, days: float = 30.0, period: Any = 60, ticker: str = A) -> Any:
    return world.seen(world.ingest.market_history(ticker, "KXTEST", [(period, days)]))


def exchange_has(world: World, *ends: int, period: int = 60, ticker: str = A, **changes: Any) -> None:
    world.client.candles[ticker, period] = [candlestick(end, **changes) for end in sorted(ends)]


def stored(world: World, period: int = 60, ticker: str = A) -> list[int]:
    answer = world.repository.candlesticks(ticker, period)
    return [int(end.timestamp()) for end in answer.table["end_time"].to_pylist()]


def asked(world: World) -> tuple[int, int]:
    found = [body for name, body in world.client.asked if name == "candlesticks"][-1]
    return found["start"], found["end"]


def last_hours(count: int, now: float = NOW) -> list[int]:
    return [int(now) - HOUR * n for n in range(count)]


def test_the_first_time_the_whole_window_is_fetched(world: World) -> None:
    exchange_has(world, *last_hours(100))
    report = open_market(world, days=2.0)
    assert asked(world) == (int(NOW) - 2 * DAY, int(NOW))
    assert (report.outcome, report.rows) == ("complete", 49)
    assert stored(world) == sorted(last_hours(49))


def test_the_next_time_only_the_end_is_fetched_and_nothing_is_stored_twice(world: World) -> None:
    exchange_has(world, *last_hours(50))
    open_market(world)
    world.tick(3 * HOUR)
    exchange_has(world, *last_hours(53, world.now))
    report = open_market(world)
    assert asked(world) == (int(NOW) - 2 * HOUR, int(world.now))
    assert report.rows == 3
    assert stored(world) == sorted(last_hours(53, world.now))
    assert open_market(world).rows == 0
    assert len(stored(world)) == len(set(stored(world))) == 53


def test_what_lies_between_two_visits_is_fetched_however_long_ago_the_last_was(world: World) -> None:
    exchange_has(world, *last_hours(10))
    open_market(world, days=1.0)
    world.tick(5 * DAY)
    exchange_has(world, *last_hours(10 + 5 * 24, world.now))
    open_market(world, days=1.0)
    assert stored(world) == sorted(last_hours(10 + 5 * 24, world.now))


def test_a_piece_that_another_refresh_stored_does_not_stand_for_the_window(world: World) -> None:
    """Movers store the last days of many markets: opening one of them must still bring its month."""
    exchange_has(world, *last_hours(200))
    world.seen(world.ingest.candlesticks_of_many([A], 60, int(NOW) - 5 * HOUR, int(NOW)))
    assert len(stored(world)) == 6
    open_market(world)
    assert stored(world) == sorted(last_hours(200))


def test_a_longer_window_than_before_is_fetched_whole(world: World) -> None:
    exchange_has(world, *last_hours(100))
    open_market(world, days=1.0)
    open_market(world, days=3.0)
    assert len(stored(world)) == 73


def test_a_restart_fetches_the_window_again_and_stores_nothing_twice(world: World) -> None:
    exchange_has(world, *last_hours(50))
    open_market(world)
    world.ingest = world.new_ingest()
    report = open_market(world)
    assert asked(world)[0] == int(NOW) - 30 * DAY
    assert (report.rows, len(stored(world))) == (0, 50)


def test_corrections_and_rows_that_come_late_into_a_gap_are_stored_and_the_rest_left(world: World) -> None:
    ends = last_hours(4)
    exchange_has(world, ends[3], ends[1], ends[0])
    open_market(world)
    exchange_has(world, *ends)
    world.client.candles[A, 60][-1] = candlestick(ends[0], volume_fp="77.00")
    world.ingest = world.new_ingest()
    report = open_market(world)
    assert report.rows == 2
    assert stored(world) == sorted(ends)
    assert world.repository.candlesticks(A).rows()[-1]["volume_contracts"] == Decimal("77.00")


def test_periods_and_markets_do_not_touch_one_another(world: World) -> None:
    exchange_has(world, *last_hours(5))
    exchange_has(world, *last_hours(3), period=1440)
    exchange_has(world, *last_hours(4), ticker=B)
    open_market(world)
    open_market(world, period=1440)
    open_market(world, ticker=B)
    assert (len(stored(world)), len(stored(world, 1440)), len(stored(world, 60, B))) == (5, 3, 4)


@given(
    st.lists(
        st.tuples(
            st.sets(st.integers(0, 30), max_size=12),
            st.dictionaries(st.integers(0, 30), st.integers(1, 9), max_size=3),
        ),
        max_size=6,
    )
)
def test_whatever_the_exchange_sends_one_row_an_end_and_its_newest_value(
    rounds: list[tuple[set[int], dict[int, int]]],
) -> None:
    """G10 against a dictionary: `changed_rows` names exactly what has to be written."""
    kept: dict[int, int] = {}
    lake = pa.table({"end": pa.array([], pa.int64()), "value": pa.array([], pa.int64())})
    for ends, corrections in rounds:
        sent = {end: kept.get(end, 0) for end in ends} | corrections
        now = pa.table({"end": pa.array(list(sent), pa.int64()), "value": pa.array(list(sent.values()), pa.int64())})
        changed = changed_rows(now, lake, "end", ["value"])
        assert dict(zip(changed["end"].to_pylist(), changed["value"].to_pylist(), strict=True)) == {
            end: value for end, value in sent.items() if end not in kept or kept[end] != value
        }
        kept |= sent
        lake = pa.table({"end": pa.array(list(kept), pa.int64()), "value": pa.array(list(kept.values()), pa.int64())})


def test_two_threads_that_fetch_the_same_market_store_it_once(world: World) -> None:
    exchange_has(world, *last_hours(40))
    at_once = threading.Barrier(2)
    answer = world.client.get_candlesticks_any_tier

    def both_have_fetched_before_either_stores(*some: Any, **more: Any) -> Any:
        found = answer(*some, **more)
        at_once.wait(10)
        return found

    world.client.get_candlesticks_any_tier = both_have_fetched_before_either_stores
    threads = [
        threading.Thread(target=world.ingest.market_history, args=(A, "KXTEST", [(60, 9.0)])) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    world.repository.advance()
    assert stored(world) == sorted(last_hours(40))


def test_candlesticks_of_many_markets_come_together(world: World) -> None:
    exchange_has(world, *last_hours(5))
    exchange_has(world, *last_hours(7), ticker=B)
    report = world.seen(world.ingest.candlesticks_of_many([A, B, "UNKNOWN"], 60, int(NOW) - DAY, int(NOW)))
    assert (report.outcome, report.rows) == ("complete", 12)
    assert (len(stored(world)), len(stored(world, 60, B))) == (5, 7)
    world.seen(world.ingest.candlesticks_of_many([A, B], 60, int(NOW) - DAY, int(NOW)))
    assert (len(stored(world)), len(stored(world, 60, B))) == (5, 7)


def test_an_exchange_that_fails_halfway_stores_nothing_of_the_market(world: World) -> None:
    exchange_has(world, *last_hours(5))

    def fail(*some: Any, **more: Any) -> Any:
        raise KalshiAuthError("401", status=401)

    world.client.iter_trade_pages_any_tier = fail
    report = open_market(world)
    assert (report.outcome, report.error, stored(world)) == ("failed", "401", [])
    assert world.repository.refreshes().rows()[0]["error"] == "401"


def trade(number: int, when: str) -> wire.Trade:
    body = {
        "trade_id": f"t-{number}",
        "ticker": A,
        "count_fp": "1.00",
        "yes_price_dollars": "0.5",
        "created_time": when,
    }
    return msgspec.convert(body, wire.Trade)


def test_trades_are_stored_once_newest_first(world: World) -> None:
    world.client.trades = [trade(1, "2027-01-14T23:00:00Z"), trade(2, "2027-01-15T01:00:00Z")]
    open_market(world)
    world.client.trades.append(trade(3, "2027-01-15T02:00:00Z"))
    open_market(world)
    assert world.repository.trades(A).table["trade_id"].to_pylist() == ["t-3", "t-2", "t-1"]
    assert world.repository.trades(A, limit=1).total == 1


def test_settled_markets_are_kept_for_good(world: World) -> None:
    done = {"status": "finalized", "result": "yes", "settlement_ts": "2027-01-15T07:00:00Z"}
    world.client.markets = [market(A, **done)]
    world.seen(world.ingest.settled())
    world.client.markets = [market(B, **done)]
    world.seen(world.ingest.settled())
    for ticker in (A, B):
        (row,) = world.repository.market(ticker).rows()
        assert (row["result"], row["settlement_value_dollars"], row["probability"]) == ("yes", 1, None)
    assert world.repository.markets().total == 0


# Quote history


def quotes(world: World) -> list[tuple[str, Decimal | None]]:
    parts = [pq.read_table(path, partitioning=None) for path in world.lake.snapshot().files("quotes")]
    table = pa.concat_tables(parts).sort_by([("observed_time", "ascending"), ("ticker", "ascending")])
    return list(zip(table["ticker"].to_pylist(), table["last_price_dollars"].to_pylist(), strict=True))


def at(price: str, ticker: str = A, **more: Any) -> wire.Market:
    return market(ticker, last_price_dollars=price, **more)


def test_only_changed_quotes_become_history(world: World) -> None:
    world.crawl(at("0.5000"), at("0.1000", B))
    for price in ("0.5000", "0.5100", "0.5100", "0.5200"):
        world.tick(30)
        world.watch(at(price), at("0.1000", B))
    world.tick(30)
    world.crawl(at("0.5200"), at("0.1100", B))
    found = [(ticker[-1], str(price)) for ticker, price in quotes(world)]
    assert found == [("A", "0.5000"), ("B", "0.1000"), ("A", "0.5100"), ("A", "0.5200"), ("B", "0.1100")]


def test_a_quote_that_disappears_and_a_status_that_changes_are_changes(world: World) -> None:
    world.crawl(market(A))
    for changes in ({"yes_bid_dollars": "0.0000"}, {"yes_bid_dollars": "0.0000"}, {"status": "closed"}):
        world.tick(30)
        world.watch(market(A, **changes))
    assert len(quotes(world)) == 3
    row = world.row(A)
    assert (row["status"], row["yes_ask_dollars"], row["probability"]) == ("closed", None, None)


@pytest.mark.parametrize("days", [0, 2, 40])
def test_a_restart_remembers_the_last_quotes(world: World, days: int) -> None:
    world.crawl(at("0.5000"), at("0.1000", B))
    world.tick(30)
    world.watch(at("0.5100"))
    world.tick(days * DAY + 30)
    world.ingest = world.new_ingest()
    before = len(quotes(world))
    world.watch(at("0.5100"), at("0.1000", B))
    # After more than three days the watched quote may be stored again, which costs a row and no truth.
    assert len(quotes(world)) - before == (1 if days == 40 else 0)
    world.tick(30)
    world.watch(at("0.5000"))
    assert world.row(A)["last_price_dollars"] == Decimal("0.5")


def test_a_day_of_quotes_lies_in_its_utc_day(world: World) -> None:
    world.crawl(at("0.5000"))
    world.tick(DAY)
    world.watch(at("0.5100"))
    days = {file.partition["day"] for file in world.lake.snapshot().stored_files("quotes")}
    assert days == {"2027-01-15", "2027-01-16"}


def test_a_failed_watch_keeps_the_quotes_and_is_told(world: World) -> None:
    world.crawl(at("0.5000"))
    world.client.iter_market_pages = lambda **asked: (_ for _ in ()).throw(KalshiConnectionError("No answer."))
    report = world.seen(world.ingest.watch([A]))
    assert report.outcome == "failed"
    assert "watch: No answer." in world.repository.snapshot_info().conditions
    assert world.row(A)["last_price_dollars"] == Decimal("0.5")


def test_what_one_reader_looked_for_in_vain_is_no_condition_of_the_data(world: World) -> None:
    world.crawl(at("0.5000"))
    world.client.get_event = lambda *_, **__: (_ for _ in ()).throw(KalshiConnectionError("No answer."))
    assert world.seen(world.ingest.missing_event("KXNONE")).outcome == "failed"
    assert world.repository.snapshot_info().conditions == ()


def test_progress_is_told_page_by_page(world: World) -> None:
    from data_layer.ingest import Ingest
    from tests.data_layer.wire_samples import event

    told: list[tuple[str, int]] = []
    ingest = Ingest(world.client, world.writer, "demo", world.clock, lambda stage, done: told.append((stage, done)))  # type: ignore[arg-type]
    world.client.events = [event(f"E{n}", markets=[market(f"E{n}-M")]) for n in range(5)]
    ingest.universe()
    ingest.series()
    assert told == [("universe", 1), ("universe", 2), ("universe", 3), ("series", 1)]


def test_the_report_says_when_it_began_and_ended(world: World) -> None:
    report = world.crawl(market(A))
    logged = world.repository.refreshes().rows()[0]
    assert logged["started_time"] == logged["finished_time"] == datetime.fromtimestamp(NOW, UTC)
    assert (logged["refresh_id"], logged["rows"], logged["source"]) == (report.refresh_id, 2, "demo")
    assert report.snapshot_id == world.repository.snapshot_id


def test_a_market_with_an_odd_ticker_does_not_stop_the_others(world: World) -> None:
    odd = "KXTEST-27JAN15-ÑU"
    world.crawl(market(A), market(odd))
    world.client.markets = [market(A, last_price_dollars="0.5900")]
    report = world.seen(world.ingest.watch([odd, A]))
    assert (report.outcome, report.rows) == ("complete", 1)
    assert any("cannot be asked for" in said for said in report.conditions)
    assert world.client.asked[-1] == ("markets", {"tickers": [A]})
    assert world.ingest.candlesticks_of_many([odd, A], 60, int(NOW) - 7200, int(NOW)).outcome == "complete"
