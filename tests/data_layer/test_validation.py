"""Uniqueness, completeness, shrinking, broken walks: what is believed, what is only told, what is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer import schemas
from data_layer.api import EventPage
from data_layer.api.page import RejectedRow
from data_layer.errors import (
    KalshiConnectionError,
    KalshiError,
    KalshiRequestError,
    PaginationError,
    SchemaDriftError,
    StoreError,
)
from data_layer.store.writer import Refresh
from data_layer.validation import completeness, completeness_conditions, drop_duplicates
from tests.data_layer.wire_samples import FakeWalk, event, market
from tests.data_layer.world import World

A, B, C = (f"KXTEST-27JAN15-{name}" for name in "ABC")


# Uniqueness


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 2)), max_size=30))
def test_the_last_row_of_each_key_is_kept(rows: list[tuple[str, int]]) -> None:
    table = pa.table({"k": [k for k, _ in rows], "n": [n for _, n in rows], "row": list(range(len(rows)))})
    kept, dropped = drop_duplicates(table, ("k", "n"))
    newest = {pair: row for row, pair in enumerate(rows)}
    assert sorted(kept["row"].to_pylist()) == sorted(newest.values())
    assert dropped == len(rows) - len(newest)
    assert drop_duplicates(table, ())[1] == 0


def test_24_a_market_on_two_pages_counts_once_with_the_later_price(world: World) -> None:
    events = [event("E1", markets=[market(A)]), event("E2", markets=[market(B)])]
    events.append(event("E3", markets=[market(A, last_price_dollars="0.5900")]))  # the second page: two events a page
    report = world.crawl(events=events)
    assert (report.outcome, report.duplicates, report.pages) == ("complete", 1, 2)
    assert world.row(A)["last_price_dollars"] == Decimal("0.59")
    assert world.repository.refreshes().rows()[0]["duplicates"] == 1


def test_25_an_event_that_moves_to_a_later_page_brings_its_markets_once(world: World) -> None:
    moved = event("E1", markets=[market(A)])
    report = world.crawl(events=[moved, event("E2", markets=[market(B)]), moved])
    assert (report.outcome, report.duplicates) == ("complete", 2)
    info = world.repository.snapshot_info()
    assert (info.open_markets, info.events) == (2, 2)


# Completeness


def test_completeness_is_the_share_of_filled_values() -> None:
    table = pa.table({"a": [1, None, 3, 4], "b": [None] * 4})
    assert completeness(table, ("a", "b")) == {"a": 0.75, "b": 0.0}
    assert completeness(table.slice(0, 0), ("a",)) == {}


@pytest.mark.parametrize(("share", "warned"), [(0.90, False), (0.899, True), (0.0, True), (1.0, False)])
def test_a_column_is_incomplete_under_nine_tenths_of_its_median(share: float, warned: bool) -> None:
    before = [{"bid": past} for past in (0.1, 1.0, 1.0, 1.0, 0.2)]
    assert bool(completeness_conditions("markets", {"bid": share}, before)) is warned


def test_a_column_without_a_past_or_usually_empty_is_not_incomplete() -> None:
    assert completeness_conditions("markets", {"bid": 0.0}, []) == []
    assert completeness_conditions("markets", {"bid": 0.0}, [{"ask": 1.0}]) == []
    assert completeness_conditions("markets", {"bid": 0.0}, [{"bid": 0.0}]) == []


def test_a_field_that_empties_is_told_while_it_stays_empty_and_no_longer_after(world: World) -> None:
    full = [market(f"M-{n}", rules_primary="If …") for n in range(10)]
    thin = [market(f"M-{n}", rules_primary="") for n in range(10)]
    for _ in range(2):
        world.crawl(*full)
    report = world.crawl(*thin)
    assert report.outcome == "complete"
    expected = "incomplete:markets.rules_primary is filled to 0%, usually 100%"
    assert expected in report.conditions
    assert expected in world.repository.snapshot_info().conditions
    world.crawl(*full)
    assert world.repository.snapshot_info().conditions == ()


# Shrinking


def test_28_a_crawl_that_lost_most_markets_is_refused_until_the_next_one_confirms_it(world: World) -> None:
    world.crawl(*[market(f"M-{n}") for n in range(10)])
    report = world.crawl(market("M-0"))
    assert (report.outcome, report.rows) == ("failed", 0)
    assert world.repository.snapshot_info().open_markets == 10
    said = world.repository.snapshot_info().conditions
    assert any("shrunk: 1 markets came, 10 are stored" in condition for condition in said)
    assert world.crawl(market("M-0")).outcome == "complete"
    assert world.repository.snapshot_info().open_markets == 1


def test_28_half_is_believed_at_once(world: World) -> None:
    world.crawl(*[market(f"M-{n}") for n in range(10)])
    assert world.crawl(*[market(f"M-{n}") for n in range(5)]).outcome == "complete"


def test_28_a_failure_of_another_kind_confirms_nothing(world: World) -> None:
    world.crawl(*[market(f"M-{n}") for n in range(10)])
    world.client.fail = KalshiConnectionError("No answer.")
    world.crawl()
    assert world.crawl(market("M-0")).outcome == "failed"
    assert world.crawl(*[market(f"M-{n}") for n in range(10)]).outcome == "complete"
    assert world.crawl(market("M-0")).outcome == "failed"


def test_28_no_market_at_all_is_never_believed(world: World) -> None:
    world.crawl(market(A))
    for _ in range(3):
        assert world.crawl(events=[]).outcome == "failed"
    assert world.repository.snapshot_info().open_markets == 1


def test_an_exchange_without_any_market_yet_is_no_failure(world: World) -> None:
    assert world.crawl(events=[]).outcome == "complete"
    assert world.repository.snapshot_info().open_markets == 0


# Walks that break


@pytest.mark.parametrize(
    "error",
    [
        KalshiRequestError("cursor refused", status=400),  # 21
        PaginationError("sent the same cursor twice"),  # 22
        PaginationError("has no end: stopped after 5000 pages"),  # 23
        KalshiConnectionError("No answer."),  # 27
        SchemaDriftError("container_changed:events", "The list 'events' of the answer is null."),  # 33
        SchemaDriftError("cents_instead_of_dollars", "Prices came as 'yes_bid' in cents."),  # 29
        SchemaDriftError("field_removed:yes_bid_dollars", "No row has it any more."),  # 31
        SchemaDriftError("type_changed:volume_fp", "volume_fp: Expected `str`."),  # 32
    ],
    ids=lambda error: getattr(error, "condition", None) or str(error),
)
def test_21_to_33_a_walk_that_breaks_leaves_the_older_list_and_says_why(world: World, error: KalshiError) -> None:
    world.crawl(market(A), market(B))
    world.client.fail = error
    events = [event(f"E{n}", markets=[market(f"E{n}-M")]) for n in range(9)]
    report = world.crawl(events=events)  # breaks after five good pages
    assert (report.outcome, report.rows, report.pages, report.error) == ("failed", 0, 5, str(error))
    info = world.repository.snapshot_info()
    assert (info.open_markets, info.events) == (2, 1)
    logged = world.repository.refreshes().rows()[0]
    assert (logged["outcome"], logged["error"], logged["rows"]) == ("failed", str(error), 0)
    assert f"universe: {error}" in info.conditions
    if isinstance(error, SchemaDriftError):
        assert f"drift:{error.condition}" in info.conditions
    assert world.crawl(market(A)).outcome == "complete"
    assert world.repository.snapshot_info().conditions == ()


@pytest.mark.parametrize("attribute", ["ended_on_empty_page", "incomplete"])
def test_26_a_walk_that_ends_oddly_is_not_used(world: World, attribute: str) -> None:
    world.crawl(market(A))

    class OddWalk(FakeWalk):
        def __iter__(self) -> Any:
            yield from super().__iter__()
            self.ended_on_empty_page, self.complete = attribute == "ended_on_empty_page", attribute != "incomplete"

    world.client.iter_event_pages = lambda **asked: OddWalk([EventPage([event(markets=[market(B)])], fetched_at=1.0)])
    assert world.crawl().outcome == "failed"
    assert world.repository.snapshot_info().open_markets == 1


def test_30_where_both_forms_disagree_the_dollars_count() -> None:
    """Cents have no attribute at all; see api/test_decoding.py, test_dollars_count_where_cents_stand_beside_them."""
    from data_layer.api.wire import Market

    assert not {"yes_bid", "yes_ask", "last_price", "volume"} & set(Market.__struct_fields__)


def test_32_a_new_field_is_told_and_changes_nothing(world: World) -> None:
    page = EventPage([event(markets=[market(A)])], fetched_at=world.now, unknown_fields=("markets.mood",))
    world.client.iter_event_pages = lambda **asked: FakeWalk([page])
    assert world.crawl().outcome == "complete"
    assert world.repository.snapshot_info().conditions == ("unknown_fields:events: markets.mood",)


def test_33_a_row_without_a_ticker_is_a_reject_of_its_table(world: World) -> None:
    bad = RejectedRow(None, "'ticker' is missing", '{"title":"?"}')
    page = EventPage([event(markets=[market(A)])], fetched_at=world.now, rejected=(bad,))
    world.client.iter_event_pages = lambda **asked: FakeWalk([page])
    report = world.crawl()
    assert (report.outcome, report.rejected) == ("complete", 1)
    (stored,) = world.repository.rejects().rows()
    assert (stored["table_name"], stored["key"], stored["rule"], stored["excerpt"]) == (
        "events",
        None,
        "shape",
        '{"title":"?"}',
    )


def test_conditions_are_those_of_the_newest_refresh_even_if_the_clock_stands_or_goes_back(world: World) -> None:
    """The log is ordered by what was committed last: a clock that stands still must not hide drift."""
    for step in (0, 0, -7200):
        world.tick(step)
        world.client.fail = SchemaDriftError("cents_instead_of_dollars", "Prices in cents.")
        world.crawl(market(A))
        assert "drift:cents_instead_of_dollars" in world.repository.snapshot_info().conditions
        world.crawl(market(A))
        assert not [c for c in world.repository.snapshot_info().conditions if c.startswith("drift")]
        assert world.repository.refreshes(limit=1).rows()[0]["outcome"] == "complete"


def test_a_refresh_that_the_lake_refuses_is_an_error_and_its_quotes_are_not_taken_for_stored(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.crawl(market(A))
    world.tick(30)
    with monkeypatch.context() as broken:
        broken.setattr(Refresh, "commit", lambda self: (_ for _ in ()).throw(StoreError("disk full")))
        with pytest.raises(StoreError):
            world.watch(market(A, last_price_dollars="0.6000"))
    assert world.watch(market(A, last_price_dollars="0.6000")).rows == 1
    assert world.row(A)["last_price_dollars"] == Decimal("0.6")


def test_every_reject_and_refresh_fits_the_declared_tables(world: World) -> None:
    world.crawl(market(A, yes_bid_dollars="7"), market(B))
    for name, answer in (("rejects", world.repository.rejects()), ("refresh_log", world.repository.refreshes())):
        assert answer.table.column_names == list(schemas.TABLES[name].names)
        assert answer.total == 1


def test_22_pages_that_go_in_a_circle_are_refused_though_every_cursor_is_new(world: World) -> None:
    world.crawl(market(A))
    same = event("E1", markets=[market(B)])
    pages = [EventPage([same], cursor=f"c{n}", fetched_at=world.now) for n in range(3)]
    world.client.iter_event_pages = lambda **asked: FakeWalk(pages)
    report = world.crawl()
    assert (report.outcome, report.pages) == ("failed", 2)
    assert "circle" in report.error
    assert world.repository.snapshot_info().open_markets == 1
