"""The codec between a query string and what is on the screen: pure, total, per key.

Any text decodes. A key that is absent has its default; a value that cannot be read falls back to its default and
leaves a note, without touching the other keys. Defaults are left out of links; a link names its page, so that it
stays true when another page becomes the home page. `decode(encode(values)).values == values` for whatever the screen
can show.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlencode

HOME = "pulse"

#: The page that a link of nothing but its filters means: it was the home page once, and such links are still about.
FILTERED = "markets"

#: Shape of a market's ticker; everything else is refused before it comes near a query.
TICKER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")

#: Longest query string that is read, in characters, and most keys.
MAX_QUERY_CHARACTERS = 2048
MAX_KEYS = 40


class _UnreadableError(ValueError):
    """A value of a link that cannot be read; the message is for a person."""


@dataclass(frozen=True)
class Key:
    """One key of a link: the value it carries, its default, and how it is read and written."""

    name: str
    short: str
    default: Any
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str


def _text(limit: int) -> Callable[[str], str]:
    def read(raw: str) -> str:
        # Control characters cannot have been typed; they are left out rather than searched for.
        text = "".join(c for c in raw if c.isprintable()).strip()
        if len(text) > limit:
            raise _UnreadableError(f"is longer than {limit} characters")
        return text

    return read


def _choice(*words: str) -> Callable[[str], str]:
    def read(raw: str) -> str:
        if raw not in words:
            said = f"is none of {', '.join(words)}" if len(words) <= 5 else "is not one of its values"
            raise _UnreadableError(said)
        return raw

    return read


def _natural(most: int) -> Callable[[str], int]:
    def read(raw: str) -> int:
        # `isdigit` alone lets through "²", and `int` alone "1_0" and " 1".
        if not (raw.isascii() and raw.isdigit() and len(raw) <= len(str(most)) and 1 <= int(raw) <= most):
            raise _UnreadableError(f"is not a whole number from 1 to {most:,}")
        return int(raw)

    return read


def _amount(most: int, digits: int = 0) -> Callable[[str], Decimal | None]:
    shape = re.compile(r"\d{1,13}" + (rf"(\.\d{{1,{digits}}})?" if digits else ""), re.ASCII)

    def read(raw: str) -> Decimal | None:
        if not raw:
            return None
        if not shape.fullmatch(raw) or Decimal(raw) > most:
            grid = f"with at most {digits} decimals" if digits else "without decimals"
            raise _UnreadableError(f"is not a number from 0 to {most:,} {grid}")
        return Decimal(raw)

    return read


def _plain_number(value: Decimal | None) -> str:
    # A bound that has a default is taken away by an empty value.
    return "" if value is None else f"{value.normalize():f}"


def _several(allowed: Callable[[str], bool], most: int, what: str) -> Callable[[str], tuple[str, ...]]:
    def read(raw: str) -> tuple[str, ...]:
        words = tuple(dict.fromkeys(word for word in raw.split(",") if word))
        if len(words) > most or not all(allowed(word) for word in words):
            raise _UnreadableError(f"is not a list of at most {most} {what}")
        return words

    return read


def _ticker(raw: str) -> str:
    if raw and not TICKER.fullmatch(raw):
        raise _UnreadableError("is not a ticker")
    return raw


#: What the calendar lists, how far ahead, what its heat map measures, and the columns of its list.
CALENDAR_KINDS = ("closes", "expires", "opens", "milestones")
CALENDAR_RANGES = {"7d": 7, "30d": 30}
CALENDAR_MEASURES = ("entries", "contracts", "interest")
CALENDAR_SORTS = ("time", "title", "outcome", "chance", "markets", "volume24h", "interest")
#: Hours of a day by what the clock shows; with ``b`` where it shows it a second time.
DAY_HOURS = (*(str(hour) for hour in range(24)), *(f"{hour}b" for hour in range(24)))
#: Shape of a word of ours in a link that only its page knows.
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def _slug(raw: str) -> str:
    if raw and not (len(raw) <= 40 and SLUG.fullmatch(raw)):
        raise _UnreadableError("is not a topic")
    return raw


#: What the home page's bar shares.
SHARES = ("contracts", "dollars", "interest")
#: Words of a link for the columns of the shares of categories.
CATEGORY_SORTS = ("name", "contracts", "dollars", "interest", "markets")
PERIODS = {"1m": 1, "1h": 60, "1d": 1440}
WINDOWS = ("1d", "7d", "30d", "all")
AXES = ("fit", "full")
STYLES = ("lines", "candlesticks")
INTERESTS = ("off", "on")
ZONES = ("et", "utc", "local")
#: What chances and prices are said in, whose they are, and how times are said.
UNITS = ("percent", "cents", "decimal", "american")
SIDES = ("yes", "no")
TIMES = ("relative", "absolute")
#: Pages of the documentation that the Status page can show.
DOCUMENTS = ("operations", "data-dictionary", "architecture", "simulated-exchange", "embedding", "dependencies")
#: Words of a link for the columns of the list of markets.
SORTS = (
    "ticker",
    "title",
    "outcome",
    "category",
    "series",
    "probability",
    "bid",
    "ask",
    "spread",
    "last",
    "change",
    "volume",
    "volume24h",
    "interest",
    "ends",
    "opened",
)
#: Words of a link for what a market's status is (see `app.models.market_choice`), and for the quality of its quote.
STATUSES = ("open", "paused", "unopened", "closed", "settled")
#: What a link says where no status is chosen: every market is listed.
ANY_STATUS = "any"
QUALITIES = ("tight", "ok", "wide", "one-sided", "none")
#: How an event's chances are scaled and drawn, and the words for the columns of its outcomes.
SCALES = ("raw", "proportional", "power")
DRAWN_AS = ("lines", "stacked")
OUTCOME_SORTS = (
    *("lead", "outcome", "probability", "bid", "ask", "spread", "bidsize", "asksize"),
    *("volume24h", "volume", "interest", "change", "quality"),
)
#: Words for the columns of the list of series, and how it is shown.
SERIES_SORTS = ("volume24h", "interest", "markets", "events", "volume", "title", "category", "ticker")
SERIES_VIEWS = ("table", "cards")
SERIES_SHOWN = ("all", "open")
#: Lines of an event's chart that can be hidden: ten outcomes and the sum of the others.
MAX_HIDDEN = 11
COLUMN_SETS = ("quote", "activity", "liquidity", "time", "structure")
#: Words of a link for single columns of the list, in the order they are offered; the title is always there.
COLUMN_WORDS = (
    *("chance", "change", "bid", "ask", "last", "spread", "volume24h", "volume", "interest", "recent", "turnover"),
    *("bid_size", "ask_size", "quality", "ends", "expected", "closes", "opened", "quoted"),
    *("category", "series", "event", "ticker", "status", "tick"),
)
DENSITIES = ("roomy", "dense")
#: Orders of a watchlist; ``own`` is the one that was given to it.
WATCH_SORTS = ("own", "title", "probability", "change", "spread", "volume24h", "volume", "ends", "status")
#: Most markets of a list in a link; what is longer goes as CSV.
MAX_SHARED = 100
#: Most markets that are compared, what is drawn of them, and what their lines are laid side by side by.
MAX_COMPARED = 8
COMPARED = ("level", "pp", "odds")
ALIGNED = ("clock", "close")
#: Kinds of rules of alerts, and most pages of their log.
ALERT_KINDS = ("price", "move", "surge", "spread", "closing")
MAX_ALERT_PAGE = 1_000
#: Most series that are listed together, and most columns that break ties of the first.
MAX_SERIES, MAX_TIES = 8, 2
#: Words of a link for the windows of the movers, in hours; which way they went, and what they are ranked by.
MOVER_WINDOWS = {"1h": 1, "6h": 6, "24h": 24, "7d": 168}
MOVER_SIDES = ("both", "up", "down", "unknown")
MOVER_SORTS = ("pp", "odds", "z", "title", "chance", "spread", "volume24h", "recent", "surge", "ends")
#: Which sides of a market are listed as favourites, what they are ranked by, and the largest order.
FAVOURITE_SIDES = ("both", "yes", "no")
FAVOURITE_SORTS = (
    *("title", "side", "bid", "ask", "cost", "return", "simple", "compound", "settles", "size", "spread"),
    "volume24h",
)
MAX_ORDER = 1_000_000
#: Largest return a year that can be asked for, in percent.
MAX_ANNUAL = 100_000
#: Above this page the reader wants a filter, and an offset would only cost.
MAX_TABLE_PAGE = 100_000
MAX_CONTRACTS = 1_000_000_000_000
MAX_DAYS = 36_500


def _day(raw: str) -> date | None:
    if not raw:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", raw, re.ASCII):
            return date.fromisoformat(raw)
    except ValueError:
        pass  # a day that no month has
    raise _UnreadableError("is not a day such as 2026-11-22")


def _statuses(raw: str) -> tuple[str, ...]:
    return () if raw == ANY_STATUS else _several(STATUSES.__contains__, len(STATUSES), "statuses")(raw)


def _write_statuses(words: tuple[str, ...]) -> str:
    return ",".join(words) or ANY_STATUS


def _is_ticker(word: str) -> bool:
    return bool(TICKER.fullmatch(word))


def _is_signed_sort(word: str) -> bool:
    """Whether a word names a column, ``-`` before it saying that the largest comes first."""
    return word.removeprefix("-") in SORTS


#: How a reader likes to read: in the links of every page.
_READING = (
    Key("zone", "tz", "et", _choice(*ZONES)),
    Key("unit", "unit", "percent", _choice(*UNITS)),
    Key("side", "side", "yes", _choice(*SIDES)),
    Key("times", "times", "relative", _choice(*TIMES)),
)
#: Names of what a reader takes along from page to page.
SHARED = tuple(key.name for key in _READING)
#: Keys of every page: how it is read, and the market that lies open beside it, which no link to another page carries.
_SHARED = (*_READING, Key("drawer", "drawer", "", _ticker))

#: What each page's links carry beside `page`.
PAGE_KEYS: dict[str, tuple[Key, ...]] = {
    "pulse": (Key("share", "share", "contracts", _choice(*SHARES)), *_SHARED),
    "movers": (
        Key("movers_window", "window", "24h", _choice(*MOVER_WINDOWS)),
        Key("movers_side", "move", "both", _choice(*MOVER_SIDES)),
        Key("category", "category", "", _text(80)),
        Key("series", "series", (), _several(_is_ticker, MAX_SERIES, "tickers of series"), ",".join),
        Key("movers_volume24h_min", "v24", Decimal(2000), _amount(MAX_CONTRACTS), _plain_number),
        Key("movers_close_min", "cmin", Decimal(1), _amount(MAX_DAYS, 2), _plain_number),
        Key("movers_close_max", "cmax", Decimal(365), _amount(MAX_DAYS, 2), _plain_number),
        Key("movers_expires_min", "xmin", Decimal(1), _amount(MAX_DAYS, 2), _plain_number),
        Key("movers_open_min", "omin", Decimal(2), _amount(MAX_DAYS, 2), _plain_number),
        Key("movers_sort", "by", "pp", _choice(*MOVER_SORTS)),
        Key("movers_order", "dir", "desc", _choice("desc", "asc")),
        Key("table_page", "p", 1, _natural(MAX_TABLE_PAGE)),
        *_SHARED,
    ),
    "calendar": (
        Key("calendar_kind", "kind", "closes", _choice(*CALENDAR_KINDS)),
        Key("calendar_range", "range", "7d", _choice(*CALENDAR_RANGES)),
        Key("category", "category", "", _text(80)),
        Key("calendar_measure", "by", "entries", _choice(*CALENDAR_MEASURES)),
        Key("calendar_day", "day", None, _day),
        Key("calendar_hour", "hour", "", _choice("", *DAY_HOURS)),
        Key("calendar_sort", "sort", "time", _choice(*CALENDAR_SORTS)),
        Key("calendar_order", "dir", "asc", _choice("desc", "asc")),
        Key("table_page", "p", 1, _natural(MAX_TABLE_PAGE)),
        *_SHARED,
    ),
    "markets": (
        Key("text", "q", "", _text(100)),
        Key("category", "category", "", _text(80)),
        Key("series", "series", (), _several(_is_ticker, MAX_SERIES, "tickers of series"), ",".join),
        Key("status", "status", ("open",), _statuses, _write_statuses),
        Key("chance_min", "pmin", None, _amount(100, 2), _plain_number),
        Key("chance_max", "pmax", None, _amount(100, 2), _plain_number),
        Key("spread_min", "smin", None, _amount(100, 2), _plain_number),
        Key("spread_max", "spread", None, _amount(100, 2), _plain_number),
        Key("volume24h_min", "v24", None, _amount(MAX_CONTRACTS), _plain_number),
        Key("volume_min", "vol", None, _amount(MAX_CONTRACTS), _plain_number),
        Key("interest_min", "oi", None, _amount(MAX_CONTRACTS), _plain_number),
        Key("days_min", "dmin", None, _amount(MAX_DAYS, 2), _plain_number),
        Key("days_max", "dmax", None, _amount(MAX_DAYS, 2), _plain_number),
        Key("opened_max", "new", None, _amount(MAX_DAYS, 2), _plain_number),
        Key("quality", "quote", (), _several(QUALITIES.__contains__, 5, "qualities of a quote"), ",".join),
        Key("sort", "sort", "volume24h", _choice(*SORTS)),
        Key("direction", "dir", "desc", _choice("desc", "asc")),
        Key("ties", "then", (), _several(_is_signed_sort, MAX_TIES, "columns"), ",".join),
        Key("table_page", "p", 1, _natural(MAX_TABLE_PAGE)),
        Key("columns", "cols", "quote", _choice(*COLUMN_SETS)),
        Key("own_columns", "show", (), _several(COLUMN_WORDS.__contains__, len(COLUMN_WORDS), "columns"), ",".join),
        Key("density", "rows", "roomy", _choice(*DENSITIES)),
        *_SHARED,
    ),
    "market": (
        Key("ticker", "ticker", "", _ticker),
        Key("period", "period", "1h", _choice(*PERIODS)),
        Key("window", "window", "7d", _choice(*WINDOWS)),
        Key("axis", "axis", "fit", _choice(*AXES)),
        Key("chart_style", "style", "lines", _choice(*STYLES)),
        Key("open_interest", "oi", "off", _choice(*INTERESTS)),
        *_SHARED,
    ),
    "series": (
        Key("series_text", "q", "", _text(100)),
        Key("series_category", "category", "", _text(80)),
        Key("series_tag", "tag", "", _text(80)),
        Key("series_shown", "only", "all", _choice(*SERIES_SHOWN)),
        Key("series_sort", "sort", "volume24h", _choice(*SERIES_SORTS)),
        Key("series_direction", "dir", "desc", _choice("desc", "asc")),
        Key("series_page", "p", 1, _natural(MAX_TABLE_PAGE)),
        Key("series_view", "view", "table", _choice(*SERIES_VIEWS)),
        *_SHARED,
    ),
    "series_detail": (
        Key("series_ticker", "series_ticker", "", _ticker),
        Key("event", "event", "", _ticker),
        Key("window", "window", "7d", _choice(*WINDOWS)),
        Key("series_from", "from", None, _day),
        Key("series_to", "to", None, _day),
        Key("event_scale", "scale", "raw", _choice(*SCALES)),
        Key("event_drawn", "as", "lines", _choice(*DRAWN_AS)),
        Key("axis", "axis", "fit", _choice(*AXES)),
        Key("event_hidden", "hide", (), _several(_is_ticker, MAX_HIDDEN, "outcomes"), ",".join),
        Key("series_events_page", "p", 1, _natural(MAX_TABLE_PAGE)),
        *_SHARED,
    ),
    "alerts": (
        Key("alerts_text", "q", "", _text(100)),
        Key("alerts_kind", "kind", "", _choice("", *ALERT_KINDS)),
        Key("alerts_page", "p", 1, _natural(MAX_ALERT_PAGE)),
        Key("alerts_tickers", "tickers", (), _several(_is_ticker, MAX_SHARED, "tickers"), ",".join),
        Key("alerts_view", "view", "", _text(1000)),
        *_SHARED,
    ),
    "categories": (
        Key("share", "share", "contracts", _choice(*SHARES)),
        Key("within", "of", "", _text(80)),
        Key("categories_sort", "sort", "contracts", _choice(*CATEGORY_SORTS)),
        Key("categories_direction", "dir", "desc", _choice("desc", "asc")),
        *_SHARED,
    ),
    "compare": (
        Key("compare_tickers", "tickers", (), _several(_is_ticker, MAX_COMPARED, "tickers"), ",".join),
        Key("window", "window", "7d", _choice(*WINDOWS)),
        Key("compare_measure", "y", "level", _choice(*COMPARED)),
        Key("compare_align", "x", "clock", _choice(*ALIGNED)),
        Key("compare_hidden", "hide", (), _several(_is_ticker, MAX_COMPARED, "tickers"), ",".join),
        *_SHARED,
    ),
    "watchlists": (
        Key("watchlist", "list", "", _text(60)),
        Key("watchlist_tickers", "tickers", (), _several(_is_ticker, MAX_SHARED, "tickers"), ",".join),
        Key("watchlist_sort", "sort", "own", _choice(*WATCH_SORTS)),
        Key("watchlist_direction", "dir", "desc", _choice("desc", "asc")),
        *_SHARED,
    ),
    "method": (Key("topic", "topic", "", _slug), Key("method_text", "q", "", _text(100)), *_SHARED),
    "news": _SHARED,
    "event": (
        Key("event", "event", "", _ticker),
        Key("window", "window", "7d", _choice(*WINDOWS)),
        Key("event_scale", "scale", "raw", _choice(*SCALES)),
        Key("event_drawn", "as", "lines", _choice(*DRAWN_AS)),
        Key("axis", "axis", "fit", _choice(*AXES)),
        Key("event_hidden", "hide", (), _several(_is_ticker, MAX_HIDDEN, "outcomes"), ",".join),
        Key("event_sort", "sort", "lead", _choice(*OUTCOME_SORTS)),
        Key("event_direction", "dir", "desc", _choice("desc", "asc")),
        Key("event_page", "p", 1, _natural(MAX_TABLE_PAGE)),
        *_SHARED,
    ),
    "favourites": (
        Key("favourites_side", "which", "both", _choice(*FAVOURITE_SIDES)),
        Key("category", "category", "", _text(80)),
        Key("favourites_bid_min", "bid", Decimal(90), _amount(100, 2), _plain_number),
        Key("favourites_annual_min", "annual", Decimal(20), _amount(MAX_ANNUAL, 2), _plain_number),
        Key("favourites_close_min", "close", Decimal(2), _amount(MAX_DAYS, 2), _plain_number),
        Key("favourites_expires_min", "expires", Decimal(2), _amount(MAX_DAYS, 2), _plain_number),
        Key("favourites_volume_min", "vol", Decimal(500), _amount(MAX_CONTRACTS), _plain_number),
        Key("favourites_order", "order", 100, _natural(MAX_ORDER)),
        Key("favourites_sort", "sort", "simple", _choice(*FAVOURITE_SORTS)),
        Key("favourites_direction", "dir", "desc", _choice("desc", "asc")),
        Key("table_page", "p", 1, _natural(MAX_TABLE_PAGE)),
        *_SHARED,
    ),
    "status": (Key("document", "doc", "", _choice("", *DOCUMENTS)), *_SHARED),
}

_FILTERS = {key.short for key in PAGE_KEYS[FILTERED]} - {key.short for key in PAGE_KEYS[HOME]}

#: Words that addresses carry beside a link: what is taken of the page as a file, how it is framed. No key of
#: a page may be one of them.
BESIDE = frozenset({"table", "format", "embed", "panel", "theme"})

#: The page that explains that a link leads nowhere; no link carries it, its query is kept as it came.
MISSING = "missing"

DEFAULTS: dict[str, Any] = {"page": HOME} | {key.name: key.default for keys in PAGE_KEYS.values() for key in keys}


@dataclass(frozen=True)
class Decoded:
    """What a link said: a value for every name of `DEFAULTS`, and what of it could not be read, for a person.

    `given` names the values that stand in the link itself.
    """

    values: dict[str, Any]
    notes: tuple[str, ...] = ()
    given: frozenset[str] = frozenset()


def decode(query: str) -> Decoded:
    """Read a query string, with or without its question mark; never raises."""
    values, notes = dict(DEFAULTS), []
    given: set[str] = set()
    if len(query) > MAX_QUERY_CHARACTERS:
        return Decoded(values, ("The link is too long; everything in it was left out.",))
    pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True, encoding="utf-8", errors="replace")
    raw: dict[str, str] = {}
    for name, value in pairs[:MAX_KEYS]:
        if name in raw and raw[name] != value:
            notes.append(f"“{name}” is given twice; the first counts.")
        raw.setdefault(name, value)
    if len(pairs) > MAX_KEYS:
        notes.append(f"The link has more than {MAX_KEYS} values; the rest was left out.")
    page = raw.pop("page", "") or (FILTERED if raw.keys() & _FILTERS else HOME)
    if page not in PAGE_KEYS:
        return Decoded(values | {"page": MISSING}, (f"There is no page “{page}”.",))
    values["page"] = page
    keys = {key.short: key for key in PAGE_KEYS[page]}
    for short, value in raw.items():
        key = keys.get(short)
        if key is None:
            continue  # somebody else's key (a tracking tag, a newer version's filter): nothing of ours is lost
        try:
            values[key.name] = key.read(value)
            given.add(key.name)
        except _UnreadableError as problem:
            shown = f"; showing {key.default!r}" if key.default else ""
            notes.append(f"“{short}={value}” {problem}{shown}.".replace("'", ""))
    return Decoded(values, tuple(notes), frozenset(given))


def read(page: str, name: str, raw: str) -> tuple[Any, str]:
    """Read one value as a link of a page would: the value, and why it cannot be read (then the value is None)."""
    key = next(key for key in PAGE_KEYS[page] if key.name == name)
    try:
        return key.read(raw), ""
    except _UnreadableError as problem:
        return None, str(problem)


def encode(values: Mapping[str, Any]) -> str:
    """Write a query string with its question mark; the bare home page is an empty string.

    Names that are missing count as defaults, names of other pages are ignored.
    """
    page = values.get("page", HOME)
    said = [
        (key.short, key.write(values[key.name]))
        for key in PAGE_KEYS.get(page, ())
        if key.name in values and values[key.name] != key.default
    ]
    if page == HOME and not said:
        return ""
    return "?" + urlencode([("page", page), *said])


def link(page: str, **values: Any) -> str:
    """Return a link to a page, relative to wherever the application is mounted; it always begins with ``?``."""
    return encode({"page": page, **values}) or f"?page={page}"


def query_of(arguments: Mapping[str, list[bytes]] | None) -> str:
    """Return the query string of a request's parsed arguments, as a browser would send it back.

    The server framework's own reading turns ``²`` into an error and ``123`` into a number; bytes do neither.
    """
    return urlencode([(name, value) for name, held in (arguments or {}).items() for value in held])
