"""The movers without a browser: what is chosen is in the link, what is unknown is said, and nothing is made up."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from app import url
from app.models.movers import FILTERS, MoversModel, sparkline
from app.pages.movers import MoversPage
from app.shell import Shell
from components.tables import MAX_POINTS, cell
from data_layer.errors import NoDataError, QueryTimeoutError
from data_layer.questions import MoverColumn, MoverFilter, MoverSide
from tests.app.fakes import HOSTILE, NOW, FakeRepository, market_row
from tests.app.protocol import Served, Visitor, run

MOVERS = "?page=movers"


def mover(number: int, change: str | None, **changes):
    usual = {
        "yes_bid_dollars": Decimal("0.4900"),
        "yes_ask_dollars": Decimal("0.5100"),
        "spread_dollars": Decimal("0.0200"),
        "probability": Decimal("0.50"),
        "quote_quality": "tight",
        "change_24h_pp": None if change is None else Decimal(change),
        "volume_24h_contracts": Decimal(5000),
        "volume_contracts": Decimal(20_000),
        "close_time": NOW + timedelta(days=30),
        "expected_time": NOW + timedelta(days=20),
        "open_time": NOW - timedelta(days=30),
    }
    return market_row(number, **(usual | changes))


@pytest.fixture
def repository(context) -> FakeRepository:
    """Four that moved, one within its spread, two without a price then."""
    rows = [mover(1, "12"), mover(2, "-20"), mover(3, "3"), mover(4, "-1.5"), mover(5, "0.5"), mover(6, None)]
    rows += [mover(7, None), mover(8, "40", volume_24h_contracts=Decimal(1999))]
    context.repository.rows = rows
    return context.repository


@pytest.fixture
def opened(context, repository, clock):
    def build(query=MOVERS) -> tuple[Shell, MoversPage]:
        shell = Shell(context, query, now=clock)
        return shell, shell._pages["movers"]

    return build


def tickers(page):
    return [row[0] for row in page.table.rows]


def texts(page, key):
    place = [column["key"] for column in page.table.columns].index(key)
    return [shown[0] if isinstance(shown := row[3][place], list) else shown for row in page.table.rows]


def tip(page, key, row=0):
    place = [column["key"] for column in page.table.columns].index(key)
    return page.table.rows[row][3][place][2]


def test_the_page_begins_with_the_filters_of_the_seed(opened, repository):
    shell, page = opened()
    asked = [question for question in repository.asked if question[0] == "movers"]
    assert asked[-1][:4] == ("movers", 24, MoverFilter(), MoverSide.BOTH)
    assert [words for _, words in page.filters.chips] == [
        "Volume 24 h ≥ 2,000",
        "Closes in ≥ 1 d",
        "Closes in ≤ 365 d",
        "Expires in ≥ 1 d",
        "Open for ≥ 2 d",
    ]
    assert shell.router.title == "Movers 24 h · Kalshi Analytics"
    assert tickers(page) == [repository.rows[n]["ticker"] for n in (1, 0, 2, 3)]
    assert texts(page, "pp") == ["▼ −20.0", "▲ +12.0", "▲ +3.0", "▼ −1.5"]
    assert texts(page, "then") == ["70.0", "38.0", "47.0", "51.5"]


def test_what_is_unknown_is_counted_and_listed_as_such(opened):
    _, page = opened(MOVERS + "&window=6h")
    said = page.heading.object
    assert "4 of 7 moved beyond half their spread in 6 h, 1 within it; 2 of 7 have no price 6 h ago" in said
    assert page.filters.count == "4 movers"
    page.filters._handle_msg({"key": "movers_side", "value": "unknown"})
    assert page.filters.count == "2 markets"
    for key in ("then", "pp", "odds", "z", "surge"):
        assert texts(page, key) == ["n/a", "n/a"], key
    assert "No price of 6 h ago is known" in tip(page, "then")


@pytest.mark.parametrize(
    ("key", "raw", "said"),
    [
        ("movers_window", "7d", "window=7d"),
        ("movers_sort", "z", "by=z"),
        ("movers_side", "down", "move=down"),
        ("category", "Sports", "category=Sports"),
        ("series", "kxtest", "series=KXTEST"),
        ("movers_volume24h_min", "", "v24="),
        ("movers_volume24h_min", "500", "v24=500"),
        ("movers_close_min", "0.5", "cmin=0.5"),
        ("movers_close_max", "", "cmax="),
        ("movers_expires_min", "3", "xmin=3"),
        ("movers_open_min", "10", "omin=10"),
    ],
)
def test_what_is_set_is_in_the_link_and_comes_back_from_it(opened, key, raw, said):
    shell, page = opened(MOVERS + "&p=2")
    page.filters._handle_msg({"key": key, "value": raw})
    link = shell.router.target["search"]
    assert link == f"{MOVERS}&{said}"
    assert url.decode(link).values == shell.state.link_values()


@pytest.mark.parametrize(
    ("key", "value"), [("movers_window", "2h"), ("movers_sort", "title; --"), ("movers_side", "")]
)
def test_a_made_up_message_changes_nothing(opened, key, value):
    shell, page = opened()
    page.filters._handle_msg({"key": key, "value": value})
    assert shell.state.link_values() == url.decode(MOVERS).values


def test_a_bound_that_is_no_number_is_refused_beside_its_input(opened):
    shell, page = opened()
    page.filters._handle_msg({"key": "movers_volume24h_min", "value": "many"})
    assert page.filters.problems["movers_volume24h_min"].startswith("“many” is not a number")
    assert shell.state.movers_volume24h_min == 2000


def test_every_filter_of_the_question_has_an_input_and_goes_with_its_chip(opened):
    shell, page = opened(MOVERS + "&category=Sports&series=KXTEST,KXNOPE")
    assert set(FILTERS.values()) <= page.filters.values.keys()
    page.filters._handle_msg({"kind": "remove", "key": "series:KXNOPE"})
    assert shell.state.series == ("KXTEST",)
    page.filters._handle_msg({"kind": "remove", "key": "movers_volume24h_min"})
    assert shell.state.movers_volume24h_min is None
    page.filters._handle_msg({"kind": "remove", "key": ""})
    assert page.filters.chips == []
    assert "v24=&cmin=&cmax=&xmin=&omin=" in shell.router.target["search"]


@pytest.mark.parametrize(
    ("word", "column", "first"),
    [("pp", MoverColumn.POINTS, "asc"), ("odds", MoverColumn.LOG_ODDS, "desc"), ("ends", MoverColumn.CLOSES, "asc")],
)
def test_a_column_ranks_and_turns(opened, repository, word, column, first):
    shell, page = opened()
    page.table._handle_msg({"kind": "sort", "sort": word})
    assert (shell.state.movers_sort, shell.state.movers_order) == (word, first)
    asked = next(question for question in reversed(repository.asked) if question[0] == "movers")
    assert (asked[4][0].column, asked[4][0].descending) == (column, first == "desc")


def test_z_says_what_it_is_measured_against_or_what_is_missing(opened, repository):
    repository.deviations = {repository.rows[1]["ticker"]: 0.05}
    _, page = opened()
    assert texts(page, "z")[0].startswith("−")
    assert tip(page, "z") == "σ 0.050 log-odds an hour, of 168 hours of the week before the window"
    assert texts(page, "z")[1] == "n/a"
    assert "a z needs 24" in tip(page, "z", 1)


def test_a_surge_is_marked_from_three_on_and_says_its_mean_day(opened, repository):
    repository.mean_days = {repository.rows[1]["ticker"]: 1000.0, repository.rows[0]["ticker"]: 4000.0}
    _, page = opened()
    assert texts(page, "surge") == ["5.0", "1.2", "n/a", "n/a"]
    place = [column["key"] for column in page.table.columns].index("surge")
    assert [row[3][place][1] for row in page.table.rows] == ["amber", "", "muted", "muted"]
    assert texts(page, "recent") == ["25.0"] * 4


def test_where_the_price_of_then_is_from_is_said(opened):
    _, page = opened(MOVERS + "&window=6h&tz=utc")
    assert page.table.rows[0][3][2][3] == "own"
    said = tip(page, "then")
    assert said.startswith("70.0%, from the quotes this dashboard stored itself: 22 Nov 2026, 11:03 UTC.")
    assert "middle of bid and ask with middle" in said
    _, page = opened()
    assert "as Kalshi sends it" in tip(page, "then")


def test_the_other_side_mirrors_prices_moves_lines_and_directions(opened, repository):
    _, page = opened(MOVERS + "&side=no&move=up")
    assert repository.asked[-2][3] is MoverSide.DOWN
    assert texts(page, "pp") == ["▲ +20.0", "▲ +1.5"]
    assert texts(page, "then") == ["30.0", "48.5"]
    assert texts(page, "odds")[0].startswith("+")


def test_a_line_stands_where_it_stood_and_ends_now():
    assert sparkline({}, None) == []
    assert sparkline({}, Decimal("0.5")) == [], "one point is no line"
    line = sparkline({10: Decimal("0.1234"), 20: Decimal("0.2")}, Decimal("0.3"))
    assert len(line) == MAX_POINTS
    assert line[:10] == [None] * 10
    assert (line[10], line[19], line[20], line[46], line[47]) == (123, 123, 200, 200, 300)
    assert sparkline({0: Decimal("0.5"), 48: Decimal("0.6")}, None)[46:] == [500, 600], "over just now"


def test_lines_are_small_whole_numbers_with_words_for_those_who_do_not_see_them(opened, repository):
    repository.lines = {repository.rows[1]["ticker"]: {0: Decimal("0.70"), 30: Decimal("0.62")}}
    _, page = opened()
    shown = page.table.rows[0][3][1]
    assert shown[2] == "24 h: from 70.0 to 50.0 %, between 50.0 and 70.0 %"
    assert shown[6] == [700] * 30 + [620] * 17 + [500]
    odds = opened(MOVERS + "&unit=american&side=no")[1].table.rows[0][3][1]
    assert odds[2] == "24 h: from +233 to −100 US, between +233 and −100 US"
    assert odds[6] == [300] * 30 + [380] * 17 + [500]
    with pytest.raises(ValueError, match="49 points"):
        cell("", spark=[1] * 49)


def test_lines_reach_a_day_back_and_a_week_for_the_window_of_a_week(opened, repository):
    opened(MOVERS + "&window=1h")
    assert repository.asked[-1][2] == 24
    opened(MOVERS + "&window=7d")
    assert repository.asked[-1][2] == 168


def test_only_lines_that_were_not_asked_for_are_asked_for(opened, context, repository):
    shell, page = opened(MOVERS + "&move=up")
    assert repository.asked[-1] == ("sparklines", tuple(repository.rows[n]["ticker"] for n in (0, 2)), 24)
    shell.state.movers_side = "both"
    assert repository.asked[-1] == ("sparklines", tuple(repository.rows[n]["ticker"] for n in (1, 3)), 24)
    shell.state.movers_side = "down"
    assert repository.asked[-1][0] == "movers"
    assert all(row[3][1][6] for row in page.table.rows)
    repository.snapshot_id += 1
    page.data_arrived()
    assert repository.asked[-1][0] == "sparklines", "a newer snapshot has newer lines"


def test_nothing_left_names_the_tightest_filter_and_the_way_out(opened):
    _, page = opened(MOVERS + "&v24=4000000")
    said = page.nothing.object
    assert "The tightest filter is Volume 24 h ≥ 4,000,000." in said
    assert "Remove it (5 movers)" in said
    assert not page.table.visible


def test_a_young_lake_says_that_its_history_is_young_and_offers_a_day(opened, repository):
    for row in repository.rows:
        row["change_24h_pp"] = None
    _, page = opened(MOVERS + "&window=7d")
    assert "No history of 7 d yet" in page.nothing.object
    assert "No price of 7 d ago is stored yet for 7 of 7 markets" in page.nothing.object
    assert "Show 24 h" in page.nothing.object


def test_where_most_is_unknown_that_is_why_nothing_is_listed_not_a_filter(opened, repository):
    for row in repository.rows[1:]:
        row["change_24h_pp"] = None
    repository.rows[0]["change_24h_pp"] = Decimal("0.5")
    _, page = opened(MOVERS + "&window=7d")
    said = page.nothing.object
    assert "Little history of 7 d yet" in said
    assert "No price of 7 d ago is stored yet for 6 of 7 markets that pass the filters." in said
    assert "The other 1: no such move beyond half the spread." in said
    assert "tightest filter" not in said
    assert "move=unknown" in said
    assert "page=status" in said
    for row in repository.rows[1:5]:
        row["change_24h_pp"] = Decimal("0.5")
    _, page = opened(MOVERS + "&window=7d")
    assert "Nothing moved beyond half its spread in 7 d" in page.nothing.object


def test_everything_within_its_spread_is_no_missing_history(opened, repository):
    for row in repository.rows:
        row["change_24h_pp"] = Decimal("0.5")
    _, page = opened()
    assert "Nothing moved beyond half its spread in 24 h" in page.nothing.object


def test_the_fetching_of_histories_is_shown_while_it_goes_on(opened, context):
    _, page = opened()
    assert page.fetching.object == ""
    context.set_progress(stage="histories", done=50, total=200)
    page.poll()
    assert "50 of 200 of the most traded markets" in page.fetching.object
    assert 'aria-valuenow="25"' in page.fetching.object
    context.set_progress(stage="idle")
    page.poll()
    assert page.fetching.object == ""


def test_pages_are_turned_and_the_last_one_is_the_last(opened, repository):
    repository.rows[:] = [mover(n, str(5 + n / 10)) for n in range(120)]
    shell, page = opened(MOVERS + "&p=9")
    assert (page.table.page, page.table.total, len(page.table.rows)) == (3, 120, 20)
    page.table._handle_msg({"kind": "page", "page": 2})
    assert shell.state.table_page == 2
    assert len(page.table.rows) == 50


def test_what_is_listed_is_kept_fresh(opened, context):
    _, page = opened()
    assert context.shown == tickers(page)


def test_an_empty_lake_waits_and_a_failure_is_said_and_keeps_what_was(opened, context):
    context.repository.failure = NoDataError("Nothing stored")
    _, page = opened()
    assert "ka-loading" in page.face.object
    context.repository.failure = None
    page.data_arrived()
    assert tickers(page)
    context.repository.failure = QueryTimeoutError("took too long")
    page.data_arrived()
    assert tickers(page)


def test_no_open_market_is_said(opened, repository):
    repository.rows.clear()
    _, page = opened(MOVERS + "&v24=&cmin=&cmax=&xmin=&omin=")
    assert "No market is open" in page.nothing.object


def test_hostile_text_is_data(opened, repository):
    for number, text in enumerate(HOSTILE[:7]):
        repository.rows[number] |= {"title": text, "outcome": text, "category": text, "change_24h_pp": Decimal(30)}
    _, page = opened()
    assert HOSTILE[0] in texts(page, "title"), "shown as it is, and set as text"
    panes = page.heading.object + page.nothing.object + page.face.object
    assert "<img" not in panes
    assert "<script" not in panes


def test_a_model_off_the_screen_asks_nothing(context, state, clock):
    context.repository.failure = QueryTimeoutError("must not be asked")
    model = MoversModel(context, state, clock)
    state.movers_window = "6h"
    model.refresh()
    assert model.problem == ""


def test_the_page_is_sent_once_and_small(context, repository):
    repository.rows[:] = [mover(n, str(5 + n / 10)) for n in range(120)]

    async def visit(server):
        visitor = await Visitor.open(server.url("/?page=movers"))
        assert repository.rows[119]["ticker"] in visitor.seen
        before = visitor.bytes
        chosen = {"key": "movers_side", "value": "up"}
        await visitor.say("FilterBar", chosen, lambda: "move=up" in str(visitor.last("target")))
        assert visitor.bytes - before < 60_000
        await visitor.close()

    with Served(context) as server:
        run(visit(server))
