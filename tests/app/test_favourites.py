"""The page of favourites: what it lists, what it says of the risk, its links, and what it refuses."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app import url
from app.shell import Shell
from data_layer.errors import NoDataError, QueryTimeoutError
from tests.app.fakes import HOSTILE, NOW, FakeContext, market_row
from tests.app.protocol import Served, Visitor, run

PAGE = "?page=favourites"
EVERY = f"{PAGE}&bid=&annual=&close=&expires=&vol="


def favourite(number, bid, ask, **changes):
    spread = Decimal(ask) - Decimal(bid)
    days = changes.pop("days", 30)
    quote = {"yes_bid_dollars": Decimal(bid), "yes_ask_dollars": Decimal(ask), "spread_dollars": spread}
    times = {"expected_time": NOW + (days * (NOW - NOW.replace(day=21))), "close_time": NOW.replace(year=2027)}
    volumes = {"volume_contracts": Decimal(5000), "volume_24h_contracts": Decimal(900)}
    return market_row(
        number, **quote, **times, **volumes, quote_quality="tight", title=f"Favourite {number}", **changes
    )


@pytest.fixture
def rows(context):
    context.repository.rows = [
        favourite(1, "0.94", "0.95"),
        favourite(2, "0.03", "0.05"),
        favourite(3, "0.55", "0.57"),
        favourite(4, "0.01", "0.99"),
    ]
    return context.repository.rows


@pytest.fixture
def opened(context, clock):
    def build(query=PAGE, **options):
        shell = Shell(context, query, now=clock, **options)
        return shell, shell._pages[shell.state.page]

    return build


def texts(page):
    columns = [column["key"] for column in page.table.columns]
    return {
        cells[0][0]: dict(zip(columns, (cell if isinstance(cell, str) else cell[0] for cell in cells), strict=True))
        for _, _, _, cells in page.table.rows
    }


def test_both_sides_are_listed_with_what_they_cost_and_pay(opened, rows):
    _, page = opened()
    listed = texts(page)
    assert list(listed) == ["Favourite 1", "Favourite 2"], "99/99 and what is below 90¢ cannot be there"
    yes, no = listed.values()
    assert (yes["side"], no["side"]) == ("YES", "NO")
    assert (yes["bid"], yes["ask"], yes["cost"], yes["break_even"]) == ("94", "95", "95.34", "95.3")
    assert (no["bid"], no["ask"]) == ("95", "97")
    # 100 contracts: fee 0.34, k = 0.9534, r = 4.888 %, x 365 / 30 days and 5 minutes.
    assert (yes["return"], yes["simple"]) == ("4.89", "59.5")
    assert page.filters.count == "2 sides"


def test_the_risk_is_said_in_plain_words(opened, rows):
    _, page = opened()
    assert "The price is what the market believes" in page.head.object
    assert "YES of “Favourite 1” breaks even at 95.3%</b>: one loss takes what 20 wins bring" in page.head.object


def test_a_larger_order_pays_less_of_the_rounding(opened, rows):
    shell, page = opened()
    page.filters._on_change("favourites_order", "1")
    assert texts(page)["Favourite 1"]["cost"] == "96.00"
    assert shell.router.target["search"] == f"{PAGE}&order=1"
    assert ("7", "7 contracts") in [
        tuple(o) for o in opened(f"{PAGE}&order=7")[1].filters.options["favourites_order"]
    ]


def test_an_unknown_fee_is_said_and_passes_no_bound_on_returns(opened, rows, context):
    context.repository.fee_types = {rows[0]["ticker"]: "flat"}
    _, page = opened()
    assert list(texts(page)) == ["Favourite 2"]
    assert "the fee of 1 of 2 sides is not published" in page.filters.note
    _, page = opened(f"{PAGE}&annual=")
    shown = texts(page)["Favourite 1"]
    assert [shown[name] for name in ("cost", "break_even", "return", "simple", "compound")] == ["unknown"] * 5
    assert list(texts(page))[-1] == "Favourite 1", "unknown is not large"


def test_the_unit_is_the_readers_and_the_side_the_rows_own(opened, rows):
    for side in ("yes", "no"):
        _, page = opened(f"{PAGE}&unit=decimal&side={side}")
        assert texts(page)["Favourite 2"]["ask"] == "1.03"
        assert [c["label"] for c in page.table.columns][2:5] == ["Bid dec.", "Ask dec.", "Net cost dec."]


def test_filters_are_in_the_link_and_can_be_taken_away(opened, rows):
    shell, page = opened()
    assert [chip[1] for chip in page.filters.chips] == [
        "Bid ≥ 90¢",
        "Return a year ≥ 20%",
        "Closes in ≥ 2 d",
        "Expires in ≥ 2 d",
        "Volume ≥ 500",
    ]
    page.filters._on_remove("favourites_annual_min")
    assert shell.router.target["search"] == f"{PAGE}&annual="
    page.filters._on_remove("")
    assert url.decode(shell.router.target["search"]).values == url.decode(EVERY).values
    assert len(page.table.rows) == 3
    page.filters._on_change("favourites_bid_min", "abc")
    assert "is not a number" in page.filters.problems["favourites_bid_min"]


def test_columns_sort_and_pages_turn(opened, context):
    context.repository.rows = [favourite(n, f"0.{90 + n % 8}", f"0.{91 + n % 8}") for n in range(120)]
    shell, page = opened()
    for column in page.table.columns:
        if column["sort"]:
            page.table._on_sort(column["sort"])
            assert shell.state.favourites_sort == column["sort"]
    page.table._on_sort("cost")
    assert shell.state.favourites_direction in {"asc", "desc"}
    page.table._on_page(2)
    assert shell.state.table_page == 2
    assert len(page.table.rows) == 50
    page.table._on_page(99)
    assert shell.state.table_page == 3


def test_nothing_left_names_the_tightest_bound_and_the_way_back(opened, rows):
    _, page = opened(f"{PAGE}&annual=90000")
    assert not page.table.visible
    assert "The tightest filter is Return a year ≥ 90,000%" in page.nothing.object
    assert "Remove it (2 sides)" in page.nothing.object
    assert "The usual bounds" in page.nothing.object


def test_an_empty_lake_an_error_and_no_market_are_three_faces(opened, context, clock):
    context.repository.failure = NoDataError("Nothing.")
    assert "Fetching the exchange" in opened()[1].face.object
    context.repository.failure = QueryTimeoutError("It took too long.")
    assert "It took too long." in opened()[1].face.object
    context.repository.failure = None
    context.repository.rows = []
    assert "No favourite" in opened()[1].nothing.object


def test_hostile_titles_stay_text(opened, context):
    context.repository.rows = [favourite(n, "0.94", "0.95", outcome=text) for n, text in enumerate(HOSTILE)]
    for row, text in zip(context.repository.rows, HOSTILE, strict=True):
        row["title"] = row["category"] = text
    _, page = opened()
    assert len(page.table.rows) == len(HOSTILE)
    for tag in ("<img", "<script", "<svg", "<a href=javascript"):
        assert tag not in page.head.object
    assert "\u202e" not in str(page.table.rows)


def test_over_the_wire_a_filter_is_one_question_and_one_small_patch():
    async def visit(server, context):
        visitor = await Visitor.open(server.url("/" + PAGE))
        context.repository.asked.clear()
        await visitor.say(
            "FilterBar", {"key": "favourites_side", "value": "no"}, lambda: "which=no" in str(visitor.last("target"))
        )
        assert [asked[0] for asked in context.repository.asked] == ["favourites"]
        assert {row[3][1][0] for row in visitor.last("rows")} == {"NO"}
        await visitor.close()

    context = FakeContext()
    context.repository.rows = [favourite(n, *(("0.94", "0.95") if n % 2 else ("0.05", "0.06"))) for n in range(20)]
    with Served(context) as server:
        run(visit(server, context))
