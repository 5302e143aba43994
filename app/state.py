"""What one session is looking at: exactly what a link can carry."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import param

from app import url


def _bound(doc: str, name: str = "") -> Any:
    return param.ClassSelector(class_=Decimal, default=url.DEFAULTS.get(name), allow_None=True, doc=doc)


class State(param.Parameterized):
    """The values of a link, as parameters; models and pages watch them, the router writes them into the address.

    Set several at once with `param.update`, so that one change is one event and one entry in the history.
    """

    page: param.Selector[str] = param.Selector(
        default=url.DEFAULTS["page"], objects=[*url.PAGE_KEYS, url.MISSING], doc="Page on the screen."
    )
    share: param.Selector[str] = param.Selector(
        default="contracts", objects=list(url.SHARES), doc="What the home page's bar shares."
    )
    within = param.String(default="", doc="Category whose tags are shared out; empty means all categories.")
    categories_sort: param.Selector[str] = param.Selector(
        default="contracts", objects=list(url.CATEGORY_SORTS), doc="Column the shares are sorted by."
    )
    categories_direction: param.Selector[str] = param.Selector(
        default="desc", objects=["desc", "asc"], doc="Direction of that sort."
    )
    text = param.String(default=url.DEFAULTS["text"], doc="Words every listed market must contain.")
    category = param.String(default=url.DEFAULTS["category"], doc="Only markets of this category; empty means all.")
    series = param.ClassSelector(class_=tuple, default=(), doc="Only markets of these series; empty means all.")
    status = param.ClassSelector(
        class_=tuple, default=url.DEFAULTS["status"], doc="Only markets of these statuses; empty means any."
    )
    chance_min = _bound("Smallest chance, in percent.")
    chance_max = _bound("Largest chance, in percent.")
    spread_min = _bound("Narrowest spread, in cents.")
    spread_max = _bound("Widest spread, in cents.")
    volume24h_min = _bound("Fewest contracts traded in 24 hours.")
    volume_min = _bound("Fewest contracts traded in all.")
    interest_min = _bound("Smallest open interest, in contracts.")
    days_min = _bound("Fewest days until the market ends.")
    days_max = _bound("Most days until the market ends.")
    opened_max = _bound("Most days since the market opened.")
    quality = param.ClassSelector(class_=tuple, default=(), doc="Only quotes of these qualities; empty means all.")
    sort: param.Selector[str] = param.Selector(
        default=url.DEFAULTS["sort"], objects=list(url.SORTS), doc="Column the list is sorted by."
    )
    direction: param.Selector[str] = param.Selector(
        default="desc", objects=["desc", "asc"], doc="Direction of the sort."
    )
    ties = param.ClassSelector(
        class_=tuple, default=(), doc="Columns that break ties of the sort; ``-`` before one: largest first."
    )
    columns: param.Selector[str] = param.Selector(
        default="quote", objects=list(url.COLUMN_SETS), doc="Set of columns of the list."
    )
    own_columns = param.ClassSelector(
        class_=tuple, default=(), doc="Single columns of the list, in order, in place of a set; empty: the set."
    )
    density: param.Selector[str] = param.Selector(
        default="roomy", objects=list(url.DENSITIES), doc="Height of the rows of the list."
    )
    movers_window: param.Selector[str] = param.Selector(
        default="24h", objects=list(url.MOVER_WINDOWS), doc="Window that moves are measured over."
    )
    movers_side: param.Selector[str] = param.Selector(
        default="both",
        objects=list(url.MOVER_SIDES),
        doc="Which way the listed markets moved, or that it is unknown.",
    )
    movers_volume24h_min = _bound("Fewest contracts a mover traded in 24 hours.", "movers_volume24h_min")
    movers_close_min = _bound("Fewest days until trading of a mover closes.", "movers_close_min")
    movers_close_max = _bound("Most days until trading of a mover closes.", "movers_close_max")
    movers_expires_min = _bound("Fewest days until a mover is expected to settle.", "movers_expires_min")
    movers_open_min = _bound("Fewest days since trading of a mover began.", "movers_open_min")
    movers_sort: param.Selector[str] = param.Selector(
        default="pp", objects=list(url.MOVER_SORTS), doc="What movers are ranked by; moves by their size."
    )
    movers_order: param.Selector[str] = param.Selector(
        default="desc", objects=["desc", "asc"], doc="Direction of the ranking of movers."
    )
    calendar_kind: param.Selector[str] = param.Selector(
        default="closes", objects=list(url.CALENDAR_KINDS), doc="What the calendar lists."
    )
    calendar_range: param.Selector[str] = param.Selector(
        default="7d", objects=list(url.CALENDAR_RANGES), doc="How far ahead the calendar looks, from today."
    )
    calendar_measure: param.Selector[str] = param.Selector(
        default="entries", objects=list(url.CALENDAR_MEASURES), doc="What the heat map of the calendar measures."
    )
    calendar_day = param.ClassSelector(
        class_=date, default=None, allow_None=True, doc="Day the calendar's list is narrowed to; None: the range."
    )
    calendar_hour: param.Selector[str] = param.Selector(
        default="",
        objects=["", *url.DAY_HOURS],
        doc="Hour of that day the list is narrowed to; empty: the whole day.",
    )
    calendar_sort: param.Selector[str] = param.Selector(
        default="time", objects=list(url.CALENDAR_SORTS), doc="Column the calendar's list is sorted by."
    )
    calendar_order: param.Selector[str] = param.Selector(
        default="asc", objects=["desc", "asc"], doc="Direction of that sort."
    )
    favourites_side: param.Selector[str] = param.Selector(
        default="both", objects=list(url.FAVOURITE_SIDES), doc="Sides that are listed as favourites."
    )
    favourites_bid_min = _bound("Least bid of a favourite, in cents.", "favourites_bid_min")
    favourites_annual_min = _bound(
        "Least simple annual return of a favourite net of fees, in percent.", "favourites_annual_min"
    )
    favourites_close_min = _bound("Fewest days until trading of a favourite closes.", "favourites_close_min")
    favourites_expires_min = _bound("Fewest days until a favourite is expected to expire.", "favourites_expires_min")
    favourites_volume_min = _bound("Fewest contracts a favourite's market traded in all.", "favourites_volume_min")
    favourites_order = param.Integer(
        default=100, bounds=(1, url.MAX_ORDER), doc="Contracts of the order that fees are counted for."
    )
    favourites_sort: param.Selector[str] = param.Selector(
        default="simple", objects=list(url.FAVOURITE_SORTS), doc="Column the favourites are ranked by."
    )
    favourites_direction: param.Selector[str] = param.Selector(
        default="desc", objects=["desc", "asc"], doc="Direction of the ranking of favourites."
    )
    table_page = param.Integer(
        default=1, bounds=(1, url.MAX_TABLE_PAGE), doc="Page of the list that is shown, counted from 1."
    )
    ticker = param.String(default="", doc="Market that is open; empty on other pages.")
    period: param.Selector[str] = param.Selector(
        default="1h", objects=list(url.PERIODS), doc="Period of one candlestick."
    )
    window: param.Selector[str] = param.Selector(
        default="7d", objects=list(url.WINDOWS), doc="How far back the chart reaches."
    )
    axis: param.Selector[str] = param.Selector(
        default="fit", objects=list(url.AXES), doc="Price axis: fitted to the prices, or the full 0 to 100 cents."
    )
    chart_style: param.Selector[str] = param.Selector(
        default="lines", objects=list(url.STYLES), doc="Prices of a market as lines or as candlesticks."
    )
    open_interest: param.Selector[str] = param.Selector(
        default="off", objects=list(url.INTERESTS), doc="Whether the chart has a line of open interest."
    )
    watchlist = param.String(default="", doc="Name of the watchlist that is shown; empty means the one of the stars.")
    watchlist_tickers = param.ClassSelector(
        class_=tuple, default=(), doc="Markets of a list that came with a link; empty shows the visitor's own list."
    )
    watchlist_sort: param.Selector[str] = param.Selector(
        default="own", objects=list(url.WATCH_SORTS), doc="Column a watchlist is sorted by; own keeps its order."
    )
    watchlist_direction: param.Selector[str] = param.Selector(
        default="desc", objects=["desc", "asc"], doc="Direction of a watchlist's sort."
    )
    series_text = param.String(default="", doc="Words every listed series must contain.")
    series_category = param.String(default="", doc="Only series of this category; empty means all.")
    series_tag = param.String(default="", doc="Only series with this tag; empty means all.")
    series_shown: param.Selector[str] = param.Selector(
        default="all", objects=list(url.SERIES_SHOWN), doc="All series, or only those with open markets."
    )
    series_sort: param.Selector[str] = param.Selector(
        default="volume24h", objects=list(url.SERIES_SORTS), doc="Column the list of series is sorted by."
    )
    series_direction: param.Selector[str] = param.Selector(
        default="desc", objects=["desc", "asc"], doc="Direction in which series are sorted."
    )
    series_page = param.Integer(default=1, bounds=(1, url.MAX_TABLE_PAGE), doc="Page of the list of series, from 1.")
    series_view: param.Selector[str] = param.Selector(
        default="table", objects=list(url.SERIES_VIEWS), doc="Series as a table or as cards."
    )
    series_ticker = param.String(default="", doc="Series that is open; empty on other pages.")
    series_from = param.ClassSelector(
        class_=date,
        default=None,
        allow_None=True,
        doc="First US-Eastern day of the charts; None: as the window.",
    )
    series_to = param.ClassSelector(
        class_=date, default=None, allow_None=True, doc="Last US-Eastern day of the charts; None: until now."
    )
    series_events_page = param.Integer(
        default=1, bounds=(1, url.MAX_TABLE_PAGE), doc="Page of a series' events, counted from 1."
    )
    event = param.String(default="", doc="Event that is open; empty on other pages.")
    event_scale: param.Selector[str] = param.Selector(
        default="raw", objects=list(url.SCALES), doc="Chances of an event as quoted, or normalised to a sum of 100 %."
    )
    event_drawn: param.Selector[str] = param.Selector(
        default="lines", objects=list(url.DRAWN_AS), doc="Chances of an event as lines, or stacked on each other."
    )
    event_hidden = param.ClassSelector(
        class_=tuple,
        default=(),
        doc="Lines that the chart of an event leaves out; ``other`` is the rest.",
    )
    event_sort: param.Selector[str] = param.Selector(
        default="lead", objects=list(url.OUTCOME_SORTS), doc="Column an event's outcomes are sorted by."
    )
    event_direction: param.Selector[str] = param.Selector(
        default="desc", objects=["desc", "asc"], doc="Direction in which an event's outcomes are sorted."
    )
    event_page = param.Integer(
        default=1, bounds=(1, url.MAX_TABLE_PAGE), doc="Page of an event's outcomes, counted from 1."
    )
    compare_tickers = param.ClassSelector(class_=tuple, default=(), doc="Markets that are compared, in their order.")
    compare_measure: param.Selector[str] = param.Selector(
        default="level",
        objects=list(url.COMPARED),
        doc="What is compared: chances, their change since the window's start in points, or in log-odds.",
    )
    compare_align: param.Selector[str] = param.Selector(
        default="clock", objects=list(url.ALIGNED), doc="Lines side by side by the clock, or by the time to close."
    )
    compare_hidden = param.ClassSelector(
        class_=tuple, default=(), doc="Compared markets whose lines the chart leaves out."
    )
    alerts_text = param.String(default="", doc="Words that what is listed of the log of alerts contains.")
    alerts_kind: param.Selector[str] = param.Selector(
        default="", objects=["", *url.ALERT_KINDS], doc="Only what rules of this kind said; empty means all."
    )
    alerts_page = param.Integer(default=1, bounds=(1, url.MAX_ALERT_PAGE), doc="Page of the log of alerts.")
    alerts_tickers = param.ClassSelector(class_=tuple, default=(), doc="Markets the form of a new rule begins with.")
    alerts_view = param.String(default="", doc="Link to the list of markets the form of a new rule begins with.")
    document: param.Selector[str] = param.Selector(
        default="", objects=["", *url.DOCUMENTS], doc="Page of the documentation that the Status page shows."
    )
    topic = param.String(default="", doc="Topic of the Method page that is brought into view; empty for none.")
    method_text = param.String(default="", doc="Words every shown topic of the Method page contains.")
    zone: param.Selector[str] = param.Selector(
        default="et", objects=list(url.ZONES), doc="Time zone of every time on the screen."
    )
    unit: param.Selector[str] = param.Selector(
        default="percent", objects=list(url.UNITS), doc="Unit of chances and prices; with percent prices are cents."
    )
    side: param.Selector[str] = param.Selector(
        default="yes", objects=list(url.SIDES), doc="Side whose chances, prices and changes are shown."
    )
    times: param.Selector[str] = param.Selector(
        default="relative", objects=list(url.TIMES), doc="Times as how far away they are, or as date and time of day."
    )

    drawer = param.String(default="", doc="Market that lies open beside the page; empty for none.")

    def shared(self) -> dict[str, Any]:
        """Return the values that every link of the session carries, by name."""
        return {name: getattr(self, name) for name in url.SHARED}

    def link_values(self) -> dict[str, Any]:
        """Return the values a link carries, by name."""
        return {name: getattr(self, name) for name in url.DEFAULTS}
