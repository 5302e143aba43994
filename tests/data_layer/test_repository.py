"""Every question: what it answers over a small market, over an empty lake, and while snapshots advance."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from data_layer.engine.duckdb_engine import DuckDBEngine
from data_layer.engine.limits import EngineLimits
from data_layer.errors import NoDataError, QueryError
from data_layer.questions import Answer, MarketFilter
from data_layer.repository import MarketRepository, open_repository
from data_layer.store import Lake
from tests.data_layer.wire_samples import NOW, candlestick, event, market, series
from tests.data_layer.world import World

A, B, C = (f"KXTEST-27JAN15-{name}" for name in "ABC")
HOUR = 3600

QUESTIONS: dict[str, Callable[[MarketRepository], Answer]] = {
    "markets": lambda repository: repository.markets(),
    "categories": lambda repository: repository.categories(),
    "candlesticks": lambda repository: repository.candlesticks(A),
    "trades": lambda repository: repository.trades(A),
    "movers": lambda repository: repository.movers(),
    "refreshes": lambda repository: repository.refreshes(),
    "rejects": lambda repository: repository.rejects(),
}


def test_an_empty_lake_answers_every_question_with_an_empty_typed_table(world: World) -> None:
    empty = {name: ask(world.repository) for name, ask in QUESTIONS.items()}
    info = world.repository.snapshot_info()
    assert (info.snapshot_id, info.open_markets, info.as_of, info.conditions) == (0, 0, None, ())
    for ask in (world.repository.market, world.repository.market_siblings):
        with pytest.raises(NoDataError, match="No market"):
            ask(A)
    world.client.candles[A, 60] = [candlestick(int(NOW) - HOUR)]
    world.crawl(market(A, yes_bid_dollars="7"), market(B))
    world.seen(world.ingest.market_history(A, "KXTEST", [(60, 1.0)]))
    for name, ask in QUESTIONS.items():
        answer = empty[name]
        assert (answer.table.num_rows, answer.total, answer.as_of, answer.snapshot_id) == (0, 0, None, 0), name
        assert answer.frame.empty
        assert _types(answer.table) == _types(ask(world.repository).table), name


def _types(table: pa.Table) -> list[tuple[str, str]]:
    return [(field.name, str(field.type)) for field in table.schema]


def test_an_answer_says_where_it_comes_from(world: World) -> None:
    world.crawl(market(A))
    for name, ask in QUESTIONS.items():
        answer = ask(world.repository)
        assert (answer.snapshot_id, answer.source, answer.query) == (1, "demo", name)
        assert answer.as_of == datetime.fromtimestamp(NOW, UTC)


def test_money_is_exact_in_rows_and_a_float_only_in_the_frame(world: World) -> None:
    world.crawl(market(A, yes_bid_dollars="0.1000", yes_ask_dollars="0.3000"))
    answer = world.repository.markets()
    assert answer.rows()[0]["spread_dollars"] == Decimal("0.2000")
    assert answer.frame["spread_dollars"].dtype == "float64"


# Quotes


QUOTED = [
    # bid, ask, last trade -> probability, quality
    ("0.5600", "0.5800", "0.1000", "0.57", "tight"),
    ("0.5600", "0.5810", "0.1000", "0.5705", "ok"),
    ("0.5000", "0.6000", "0.1000", "0.55", "ok"),
    ("0.4000", "0.6000", "0.1000", "0.5", "wide"),  # 20 cents: the widest spread with a mid
    ("0.4000", "0.6001", "0.1000", "0.1", "wide"),
    ("0.4000", "0.6001", "0.0000", None, "wide"),
    ("0.0000", "0.0200", "0.1000", "0.1", "one-sided"),
    ("0.9800", "1.0000", "0.1000", "0.1", "one-sided"),
    ("0.0000", "1.0000", "0.1000", "0.1", "none"),
    ("0.0000", "1.0000", "0.0000", None, "none"),  # never half
]


def test_probability_is_the_mid_up_to_20_cents_else_the_last_trade_else_nothing(world: World) -> None:
    world.crawl(
        *(
            market(f"M-{n}", yes_bid_dollars=bid, yes_ask_dollars=ask, last_price_dollars=last)
            for n, (bid, ask, last, _, _) in enumerate(QUOTED)
        )
    )
    for n, (*_, probability, quality) in enumerate(QUOTED):
        row = world.row(f"M-{n}")
        assert (row["probability"], row["quote_quality"]) == (probability and Decimal(probability), quality), QUOTED[
            n
        ]
    assert world.repository.market("M-1").rows()[0]["probability"] == Decimal("0.5705")


WIDE = {"yes_bid_dollars": "0.1000", "yes_ask_dollars": "0.9000"}
WAS_WIDE = {"previous_yes_bid_dollars": "0.1000", "previous_yes_ask_dollars": "0.9000"}
NO_TRADE_THEN = {"previous_price_dollars": "0.0000"}
CHANGED: list[tuple[dict[str, Any], str | None]] = [
    ({}, "6"),  # mid with mid: 57 and 51
    (WIDE, "6"),  # trade with trade: 57 and 51
    (WAS_WIDE, "6"),
    (WIDE | {"last_price_dollars": "0.5000"}, "-1"),
    ({"previous_yes_bid_dollars": "0.0000"}, "6"),
    (WIDE | NO_TRADE_THEN, None),  # a market younger than a day
    (WAS_WIDE | NO_TRADE_THEN, None),  # a mid today is not compared with a trade yesterday
    (WIDE | {"last_price_dollars": "0.0000"}, None),
    ({"yes_bid_dollars": "0.0000", **NO_TRADE_THEN}, None),  # the seed made of this a fall to zero
    ({"status": "closed"}, None),
]


def test_change_in_24_hours_compares_like_with_like_or_says_nothing(world: World) -> None:
    world.crawl(*(market(f"M-{n}", **changes) for n, (changes, _) in enumerate(CHANGED)))
    for n, (changes, points) in enumerate(CHANGED):
        assert world.row(f"M-{n}")["change_24h_pp"] == (points and Decimal(points)), changes


def test_a_newer_quote_lies_over_the_crawl_and_an_older_one_does_not(world: World) -> None:
    world.crawl(market(A), market(B))
    crawled = world.repository.snapshot_info()
    world.tick(30)
    world.watch(market(A, yes_bid_dollars="0.5700", yes_ask_dollars="0.5900", volume_fp="2000.00"))
    info, row = world.repository.snapshot_info(), world.row(A)
    assert (row["probability"], row["volume_contracts"]) == (Decimal("0.58"), Decimal(2000))
    assert row["change_24h_pp"] == Decimal(7)
    assert (info.as_of, info.quotes_as_of) == (crawled.as_of, datetime.fromtimestamp(NOW + 30, UTC))
    assert world.row(B)["quote_time"] == crawled.as_of
    (whole,) = world.repository.market(A).rows()
    assert (whole["yes_bid_dollars"], whole["rules_primary"]) == (Decimal("0.57"), "If it rains, YES.")
    world.tick(30)
    world.crawl(market(A, yes_bid_dollars="0.5500", yes_ask_dollars="0.5700"))
    assert world.row(A)["probability"] == Decimal("0.56")


def test_a_newer_quote_without_a_side_takes_the_side_away(world: World) -> None:
    world.crawl(market(A))
    world.tick(30)
    world.watch(market(A, yes_ask_dollars="1.0000"))
    (whole,) = world.repository.market(A).rows()
    assert whole["yes_ask_dollars"] is whole["yes_ask_size_contracts"] is world.row(A)["yes_ask_dollars"] is None
    assert whole["yes_bid_dollars"] == Decimal("0.56")


# One market


def test_a_market_has_its_event_and_series_around_it(world: World) -> None:
    world.client.series_list = [series(fee_type="quadratic", fee_multiplier=0.5)]
    world.crawl(events=[event(markets=[market(A)], fee_multiplier_override=2, mutually_exclusive=False)])
    world.seen(world.ingest.series())
    (row,) = world.repository.market(A).rows()
    assert (row["event_title"], row["series_title"], row["mutually_exclusive"]) == (
        "Rain in Springfield",
        "Rain",
        False,
    )
    assert (row["fee_type"], row["fee_multiplier"]) == ("quadratic", 2.0)


def test_a_settled_market_is_found_when_it_is_gone_from_the_list(world: World) -> None:
    world.crawl(market(A), market(B))
    world.client.markets = [market(A, status="finalized", result="no", settlement_ts="2027-01-15T07:00:00Z")]
    world.ingest.settled()
    world.crawl(market(B))
    (row,) = world.repository.market(A).rows()
    assert (row["status"], row["result"], row["settlement_value_dollars"]) == ("finalized", "no", 0)
    assert row["probability"] is row["yes_bid_dollars"] is row["spread_dollars"] is None
    assert row["event_title"] == "Rain in Springfield"


def test_an_unknown_market_is_said_to_be_unknown(world: World) -> None:
    world.crawl(market(A))
    for ticker in ("NOBODY", "", "' OR 1=1 --", "%", "KXTEST-27JAN15-a", "x" * 5000):
        with pytest.raises(NoDataError):
            world.repository.market(ticker)


def test_siblings_are_the_other_outcomes_of_the_event_most_active_first(world: World) -> None:
    one = event("E1", markets=[market(A, event_ticker="E1"), market(B, event_ticker="E1", volume_24h_fp="5.00")])
    one = event("E1", markets=[*one.markets, market(C, event_ticker="E1", volume_24h_fp="9.00", status="closed")])
    world.crawl(events=[one, event("E2", markets=[market("X", event_ticker="E2")])])
    found = world.repository.market_siblings(A)
    assert (found.table["ticker"].to_pylist(), found.total) == ([C, B], 2)
    assert world.repository.market_siblings("X").total == 0


def test_categories_count_open_markets(world: World) -> None:
    made = [
        event(
            "E1",
            markets=[market("M1", event_ticker="E1"), market("M2", event_ticker="E1", status="closed")],
            category="Sports",
        )
    ]
    made += [event("E2", markets=[market("M3", event_ticker="E2"), market("M4", event_ticker="E2")], category=None)]
    world.crawl(events=made)
    assert [(row["category"], row["markets"]) for row in world.repository.categories().rows()] == [
        (None, 2),
        ("Sports", 1),
    ]


# Movers


# Snapshots


class Page:
    """Whoever shows answers."""


def test_nothing_moves_until_advance_and_then_only_once(world: World) -> None:
    world.crawl(market(A))
    world.client.events = [event(markets=[market(A), market(B)])]
    world.ingest.universe()
    assert world.repository.markets().total == 1
    assert world.repository.advance()
    assert not world.repository.advance()
    assert world.repository.markets().total == 2


def test_the_same_question_is_asked_once_of_the_same_files(world: World) -> None:
    world.crawl(market(A), market(B))
    asked = lambda: sum(record.name == "markets" for record in world.repository.log.records())  # noqa: E731
    for _ in range(5):
        world.repository.markets()
        world.tick(61)  # the clock counts only where days to the close are asked for
    assert asked() == 1
    world.repository.markets(MarketFilter(days_to_close_max=Decimal(5)))
    world.tick(61)
    world.repository.markets(MarketFilter(days_to_close_max=Decimal(5)))
    assert asked() == 3
    world.crawl()
    world.repository.markets()
    assert asked() == 4


def test_what_is_shown_is_read_before_anybody_asks_it_of_a_newer_snapshot(world: World) -> None:
    asked = lambda: sum(record.name == "markets" for record in world.repository.log.records())  # noqa: E731
    page = Page()
    world.crawl(market(A))
    with world.repository.asked_by(page):
        world.repository.markets(limit=7)
    world.repository.markets(limit=9)  # nobody's: an export
    world.crawl(market(A), market(B))
    world.repository.prepare()
    assert asked() == 3
    assert world.repository.markets(limit=7).total == 2
    assert asked() == 3
    world.repository.left_by(page)
    world.crawl(market(A))
    world.repository.prepare()
    assert asked() == 3


def test_what_a_question_of_a_page_fails_with_does_not_end_the_preparation(world: World) -> None:
    page = Page()
    world.crawl(market(A))
    with world.repository.asked_by(page):
        world.repository.market(A)
        world.repository.markets()
    world.tick(60)
    world.crawl(market(B), events=[event(markets=[market(B)])])
    world.repository.prepare()
    with pytest.raises(NoDataError):
        world.repository.market("UNKNOWN")
    assert world.repository.markets().total == 1


def test_what_is_asked_while_something_else_asks_is_its_own(world: World) -> None:
    page, part = Page(), Page()
    world.crawl(market(A))
    with world.repository.asked_by(page):
        world.repository.markets(limit=7)
        with world.repository.asked_by(part):
            world.repository.categories()
        world.repository.trades(A)
    said = lambda: [call.question for call in world.repository._asked.each(9)]  # noqa: E731
    assert sorted(said()) == ["categories", "markets", "trades"]
    world.repository.left_by(part)
    assert said() == ["markets", "trades"]
    assert len(world.repository._asked.each(1)) == 1


def test_a_page_that_is_gone_is_not_read_for(world: World) -> None:
    world.crawl(market(A))
    page = Page()
    with world.repository.asked_by(page):
        world.repository.markets(limit=7)
    del page
    gc.collect()
    world.crawl(market(A), market(B))
    before = len(world.repository.log.records())
    world.repository.prepare()
    assert "markets" not in {record.name for record in world.repository.log.records()[before:]}


def test_an_answer_over_given_rows_says_what_they_depend_on(world: World) -> None:
    world.crawl(market(A))
    with pytest.raises(TypeError, match="key"):
        world.repository._view().ask("series_list", {}, tables={"series_active": pa.table({"n": [1]})})


def test_a_closed_repository_refuses_and_opens_nothing_again(world: World) -> None:
    world.crawl(market(A))
    page = Page()
    with world.repository.asked_by(page):
        world.repository.markets()
    world.repository.close()
    world.client.events = [event(markets=[market(A), market(B)])]
    world.ingest.universe()
    assert not world.repository.advance()
    world.repository.prepare()
    with pytest.raises(QueryError, match="closed"):
        world.repository.markets()
    assert list(world.lake.root.glob("leases/*.lease")) == []


def test_a_question_that_breaks_does_not_end_the_preparation(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world.crawl(market(A))
    page, prepared = Page(), []
    with world.repository.asked_by(page):
        world.repository.trades(A)
        world.repository.markets()
    monkeypatch.setattr(MarketRepository, "trades", lambda *_: [].pop())
    monkeypatch.setattr(MarketRepository, "markets", lambda *_: prepared.append("markets"))
    world.repository.prepare()
    assert prepared == ["markets"]
    assert "trades" in caplog.text


def test_slow_questions_of_pages_do_not_hold_newer_data_back_and_the_last_asked_come_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.crawl(market(A))
    pages, prepared = [Page() for _ in range(9)], []
    for number, page in enumerate(pages):
        with world.repository.asked_by(page):
            world.repository.markets(limit=number)
    with world.repository.asked_by(pages[0]):
        world.repository.markets(limit=20)

    def slow(repository: MarketRepository, limit: int) -> None:
        prepared.append(limit)
        world.tick(1)

    monkeypatch.setattr(MarketRepository, "markets", slow)
    world.repository.prepare()
    assert prepared == [20, 8, 7]


def test_a_database_that_broke_is_replaced_with_the_next_look(world: World) -> None:
    world.crawl(market(A))
    world.repository._newest.current().database.close()
    world.crawl(market(A), market(B))
    assert "could not be opened" in world.repository.problem
    assert world.repository.advance()
    assert (world.repository.problem, world.repository.markets().total) == ("", 2)


def test_a_following_repository_looks_by_itself_but_not_all_the_time(world: World) -> None:
    world.crawl(market(A))
    follower = MarketRepository(world.lake, "demo", EngineLimits(threads=1), clock=world.clock)
    assert follower.markets().total == 1
    world.client.events = [event(markets=[market(A), market(B)])]
    world.ingest.universe()
    assert follower.markets().total == 1
    world.tick(1)
    assert follower.markets().total == 2
    follower.close()


def test_a_damaged_snapshot_is_not_opened_and_the_older_one_stays_with_the_reason(world: World) -> None:
    world.crawl(market(A))
    world.client.events = [event(markets=[market(A), market(B)])]
    world.ingest.universe()
    (path,) = Lake(world.lake.root).snapshot().files("markets")
    data = bytearray(Path(path).read_bytes())
    data[len(data) // 2] ^= 1
    Path(path).write_bytes(data)
    reader = MarketRepository(Lake(world.lake.root), "demo", EngineLimits(threads=1), follow=False)
    with pytest.raises(NoDataError, match="damaged"):
        reader.markets()
    world.repository.lake.guard.forget(
        world.lake.snapshot().stored_files("markets")[0].path
    )  # not this process's own
    assert not world.repository.advance()
    assert world.repository.markets().total == 1
    assert "damaged" in world.repository.problem
    assert any("damaged" in said for said in world.repository.snapshot_info().conditions)
    world.crawl(market(A), market(B), market(C))
    assert (world.repository.problem, world.repository.markets().total) == ("", 3)
    reader.close()


def test_open_repository_says_what_to_do_where_nothing_is_stored(world: World, tmp_path: Path) -> None:
    with pytest.raises(NoDataError, match="kalshi-dashboard refresh"):
        open_repository(tmp_path / "nowhere")
    world.crawl(market(A))
    opened = open_repository(world.lake.root)
    assert (opened.markets().total, opened.source) == (1, "demo")
    opened.close()


def test_eight_threads_are_always_answered_from_one_snapshot_while_snapshots_advance(world: World) -> None:
    """Every market of generation g has g contracts of volume, and there are g of them, in one category named g."""

    def generation(number: int) -> None:
        world.tick(60)
        volume = f"{number}.00"
        markets = [
            market(f"M-{n:02}", event_ticker="E", volume_fp=volume, volume_24h_fp=volume) for n in range(number)
        ]
        world.crawl(events=[event("E", markets=markets, category=f"g{number}")])

    generation(3)
    done, told = threading.Event(), threading.Barrier(9)

    def read() -> int:
        told.wait(30)
        asked = 0
        while not done.is_set():
            page = world.repository.markets(limit=100)
            number = page.total
            assert {row["volume_contracts"] for row in page.rows()} == {Decimal(number)}
            assert {row["category"] for row in page.rows()} == {f"g{number}"}
            siblings = world.repository.market_siblings("M-00")
            assert {row["volume_contracts"] for row in siblings.rows()} == {Decimal(siblings.total + 1)}
            (category,) = world.repository.categories().rows()
            assert category["category"] == f"g{category['markets']}"
            info = world.repository.snapshot_info()
            assert info.as_of == info.quotes_as_of
            behind = world.repository.markets(offset=1000, limit=10)
            assert behind.total >= 3
            asked += 1
        return asked

    with ThreadPoolExecutor(8) as pool:
        readers = [pool.submit(read) for _ in range(8)]
        told.wait(30)
        for number in range(4, 7):
            generation(number)
        done.set()
        assert sum(reader.result(60) for reader in readers) >= 8
    assert world.repository.markets().total == 6


@pytest.mark.parametrize(
    ("ask", "first"),
    [
        (lambda repository: repository.market_siblings(A), "market"),
        (lambda repository: repository.candlesticks(A, max_points=1), "candlesticks"),
        (lambda repository: repository.markets(offset=10), "markets"),
        (lambda repository: repository.movers(), "movers_then"),
    ],
    ids=["siblings", "candlesticks", "page behind the last", "movers"],
)
def test_a_question_that_began_on_one_snapshot_ends_on_it(
    world: World, monkeypatch: pytest.MonkeyPatch, ask: Callable[[MarketRepository], Answer], first: str
) -> None:
    """A newer snapshot arrives right after the first of a question's queries."""
    world.client.candles[A, 60] = [candlestick(int(NOW) - HOUR)]
    world.ingest.market_history(A, "KXTEST", [(60, 1.0)])
    world.crawl(market(A), market(B))
    before, query = world.repository.snapshot_id, DuckDBEngine.query

    def query_then_advance(engine: DuckDBEngine, name: str, *some: Any, **more: Any) -> pa.Table:
        found = query(engine, name, *some, **more)
        if name == first and engine.snapshot_id == before:
            world.tick(60)
            world.crawl(market(A), market(B), market(C))
        return found

    monkeypatch.setattr(DuckDBEngine, "query", query_then_advance)
    answer = ask(world.repository)
    assert world.repository.snapshot_id > before
    assert (answer.snapshot_id, answer.as_of) == (before, datetime.fromtimestamp(NOW, UTC))
    assert answer.total <= 2
    assert C not in answer.table.column(0).to_pylist()
