"""The home page: six figures, four lists and one bar say what they mean, and what they do not know."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from app.models.pulse import MEASURES, PulseModel
from app.pages import pulse_figures
from app.pages.pulse import PulsePage
from app.shell import Shell
from data_layer.errors import NoDataError, QueryTimeoutError
from tests.app.fakes import HOSTILE, NOW
from tests.app.protocol import Served, Visitor, run

DAY = timedelta(days=1)


@pytest.fixture
def opened(context, clock):
    def build(query=""):
        return Shell(context, query, now=clock)

    return build


@pytest.fixture
def page(opened):
    def build(query="") -> PulsePage:
        shell = opened(query)
        found = shell._pages["pulse"]
        assert isinstance(found, PulsePage)
        return found

    return build


def listed(page, key):
    return next(item for item in page.lists.lists if item["key"] == key)


def figures(page) -> str:
    return page.strip.object


def test_the_bare_address_shows_the_pulse_and_its_rows_lead_to_markets(opened):
    shell = opened()
    assert shell.state.page == "pulse"
    assert shell.router.title == "Pulse · Kalshi Analytics"
    row = listed(shell._pages["pulse"], "movers")["rows"][0]
    shell._on_browser({"kind": "click", "search": row[1]})
    assert (shell.state.page, shell.state.ticker) == ("market", row[0])


def test_nothing_is_compared_with_a_day_the_lake_did_not_see(context, page):
    context.repository.since = NOW - timedelta(hours=3)
    shown = figures(page())
    assert shown.count("n/a: the lake is 3 h old") == 6
    assert "in 24 h</dd>" not in shown


def test_a_lake_without_any_history_has_no_age(page):
    assert figures(page()).count("n/a: no history yet") == 6


def test_a_day_ago_that_nobody_watched_is_told(context, page):
    context.repository.since, context.repository.has_gap = NOW - timedelta(hours=3), True
    assert figures(page()).count("n/a: nothing seen a day ago") == 6


def test_figures_are_compared_with_a_day_ago(context, page):
    context.repository.since = NOW - 2 * DAY
    context.repository.then = {"open_markets": 125, "open_events": 33, "volume_24h_contracts": Decimal(40_000_000)}
    shown = figures(page())
    assert "▲ +5 (+4.0%) in 24 h" in shown
    assert 'data-tone="up">▲ +5' in shown
    assert shown.count("no change in 24 h") == 3, "no change is a change that is known"
    assert 'data-tone="down">▼ −' in shown
    assert shown.count("n/a") == 1, "what opened the day before needs two days"


def test_an_old_day_ago_says_how_old_it_is(context, page):
    context.repository.since = NOW - 4 * DAY
    context.repository.then = {"open_markets": 100, "then_time": NOW - timedelta(days=2, hours=5)}
    assert "▲ +30 (+30.0%) in 2 d 5 h" in figures(page())


def test_dollars_say_how_they_are_estimated_and_what_they_cover(context, page):
    for row in context.repository.rows:
        row |= {"probability": Decimal("0.5"), "volume_24h_contracts": Decimal(1000)}
    for row in context.repository.rows[:13]:
        row["probability"] = None
    shown = figures(page())
    assert "≈ $58,500" in shown
    assert "contracts × chance, 90.0% priced" in shown
    assert "It covers 90.0% of the contracts" in shown


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "$0"),
        (Decimal("999999.4"), "$999,999"),
        (Decimal("1234567"), "$1.23 M"),
        (Decimal("45600000"), "$45.6 M"),
        (Decimal("-2345678901"), "−$2.35 B"),
    ],
)
def test_large_sums_are_short(value, said):
    assert pulse_figures.large(value, "$") == said


def quoted(**changes):
    row = {
        "change_24h_pp": Decimal("17.000"),
        "probability": Decimal("0.51000"),
        "spread_dollars": Decimal("0.0200"),
        "previous_spread_dollars": Decimal("0.0400"),
        "last_price_dollars": Decimal("0.4000"),
    }
    return row | changes


def test_movers_say_from_where_to_where_with_arrow_and_sign(context, page):
    context.repository.rows[9] |= quoted(change_24h_pp=Decimal("-17.000"), volume_24h_contracts=Decimal(5000))
    row = listed(page(), "movers")["rows"][0]
    assert [figure[0] for figure in row[6]] == ["5,000", "68.0 → 51.0", "▼ −17.0"]
    assert row[6][2][1] == "down"


def test_surges_are_multiples_of_the_mean_day(context, page):
    row = context.repository.rows[3]
    row["volume_24h_contracts"] = Decimal(8400)
    context.repository.mean_days = {row["ticker"]: 2000.0}
    (surge,) = listed(page(), "surges")["rows"]
    assert surge[6][2][0] == "× 4.2"
    assert "2,000 contracts" in surge[6][2][2]


def test_a_list_without_history_says_that_it_is_being_fetched(context, page):
    home = page()
    assert listed(home, "surges")["empty"][0] == "No history yet"
    context.set_progress(stage="histories", done=25, total=100)
    home.data_arrived()
    said = " ".join(listed(home, "surges")["empty"])
    assert "25 of 100 markets" in said
    assert "history of the most traded markets is being fetched" in said


def test_what_ends_soon_counts_down_and_says_how_many_more_of_its_event(context, page):
    context.repository.rows[8]["expected_time"] = NOW + timedelta(minutes=30)
    row = listed(page(), "closing")["rows"][0]
    assert row[0] == context.repository.rows[8]["ticker"]
    assert row[6][2][3] == 1800
    assert row[4] == "+3"


def test_new_listings_are_empty_with_a_reason_and_then_listed(context, page):
    home = page()
    assert listed(home, "listed")["empty"][0] == "No market opened in the last 24 hours"
    context.repository.rows[5]["open_time"] = NOW - timedelta(hours=2)
    home.data_arrived()
    (row,) = listed(home, "listed")["rows"]
    assert row[6][2][0] == "2 h"


def test_every_list_leads_to_more_of_it_in_the_same_order(page, opened):
    movers = opened(listed(page("?tz=utc"), "movers")["more"][1]).state
    assert (movers.page, movers.movers_window, movers.movers_sort, movers.zone) == ("movers", "24h", "pp", "utc")
    assert movers.movers_volume24h_min == 1000
    assert movers.movers_close_min is movers.movers_expires_min is movers.movers_open_min is None
    for key, sort in (("surges", "volume24h"), ("closing", "ends"), ("listed", "opened")):
        shell = opened(listed(page("?tz=utc"), key)["more"][1])
        assert (shell.state.page, shell.state.sort, shell.state.zone) == ("markets", sort, "utc")
        assert shell.state.direction == ("asc" if sort == "ends" else "desc")


def test_every_list_and_figure_says_when_it_was_received(page):
    home = page("?tz=utc")
    assert figures(home).count("22 Nov 2026, 17:01 UTC") == 6
    assert all("22 Nov 2026, 17:01 UTC" in item["about"] for item in home.lists.lists)
    assert "22 Nov 2026, 17:01 UTC" in home.bar_title.object


@pytest.mark.parametrize("share", list(MEASURES))
def test_shares_add_up_and_are_in_order(page, share):
    home = page(f"?page=pulse&share={share}")
    shares = [part[1] for part in home.bar.parts]
    assert sum(shares) == pytest.approx(1, abs=1e-4)
    assert shares == sorted(shares, reverse=True)
    assert len(home.bar.rows) == len(home.model.picture.shares.rows())


def test_the_switch_changes_the_bar_and_the_address_and_no_list(opened):
    shell = opened()
    home = shell._pages["pulse"]
    lists, parts = home.lists.lists, home.bar.parts
    home._on_switch("share", "interest")
    assert shell.router.target == {
        "search": "?page=pulse&share=interest",
        "replace": True,
        "serial": 1,
        "beside": False,
        "moves": 0,
    }
    assert home.bar.parts != parts
    assert home.lists.lists == lists
    home._on_switch("share", "lies")
    assert shell.state.share == "interest"


def test_what_is_listed_is_kept_fresh(context, page):
    home = page()
    shown = {row[0] for item in home.lists.lists for row in item["rows"]}
    assert shown == set(context.shown)


def test_before_the_first_data_there_is_the_shape_of_the_page(context, page):
    context.repository.failure = NoDataError("Nothing stored")
    context.set_progress(stage="universe", done=3)
    home = page()
    assert home.body.visible
    assert 'aria-busy="true"' in figures(home)
    assert all(item["loading"] for item in home.lists.lists)
    assert home.bar.parts == []
    context.repository.failure = None
    home.data_arrived()
    assert "aria-busy" not in figures(home)
    assert listed(home, "movers")["rows"]


def test_an_empty_lake_that_cannot_be_filled_says_why(context, page):
    context.repository.failure = NoDataError("Nothing stored")
    context.set_progress(error="no answer from the exchange")
    home = page()
    assert not home.body.visible
    assert "Nothing is stored yet" in home.face.object
    assert "no answer from the exchange" in home.face.object


def test_a_failing_question_is_an_error_first_and_older_data_later(context, page):
    context.repository.failure = QueryTimeoutError("the query took too long")
    home = page()
    assert "ka-error" in home.face.object
    context.repository.failure = None
    home.data_arrived()
    before = figures(home)
    context.repository.failure = QueryTimeoutError("the query took too long")
    home.data_arrived()
    assert figures(home) == before
    assert home.body.visible


def test_no_open_market_is_said(context, page):
    context.repository.rows = []
    assert "No market is open" in page().face.object


def test_hostile_text_is_data_on_the_home_page(context, page):
    for number, text in enumerate(HOSTILE):
        context.repository.rows[number] |= {
            "title": text,
            "outcome": text,
            "category": text,
            "change_24h_pp": Decimal(90 - number),
            "probability": Decimal("0.95"),
            "volume_24h_contracts": Decimal(90_000),
        }
    home = page()
    titles = [row[2] for row in listed(home, "movers")["rows"]]
    assert HOSTILE[0] in titles, "shown as it is, and set as text"
    assert all(len(title) <= 300 for title in titles)
    panes = figures(home) + home.bar_title.object + home.face.object
    assert "<img" not in panes
    assert "<script" not in panes
    assert all(part[2].startswith("category-") and part[4].startswith("?") for part in home.bar.parts)


def test_the_pulse_is_sent_once_and_small(context):
    async def visit(server):
        visitor = await Visitor.open(server.url())
        shown = {row["ticker"] for row in context.repository.rows if row["ticker"] in visitor.seen}
        assert 0 < len(shown) <= 32
        before = visitor.bytes
        share = {"key": "share", "value": "dollars"}
        await visitor.say("FilterBar", share, lambda: "share=dollars" in str(visitor.last("target")))
        assert visitor.bytes - before < 20_000
        await visitor.close()

    with Served(context) as server:
        run(visit(server))


def test_a_model_off_the_screen_asks_nothing(context, state, clock):
    context.repository.failure = QueryTimeoutError("must not be asked")
    model = PulseModel(context, state, clock)
    state.share = "interest"
    model.refresh()
    assert model.problem == ""
