"""Ready-made views of the screener: a name for some filters and an order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app import page_keys
from app.models import market_choice
from app.state import State


@dataclass(frozen=True)
class Preset:
    """One view: its name, what it lists, and the values of a link that differ from their defaults."""

    name: str
    about: str
    values: dict[str, Any]


PRESETS = (
    Preset("All", "Every open market, most traded first", {}),
    Preset(
        "Close race",
        "Chance from 40 % to 60 %",
        {"chance_min": Decimal(40), "chance_max": Decimal(60)},
    ),
    Preset("Favourites", "Chance of YES of at least 90 %", {"chance_min": Decimal(90)}),
    Preset(
        "Wide spread",
        "Ask at least 5¢ above the bid, most traded first",
        {"spread_min": Decimal(5)},
    ),
    Preset("High volume", "At least 10,000 contracts in 24 hours", {"volume24h_min": Decimal(10_000)}),
    Preset(
        "Closing",
        "Expected to end within 24 hours, soonest first",
        {"days_min": Decimal(0), "days_max": Decimal(1), "sort": "ends", "direction": "asc"},
    ),
    Preset(
        "New",
        "Opened within 24 hours, newest first",
        {"opened_max": Decimal(1), "sort": "opened"},
    ),
)

#: What a preset says: all filters and the order. Columns and density stay as they are.
_SAID = (*market_choice.FILTERS.values(), "sort", "direction", "ties", "table_page")


def links(state: State, link: Callable[..., str]) -> list[list[Any]]:
    """Return every preset as (name, link, what it lists, whether it is what is shown)."""
    looks = {key.name: getattr(state, key.name) for key in page_keys.PAGE_KEYS["markets"] if key.name not in _SAID}
    held = {name: getattr(state, name) for name in _SAID if name != "table_page"}
    said = []
    for preset in PRESETS:
        wanted = {name: preset.values.get(name, page_keys.DEFAULTS[name]) for name in held}
        said.append([preset.name, link("markets", **looks | preset.values), preset.about, wanted == held])
    return said
