"""The filters of the movers as inputs, as chips, and in the words of "nothing left"."""

from __future__ import annotations

from typing import Any

from app.models.movers import FILTERS
from app.pages.markets_filters import input_text, number
from app.state import State
from components import filter_bar
from components.filter_bar import MORE

WINDOWS = (
    ("1h", "1 h", "Moves over the last hour"),
    ("6h", "6 h", "Moves over the last 6 hours"),
    ("24h", "24 h", "Moves over the last 24 hours"),
    ("7d", "7 d", "Moves over the last 7 days"),
)
RANKS = (
    ("pp", "pp", "Ranked by percentage points"),
    ("odds", "log-odds", "Ranked by the change of log-odds: from 1 to 2 % counts as much as from 33 to 50 %"),
    ("z", "z", "Ranked by the move against what the market does in an ordinary week"),
)
SIDES = (
    ("both", "Up and down", "Moves up and down"),
    ("up", "▲ Up", "Moves up"),
    ("down", "▼ Down", "Moves down"),
    ("unknown", "n/a", "Markets without a price at the beginning of the window: no move is known"),
)

FIELDS = [
    filter_bar.segment("movers_window", "Window", WINDOWS),
    filter_bar.segment("movers_sort", "Ranked by", RANKS),
    filter_bar.segment("movers_side", "Direction", SIDES),
    filter_bar.choice("category", "Category", [("", "all")]),
    filter_bar.bounds("Volume 24 h", least="movers_volume24h_min", title="Contracts traded in 24 hours"),
    filter_bar.bounds(
        "Closes in",
        "days",
        least="movers_close_min",
        most="movers_close_max",
        title="Until trading closes at the latest",
        place=MORE,
    ),
    filter_bar.bounds(
        "Expires in",
        "days",
        least="movers_expires_min",
        title="Until settlement is expected, or trading closes if that is earlier",
        place=MORE,
    ),
    filter_bar.bounds("Open for", "days", least="movers_open_min", title="Since trading began", place=MORE),
    filter_bar.suggest("series", "Series", "ticker or title, Enter adds it"),
]
#: Inputs whose value is one of a few words.
CHOICES = {"movers_window": WINDOWS, "movers_sort": RANKS, "movers_side": SIDES}

_AMOUNTS = {
    "movers_volume24h_min": ("Volume 24 h ≥", ""),
    "movers_close_min": ("Closes in ≥", " d"),
    "movers_close_max": ("Closes in ≤", " d"),
    "movers_expires_min": ("Expires in ≥", " d"),
    "movers_open_min": ("Open for ≥", " d"),
}


def words(name: str, value: Any) -> str:
    """Return a filter in words: ``Volume 24 h ≥ 2,000``."""
    if name in _AMOUNTS:
        label, unit = _AMOUNTS[name]
        return f"{label} {number(value)}{unit}"
    return f"{name.capitalize()}: {', '.join(value) if isinstance(value, tuple) else value}"


def chips(state: State, filtering: list[str]) -> list[tuple[str, str]]:
    """Return what filters, one chip each, the default filters too; of several series one each."""
    shown = []
    for name in filtering:
        value = getattr(state, name)
        parts = [(f"series:{part}", (part,)) for part in value] if name == "series" else [(name, value)]
        shown += [(identity, words(name, part)) for identity, part in parts]
    return shown


def values(state: State) -> dict[str, str]:
    """Return the text of every input."""
    return {name: input_text(getattr(state, name)) for name in (*FILTERS.values(), *CHOICES)}
