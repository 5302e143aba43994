"""Any link gives a screen, and the screen gives the link back."""

from __future__ import annotations

import string
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import link_words, page_keys, url
from app.state import State

TICKERS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", fullmatch=True)
TEXTS = (
    st.text(st.characters(codec="utf-8", exclude_categories=("C",)), max_size=100)
    .map(str.strip)
    .filter(lambda text: text.isprintable())
)


def amounts(most, places=0):
    return st.none() | st.decimals(0, most, places=places)


VALUES = {
    "share": st.sampled_from(link_words.SHARES),
    "document": st.sampled_from(("", *link_words.DOCUMENTS)),
    "status_part": st.sampled_from(("", *link_words.STATUS_PARTS)),
    "topic": st.just("") | st.from_regex(r"[a-z0-9]{1,12}(-[a-z0-9]{1,12}){0,2}", fullmatch=True),
    "method_text": TEXTS,
    "text": TEXTS,
    "category": TEXTS.filter(lambda text: len(text) <= 80),
    "series": st.lists(TICKERS, max_size=link_words.MAX_SERIES, unique=True).map(tuple),
    "status": st.lists(st.sampled_from(link_words.STATUSES), unique=True).map(tuple),
    "chance_min": amounts(100, 2),
    "chance_max": amounts(100, 2),
    "spread_min": amounts(100, 2),
    "spread_max": amounts(100, 2),
    "volume24h_min": amounts(link_words.MAX_CONTRACTS),
    "volume_min": amounts(link_words.MAX_CONTRACTS),
    "interest_min": amounts(link_words.MAX_CONTRACTS),
    "days_min": amounts(link_words.MAX_DAYS, 2),
    "days_max": amounts(link_words.MAX_DAYS, 2),
    "opened_max": amounts(link_words.MAX_DAYS, 2),
    "quality": st.lists(st.sampled_from(link_words.QUALITIES), unique=True).map(tuple),
    "ties": st.lists(
        st.sampled_from([sign + word for word in link_words.SORTS for sign in ("", "-")]),
        max_size=link_words.MAX_TIES,
        unique=True,
    ).map(tuple),
    "columns": st.sampled_from(link_words.COLUMN_SETS),
    "own_columns": st.lists(st.sampled_from(link_words.COLUMN_WORDS), unique=True).map(tuple),
    "density": st.sampled_from(link_words.DENSITIES),
    "sort": st.sampled_from(link_words.SORTS),
    "direction": st.sampled_from(["asc", "desc"]),
    "table_page": st.integers(1, link_words.MAX_TABLE_PAGE),
    "movers_window": st.sampled_from(list(link_words.MOVER_WINDOWS)),
    "movers_side": st.sampled_from(link_words.MOVER_SIDES),
    "movers_volume24h_min": amounts(link_words.MAX_CONTRACTS),
    "movers_close_min": amounts(link_words.MAX_DAYS, 2),
    "movers_close_max": amounts(link_words.MAX_DAYS, 2),
    "movers_expires_min": amounts(link_words.MAX_DAYS, 2),
    "movers_open_min": amounts(link_words.MAX_DAYS, 2),
    "movers_sort": st.sampled_from(link_words.MOVER_SORTS),
    "movers_order": st.sampled_from(["asc", "desc"]),
    "ticker": TICKERS,
    "period": st.sampled_from(list(link_words.PERIODS)),
    "window": st.sampled_from(link_words.WINDOWS),
    "axis": st.sampled_from(link_words.AXES),
    "chart_style": st.sampled_from(link_words.STYLES),
    "open_interest": st.sampled_from(link_words.INTERESTS),
    "compare_tickers": st.lists(TICKERS, max_size=link_words.MAX_COMPARED, unique=True).map(tuple),
    "compare_measure": st.sampled_from(link_words.COMPARED),
    "compare_align": st.sampled_from(link_words.ALIGNED),
    "compare_hidden": st.lists(TICKERS, max_size=link_words.MAX_COMPARED, unique=True).map(tuple),
    "series_text": TEXTS.filter(lambda text: len(text) <= 100),
    "series_category": TEXTS.filter(lambda text: len(text) <= 80),
    "series_tag": TEXTS.filter(lambda text: len(text) <= 80),
    "series_shown": st.sampled_from(link_words.SERIES_SHOWN),
    "series_sort": st.sampled_from(link_words.SERIES_SORTS),
    "series_direction": st.sampled_from(["asc", "desc"]),
    "series_page": st.integers(1, link_words.MAX_TABLE_PAGE),
    "series_view": st.sampled_from(link_words.SERIES_VIEWS),
    "series_ticker": TICKERS,
    "series_from": st.none() | st.dates(),
    "series_to": st.none() | st.dates(),
    "series_events_page": st.integers(1, link_words.MAX_TABLE_PAGE),
    "event": TICKERS,
    "event_scale": st.sampled_from(link_words.SCALES),
    "event_drawn": st.sampled_from(link_words.DRAWN_AS),
    "event_hidden": st.lists(TICKERS, max_size=link_words.MAX_HIDDEN, unique=True).map(tuple),
    "event_sort": st.sampled_from(link_words.OUTCOME_SORTS),
    "event_direction": st.sampled_from(["asc", "desc"]),
    "event_page": st.integers(1, link_words.MAX_TABLE_PAGE),
    "calendar_kind": st.sampled_from(link_words.CALENDAR_KINDS),
    "calendar_range": st.sampled_from(list(link_words.CALENDAR_RANGES)),
    "calendar_measure": st.sampled_from(link_words.CALENDAR_MEASURES),
    "calendar_day": st.none() | st.dates(),
    "calendar_hour": st.sampled_from(["", *link_words.DAY_HOURS]),
    "calendar_sort": st.sampled_from(link_words.CALENDAR_SORTS),
    "calendar_order": st.sampled_from(["asc", "desc"]),
    "within": TEXTS.filter(lambda text: len(text) <= 80),
    "categories_sort": st.sampled_from(link_words.CATEGORY_SORTS),
    "categories_direction": st.sampled_from(["asc", "desc"]),
    "watchlist": TEXTS.filter(lambda text: len(text) <= 60),
    "watchlist_tickers": st.lists(TICKERS, max_size=20, unique=True).map(tuple),
    "watchlist_sort": st.sampled_from(link_words.WATCH_SORTS),
    "watchlist_direction": st.sampled_from(["asc", "desc"]),
    "favourites_side": st.sampled_from(link_words.FAVOURITE_SIDES),
    "favourites_bid_min": amounts(100, 2),
    "favourites_annual_min": amounts(link_words.MAX_ANNUAL, 2),
    "favourites_close_min": amounts(link_words.MAX_DAYS, 2),
    "favourites_expires_min": amounts(link_words.MAX_DAYS, 2),
    "favourites_volume_min": amounts(link_words.MAX_CONTRACTS),
    "favourites_order": st.integers(1, link_words.MAX_ORDER),
    "favourites_sort": st.sampled_from(link_words.FAVOURITE_SORTS),
    "favourites_direction": st.sampled_from(["asc", "desc"]),
    "alerts_text": TEXTS,
    "alerts_kind": st.sampled_from(("", *link_words.ALERT_KINDS)),
    "alerts_page": st.integers(1, link_words.MAX_ALERT_PAGE),
    "alerts_tickers": st.lists(TICKERS, max_size=20, unique=True).map(tuple),
    "alerts_view": TEXTS,
    "alerts_list": TEXTS.filter(lambda text: len(text) <= 60),
    "alerts_rule": st.sampled_from(("", *link_words.ALERT_KINDS)),
    "alerts_way": st.sampled_from(link_words.ALERT_WAYS),
    "alerts_hours": st.sampled_from(link_words.ALERT_HOURS),
    "zone": st.sampled_from(link_words.ZONES),
    "unit": st.sampled_from(link_words.UNITS),
    "side": st.sampled_from(link_words.SIDES),
    "times": st.sampled_from(link_words.TIMES),
    "drawer": TICKERS,
}


