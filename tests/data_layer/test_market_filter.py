"""What the screener lets through, in which order, page by page."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_layer.questions import MarketColumn, MarketFilter, Order, QuoteQuality
from tests.data_layer.wire_samples import event, market, series
from tests.data_layer.world import World

DAY = 86_400
NEVER = {
    "yes_bid_dollars": "0.0000",
    "yes_ask_dollars": "1.0000",
    "last_price_dollars": "0.0000",
    "previous_price_dollars": "0.0000",
}


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A list of markets in which every predicate has something to let through, something to hold, and a null."""
    with World(tmp_path_factory.mktemp("listed")) as world:
        rain = [
            market("R-1", event_ticker="RAIN", volume_fp="10.00", volume_24h_fp="1.00", open_interest_fp="5.00"),
            market(
                "R-2", event_ticker="RAIN", yes_bid_dollars="0.1000", yes_ask_dollars="0.1100", yes_sub_title="Storm"
            ),
            market("R-3", event_ticker="RAIN", **NEVER, volume_fp=None, volume_24h_fp=None, open_interest_fp=None),
            market("R-4", event_ticker="RAIN", status="closed"),
        ]
        goals = [
            market(
                "G-1",
                event_ticker="GOALS",
                title="100% of_goals Élan",
                yes_bid_dollars="0.8000",
                yes_ask_dollars="0.8800",
            ),
            market(
                "G-2",
                event_ticker="GOALS",
                yes_bid_dollars="0.3000",
                yes_ask_dollars="0.9000",
                last_price_dollars="0.9500",
            ),
            market(
                "G-3", event_ticker="GOALS", yes_ask_dollars="1.0000", expected_expiration_time="2027-01-16T08:00:00Z"
            ),
            market(
                "G-4", event_ticker="GOALS", close_time=None, expected_expiration_time=None, title="İstanbul STRASSE"
            ),
        ]
        world.client.series_list = [series("KXRAIN", category="Weather"), series("KXGOALS", category="Sports")]
        events = [event("RAIN", "KXRAIN", rain, title="Umbrella"), event("GOALS", "KXGOALS", goals, title="Derby")]
        world.crawl(events=events)
        world.seen(world.ingest.series())
        yield world


def found(world: World, **wanted: Any) -> set[str]:
    answer = world.repository.markets(MarketFilter(**wanted), limit=100)
    assert answer.total == answer.table.num_rows
    return set(answer.table["ticker"].to_pylist())


ACTIVE = {"R-1", "R-2", "R-3", "G-1", "G-2", "G-3", "G-4"}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, ACTIVE),
        ({"statuses": ()}, ACTIVE | {"R-4"}),
        ({"statuses": ("closed",)}, {"R-4"}),
        ({"categories": ("Weather",)}, {"R-1", "R-2", "R-3"}),
        ({"categories": ("Weather", "Sports")}, ACTIVE),
        ({"categories": ("weather",)}, set()),
        ({"series": ("KXGOALS",)}, {"G-1", "G-2", "G-3", "G-4"}),
        ({"event": "RAIN"}, {"R-1", "R-2", "R-3"}),
        ({"qualities": (QuoteQuality.TIGHT,)}, {"R-1", "R-2", "G-4"}),
        ({"qualities": (QuoteQuality.OK, QuoteQuality.WIDE)}, {"G-1", "G-2"}),
        ({"qualities": (QuoteQuality.ONE_SIDED,)}, {"G-3"}),
        ({"qualities": (QuoteQuality.NONE,)}, {"R-3"}),
        ({"probability_min": Decimal("0.57")}, {"R-1", "G-1", "G-2", "G-3", "G-4"}),
        ({"probability_max": Decimal("0.57")}, {"R-1", "R-2", "G-3", "G-4"}),
        ({"probability_min": Decimal("0.105"), "probability_max": Decimal("0.105")}, {"R-2"}),
        ({"probability_min": Decimal(0)}, ACTIVE - {"R-3"}),
        ({"spread_max_dollars": Decimal("0.02")}, {"R-1", "R-2", "G-4"}),
        ({"spread_min_dollars": Decimal("0.08")}, {"G-1", "G-2"}),
        ({"days_since_open_max": Decimal("0.1")}, set()),
        ({"days_since_open_max": Decimal(36_000)}, ACTIVE),
        ({"spread_max_dollars": Decimal(1)}, ACTIVE - {"R-3", "G-3"}),
        ({"volume_min_contracts": 11}, ACTIVE - {"R-1", "R-3"}),
        ({"volume_24h_min_contracts": 1}, ACTIVE - {"R-3"}),
        ({"volume_24h_min_contracts": 2}, ACTIVE - {"R-1", "R-3"}),
        ({"open_interest_min_contracts": 0}, ACTIVE - {"R-3"}),
        ({"days_to_close_max": Decimal(1)}, {"G-3"}),
        ({"days_to_close_min": Decimal(1)}, ACTIVE - {"G-4"}),
        ({"days_to_close_min": Decimal("1.001")}, ACTIVE - {"G-3", "G-4"}),
        ({"days_to_close_max": Decimal(10_000)}, ACTIVE - {"G-4"}),
        ({"text": "umbrella"}, {"R-1", "R-2", "R-3"}),
        ({"text": "UMBRELLA Storm"}, {"R-2"}),
        ({"text": "storm  umbrella\train r-2"}, {"R-2"}),
        ({"text": "umbrella derby"}, set()),
        ({"text": "élan"}, {"G-1"}),
        ({"text": "ÉLAN"}, {"G-1"}),
        ({"text": "İSTANBUL"}, {"G-4"}),
        ({"text": "g-1"}, {"G-1"}),
        ({"text": "   "}, ACTIVE),
    ],
)
def test_each_predicate_and_null_never_passes_a_bound(
    listed: World, wanted: dict[str, Any], expected: set[str]
) -> None:
    assert found(listed, **wanted) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%", {"G-1"}),
        ("100%", {"G-1"}),
        ("1%", set()),
        ("of_g", {"G-1"}),
        ("ofxg", set()),
        ("_", {"G-1"}),
        ("%%", set()),
        ("\\", set()),
    ],
)
def test_wildcards_of_like_mean_themselves(listed: World, text: str, expected: set[str]) -> None:
    assert found(listed, text=text) == expected


