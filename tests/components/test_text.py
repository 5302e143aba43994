"""Text from outside is harmless by the time it can be shown."""

from __future__ import annotations

import html
import sys
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.markup_pane import markup_pane, show
from components.text import Markup, escape, join, markup, plain


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.found.append(tag)


def tags(text: str) -> list[str]:
    parser = _Tags()
    parser.feed(text)
    parser.close()
    return parser.found


@given(st.text(max_size=400))
def test_no_text_ever_opens_a_tag_or_leaves_an_attribute(text):
    shown = markup('<p title="{text}">{text}</p>', text=text)
    assert tags(shown) == ["p"]
    assert '"' not in escape(text)
    assert "'" not in escape(text)


@given(st.text(max_size=400))
def test_escaping_loses_nothing_that_can_be_read(text):
    assert html.unescape(escape(text)) == plain(text)


def test_direction_and_control_characters_are_left_out():
    assert plain("a\u202eb\u2066c\u200bd\x00e\x1bf") == "abcdef"
    assert plain("two\n lines\tand\u00a0more") == "two lines and more"


def test_nothing_that_is_left_out_counts_as_printable():
    """`plain` reads only those texts by letter that are not printable as a whole."""
    unseen = {"Cc", "Cf", "Cs", "Co", "Cn"}
    printable = [c for c in map(chr, range(sys.maxunicode + 1)) if c.isprintable()]
    assert not [c for c in printable if unicodedata.category(c) in unseen or (c.isspace() and c != " ")]


@given(st.text(min_size=1, max_size=5000), st.integers(1, 400))
def test_text_is_cut(text, limit):
    assert len(plain(text, limit)) <= limit


def test_a_cut_is_marked():
    assert plain("A" * 500) == "A" * 299 + "…"


def test_absent_text_is_empty():
    assert plain(None) == ""


def test_markup_goes_through_and_text_does_not():
    inner = markup("<b>{x}</b>", x="<i>")
    assert markup("<p>{inner}</p>", inner=inner) == "<p><b>&lt;i&gt;</b></p>"
    assert markup("<p>{inner}</p>", inner=str(inner)) == "<p>&lt;b&gt;&amp;lt;i&amp;gt;&lt;/b&gt;</p>"


def test_a_format_spec_cuts():
    assert markup("{x:3}", x="abcdef") == "ab…"


def test_only_markup_is_joined_and_shown():
    with pytest.raises(TypeError):
        join([Markup("a"), "<script>"])
    with pytest.raises(TypeError):
        markup_pane("<script>")
    pane = markup_pane(Markup("a"))
    with pytest.raises(TypeError):
        show(pane, "<script>")
    assert pane.object == "a"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("Will **Real Madrid** win?", "Will Real Madrid win?"),
        ("**A** or **B**", "A or B"),
        ("“**Bold**”, (**x**) **5 * 3**!", "“Bold”, (x) 5 * 3!"),
        ("two\n**lines\nlong** here", "two lines long here"),
        ("**Real\u202e Madrid**", "Real Madrid"),
        *(
            (kept, kept)
            for kept in (
                "5 ** 2",
                "2**3 and 4**5",
                "*one* star",
                "**open",
                "close**",
                "** a **",
                "****",
                "***",
                "a * b ** c",
            )
        ),
    ],
)
def test_pairs_of_marks_of_emphasis_go_and_all_other_stars_stay(sent, shown):
    assert plain(sent) == shown
    assert html.unescape(escape(sent)) == shown


_WORDS = st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters="*"), min_size=1, max_size=12)


@given(st.lists(st.tuples(_WORDS, st.booleans()), min_size=1, max_size=12))
def test_of_words_with_marks_around_some_only_the_marks_go(words):
    sent = " ".join(f"**{word}**" if marked else word for word, marked in words)
    assert plain(sent, 1000) == plain(" ".join(word for word, _ in words), 1000)


@given(st.text(st.sampled_from("*a 5"), max_size=60))
def test_nothing_but_stars_ever_goes_and_never_half_a_pair(text):
    before = " ".join(text.split())
    shown = plain(text)
    assert shown.replace("*", "") == before.replace("*", "")
    assert (before.count("*") - shown.count("*")) % 4 == 0
    assert before.count("**") > 1 or shown == before
