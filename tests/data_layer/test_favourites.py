"""Favourites: which sides qualify, and that SQL says of them what the formulas of `analytics` say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data_layer.analytics import fees, returns
from data_layer.questions import FavouriteColumn, FavouriteFilter, Order
from tests.data_layer.wire_samples import NOW, event, market, series
from tests.data_layer.world import World

OPEN = FavouriteFilter(None, 100, "both", "", None, None, None, None)
AT = datetime.fromtimestamp(NOW, UTC)


def side(ticker, bid, ask, **changes):
    quote = {"yes_bid_dollars": f"{Decimal(bid):.4f}", "yes_ask_dollars": f"{Decimal(ask):.4f}"}
    return market(f"KXTEST-27JAN15-{ticker}", **quote, **changes)


def found(world, wanted=OPEN, **options):
    return world.repository.favourites(wanted, **options)


def rows(world, wanted=OPEN, **options):
    return found(world, wanted, **options).rows()


def stored(world, *markets, changes=None, event_changes=None):
    world.client.series_list = [series(**(changes or {}))]
    world.seen(world.ingest.series())
    world.crawl(events=[event(markets=markets, **(event_changes or {}))])


def test_both_sides_are_looked_at_and_no_is_one_less_the_other_quote(world: World) -> None:
    stored(world, side("A", "0.94", "0.95"), side("B", "0.04", "0.06"))
    yes, no = sorted(rows(world), key=lambda row: row["ticker"])
    assert (yes["side"], yes["bid_dollars"], yes["ask_dollars"]) == ("yes", Decimal("0.94"), Decimal("0.95"))
    assert (no["side"], no["bid_dollars"], no["ask_dollars"]) == ("no", Decimal("0.94"), Decimal("0.96"))
    assert (yes["ask_size_contracts"], no["ask_size_contracts"]) == (Decimal("75.50"), Decimal("120.00"))
    assert {row["side"] for row in rows(world, replace(OPEN, side="no"))} == {"no"}


@pytest.mark.parametrize(
    ("bid", "ask"),
    [("0", "0.99"), ("0.01", "1.00"), ("0", "1.00"), ("0.01", "0.99"), ("0.94", "1.00"), ("0.05", "0.95")],
)
def test_a_book_that_is_empty_one_sided_or_99_to_99_does_not_qualify(world: World, bid: str, ask: str) -> None:
    """The seed took the higher ask of both sides: an empty book asks 99¢ for either."""
    stored(world, side("A", bid, ask))
    assert rows(world, replace(OPEN, bid_min_dollars=Decimal("0.90"))) == []


def test_figures_of_one_favourite_by_hand(world: World) -> None:
    """95¢ + 0.34¢ of fee (100 contracts: 33.25¢, up to 34¢) to win 100¢ on 20 January, 5 minutes to settle."""
    stored(world, side("A", "0.94", "0.95", settlement_timer_seconds=300))
    (row,) = rows(world)
    assert row["fee_dollars"] == Decimal("0.34")
    assert row["net_cost_dollars"] == pytest.approx(0.9534)
    assert row["return_if_right"] == pytest.approx(0.0466 / 0.9534)
    days = 4 + 16 / 24 + 300 / 86400
    assert row["days_to_settlement"] == pytest.approx(days)
    assert row["simple_annual_return"] == pytest.approx(0.0466 / 0.9534 * 365 / days)
    assert row["compound_annual_return"] == returns.COMPOUND_CAP


MULTIPLIERS = st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0]) | st.none()
TYPES = st.sampled_from([*fees.TAKER, "flat", "cubic"]) | st.none()
CENTS = st.integers(5001, 9998).map(lambda ticks: Decimal(ticks) / 10_000)
CASES = st.fixed_dictionaries(
    {
        "bid": CENTS,
        "above": st.integers(1, 400),
        "kind": TYPES,
        "multiplier": MULTIPLIERS,
        "own_kind": TYPES,
        "own_multiplier": MULTIPLIERS,
        "waiver": st.sampled_from([None, "2027-01-15T07:00:00Z", "2027-01-15T09:00:00Z"]),
        "expected": st.sampled_from([None, "2027-01-10T00:00:00Z", "2027-01-15T08:30:00Z", "2027-09-01T12:34:56Z"]),
        "timer": st.sampled_from([None, 0, 300, 7200]),
        "flipped": st.booleans(),
    }
)
FINE = [{"start": "0.0000", "end": "1.0000", "step": "0.0001"}]


@settings(
    max_examples=4,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(st.lists(CASES, min_size=40, max_size=60), st.integers(1, 1_000_000))
def test_sql_says_what_the_formulas_say(
    tmp_path_factory: pytest.TempPathFactory, cases: list[dict], contracts: int
) -> None:
    with World(tmp_path_factory.mktemp("fees")) as world:
        world.client.series_list = [
            series(f"KX{n}", fee_type=case["kind"], fee_multiplier=case["multiplier"]) for n, case in enumerate(cases)
        ]
        world.seen(world.ingest.series())
        world.crawl(events=[priced_event(n, case) for n, case in enumerate(cases)])
        answered = rows(world, replace(OPEN, contracts=contracts), limit=100)
    by_ticker = {row["ticker"]: row for row in answered}
    for n, case in enumerate(cases):
        check(by_ticker[f"KX{n}-27JAN15-A"], case, Decimal(contracts))


def priced_event(n, case):
    ask = ask_of(case)
    yes_bid, yes_ask = (1 - ask, 1 - case["bid"]) if case["flipped"] else (case["bid"], ask)
    listed = market(
        f"KX{n}-27JAN15-A",
        yes_bid_dollars=f"{yes_bid:.4f}",
        yes_ask_dollars=f"{yes_ask:.4f}",
        price_ranges=FINE,
        fee_waiver_expiration_time=case["waiver"],
        expected_expiration_time=case["expected"],
        settlement_timer_seconds=case["timer"],
    )
    own = {"fee_type_override": case["own_kind"], "fee_multiplier_override": case["own_multiplier"]}
    return event(f"KX{n}-27JAN15", f"KX{n}", [listed], **own)


def ask_of(case):
    return min(Decimal("0.9999"), case["bid"] + Decimal(case["above"]) / 10_000)


def check(row, case, contracts):
    waived = None if case["waiver"] is None else datetime.fromisoformat(case["waiver"])
    terms = fees.fee_terms(case["kind"], case["multiplier"], case["own_kind"], case["own_multiplier"], waived)
    fee = fees.fee_dollars(terms, ask_of(case), contracts, AT)
    assert (row["ask_dollars"], row["fee_dollars"]) == (ask_of(case), fee)
    if fee is None:
        assert row["net_cost_dollars"] is row["return_if_right"] is row["simple_annual_return"] is None
        return
    cost = returns.net_cost_dollars(ask_of(case), fee, contracts)
    gain = returns.return_if_right(cost)
    assert row["net_cost_dollars"] == pytest.approx(float(cost), rel=1e-12)
    assert row["return_if_right"] == pytest.approx(float(gain), rel=1e-9, abs=1e-12)
    if case["expected"] is None:
        assert row["days_to_settlement"] is row["simple_annual_return"] is row["compound_annual_return"] is None
        return
    days = returns.days_to_settlement(datetime.fromisoformat(case["expected"]), case["timer"], AT)
    assert row["days_to_settlement"] == pytest.approx(days, rel=1e-9)
    simple, compound = returns.simple_annual_return(gain, days), returns.compound_annual_return(gain, days)
    assert row["simple_annual_return"] == pytest.approx(simple, rel=1e-8, abs=1e-9)
    assert row["compound_annual_return"] == pytest.approx(compound, rel=1e-7, abs=1e-9)


def test_an_unknown_fee_is_counted_listed_and_never_free(world: World) -> None:
    stored(world, side("A", "0.94", "0.95"), side("B", "0.91", "0.92"), changes={"fee_type": "flat"})
    wanted = replace(OPEN, annual_min=Decimal("0.20"))
    assert found(world, wanted).total == 0
    assert found(world, wanted).notes == (
        "the fee of 2 of 2 sides is not published: unknown, so no return after fees",
    )
    assert [row["net_cost_dollars"] for row in rows(world)] == [None, None]
    assert found(world).total == 2
    stored(world, side("A", "0.94", "0.95"), changes={"fee_type": "quadratic"})
    assert found(world).notes == ()


def test_what_is_not_dated_passes_no_bound_on_days_and_is_counted(world: World) -> None:
    stored(world, side("A", "0.94", "0.95", expected_expiration_time=None), side("B", "0.94", "0.95"))
    wanted = replace(OPEN, days_to_expiration_min=Decimal(2))
    assert [row["ticker"][-1] for row in rows(world, wanted)] == ["B"]
    assert found(world, wanted).notes == ("1 of 2 sides say no expected expiration: no annual return",)
    assert [row["days_to_settlement"] is None for row in rows(world, order=(Order(FavouriteColumn.DAYS),))] == [
        False,
        True,
    ]


def test_bounds_keep_out_what_they_say(world: World) -> None:
    stored(
        world,
        side("A", "0.94", "0.95"),
        side("B", "0.89", "0.90"),
        side("C", "0.94", "0.95", volume_fp="499.00"),
        side("D", "0.94", "0.95", close_time="2027-01-16T00:00:00Z", expected_expiration_time="2027-01-20T00:00:00Z"),
        side("E", "0.94", "0.95", expected_expiration_time="2027-01-16T00:00:00Z"),
        side("F", "0.99", "0.998", price_ranges=FINE),
        side("G", "0.94", "0.95", status="closed"),
    )
    assert [row["ticker"][-1] for row in rows(world, FavouriteFilter())] == ["A"]
    assert {row["ticker"][-1] for row in rows(world)} == set("ABCDEF")
    name, count = world.repository.tightest_favourite_filter(replace(FavouriteFilter(), category="Nowhere"))
    assert (name, count) == ("category", 1)
    assert rows(world, replace(OPEN, bid_min_dollars=Decimal("0.1"))), "never below even odds"
    assert all(row["bid_dollars"] >= Decimal("0.5") for row in rows(world, replace(OPEN, bid_min_dollars=Decimal(0))))


@pytest.mark.parametrize("column", list(FavouriteColumn))
@pytest.mark.parametrize("descending", [True, False])
def test_pages_are_in_order_and_no_side_is_on_two(world: World, column: FavouriteColumn, descending: bool) -> None:
    stored(world, *(side(f"M{n}", f"0.{50 + n % 40}", f"0.{52 + n % 40}") for n in range(25)))
    order = (Order(column, descending),)
    pages = [rows(world, order=order, offset=offset, limit=10) for offset in (0, 10, 20)]
    listed = [row for page in pages for row in page]
    assert len({(row["ticker"], row["side"]) for row in listed}) == len(listed) == 25
    values = [row[column.value] for row in listed]
    assert values == sorted(values, reverse=descending)
    beyond = found(world, order=order, offset=30, limit=10)
    assert (beyond.total, beyond.table.num_rows) == (25, 0)