@st.composite
def screens(draw):
    page = draw(st.sampled_from(list(page_keys.PAGE_KEYS)))
    own = {key.name: draw(VALUES[key.name]) for key in page_keys.PAGE_KEYS[page]}
    return page_keys.DEFAULTS | {"page": page} | own


@given(screens())
def test_a_screen_survives_its_link(values):
    link = url.encode(values)
    decoded = url.decode(link)
    if len(link) > url.MAX_QUERY_CHARACTERS:
        return
    assert decoded.values == values
    assert decoded.notes == ()


@given(screens())
def test_what_a_link_says_fits_the_state(values):
    state = State(**values)
    assert state.link_values() == values


@given(st.text(max_size=3000))
def test_any_text_decodes_to_a_screen(query):
    decoded = url.decode(query)
    State(**decoded.values)
    assert decoded.values.keys() == page_keys.DEFAULTS.keys()


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["page", "x", *{key.short for keys in page_keys.PAGE_KEYS.values() for key in keys}]),
            st.one_of(st.text(max_size=40), st.text(string.printable, max_size=40), st.integers().map(str)),
        ),
        max_size=25,
    )
)
def test_a_broken_value_falls_back_alone(pairs):
    query = urlencode(pairs, errors="replace")
    values = url.decode(query).values
    State(**values)
    again = url.decode(url.encode(values))
    assert again.notes == () or values["page"] == page_keys.MISSING


