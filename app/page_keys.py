"""The keys of each page's links: what a link carries beside its page, under which word, and with which default.

Names are global: a key that several pages share is one key here, so that it means the same on all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app import link_words as words
from app.link_values import (
    DAY,
    ONE_TICKER,
    TOPIC,
    Form,
    amount,
    choice,
    natural,
    several,
    some_of,
    some_or,
    text,
    tickers,
)

HOME = "pulse"

#: The page that a link of nothing but its filters means: it was the home page once, and such links are still about.
FILTERED = "markets"

#: The page that explains that a link leads nowhere; no link carries it, its query is kept as it came.
MISSING = "missing"


@dataclass(frozen=True)
class Key:
    """One key of a link: the value it carries, its word in the address, its default, and its form there."""

    name: str
    short: str
    default: Any
    form: Form


_PERCENT = amount(100, 2)
_CONTRACTS = amount(words.MAX_CONTRACTS)
_DAYS = amount(words.MAX_DAYS, 2)
_DIRECTION = choice("desc", "asc")
_PAGE = natural(words.MAX_TABLE_PAGE)


def _is_signed_sort(word: str) -> bool:
    """Whether a word names a column, ``-`` before it saying that the largest comes first."""
    return word.removeprefix("-") in words.SORTS


#: How a reader likes to read: in the links of every page.
_READING = (
    Key("zone", "tz", "et", choice(*words.ZONES)),
    Key("unit", "unit", "percent", choice(*words.UNITS)),
    Key("side", "side", "yes", choice(*words.SIDES)),
    Key("times", "times", "relative", choice(*words.TIMES)),
)
#: Names of what a reader takes along from page to page.
SHARED = tuple(key.name for key in _READING)
#: Keys of every page: how it is read, and the market that lies open beside it, which no link to another page carries.
_EVERYWHERE = (*_READING, Key("drawer", "drawer", "", ONE_TICKER))

# Keys of more than one page.
_SHARE = Key("share", "share", "contracts", choice(*words.SHARES))
_CATEGORY = Key("category", "category", "", text(80))
_SERIES = Key("series", "series", (), tickers(words.MAX_SERIES, "tickers of series"))
_TABLE_PAGE = Key("table_page", "p", 1, _PAGE)
_EVENT = Key("event", "event", "", ONE_TICKER)
_WINDOW = Key("window", "window", "7d", choice(*words.WINDOWS))
_AXIS = Key("axis", "axis", "fit", choice(*words.AXES))
_EVENT_CHART = (
    Key("event_scale", "scale", "raw", choice(*words.SCALES)),
    Key("event_drawn", "as", "lines", choice(*words.DRAWN_AS)),
    _AXIS,
    Key("event_hidden", "hide", (), tickers(words.MAX_HIDDEN, "outcomes")),
)

_OWN: dict[str, tuple[Key, ...]] = {
    "pulse": (_SHARE,),
    "movers": (
        Key("movers_window", "window", "24h", choice(*words.MOVER_WINDOWS)),
        Key("movers_side", "move", "both", choice(*words.MOVER_SIDES)),
        _CATEGORY,
        _SERIES,
        Key("movers_volume24h_min", "v24", Decimal(2000), _CONTRACTS),
        Key("movers_close_min", "cmin", Decimal(1), _DAYS),
        Key("movers_close_max", "cmax", Decimal(365), _DAYS),
        Key("movers_expires_min", "xmin", Decimal(1), _DAYS),
        Key("movers_open_min", "omin", Decimal(2), _DAYS),
        Key("movers_sort", "by", "pp", choice(*words.MOVER_SORTS)),
        Key("movers_order", "dir", "desc", _DIRECTION),
        _TABLE_PAGE,
    ),
    "calendar": (
        Key("calendar_kind", "kind", "closes", choice(*words.CALENDAR_KINDS)),
        Key("calendar_range", "range", "7d", choice(*words.CALENDAR_RANGES)),
        _CATEGORY,
        Key("calendar_measure", "by", "entries", choice(*words.CALENDAR_MEASURES)),
        Key("calendar_day", "day", None, DAY),
        Key("calendar_hour", "hour", "", choice("", *words.DAY_HOURS)),
        Key("calendar_sort", "sort", "time", choice(*words.CALENDAR_SORTS)),
        Key("calendar_order", "dir", "asc", _DIRECTION),
        _TABLE_PAGE,
    ),
    "markets": (
        Key("text", "q", "", text(100)),
        _CATEGORY,
        _SERIES,
        Key("status", "status", ("open",), some_or(words.ANY_STATUS, words.STATUSES, "statuses")),
        Key("chance_min", "pmin", None, _PERCENT),
        Key("chance_max", "pmax", None, _PERCENT),
        Key("spread_min", "smin", None, _PERCENT),
        Key("spread_max", "spread", None, _PERCENT),
        Key("volume24h_min", "v24", None, _CONTRACTS),
        Key("volume_min", "vol", None, _CONTRACTS),
        Key("interest_min", "oi", None, _CONTRACTS),
        Key("days_min", "dmin", None, _DAYS),
        Key("days_max", "dmax", None, _DAYS),
        Key("opened_max", "new", None, _DAYS),
        Key("quality", "quote", (), some_of(words.QUALITIES, "qualities of a quote")),
        Key("sort", "sort", "volume24h", choice(*words.SORTS)),
        Key("direction", "dir", "desc", _DIRECTION),
        Key("ties", "then", (), several(_is_signed_sort, words.MAX_TIES, "columns")),
        _TABLE_PAGE,
        Key("columns", "cols", "quote", choice(*words.COLUMN_SETS)),
        Key("own_columns", "show", (), some_of(words.COLUMN_WORDS, "columns")),
        Key("density", "rows", "roomy", choice(*words.DENSITIES)),
    ),
    "market": (
        Key("ticker", "ticker", "", ONE_TICKER),
        Key("period", "period", "1h", choice(*words.PERIODS)),
        _WINDOW,
        _AXIS,
        Key("chart_style", "style", "lines", choice(*words.STYLES)),
        Key("open_interest", "oi", "off", choice(*words.INTERESTS)),
    ),
    "series": (
        Key("series_text", "q", "", text(100)),
        Key("series_category", "category", "", text(80)),
        Key("series_tag", "tag", "", text(80)),
        Key("series_shown", "only", "all", choice(*words.SERIES_SHOWN)),
        Key("series_sort", "sort", "volume24h", choice(*words.SERIES_SORTS)),
        Key("series_direction", "dir", "desc", _DIRECTION),
        Key("series_page", "p", 1, _PAGE),
        Key("series_view", "view", "table", choice(*words.SERIES_VIEWS)),
    ),
    "series_detail": (
        Key("series_ticker", "series_ticker", "", ONE_TICKER),
        _EVENT,
        _WINDOW,
        Key("series_from", "from", None, DAY),
        Key("series_to", "to", None, DAY),
        *_EVENT_CHART,
        Key("series_events_page", "p", 1, _PAGE),
    ),
    "alerts": (
        Key("alerts_text", "q", "", text(100)),
        Key("alerts_kind", "kind", "", choice("", *words.ALERT_KINDS)),
        Key("alerts_page", "p", 1, natural(words.MAX_ALERT_PAGE)),
        Key("alerts_tickers", "tickers", (), tickers(words.MAX_SHARED)),
        Key("alerts_view", "view", "", text(1000)),
        Key("alerts_list", "list", "", text(60)),
        Key("alerts_rule", "rule", "", choice("", *words.ALERT_KINDS)),
        Key("alerts_way", "way", "", choice(*words.ALERT_WAYS)),
        Key("alerts_hours", "hours", "", choice(*words.ALERT_HOURS)),
    ),
    "categories": (
        _SHARE,
        Key("within", "of", "", text(80)),
        Key("categories_sort", "sort", "contracts", choice(*words.CATEGORY_SORTS)),
        Key("categories_direction", "dir", "desc", _DIRECTION),
    ),
    "compare": (
        Key("compare_tickers", "tickers", (), tickers(words.MAX_COMPARED)),
        _WINDOW,
        Key("compare_measure", "y", "level", choice(*words.COMPARED)),
        Key("compare_align", "x", "clock", choice(*words.ALIGNED)),
        Key("compare_hidden", "hide", (), tickers(words.MAX_COMPARED)),
    ),
    "watchlists": (
        Key("watchlist", "list", "", text(60)),
        Key("watchlist_tickers", "tickers", (), tickers(words.MAX_SHARED)),
        Key("watchlist_sort", "sort", "own", choice(*words.WATCH_SORTS)),
        Key("watchlist_direction", "dir", "desc", _DIRECTION),
    ),
    "method": (Key("topic", "topic", "", TOPIC), Key("method_text", "q", "", text(100))),
    "news": (),
    "event": (
        _EVENT,
        _WINDOW,
        *_EVENT_CHART,
        Key("event_sort", "sort", "lead", choice(*words.OUTCOME_SORTS)),
        Key("event_direction", "dir", "desc", _DIRECTION),
        Key("event_page", "p", 1, _PAGE),
    ),
    "favourites": (
        Key("favourites_side", "which", "both", choice(*words.FAVOURITE_SIDES)),
        _CATEGORY,
        Key("favourites_bid_min", "bid", Decimal(90), _PERCENT),
        Key("favourites_annual_min", "annual", Decimal(20), amount(words.MAX_ANNUAL, 2)),
        Key("favourites_close_min", "close", Decimal(2), _DAYS),
        Key("favourites_expires_min", "expires", Decimal(2), _DAYS),
        Key("favourites_volume_min", "vol", Decimal(500), _CONTRACTS),
        Key("favourites_order", "order", 100, natural(words.MAX_ORDER)),
        Key("favourites_sort", "sort", "simple", choice(*words.FAVOURITE_SORTS)),
        Key("favourites_direction", "dir", "desc", _DIRECTION),
        _TABLE_PAGE,
    ),
    "status": (
        Key("document", "doc", "", choice("", *words.DOCUMENTS)),
        Key("status_part", "part", "", choice("", *words.STATUS_PARTS)),
    ),
}

#: What each page's links carry beside `page`.
PAGE_KEYS = {page: (*own, *_EVERYWHERE) for page, own in _OWN.items()}

#: Every key by its name.
KEYS = {key.name: key for keys in PAGE_KEYS.values() for key in keys}

DEFAULTS: dict[str, Any] = {"page": HOME} | {name: key.default for name, key in KEYS.items()}
