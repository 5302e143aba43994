"""The filters of the list of markets as inputs, as chips, and in the words of "nothing left"."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app import link_words
from app.pages import about, markets_columns
from app.state import State
from components import filter_bar, formatting
from components.filter_bar import MORE, VIEW
from components.quality import QUALITIES
from components.quoting import PriceStyle

#: Choices of the filter on the quality of a quote: word, label, meaning.
QUALITY_CHOICES = tuple(
    (word, said.label[:1].upper() + said.label[1:], said.meaning) for word, said in QUALITIES.items()
)
#: Choices of the filter on the status of a market: word, label, meaning. None of them chosen lists all.
STATUSES = (
    ("open", "Open", "Trades now"),
    ("paused", "Paused", "Trading is interrupted"),
    ("unopened", "Not open", "Trading has not begun"),
    ("closed", "Closed", "Trading has ended, nothing is settled yet"),
    ("settled", "Settled", "Decided and paid"),
)
COLUMN_SETS = (
    ("quote", "Quote", "Chance, bid, ask, spread, last trade"),
    ("activity", "Activity", "Volume, open interest, how much of it is recent"),
    ("liquidity", "Liquidity", "Sizes and quality of the quote"),
    ("time", "Time", "When markets open, close and end, and how old quotes are"),
    ("structure", "Structure", "Category, series, event, ticker, status, tick"),
)
DENSITIES = (("roomy", "Roomy", "Two lines a row"), ("dense", "Dense", "One line a row"))

#: On a phone the head of the table is gone; these are the orders most asked for.
PHONE_SORTS = [
    ("volume24h", "Volume 24 h"),
    ("change", "Change 24 h"),
    ("probability", "Chance"),
    ("spread", "Spread"),
    ("interest", "Open interest"),
    ("ends", "Ends soonest"),
    ("title", "Title"),
]

_ENDS = "Until settlement is expected, or trading closes if that is earlier"

FIELDS = [
    filter_bar.search("text", "Search markets", "Search title, outcome, event, series, ticker"),
    filter_bar.choice("category", "Category", [("", "all")]),
    filter_bar.bounds(
        "Chance",
        "%",
        least="chance_min",
        most="chance_max",
        title="Chance of YES in percent: middle of bid and ask, or the last trade; what has none does not pass",
    ),
    filter_bar.bounds("Ends in", "days", most="days_max", least="days_min", title=_ENDS),
    filter_bar.choice("sort", "Sort", PHONE_SORTS, only="narrow", plain=True),
    filter_bar.suggest("series", "Series", "ticker or title, Enter adds it"),
    filter_bar.segment("status", "Status", STATUSES, several=True, neutral="open", place=MORE),
    filter_bar.bounds("Spread", "¢", least="spread_min", most="spread_max", title="Ask less bid", place=MORE),
    filter_bar.bounds("Volume 24 h", least="volume24h_min", title="Contracts traded in 24 hours", place=MORE),
    filter_bar.bounds("Volume", least="volume_min", title="Contracts traded since the market opened", place=MORE),
    filter_bar.bounds("Open interest", least="interest_min", title="Contracts outstanding", place=MORE),
    filter_bar.bounds("Opened within", "days", most="opened_max", title="Since trading began", place=MORE),
    filter_bar.segment("quality", "Quote", QUALITY_CHOICES, several=True, place=MORE),
    filter_bar.segment("columns", "Columns", COLUMN_SETS, place=VIEW),
    filter_bar.picker(
        "own_columns",
        "Pick columns",
        [(word, markets_columns.COLUMNS[word].shown["label"]) for word in link_words.COLUMN_WORDS],
    ),
    filter_bar.segment("density", "Rows", DENSITIES, place=VIEW),
    filter_bar.doing("alert", "alert", "Alert on this view"),
    about.downloads("markets", "All markets that pass, in this order"),
]

_AMOUNTS = {
    "chance_min": ("Chance ≥", "%"),
    "chance_max": ("Chance ≤", "%"),
    "spread_min": ("Spread ≥", "¢"),
    "spread_max": ("Spread ≤", "¢"),
    "volume24h_min": ("Volume 24 h ≥", ""),
    "volume_min": ("Volume ≥", ""),
    "interest_min": ("Open interest ≥", ""),
    "days_min": ("Ends in ≥", " d"),
    "days_max": ("Ends in ≤", " d"),
    "opened_max": ("Opened within", " d"),
}


def words(name: str, value: Any) -> str:
    """Return a filter in words: ``Spread ≤ 2¢``."""
    if name in _AMOUNTS:
        label, unit = _AMOUNTS[name]
        return f"{label} {number(value)}{unit}"
    if name == "text":
        return f"Search “{value}”"
    if name == "quality":
        return f"Quote: {' or '.join(QUALITIES[word].label for word in value)}"
    if name == "status":
        return f"Status: {' or '.join(label.lower() for word, label, _ in STATUSES if word in value) or 'any'}"
    return f"{name.capitalize()}: {', '.join(value) if isinstance(value, tuple) else value}"


def own_units(style: PriceStyle) -> list[str]:
    """Return what to say where the list is in other units than its filters are."""
    return [] if style == PriceStyle() else ["filters stay in % and ¢ of YES"]


def chips(state: State, active: list[str]) -> list[tuple[str, str]]:
    """Return what filters, one chip each; of several series one each too."""
    shown = []
    for name in active:
        value = getattr(state, name)
        parts = [(f"series:{part}", (part,)) for part in value] if name == "series" else [(name, value)]
        shown += [(identity, words(name, part)) for identity, part in parts]
    return shown


def values(state: State) -> dict[str, str]:
    """Return the text of every input, and the query of the export: the same list without its page and its looks."""
    names = (*_AMOUNTS, "text", "category", "series", "status", "quality", "sort", "columns", "density")
    seen = markets_columns.chosen(state.columns, state.own_columns)[1:]
    picked = {"own_columns": ",".join(seen)} | ({"columns": ""} if state.own_columns else {})
    return (
        {name: input_text(getattr(state, name)) for name in names}
        | picked
        | {"export": about.query(state.link_values(), _LOOKS)}
    )


#: What a file does not depend on.
_LOOKS = frozenset({"table_page", "columns", "own_columns", "density", "zone", "unit", "times"})


def input_text(value: Any) -> str:
    """Return a filter's value as its input holds it."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ",".join(value)
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def number(value: Decimal) -> str:
    """Return a bound with the decimals it was given with."""
    digits = max(0, -int(value.normalize().as_tuple().exponent))
    return formatting.count(value) if not digits else f"{value.normalize():f}"
