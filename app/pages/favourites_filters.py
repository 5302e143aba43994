"""The filters of the list of favourites as inputs, as chips, and in the words of "nothing left"."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app import page_keys
from app.pages import about
from app.state import State
from components import filter_bar, formatting
from components.filter_bar import MORE

SIDES = (
    ("both", "Both", "Sides of either kind"),
    ("yes", "YES", "Only markets whose YES is the favourite"),
    ("no", "NO", "Only markets whose NO is the favourite"),
)
#: Sizes of an order on offer; a link may say any other.
ORDERS = (1, 10, 100, 1_000, 10_000, 100_000)
PHONE_SORTS = [
    ("simple", "Return a year"),
    ("return", "Return"),
    ("cost", "Net cost"),
    ("settles", "Settles soonest"),
    ("size", "Size at the ask"),
    ("volume24h", "Volume 24 h"),
    ("title", "Title"),
]

FIELDS = [
    filter_bar.segment("favourites_side", "Side", SIDES),
    filter_bar.choice("category", "Category", [("", "all")]),
    filter_bar.bounds(
        "Bid", "¢", least="favourites_bid_min", title="Best bid for the side; empty for 50¢, even odds"
    ),
    filter_bar.bounds(
        "Return a year",
        "%",
        least="favourites_annual_min",
        title="Simple, net of the fee; a side whose fee is unknown passes no bound",
    ),
    filter_bar.choice("favourites_order", "Order", plain=True),
    filter_bar.choice("sort", "Sort", PHONE_SORTS, only="narrow", plain=True),
    filter_bar.bounds(
        "Closes in", "days", least="favourites_close_min", title="Until trading closes at the latest", place=MORE
    ),
    filter_bar.bounds(
        "Expires in", "days", least="favourites_expires_min", title="Until it is expected to expire", place=MORE
    ),
    filter_bar.bounds(
        "Volume", least="favourites_volume_min", title="Contracts traded since the market opened", place=MORE
    ),
    about.downloads("favourites", "All sides that pass, in this order"),
]

_AMOUNTS = {
    "favourites_bid_min": ("Bid ≥", "¢"),
    "favourites_annual_min": ("Return a year ≥", "%"),
    "favourites_close_min": ("Closes in ≥", " d"),
    "favourites_expires_min": ("Expires in ≥", " d"),
    "favourites_volume_min": ("Volume ≥", ""),
}


def words(name: str, value: Any) -> str:
    """Return a filter in words: ``Bid ≥ 90¢``."""
    if name in _AMOUNTS:
        label, unit = _AMOUNTS[name]
        return f"{label} {_number(value)}{unit}"
    if name == "favourites_side":
        return f"Side: {value.upper()}"
    return f"{name.capitalize()}: {value}"


def chips(state: State, hiding: list[str]) -> list[tuple[str, str]]:
    """Return what filters, one chip each."""
    return [(name, words(name, getattr(state, name))) for name in hiding]


def orders(contracts: int) -> list[tuple[str, str]]:
    """Return the sizes of an order to choose from, the present one among them."""
    return [(str(n), f"{n:,} contract{'s' if n > 1 else ''}") for n in sorted({*ORDERS, contracts})]


def values(state: State) -> dict[str, str]:
    """Return the text of every input, and the query of the export: the same list without its page and its looks."""
    texts = {name: _input(getattr(state, name)) for name in (*_AMOUNTS, "favourites_side", "category")}
    return texts | {
        "favourites_order": str(state.favourites_order),
        "sort": state.favourites_sort,
        "export": about.query(state.link_values(), _LOOKS),
    }


#: What a file does not depend on.
_LOOKS = frozenset({"table_page", "drawer", *page_keys.SHARED})


def _input(value: Any) -> str:
    if value is None:
        return ""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _number(value: Decimal) -> str:
    whole = value == value.to_integral_value()
    return formatting.count(value) if whole else f"{value.normalize():f}"
