"""Dense tables and pages of the documentation: text of others stays text, and the forms of Markdown are drawn."""

from __future__ import annotations

import pytest

from components.document import document
from components.listing import Head, Shown, listing, section

HOSTILE = "<img src=x onerror=alert(1)>"


def test_a_listing_escapes_cells_heads_titles_and_its_name():
    shown = listing([Head(HOSTILE, HOSTILE)], [[Shown(HOSTILE, HOSTILE)], [HOSTILE]], label=HOSTILE)
    assert "<img" not in shown
    assert shown.count("&lt;img") == 7


def test_a_long_cell_has_the_whole_of_it_on_hover():
    assert 'title="a long reason"' in listing([Head("Reason", kind="long")], [["a long reason"]], label="x")
    assert 'title=""' in listing([Head("Reason")], [["a short one"]], label="x")


def test_a_row_that_does_not_fit_its_columns_is_an_error_and_not_a_shifted_table():
    with pytest.raises(ValueError, match="zip"):
        listing([Head("One"), Head("Two")], [["1"]], label="x")


def test_a_list_without_end_is_refused():
    with pytest.raises(ValueError, match="too many"):
        listing([Head("One")], [["1"]] * 201, label="x")


def test_a_section_is_a_region_of_its_own():
    assert 'aria-label="Stored tables"' in section("Stored tables", "12 rows", listing([], [], label="x"))


def test_the_forms_of_markdown_are_drawn():
    text = "# Title\n\nA **bold** word, `code` and\n[a link](../x.md).\n\n- one\n  more of one\n- two\n"
    assert document(text) == (
        '<article class="document"><h2>Title</h2><p>A <b>bold</b> word, <code>code</code> and a link.</p>'
        "<ul><li>one more of one</li><li>two</li></ul></article>"
    )


def test_a_table_of_markdown_has_a_head_and_rows_and_no_rule():
    shown = document("| a | b |\n|---|---|\n| 1 | `x \\| y` |\n")
    assert "<thead><tr><th>a</th><th>b</th></tr></thead>" in shown
    assert "<td>1</td><td><code>x | y</code></td>" in shown
    assert "---" not in shown


def test_code_keeps_its_lines_and_places_and_nothing_in_it_is_drawn():
    shown = document("```\nmake run\n  # not a title\n| no | table |\n```\n")
    assert shown.count("<br>") == 2
    assert "<h2>" not in shown
    assert "<table>" not in shown


def test_markup_in_a_text_is_shown_as_text():
    shown = document(f"# {HOSTILE}\n\n{HOSTILE} `{HOSTILE}`\n\n| {HOSTILE} |\n\n```\n{HOSTILE}\n")
    assert "<img" not in shown
    assert shown.count("&lt;img") == 5