@pytest.mark.parametrize(
    "text",
    ["' OR 1=1 --", "'; DROP TABLE markets; --", "${x}", "$word1", "?1", "\x00", "a" * 50_000, "\U0001f327", '"'],
)
def test_hostile_text_is_only_text(listed: World, text: str) -> None:
    assert found(listed, text=text) == set()
    for name in ("event", "categories", "series", "statuses"):
        assert found(listed, **{name: text if name == "event" else (text,)}) == set()
    assert found(listed) == ACTIVE


def test_words_beyond_the_fourth_are_not_looked_for_and_the_answer_says_so(listed: World) -> None:
    answer = listed.repository.markets(MarketFilter(text="rain springfield storm r-2 nowhere"))
    assert (answer.total, answer.notes) == (1, ("only the first 4 words were looked for",))
    assert listed.repository.markets(MarketFilter(text="a b c d")).notes == ()


@pytest.mark.parametrize("column", list(MarketColumn))
@pytest.mark.parametrize("descending", [True, False])
def test_every_order_puts_nulls_last_and_breaks_ties_by_ticker(
    listed: World, column: MarketColumn, descending: bool
) -> None:
    answer = listed.repository.markets(MarketFilter(statuses=()), [Order(column, descending)], limit=100)
    rows = [(row[column.value], row["ticker"]) for row in answer.rows()]
    present = [row for row in rows if row[0] is not None]
    assert [row[0] for row in rows[len(present) :]] == [None] * (len(rows) - len(present))
    values = [value for value, _ in present]
    assert values == sorted(values, reverse=descending)
    for _, group in itertools.groupby(rows, key=lambda row: row[0]):
        tickers = [ticker for _, ticker in group]
        assert tickers == sorted(tickers, reverse=descending and column is MarketColumn.TICKER)


def test_several_orders_count_one_after_the_other(listed: World) -> None:
    order = [Order(MarketColumn.CATEGORY, descending=False), Order(MarketColumn.TICKER)]
    tickers = listed.repository.markets(order=order, limit=100).table["ticker"].to_pylist()
    assert tickers == ["G-4", "G-3", "G-2", "G-1", "R-3", "R-2", "R-1"]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 9), st.sampled_from(list(MarketColumn)), st.booleans())
def test_pages_together_are_the_whole_list_each_row_once(
    listed: World, size: int, column: MarketColumn, descending: bool
) -> None:
    order, everything = [Order(column, descending)], MarketFilter(statuses=())
    whole = listed.repository.markets(everything, order, limit=100)
    pages = [listed.repository.markets(everything, order, offset, size) for offset in range(0, whole.total, size)]
    assert [ticker for page in pages for ticker in page.table["ticker"].to_pylist()] == whole.table[
        "ticker"
    ].to_pylist()
    assert {page.total for page in pages} == {8}


@pytest.mark.parametrize("offset", [8, 9, 10_000])
def test_a_page_behind_the_last_one_is_empty_and_still_knows_how_many_there_are(listed: World, offset: int) -> None:
    answer = listed.repository.markets(MarketFilter(statuses=()), offset=offset, limit=5)
    assert (answer.table.num_rows, answer.total) == (0, 8)


def test_the_part_of_a_filter_that_hides_the_most_is_named_with_what_is_left_without_it(listed: World) -> None:
    hidden = MarketFilter(text="umbrella", volume_min_contracts=10**9)
    assert listed.repository.tightest_filter(hidden) == ("volume_min_contracts", 3)
    assert listed.repository.tightest_filter(MarketFilter()) is None
    assert listed.repository.tightest_filter(MarketFilter(text="zzz", volume_min_contracts=10**9)) is None
