"""Watchlists: what a browser may say of them, what can be done to them, their way as CSV and as a link, the page."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import link_values, url
from app.models.watched import Watched
from app.shell import WATCHED_MARKETS, Shell
from app.watchlists import (
    FIRST_NAME,
    MAX_LISTS,
    MAX_NAME,
    MAX_TICKERS,
    Shelf,
    Watchlist,
    WatchlistError,
    read_csv,
    read_message,
    write_csv,
)
from data_layer.errors import QueryError
from tests.app.fakes import HOSTILE, FakeContext
from tests.app.protocol import Served, Visitor, run
from tests.app.test_url import TICKERS

A, B, C = "KXTEST-26NOV000-T0", "KXTEST-26NOV000-T1", "KXTEST-26NOV001-T2"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=12), inner, max_size=5),
    max_leaves=20,
)


def shelf(**lists: tuple[str, ...]) -> Shelf:
    return Shelf(tuple(Watchlist(name, tickers) for name, tickers in lists.items()), next(iter(lists)))


# What a browser may say


@given(st.dictionaries(st.sampled_from(["lists", "current", "revision"]), JSON))
def test_whatever_a_browser_says_becomes_lists_within_bounds(message):
    read = read_message(message)
    assert 1 <= len(read.lists) <= MAX_LISTS
    assert read.current in [held.name for held in read.lists]
    assert read.revision >= 0


def test_what_is_no_list_name_or_ticker_is_left_out_and_the_rest_is_kept():
    said = [
        {"name": "Macro", "tickers": [A, "<b>", 7, A, "x" * 200, B]},
        {"name": "macro", "tickers": [C]},
        {"name": "\u0000 ", "tickers": []},
        {"name": 5, "tickers": []},
        "list",
        {"name": "Many", "tickers": [f"T{n}" for n in range(MAX_TICKERS + 9)]},
    ]
    read = read_message({"lists": said, "current": "Nope", "revision": True})
    assert [(held.name, len(held.tickers)) for held in read.lists] == [("Macro", 2), ("Many", MAX_TICKERS)]
    assert (read.current, read.revision) == ("Macro", 0)


@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(TICKERS, max_size=4, unique=True).map(tuple), min_size=1))
def test_lists_survive_the_browser(lists):
    held = shelf(**lists)
    assert read_message(held.as_message()) == held


# What can be done


def test_lists_are_made_renamed_moved_and_taken_away():
    held = Shelf().create("Macro").create("Sport", [A, B])
    assert [item.name for item in held.lists] == [FIRST_NAME, "Macro", "Sport"]
    assert held.current == "Sport"
    held = held.move("Sport", -1).rename("Sport", "Sports").choose("Macro").move("Macro", 9).move(FIRST_NAME, -5)
    assert [item.name for item in held.lists] == [FIRST_NAME, "Sports", "Macro"]
    held = held.delete("Macro")
    assert held.current == "Sports"
    assert held.delete("Sports").delete(FIRST_NAME).lists == (Watchlist(FIRST_NAME),)
    assert held.tickers == (A, B)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda held: held.create("  "), "needs a name"),
        (lambda held: held.create("MACRO"), "already"),
        (lambda held: held.create("n" * (MAX_NAME + 1)), "at most"),
        (lambda held: held.rename("Macro", FIRST_NAME), "already"),
        (lambda held: held.rename("Gone", "New"), "no list"),
        (lambda held: held.delete("Gone"), "no list"),
        (lambda held: held.fill("Macro", [f"T{n}" for n in range(MAX_TICKERS + 1)]), "at most 500"),
    ],
)
def test_what_cannot_be_done_is_said(change, words):
    with pytest.raises(WatchlistError, match=words):
        change(Shelf().create("Macro"))


def test_there_is_an_end_to_lists():
    held = Shelf()
    for number in range(MAX_LISTS - 1):
        held = held.create(f"List {number}")
    with pytest.raises(WatchlistError, match="20 lists already"):
        held.create("One more")
    assert held.free_name("list 3") == "list 3 (2)"
    assert held.rename("List 3", "LIST 3").find("list 3").name == "LIST 3"


# CSV


@given(st.lists(TICKERS, unique=True, max_size=40), st.lists(st.text(max_size=30), min_size=40, max_size=40))
def test_tickers_survive_csv_whatever_stands_beside_them(tickers, titles):
    text = write_csv(["title", "ticker"], zip(titles, tickers, strict=False))
    assert read_csv(text).tickers == tuple(tickers)
    assert read_csv(text).unreadable == ()


@given(st.text(max_size=300))
def test_any_text_is_read_and_nothing_of_it_goes_silently(text):
    read = read_csv(text)
    assert all(link_values.TICKER.fullmatch(ticker) for ticker in read.tickers)


@pytest.mark.parametrize(
    ("text", "tickers", "unreadable"),
    [
        ("A-1\nB-2\n\n", ("A-1", "B-2"), ()),
        ("A-1, B-2,C-3", ("A-1", "B-2", "C-3"), ()),
        ("\ufeffTicker;Title\nA-1;x, y\n", ("A-1",), ()),
        ("title\tTICKER\none\tA-1\n", ("A-1",), ()),
        ("A-1,Title one\nnot a ticker,Title two\nA-1,again", ("A-1",), ("not a ticker",)),
        ('"A-1\n', ("A-1",), ()),
        ("", (), ()),
    ],
)
def test_csv_is_read_as_people_write_it(text, tickers, unreadable):
    read = read_csv(text)
    assert (read.tickers, read.unreadable) == (tickers, unreadable)


def test_a_text_beyond_the_bound_is_cut_and_says_so():
    read = read_csv("\n".join(f"T-{n}" for n in range(6000)))
    assert len(read.tickers) == 5000
    assert read.notes == ("only the first 5,000 of 6,000 lines were read",)
    assert "256,000 characters" in read_csv("A\n" * 200_000).notes[0]


def test_a_spreadsheet_finds_no_formula():
    text = write_csv(["ticker", "title"], [["A-1", "=HYPERLINK(1)"], ["B-2", None], ["C-3", -5]])
    assert list(csv.reader(io.StringIO(text))) == [
        ["ticker", "title"],
        ["A-1", "'=HYPERLINK(1)"],
        ["B-2", ""],
        ["C-3", "-5"],
    ]


# Several tabs


def test_a_change_that_another_tab_outran_is_made_once_more_on_what_that_tab_kept():
    written = []
    watched = Watched(lambda lists, base: written.append((base, [item["name"] for item in lists["lists"]])))
    watched.hear({**shelf(One=(A,)).as_message(), "revision": 4})
    watched.edit(lambda held: held.create("Two"))
    watched.hear({**shelf(One=(A,), Other=(B,)).as_message(), "revision": 5, "refused": True})
    assert written == [(4, ["One", "Two"]), (5, ["One", "Other", "Two"])]
    watched.hear({**shelf(One=(A,)).as_message(), "revision": 9, "refused": True})
    assert len(written) == 2, "once; a browser that refuses for ever is not asked for ever"


def test_two_tabs_on_different_lists_do_not_fight_for_the_stars(context, clock):
    shell, page = opened(context, clock, "?page=watchlists&list=One", One=(A,), Two=(B,))
    before = shell.watch_store.command["serial"]
    say(shell, Shelf(shell.watched.shelf.lists, "Two", shell.watched.shelf.revision + 1))
    assert shell.watch_store.command["serial"] == before
    assert page.model.shown.name == "One"


# The page


def say(shell: Shell, held: Shelf, **more) -> None:
    shell.watch_store._handle_msg({"kind": "lists", **held.as_message(), "kept": True, **more})


def opened(context, clock, query="?page=watchlists", **lists):
    shell = Shell(context, query, now=clock)
    say(shell, shelf(**lists) if lists else Shelf())
    return shell, shell._pages["watchlists"]


def shown(page):
    return [row[0] for row in page.table.rows]


def ask(page, what, text=""):
    page.bar._handle_msg({"ask": what, "text": text})
    return page.bar.answer.get("words", ""), page.bar.answer.get("problem", False)


def test_the_own_list_is_shown_in_its_order_and_watched(context, clock):
    _, page = opened(context, clock, One=(C, A, "KXNOPE-1"), Two=(B,))
    assert shown(page) == [C, A]
    assert "KXNOPE-1" in page.missing.object
    assert page.bar.lists == [["One", 3, "?page=watchlists&list=One"], ["Two", 1, "?page=watchlists&list=Two"]]
    assert set(context.shown) >= {C, A}
    assert page.title == "One · Watchlists"


def test_watched_markets_are_kept_fresh_from_every_page_within_a_bound(context, clock):
    shell = Shell(context, "?page=pulse", now=clock)
    say(shell, shelf(Many=tuple(f"T{n}" for n in range(MAX_TICKERS))))
    assert len(context.shown) == WATCHED_MARKETS
    context.shown = []
    shell.poll()
    assert context.shown == []
    clock.now += timedelta(minutes=5)
    shell.poll()
    assert len(context.shown) == WATCHED_MARKETS


def test_a_link_shows_a_list_that_is_not_kept_until_it_is(context, clock):
    shell, page = opened(context, clock, f"?page=watchlists&list=One&tickers={A},{B}", One=(C,))
    assert shown(page) == [A, B]
    assert page.bar.shared
    assert "came with a link" in page.head.object
    words, problem = ask(page, "keep")
    assert (words, problem) == ("“One (2)” is one of your lists now.", False)
    assert url.encode(shell.state.link_values()) == "?page=watchlists&list=One+%282%29"
    assert shell.watch_store.command["lists"][1] == {"name": "One (2)", "tickers": [A, B]}
    assert page.bar.address == f"?page=watchlists&list=One+%282%29&tickers={A}%2C{B}"


def test_a_list_that_is_too_long_for_a_link_has_none_and_says_so(context, clock):
    _, page = opened(context, clock, Long=tuple(f"KXLONGTICKER-26NOV{n:03d}-T{n}" for n in range(90)))
    assert page.bar.address == ""
    assert "90 markets are too many for a link" in page.bar.unshared


def test_everything_that_is_asked_is_done_and_answered(context, clock):
    shell, page = opened(context, clock, One=(A,))
    assert ask(page, "create", "Macro")[0] == "“Macro” is made; stars add to it now."
    assert shell.state.watchlist == "Macro"
    words, _ = ask(page, "import", f"ticker\n{B}\nKXNOPE-9\n=evil\n{B}")
    assert words == (
        "2 markets added to “Macro”. No tickers, and left out: “=evil”. Kept, but nothing of them is stored: KXNOPE-9."
    )
    assert ask(page, "edit", f"{C}\n{B}")[0] == "“Macro” has 2 markets now: 1 new, 1 taken out."
    assert shown(page) == [C, B]
    assert ask(page, "rename", "One") == ("There is a list “One” already.", True)
    assert ask(page, "rename", "Rates")[0] == "“Macro” is called “Rates” now."
    ask(page, "move", "-1")
    assert [name for name, _, _ in page.bar.lists] == ["Rates", "One"]
    assert ask(page, "delete")[0] == "“Rates” is gone."
    assert shown(page) == [A]
    ask(page, "export")
    saved = list(csv.DictReader(io.StringIO(page.file.file["text"])))
    assert [(row["ticker"], row["source"]) for row in saved] == [(A, "live")]
    assert saved[0]["title"].startswith("<img"), "a file is no page: text stays as it is"


def test_a_list_that_is_full_takes_what_fits_and_names_the_rest(context, clock):
    _, page = opened(context, clock, Full=tuple(f"T{n}" for n in range(MAX_TICKERS - 1)))
    words, _ = ask(page, "import", "X-1\nX-2\nX-3\nT5")
    assert words.startswith(
        "1 market added to “Full”. 1 stood in it already. Left out, as a list has at most 500: X-2, X-3."
    )


def test_columns_sort_the_list_and_its_own_order_comes_back(context, clock):
    shell, page = opened(context, clock, One=(C, A, B))
    own = shown(page)
    page.table._handle_msg({"kind": "sort", "sort": "volume24h"})
    down = shown(page)
    assert down == sorted(
        own, key=lambda t: -next(r["volume_24h_contracts"] for r in context.repository.rows if r["ticker"] == t)
    )
    page.table._handle_msg({"kind": "sort", "sort": "volume24h"})
    assert shown(page) == down[::-1]
    page.table._handle_msg({"kind": "sort", "sort": "volume24h"})
    assert shown(page) == own
    assert shell.state.watchlist_sort == "own"


def test_settled_markets_say_what_they_paid(context, clock):
    row = next(row for row in context.repository.rows if row["ticker"] == A)
    row |= {"status": "finalized", "result": "yes", "settlement_value_dollars": 1, "probability": None}
    _, page = opened(context, clock, One=(A,))
    cells = page.table.rows[0][3]
    assert cells[2][0] == "100.0"
    assert cells[-1][0] == "settled YES"


def test_a_private_browser_and_a_damaged_memory_are_said(context, clock):
    shell, page = opened(context, clock, One=(A,))
    assert "keeps nothing" not in page.head.object
    say(shell, shelf(One=(A,)), kept=False, damaged=True)
    assert "This browser keeps nothing" in page.head.object
    assert "put aside" in page.head.object
    assert shown(page) == [A]


def test_an_empty_list_an_empty_lake_and_a_failure_have_faces(context, clock):
    _, page = opened(context, clock)
    assert "is empty" in page.nothing.object
    context.repository.failure = QueryError("broken")
    _, page = opened(context, clock)
    assert "could not be answered" in page.face.object


def test_hostile_names_are_text(context, clock):
    shell, page = opened(context, clock, f"?page=watchlists&tickers={A}", One=(A,))
    for text in HOSTILE:
        say(shell, Shelf((Watchlist(text[:MAX_NAME].strip() or "x", (A, "KXNOPE-1")),), text[:MAX_NAME].strip()))
        ask(page, "create", text)
        ask(page, "rename", text[:30])
        shell.state.watchlist_tickers = ()
        for pane in (page.head, page.nothing, page.missing):
            assert "<img" not in pane.object
            assert "<script" not in pane.object


def test_stars_and_lists_go_over_the_wire():
    async def visit(address):
        visitor = await Visitor.open(address + "?page=watchlists")
        held = shelf(One=(A, B)).as_message()
        await visitor.say(
            "WatchStore", {"kind": "lists", **held, "kept": True}, lambda: A in str(visitor.last("rows") or "")
        )
        await visitor.say("WatchBar", {"ask": "create", "text": "Macro"}, lambda: visitor.last("command"))
        command = visitor.last("command")
        await visitor.close()
        return command

    with Served(FakeContext()) as server:
        command = dict(run(visit(server.url()))["entries"])
    assert command["base"] == 0
    assert command["current"] == "Macro"


def test_a_line_is_drawn_of_what_is_known_of_a_day(context, clock):
    chance = next(row["probability"] for row in context.repository.rows if row["ticker"] == B)
    context.repository.lines = {B: {0: Decimal("0.25"), 24: Decimal("0.5")}}
    _, page = opened(context, clock, One=(A, B))
    trend = {row[0]: row[3][1] for row in page.table.rows}
    line = trend[B][-1]
    assert (line[0], line[24], line[-1]) == (250, 500, round(1000 * chance))
    assert trend[A][0] == "n/a", "a market without a chance has no line"