BROKEN = [
    *(f"?page=markets&p={value}" for value in ("²", "0", "-1", "1.5", "1e3", "9" * 5000, "٣", " 1", "1_0", "nan", "inf", "", "%ff", "%00")),
    *(f"?page=market&ticker={value}" for value in ("../../etc/passwd", "%00", "%ff", "a b", "' OR 1=1--", ";ATTACH 'x'", "<script>", "😀", "A" * 129, "-A", "%2e%2e")),
    *(f"?page={value}" for value in ("bogus", "MARKETS", "../", "<b>", "%ff", "missing", "1")),
    "?page=market",
    "?sort=drop&dir=up&tz=mars&category=&q=" + "x" * 101,
    "?" + "&".join(f"k{n}=1" for n in range(1000)),
    "?q=" + "y" * 40_000,
    "?a=b?c=d#e",
    "?" + quote("\ud800", errors="surrogatepass"),
    "&&&===",
    "?page=market&ticker=A&ticker=B",
]  # fmt: skip


@pytest.mark.parametrize("query", BROKEN, ids=lambda q: q[:40])
def test_a_broken_link_still_shows_something(query):
    State(**url.decode(query).values)


def test_other_keys_survive_a_broken_one():
    decoded = url.decode("?page=markets&q=rain&p=²&sort=nope&dir=asc")
    assert decoded.values["text"] == "rain"
    assert decoded.values["direction"] == "asc"
    assert (decoded.values["table_page"], decoded.values["sort"]) == (1, "volume24h")
    assert len(decoded.notes) == 2
    assert "“p=²”" in decoded.notes[0]


def test_what_is_shown_instead_is_said_as_a_field_shows_it():
    (note,) = url.decode("?page=favourites&bid=-5").notes
    assert note == "“bid=-5” is not a number from 0 to 100 with at most 2 decimals; showing 90."
    for query in ("?page=markets&sort=it's", "?page=agenda&days=x", "?page=favourites&order=0&annual=-1&vol=x"):
        for said in url.decode(query).notes:
            assert not set("()") & set(said.partition("; showing ")[2])


@pytest.mark.parametrize("ticker", ["123", "NAN", "TRUE", "null", "1e5", "CON", "KXHIGHNY-26APR01-B72.5"])
def test_a_ticker_is_never_taken_for_something_else(ticker):
    assert url.decode(f"?page=market&ticker={ticker}").values["ticker"] == ticker


def test_a_text_that_looks_like_a_number_stays_text():
    assert url.decode("?q=007").values["text"] == "007"
    assert url.encode(page_keys.DEFAULTS | {"page": "markets", "text": "007"}) == "?page=markets&q=007"


def test_an_unknown_page_says_so():
    decoded = url.decode("?page=bogus&ticker=A")
    assert decoded.values["page"] == page_keys.MISSING
    assert "bogus" in decoded.notes[0]


def test_of_two_values_the_first_counts():
    decoded = url.decode("?page=market&ticker=A&ticker=B")
    assert decoded.values["ticker"] == "A"
    assert "twice" in decoded.notes[0]


def test_absent_keys_are_defaults_and_defaults_are_absent():
    assert url.decode("").values == page_keys.DEFAULTS
    assert url.encode(page_keys.DEFAULTS) == ""
    assert url.link("markets") == "?page=markets"
    assert url.link("market", ticker="A", window="7d", zone="et") == "?page=market&ticker=A"


@pytest.mark.parametrize("query", ["?q=rain", "?sort=title&dir=asc", "?p=3&tz=utc", "?utm_source=x&category=Sports"])
def test_a_link_of_nothing_but_filters_still_means_the_list_it_was_made_for(query):
    assert url.decode(query).values["page"] == "markets"
    assert url.decode("?page=pulse&" + query[1:]).values["page"] == "pulse"


@pytest.mark.parametrize("query", ["", "?", "?tz=utc", "?share=dollars", "?utm_source=x", "?page="])
def test_the_home_page_is_the_pulse(query):
    assert url.decode(query).values["page"] == "pulse"


def test_strangers_keys_are_left_alone():
    assert url.decode("?utm_source=x&theme=dark&page=markets").notes == ()


def test_a_request_is_read_as_a_browser_sent_it():
    arguments = {"page": [b"market"], "ticker": [b"A", b"B"], "q": ["²".encode()], "x": [b"\xff"]}
    decoded = url.decode(url.query_of(arguments))
    assert decoded.values["ticker"] == "A"
    assert url.query_of(None) == ""
    assert url.decode(url.query_of({"q": ["²".encode()]})).values["text"] == "²"
    assert url.decode(url.query_of({"q": [b"\xff"]})).values["text"] == "\ufffd"
