"""What one session is looking at: exactly what a link can carry."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import param

from app.page_keys import DEFAULTS, KEYS, MISSING, PAGE_KEYS, SHARED


def _word(name: str, doc: str) -> param.Selector[str]:
    key = KEYS[name]
    return param.Selector(default=key.default, objects=list(key.form.words), doc=doc)


def _several(name: str, doc: str) -> param.ClassSelector[tuple[str, ...]]:
    return param.ClassSelector(class_=tuple, default=KEYS[name].default, doc=doc)


def _bound(name: str, doc: str) -> param.ClassSelector[Decimal | None]:
    return param.ClassSelector(class_=Decimal, default=KEYS[name].default, allow_None=True, doc=doc)


def _day(name: str, doc: str) -> param.ClassSelector[date | None]:
    return param.ClassSelector(class_=date, default=KEYS[name].default, allow_None=True, doc=doc)


def _text(name: str, doc: str) -> param.String:
    return param.String(default=KEYS[name].default, doc=doc)


def _natural(name: str, doc: str) -> param.Integer:
    key = KEYS[name]
    return param.Integer(default=key.default, bounds=(1, key.form.most), doc=doc)


class State(param.Parameterized):
    """The values of a link, as parameters; models and pages watch them, the router writes them into the address.

    Set several at once with `param.update`, so that one change is one event and one entry in the history.
    """

    #: Markets of the last comparison of the session. No link of its own: links of markets lead back into it.
    compared: tuple[str, ...] = ()

    page: param.Selector[str] = param.Selector(
        default=DEFAULTS["page"],
        objects=[*PAGE_KEYS, MISSING],
        doc="Page on the screen.",
    )
    share = _word("share", "What the home page's bar shares.")
    within = _text("within", "Category whose tags are shared out; empty means all categories.")
    categories_sort = _word("categories_sort", "Column the shares are sorted by.")
    categories_direction = _word("categories_direction", "Direction of that sort.")
    text = _text("text", "Words every listed market must contain.")
    category = _text("category", "Only markets of this category; empty means all.")
    series = _several("series", "Only markets of these series; empty means all.")
    status = _several("status", "Only markets of these statuses; empty means any.")
    chance_min = _bound("chance_min", "Smallest chance, in percent.")
    chance_max = _bound("chance_max", "Largest chance, in percent.")
    spread_min = _bound("spread_min", "Narrowest spread, in cents.")
    spread_max = _bound("spread_max", "Widest spread, in cents.")
    volume24h_min = _bound("volume24h_min", "Fewest contracts traded in 24 hours.")
    volume_min = _bound("volume_min", "Fewest contracts traded in all.")
    interest_min = _bound("interest_min", "Smallest open interest, in contracts.")
    days_min = _bound("days_min", "Fewest days until the market ends.")
    days_max = _bound("days_max", "Most days until the market ends.")
    opened_max = _bound("opened_max", "Most days since the market opened.")
    quality = _several("quality", "Only quotes of these qualities; empty means all.")
    sort = _word("sort", "Column the list is sorted by.")
    direction = _word("direction", "Direction of the sort.")
    ties = _several("ties", "Columns that break ties of the sort; ``-`` before one: largest first.")
    columns = _word("columns", "Set of columns of the list.")
    own_columns = _several("own_columns", "Single columns of the list, in order, in place of a set; empty: the set.")
    density = _word("density", "Height of the rows of the list.")
    movers_window = _word("movers_window", "Window that moves are measured over.")
    movers_side = _word("movers_side", "Which way the listed markets moved, or that it is unknown.")
    movers_volume24h_min = _bound("movers_volume24h_min", "Fewest contracts a mover traded in 24 hours.")
    movers_close_min = _bound("movers_close_min", "Fewest days until trading of a mover closes.")
    movers_close_max = _bound("movers_close_max", "Most days until trading of a mover closes.")
    movers_expires_min = _bound("movers_expires_min", "Fewest days until a mover is expected to settle.")
    movers_open_min = _bound("movers_open_min", "Fewest days since trading of a mover began.")
    movers_sort = _word("movers_sort", "What movers are ranked by; moves by their size.")
    movers_order = _word("movers_order", "Direction of the ranking of movers.")
    calendar_kind = _word("calendar_kind", "What the calendar lists.")
    calendar_range = _word("calendar_range", "How far ahead the calendar looks, from today.")
    calendar_measure = _word("calendar_measure", "What the heat map of the calendar measures.")
    calendar_day = _day("calendar_day", "Day the calendar's list is narrowed to; None: the range.")
    calendar_hour = _word("calendar_hour", "Hour of that day the list is narrowed to; empty: the whole day.")
    calendar_sort = _word("calendar_sort", "Column the calendar's list is sorted by.")
    calendar_order = _word("calendar_order", "Direction of that sort.")
    favourites_side = _word("favourites_side", "Sides that are listed as favourites.")
    favourites_bid_min = _bound("favourites_bid_min", "Least bid of a favourite, in cents.")
    favourites_annual_min = _bound(
        "favourites_annual_min", "Least simple annual return of a favourite net of fees, in percent."
    )
    favourites_close_min = _bound("favourites_close_min", "Fewest days until trading of a favourite closes.")
    favourites_expires_min = _bound("favourites_expires_min", "Fewest days until a favourite is expected to expire.")
    favourites_volume_min = _bound("favourites_volume_min", "Fewest contracts a favourite's market traded in all.")
    favourites_order = _natural("favourites_order", "Contracts of the order that fees are counted for.")
    favourites_sort = _word("favourites_sort", "Column the favourites are ranked by.")
    favourites_direction = _word("favourites_direction", "Direction of the ranking of favourites.")
    table_page = _natural("table_page", "Page of the list that is shown, counted from 1.")
    ticker = _text("ticker", "Market that is open; empty on other pages.")
    period = _word("period", "Period of one candlestick.")
    window = _word("window", "How far back the chart reaches.")
    axis = _word("axis", "Price axis: fitted to the prices, or the full 0 to 100 cents.")
    chart_style = _word("chart_style", "Prices of a market as lines or as candlesticks.")
    open_interest = _word("open_interest", "Whether the chart has a line of open interest.")
    watchlist = _text("watchlist", "Name of the watchlist that is shown; empty means the one of the stars.")
    watchlist_tickers = _several(
        "watchlist_tickers", "Markets of a list that came with a link; empty shows the visitor's own list."
    )
    watchlist_sort = _word("watchlist_sort", "Column a watchlist is sorted by; own keeps its order.")
    watchlist_direction = _word("watchlist_direction", "Direction of a watchlist's sort.")
    series_text = _text("series_text", "Words every listed series must contain.")
    series_category = _text("series_category", "Only series of this category; empty means all.")
    series_tag = _text("series_tag", "Only series with this tag; empty means all.")
    series_shown = _word("series_shown", "All series, or only those with open markets.")
    series_sort = _word("series_sort", "Column the list of series is sorted by.")
    series_direction = _word("series_direction", "Direction in which series are sorted.")
    series_page = _natural("series_page", "Page of the list of series, from 1.")
    series_view = _word("series_view", "Series as a table or as cards.")
    series_ticker = _text("series_ticker", "Series that is open; empty on other pages.")
    series_from = _day("series_from", "First US-Eastern day of the charts; None: as the window.")
    series_to = _day("series_to", "Last US-Eastern day of the charts; None: until now.")
    series_events_page = _natural("series_events_page", "Page of a series' events, counted from 1.")
    event = _text("event", "Event that is open; empty on other pages.")
    event_scale = _word("event_scale", "Chances of an event as quoted, or normalised to a sum of 100 %.")
    event_drawn = _word("event_drawn", "Chances of an event as lines, or stacked on each other.")
    event_hidden = _several("event_hidden", "Lines that the chart of an event leaves out; ``other`` is the rest.")
    event_sort = _word("event_sort", "Column an event's outcomes are sorted by.")
    event_direction = _word("event_direction", "Direction in which an event's outcomes are sorted.")
    event_page = _natural("event_page", "Page of an event's outcomes, counted from 1.")
    compare_tickers = _several("compare_tickers", "Markets that are compared, in their order.")
    compare_measure = _word(
        "compare_measure",
        "What is compared: chances, their change since the window's start in points, or in log-odds.",
    )
    compare_align = _word("compare_align", "Lines side by side by the clock, or by the time to close.")
    compare_hidden = _several("compare_hidden", "Compared markets whose lines the chart leaves out.")
    alerts_text = _text("alerts_text", "Words that what is listed of the log of alerts contains.")
    alerts_kind = _word("alerts_kind", "Only what rules of this kind said; empty means all.")
    alerts_page = _natural("alerts_page", "Page of the log of alerts.")
    alerts_tickers = _several("alerts_tickers", "Markets the form of a new rule begins with.")
    alerts_view = _text("alerts_view", "Link to the list of markets the form of a new rule begins with.")
    alerts_list = _text("alerts_list", "Watchlist of the visitor's the form of a new rule begins with.")
    alerts_rule = _word("alerts_rule", "Kind of rule the form begins with; empty: the first.")
    alerts_way = _word("alerts_way", "Direction the form begins with; empty: the kind's first.")
    alerts_hours = _word("alerts_hours", "Hours of a move the form begins with; empty: the shortest.")
    document = _word("document", "Page of the documentation that the Status page shows.")
    status_part = _word("status_part", "Part of the Status page that is brought into view; empty for none.")
    topic = _text("topic", "Topic of the Method page that is brought into view; empty for none.")
    method_text = _text("method_text", "Words every shown topic of the Method page contains.")
    zone = _word("zone", "Time zone of every time on the screen.")
    unit = _word("unit", "Unit of chances and prices; with percent prices are cents.")
    side = _word("side", "Side whose chances, prices and changes are shown.")
    times = _word("times", "Times as how far away they are, or as date and time of day.")

    drawer = _text("drawer", "Market that lies open beside the page; empty for none.")

    def shared(self) -> dict[str, Any]:
        """Return the values that every link of the session carries, by name."""
        return {name: getattr(self, name) for name in SHARED}

    def link_values(self) -> dict[str, Any]:
        """Return the values a link carries, by name."""
        return {name: getattr(self, name) for name in DEFAULTS}
