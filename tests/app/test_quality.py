"""Wherever a chance is shown, its mark says how far it can be trusted; an empty book is no chance of 50 %."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.link_words import QUALITIES as LINKED
from app.pages import markets_filters
from app.shell import Shell
from components import quality
from components.tables import cell
from data_layer.analytics.quotes import quote_quality
from tests.app.fakes import FakeContext, FakeRepository, default_rows

D = Decimal
TICKER = "KXTEST-26NOV005-T1"
#: An empty book is sent as 0 and 1, and stored as absent.
BOOKS = {
    "tight": (D("0.40"), D("0.42")),
    "ok": (D("0.40"), D("0.50")),
    "wide": (D("0.10"), D("0.90")),
    "one-sided": (None, D("0.01")),
    "none": (None, None),
}


def rows_of_every_quality():
    rows = default_rows(60)[:40]
    for row, (word, (bid, ask)) in zip(rows, BOOKS.items(), strict=False):
        spread = ask - bid if bid and ask else None
        row |= {
            "yes_bid_dollars": bid,
            "yes_ask_dollars": ask,
            "spread_dollars": spread,
            "quote_quality": word,
            "last_price_dollars": None,
            "probability": (bid + ask) / 2 if spread is not None and spread <= D("0.2") else None,
        }
    return rows


def test_the_words_are_those_of_the_formula_the_link_and_the_filter():
    assert tuple(quality.QUALITIES) == LINKED == tuple(BOOKS)
    assert {word: quote_quality(*book) for word, book in BOOKS.items()} == {word: word for word in BOOKS}
    assert [word for word, *_ in markets_filters.QUALITY_CHOICES] == list(LINKED)


def test_every_chance_of_the_list_has_the_mark_of_its_quote_and_an_empty_book_has_no_chance(clock):
    context = FakeContext(FakeRepository(rows_of_every_quality()))
    shell = Shell(context, "?page=markets", now=clock)
    table = shell._pages["markets"].table
    chance = [column["key"] for column in table.columns].index("probability")
    by_ticker = {row["ticker"]: row for row in context.repository.rows}
    seen = set()
    for ticker, _, _, cells in table.rows:
        text, _, title, _, bar, word = cells[chance]
        row = by_ticker[ticker]
        assert word == row["quote_quality"]
        assert quality.QUALITIES[word].tag in title.lower().replace("ok", "OK")
        if row["probability"] is None:
            assert (text, bar) == ("—", None)
        seen.add(word)
    assert seen == set(BOOKS)


@pytest.mark.parametrize("page", ["pulse", "market"])
def test_chances_of_other_pages_have_it_too(context, clock, page):
    shell = Shell(context, f"?page={page}" + (f"&ticker={TICKER}" if page == "market" else ""), now=clock)
    if page == "market":
        others = shell._pages["market"].others
        chance = [column["key"] for column in others.columns].index("probability")
        marks = [row[3][chance][5] for row in others.rows]
        assert "quote</span>" in shell._pages["market"].head.object, "the big number says it in words"
    else:
        lists = {item["key"]: item for item in shell._pages["pulse"].lists.lists}
        marks = [figures[1][4] for *_, figures in lists["movers"]["rows"]]
        for name in ("surges", "closing", "listed"):
            marks += [figures[0][4] for *_, figures in lists[name]["rows"]]
    assert marks
    assert set(marks) <= set(LINKED)


def test_a_word_nobody_knows_is_no_quote():
    assert cell("1", quality="<b>")[5] == "none"
    assert quality.about(None) == "No quote: nobody bids or asks, or the market does not trade"
    assert quality.about("wide") == "Wide quote: spread above 10¢: the middle says little"


def test_every_mark_is_drawn():
    assert all(f"[data-quality={word}]::after" in quality.CSS for word in LINKED)
