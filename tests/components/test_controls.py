"""What a visitor sends reaches the page only when it makes sense; what pages send is text."""

from __future__ import annotations

import pytest

from components import filter_bar, tables
from components.filter_bar import FilterBar
from components.router import Router
from components.tables import PagedTable, cell, column, row


@pytest.fixture
def said():
    return []


def test_a_bar_passes_on_only_its_own_keys_and_short_text(said):
    bar = FilterBar(lambda *change: said.append(change), fields=[filter_bar.search("text", "Search")])
    for message in (
        {"key": "text", "value": "trump"},
        {"key": "admin", "value": "1"},
        {"key": "text", "value": 7},
        {"key": "text", "value": "x" * 401},
        {"key": ["text"], "value": "x"},
        "text",
        None,
    ):
        bar._handle_msg(message)
    assert said == [("text", "trump")]


def test_options_that_depend_on_data_are_text():
    bar = FilterBar(lambda *_: None, fields=[filter_bar.choice("category", "Category", [("", "all")])])
    bar.offer("category", [("a", "\u202ea" + "b" * 100)])
    assert bar.options["category"][0][1] == "a" + "b" * 58 + "…"


def test_a_table_passes_on_only_pages_and_orders_it_has(said):
    table = PagedTable(
        lambda page: said.append(page),
        lambda word: said.append(word),
        columns=[column("a", "A", sort="a"), column("b", "B")],
    )
    for message in (
        {"kind": "page", "page": 2},
        {"kind": "page", "page": 0},
        {"kind": "page", "page": True},
        {"kind": "page", "page": "3"},
        {"kind": "sort", "sort": "a"},
        {"kind": "sort", "sort": ""},
        {"kind": "sort", "sort": "drop table"},
        {"kind": "other"},
        [],
    ):
        table._handle_msg(message)
    assert said == [2, "a"]


def test_a_table_is_never_given_more_than_a_page():
    table = PagedTable(columns=[column("a", "A")])
    with pytest.raises(ValueError, match="more than one page"):
        table.rows = [row(str(n), "?a", ["x"]) for n in range(tables.MAX_ROWS + 1)]


def test_a_row_links_nowhere_but_into_the_application():
    assert row("a", "?page=market&ticker=A", []) == ["a", "?page=market&ticker=A", "", []]
    assert row("a", "javascript:alert(1)", [])[1] == ""
    assert row("a", "//evil.example/?page=market", [])[1] == ""


def test_cells_are_cleaned_and_numbers_keep_their_padding():
    assert cell("\u202e<b>x</b>") == "<b>x</b>"
    assert cell("83\u2008\u2007", tone="up") == ["83\u2008\u2007", "up", "", "", None]
    assert cell("x", title="t" * 900)[2] == "t" * 499 + "…"


def test_the_router_says_titles_as_clean_text_and_counts_addresses(said):
    router = Router(said.append)
    router.entitle("\u202e<script>\n" + "x" * 300)
    assert router.title.startswith("<script> xxx")
    assert len(router.title) == 120
    router.go("?page=a", replace=False)
    router.go("?page=a", replace=True)
    assert router.target == {"search": "?page=a", "replace": True, "beside": False, "moves": 0, "serial": 2}
    router._handle_msg("nonsense")
    router._handle_msg({"kind": "pop", "search": "?a"})
    assert said == [{"kind": "pop", "search": "?a"}]


@pytest.mark.parametrize(("said", "heard"), [(3, 3), (1, 2), (-1, 2), (10**9, 2), ("9", 2), (None, 2)])
def test_an_address_says_which_move_of_the_reader_it_knows(said, heard):
    router = Router(lambda message: None)
    for moves in (2, said):
        router._handle_msg({"kind": "click", "search": "?page=b", "moves": moves})
    router.go("?page=a", replace=True)
    assert router.target["moves"] == heard
