"""The market beside the page: what is asked and when, what is said, and what of it stands in the address."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from app.models.market_drawer import MarketDrawerModel
from app.progress import Attempt
from app.shell import Shell
from app.state import State
from tests.app.fakes import HOSTILE, NOW, FakeContext, default_rows

TICKER, NEXT = "KXTEST-26NOV005-T1", "KXTEST-26NOV005-T2"


@pytest.fixture
def context():
    return FakeContext()


@pytest.fixture
def model(context):
    return MarketDrawerModel(context, State(), lambda: NOW)


@pytest.fixture
def shell(context):
    return Shell(context, "?page=markets", now=lambda: NOW)


def said(shell: Shell) -> dict:
    return shell.drawer.view.said


def test_closed_it_asks_nothing_and_opened_it_asks_only_for_its_market(context, model):
    model.refresh()
    model.poll()
    assert (context.repository.asked, context.requested, context.watched) == ([], [], [])
    model.look_at(TICKER)
    assert context.repository.asked == [("sparklines", (TICKER,), 168)]
    assert (context.requested, context.shown) == ([TICKER], [TICKER])
    assert context.watched == [TICKER]
    assert (model.market["ticker"], len(model.line), len(model.book.bids)) == (TICKER, 48, 11)
    model.state.drawer = ""
    assert (model.active, model.market) == (False, None)
    asked = len(context.repository.asked)
    model.poll()
    model.state.side = "no"
    assert len(context.repository.asked) == asked


def test_who_walks_down_a_list_has_nothing_fetched_until_he_stays(context, model):
    model.look_at(TICKER)
    model.look_at(NEXT, passing=True)
    assert model.market["ticker"] == NEXT
    assert context.requested == [TICKER]
    model.stay()
    model.stay()
    assert context.requested == [TICKER, NEXT]
    model.look_at(TICKER, passing=True)
    model.poll()  # time passed: he stayed
    assert context.requested == [TICKER, NEXT, TICKER]


def test_a_market_that_is_gone_says_so_and_one_that_is_found_appears(context, model):
    model.look_at("KXGONE")
    assert (model.market, model.gone) == (None, False)
    context.attempts["KXGONE"] = Attempt(NOW, 0, "No such market.")
    model.poll()
    assert (model.gone, model.gone_reason) == (True, "No such market.")
    context.repository.rows.append({**context.repository.rows[0], "ticker": "KXGONE"})
    model.poll()
    assert (model.gone, model.market["ticker"]) == (False, "KXGONE")


def test_levels_that_are_left_out_of_a_book_are_counted(context, shell):
    context.book_attempts[TICKER] = Attempt(NOW, 20, refused=3)
    shell.state.drawer = TICKER
    assert said(shell)["book"]["note"].endswith(" · 3 impossible levels are left out")


def test_a_market_whose_trading_is_over_has_no_book_and_wishes_for_none(context, shell):
    context.repository.about[TICKER] = {
        "status": "finalized",
        "result": "yes",
        "settlement_value_dollars": Decimal(1),
    }
    shell.state.drawer = TICKER
    assert said(shell)["book"] is None
    assert said(shell)["big"][0] == "YES"
    assert said(shell)["change"] == ["$1.00 for each YES contract", "muted"]
    assert context.watched == []


def test_it_says_the_essentials_in_the_readers_unit_and_side(context, shell):
    shell.state.drawer = TICKER
    yes = said(shell)
    assert [fact[0] for fact in yes["facts"]][:3] == ["Bid", "Ask", "Spread"]
    assert (len(yes["book"]["asks"]), len(yes["book"]["bids"])) == (5, 5)
    assert yes["links"][0] == ["Open the page", f"?page=market&ticker={TICKER}"]
    assert yes["rules"][0].startswith("If number comes up")
    assert yes["away"][1].startswith("https://kalshi.com/markets/")
    assert "source Kalshi" in yes["foot"]
    shell.state.side = "no"
    no = said(shell)
    assert no["facts"][0][0] == "NO bid"
    assert no["line"][0] == [1000 - point for point in yes["line"][0]]
    assert float(no["big"][0]) == pytest.approx(100 - float(yes["big"][0]))


def test_the_line_says_how_far_it_reaches_in_the_readers_unit_and_side(context, shell):
    context.repository.lines = {TICKER: {0: Decimal("0.4"), 30: Decimal("0.25")}}
    row = next(row for row in context.repository.rows if row["ticker"] == TICKER)
    row |= {"probability": Decimal("0.5"), "status": "active"}
    shell.state.drawer = TICKER
    assert said(shell)["line"][1].replace("\u00a0", " ") == "7 days: 40.0 → 50.0 %, between 25.0 and 50.0 %"
    shell.state.unit = "american"
    assert said(shell)["line"][1].replace("\u00a0", " ") == "7 days: +150 → −100 US, between +300 and −100 US"
    shell.state.side = "no"
    assert said(shell)["line"][1].replace("\u00a0", " ") == "7 days: −150 → −100 US, between −100 and −300 US"
    context.repository.lines = {TICKER: {36: Decimal("0.4")}}
    shell.state.param.update(unit="percent", side="yes", drawer="")
    shell.state.drawer = TICKER
    assert (
        said(shell)["line"][1].replace("\u00a0", " ")
        == "1 d 18 h, no price before: 40.0 → 50.0 %, between 40.0 and 50.0 %"
    )


def test_opening_is_an_entry_of_the_history_the_next_one_and_closing_are_not(shell):
    handle = shell.drawer.view._handle_msg
    handle({"kind": "open", "ticker": TICKER})
    target = shell.router.target
    assert (target["search"], target["replace"], target["beside"]) == (f"?page=markets&drawer={TICKER}", False, True)
    handle({"kind": "open", "ticker": NEXT, "passing": True})
    assert (shell.router.target["search"], shell.router.target["replace"]) == (f"?page=markets&drawer={NEXT}", True)
    handle({"kind": "close"})
    assert (shell.router.target["search"], shell.router.target["replace"]) == ("?page=markets", True)
    assert shell.drawer.view.ticker == ""
    shell._on_browser({"kind": "click", "search": f"?page=markets&drawer={TICKER}"})
    assert shell.drawer.view.ticker == TICKER
    shell._on_browser({"kind": "click", "search": f"?page=market&ticker={NEXT}"})
    assert shell.drawer.view.ticker == ""
    assert "drawer" not in shell.link("markets")


@pytest.mark.parametrize(
    "message", [{"kind": "open", "ticker": "../x"}, {"kind": "open", "ticker": 7}, {"kind": 1}, None]
)
def test_nonsense_opens_nothing(context, shell, message):
    shell.drawer.view._handle_msg(message)
    assert (shell.state.drawer, context.requested) == ("", [])


def test_a_market_that_leaves_the_lake_while_it_is_open_is_looked_for_once_more(context, shell):
    shell.state.drawer = TICKER
    context.attempts[TICKER] = Attempt(NOW, 7)
    context.repository.rows = [row for row in context.repository.rows if row["ticker"] != TICKER]
    asked = context.requested.count(TICKER)
    shell.drawer.model.refresh()
    assert (shell.drawer.model.gone, context.requested.count(TICKER)) == (False, asked + 1)


def test_what_anybody_wrote_is_text(context):
    hostile = default_rows()[5 * 4]  # where the sixth payload stands
    shell = Shell(context, f"?drawer={hostile['ticker']}", now=lambda: NOW)
    assert hostile["title"] == HOSTILE[5]
    assert said(shell)["title"] == "evil right to left zero"


def test_it_tells_where_its_figures_its_line_and_its_book_come_from(shell):
    def asked(key):
        shell.provenance._handle_msg({"kind": "about", "key": key})
        return shell.provenance.content

    assert asked("beside-market")["title"] == "Nothing is shown yet"
    shell.state.drawer = TICKER
    row, line, book = (asked(f"beside-{key}") for key in ("market", "line", "book"))
    assert [said["key"] for said in (row, line, book)] == ["beside-market", "beside-line", "beside-book"]
    assert [{label: value for label, value, _ in said["facts"]}["Question"] for said in (row, line, book)] == [
        "market",
        "sparklines",
        "order_book",
    ]
    for said in (row, line, book):
        assert said["method"].startswith("?page=method&topic=")
    assert row["files"][0] == ["CSV", f"export?format=csv&table=market&page=market&ticker={TICKER}"]
    assert (len(book["files"]), line["files"]) == (2, [])
    shell.state.drawer = ""
    assert asked("beside-market")["title"] == "Nothing is shown yet"
    assert asked("beside-nonsense")["title"] == "Nothing is shown yet"
    assert asked("markets")["title"] != "Nothing is shown yet", "the page beside it has its own"


def test_marks_of_emphasis_are_not_shown_not_even_where_rules_are_cut_between_them(context, shell):
    rules = f"**{'word ' * 200}end** of it"
    context.repository.about[TICKER] = {
        "title": "Will **it** rain?",
        "yes_sub_title": "will it rain?",
        "rules_primary": rules,
    }
    shell.state.drawer = TICKER
    assert (said(shell)["title"], said(shell)["outcome"]) == ("Will it rain?", "")
    assert said(shell)["rules"][0].startswith("word word")


# Pause


def newer(context: FakeContext) -> None:
    context.repository.snapshot_id += 1
    context.hub.publish()


def test_paused_nothing_moves_but_the_age_and_going_on_shows_the_newest(context):
    at = [NOW]
    shell = Shell(context, f"?page=markets&drawer={TICKER}", now=lambda: at[0])
    shell._on_drawn()
    shell.controls._handle_msg({"kind": "pause"})
    assert shell.controls.paused
    shown, beside = shell._current.model.revision, shell.drawer.model.revision
    for _ in range(3):
        newer(context)
        shell._on_data()
    assert (shell._current.model.revision, shell.drawer.model.revision) == (shown, beside)
    assert shell.controls.newer == 3
    context.repository.as_of = at[0] = NOW + timedelta(minutes=4)  # what came meanwhile does not make it younger
    age = shell.frame.badge.object
    shell.poll()
    assert shell.frame.badge.object != age
    assert "8 min ago" in shell.frame.badge.object
    shell.controls._handle_msg({"kind": "pause"})
    assert (shell.controls.paused, shell.controls.newer) == (False, 0)
    assert shell._current.model.revision == shown + 1
    assert "just now" in shell.frame.badge.object


def test_a_pause_outlives_a_page_and_what_is_asked_for_in_it_is_the_newest(context, shell):
    shell._on_drawn()
    shell._on_pause()
    newer(context)
    shell._on_data()
    assert shell.controls.newer == 1
    shell._on_browser({"kind": "click", "search": "?page=pulse"})
    assert (shell.controls.paused, shell.controls.newer) == (True, 0)
    newer(context)
    shell._on_data()
    assert shell.controls.newer == 1
    shell._on_refresh()
    assert (shell.controls.paused, context.refreshes_asked) == (False, 1)
