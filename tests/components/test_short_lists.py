"""Strips, short lists and bars take anybody's text and lead nowhere but to our own pages."""

from __future__ import annotations

import pytest

from components import figures
from components.figures import Figure
from components.share_bar import ShareBar, part
from components.short_lists import ShortLists, countdown, figure, row, short_list

HEADS = (("a", ""), ("b", ""), ("c", ""))
THREE = [figure("1"), figure("2"), figure("3")]


@pytest.mark.parametrize("href", ["javascript:alert(1)", "https://example.org", "//example.org", "", "/x"])
def test_links_that_are_not_ours_are_no_links(href):
    assert row("K", href, "title", "", THREE)[1] == ""
    assert part("name", 0.5, colour="category-1", label="50%", href=href)[4] == ""
    assert short_list("k", "t", HEADS, more=("more", href))["more"] == ["", ""]


def test_text_loses_what_turns_its_direction_and_what_is_too_long():
    made = row(
        "K", "?page=market", "\u202eevil\u200b", "x" * 900, [figure("\u20661\u2069"), *THREE[1:]], tip="t" * 900
    )
    assert made[2] == "evil"
    assert (len(made[3]), len(made[5])) == (300, 500)
    assert made[6][0][0] == "1"
    assert part("\u202eevil", 1, colour="category-1", label="")[0] == "evil"
    bar = ShareBar()
    bar.tabulate(["a"], [["\u202eevil" + "x" * 100]])
    assert bar.rows[0][0].startswith("evil")
    assert len(bar.rows[0][0]) == 60


def test_a_row_has_as_many_figures_as_its_list_has_columns():
    with pytest.raises(ValueError, match="3 figures, not 2"):
        row("K", "?x", "t", "", THREE[:2])


@pytest.mark.parametrize(("left", "seconds"), [(-5, 0), (0.4, 0), (61.6, 62)])
def test_a_countdown_never_goes_below_nothing(left, seconds):
    assert countdown(left)[3] == seconds


def test_a_strip_escapes_everything_and_a_skeleton_has_its_shape():
    evil = '"><img src=x onerror=alert(1)>'
    shown = figures.strip([Figure(evil, evil, evil, evil, evil, evil)] * 6, label=evil)
    assert "<img" not in shown
    ghost = figures.skeleton([evil] * 6)
    assert "<img" not in ghost
    assert shown.count('class="figure"') == ghost.count('class="figure"') == 6
    assert shown.count("<dd") == ghost.count("<dd")


def test_an_unchanged_list_is_not_sent_again():
    sent = []
    lists = ShortLists(lists=[short_list("k", "t", HEADS, [row("K", "?x", "t", "", THREE)])])
    lists.param.watch(lambda event: sent.append(event), ["lists"])
    lists.lists = [short_list("k", "t", HEADS, [row("K", "?x", "t", "", THREE)])]
    assert sent == []
