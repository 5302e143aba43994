"""Markets that are open no more: the list keeps them until the settled history has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data_layer import departures
from data_layer.errors import KalshiConnectionError, NoDataError
from tests.data_layer.wire_samples import NOW, event, market
from tests.data_layer.world import World

STAYS, LEAVES = "KXTEST-27JAN16-A", "KXTEST-27JAN15-A"
SETTLED = {"status": "finalized", "result": "yes", "settlement_ts": "2027-01-15T08:20:00Z"}
CLOSED = {"status": "closed", "close_time": "2027-01-15T08:00:30Z"}


@pytest.fixture
def left(tmp_path: Path):
    """A lake in which one of two events is about to leave the list of open ones."""
    with World(tmp_path) as world:
        both = [event("KXTEST-27JAN16", markets=[market(STAYS)]), event(markets=[market(LEAVES)])]
        world.crawl(events=both)
        yield world


def crawl(world: World, seconds: float = 900, **changes: Any) -> Any:
    """Let time pass; the market that leaves is now as said, or unknown."""
    world.tick(seconds)
    world.client.markets = [market(LEAVES, **changes)] if changes else []
    return world.crawl(events=[event("KXTEST-27JAN16", markets=[market(STAYS)])])


def asked(world: World) -> list[list[str]]:
    return [list(said["tickers"]) for kind, said in world.client.asked if kind == "markets"]


def test_a_market_that_closed_is_shown_as_closed_with_its_event(left: World) -> None:
    assert crawl(left, **CLOSED).outcome == "complete"
    (row,) = left.repository.market(LEAVES).rows()
    assert (row["status"], row["event_title"], row["series_ticker"]) == ("closed", "Rain in Springfield", "KXTEST")
    assert row["quote_time"] == datetime.fromtimestamp(left.now, UTC)
    info = left.repository.snapshot_info()
    assert (info.open_markets, info.conditions) == (1, ())


def test_its_result_is_known_with_the_next_crawl(left: World) -> None:
    crawl(left, **CLOSED)
    crawl(left, **SETTLED)
    (row,) = left.repository.market(LEAVES).rows()
    assert (row["status"], row["result"]) == ("finalized", "yes")
    (listed,) = left.repository.event_outcomes("KXTEST-27JAN15").rows()
    assert listed["result"] == "yes"


def test_a_settled_one_is_asked_no_more_and_kept_a_day_without_ageing_the_rest(left: World) -> None:
    crawl(left, **SETTLED)
    before = asked(left)
    crawl(left, 3600)
    assert asked(left) == before
    assert left.row(LEAVES)["status"] == "finalized"
    assert left.repository.snapshot_info().as_of == datetime.fromtimestamp(left.now, UTC)
    crawl(left, departures.SETTLED_KEPT.total_seconds())
    with pytest.raises(NoDataError):
        left.repository.market(LEAVES)


def test_quotes_of_the_watched_are_still_laid_over_an_older_settled_row(left: World) -> None:
    crawl(left, **SETTLED)
    crawl(left, 3600)
    left.tick(30)
    left.watch(market(STAYS, last_price_dollars="0.9900"))
    assert float(left.row(STAYS)["last_price_dollars"]) == 0.99


def test_one_that_the_exchange_knows_no_more_is_gone(left: World) -> None:
    crawl(left)
    with pytest.raises(NoDataError):
        left.repository.market(LEAVES)


def test_one_that_the_crawl_missed_stays_open(left: World) -> None:
    crawl(left, last_price_dollars="0.6100")
    assert left.row(LEAVES)["status"] == "active"
    assert left.repository.snapshot_info().open_markets == 2


def test_while_it_cannot_be_asked_for_it_stays_as_it_was_and_the_list_is_renewed(left: World) -> None:
    left.client.iter_market_pages = lambda **asked: (_ for _ in ()).throw(KalshiConnectionError("No answer."))
    report = crawl(left)
    assert report.outcome != "failed"
    assert report.conditions == {"departed: 1 markets that left the list are as they were: No answer."}
    assert left.row(LEAVES)["quote_time"] == datetime.fromtimestamp(NOW, UTC)
    assert left.row(STAYS)["quote_time"] == datetime.fromtimestamp(left.now, UTC)


def test_those_that_closed_last_are_asked_for_where_there_are_too_many(left: World, monkeypatch) -> None:
    monkeypatch.setattr(departures, "MOST_ASKED", 3)
    day = datetime.fromtimestamp(NOW, UTC)
    many = [
        market(f"KXTEST-27JAN15-{n}", close_time=f"{day + timedelta(hours=n % 7):%Y-%m-%dT%H:%M:%SZ}")
        for n in range(7)
    ]
    staying = event("KXTEST-27JAN16", markets=[market(f"KXTEST-27JAN16-{n}") for n in range(9)])
    left.crawl(events=[event(markets=many), staying])
    left.client.asked.clear()
    left.crawl(events=[staying])
    assert asked(left) == [["KXTEST-27JAN15-6", "KXTEST-27JAN15-5", "KXTEST-27JAN15-4"]]


def test_a_list_of_markets_that_are_over_does_not_make_a_whole_crawl_look_shrunk(left: World) -> None:
    many = [market(f"KXTEST-27JAN15-{n}") for n in range(9)]
    left.crawl(events=[event("KXTEST-27JAN16", markets=[market(STAYS)]), event(markets=many)])
    left.client.markets = [market(one.ticker, **CLOSED) for one in many]
    for expected in ("failed", "complete", "complete"):  # the first is not believed, the second confirms it
        left.tick(900)
        assert left.crawl(events=[event("KXTEST-27JAN16", markets=[market(STAYS)])]).outcome == expected
    assert left.repository.snapshot_info().open_markets == 1
