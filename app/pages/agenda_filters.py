"""The switches and filters of the calendar as inputs and as chips."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from app import page_keys, url
from app.models.agenda import COLUMNS
from app.state import State
from components import filter_bar
from components.filter_bar import VIEW

KINDS = (
    ("closes", "Closes", "When trading ends at the latest"),
    ("expires", "Expirations", "When a market is expected to expire, mostly when its outcome is known"),
    ("opens", "Opens", "When trading of a market that is listed already begins"),
    ("milestones", "Milestones", "When games and other happenings start that events hang on"),
)
RANGES = (
    ("7d", "7 days", "Today and the six days after it"),
    ("30d", "30 days", "Today and the 29 days after it"),
)
PHONE_SORTS = [
    ("time", "Soonest"),
    ("volume24h", "Volume 24 h"),
    ("interest", "Open interest"),
    ("chance", "Chance"),
    ("markets", "Markets"),
    ("title", "Title"),
]
_EXPORTED = "export?format={kind}&table={table}&"


def _file(kind: str, label: str, table: str, said: str) -> tuple[str, str, str]:
    return (_EXPORTED.format(kind=kind, table=table), label, said)


FIELDS = [
    filter_bar.segment("calendar_kind", "What happens", KINDS),
    filter_bar.segment("calendar_range", "How far ahead", RANGES),
    filter_bar.choice("category", "Category", [("", "all")]),
    filter_bar.choice("calendar_day", "Day", [("", "all")]),
    filter_bar.choice("calendar_hour", "Hour", [("", "all")]),
    filter_bar.choice("sort", "Sort", PHONE_SORTS, only="narrow", plain=True),
    filter_bar.downloads(
        "export",
        "Export",
        [
            _file("csv", "CSV", "agenda", "The list as CSV"),
            _file("parquet", "Parquet", "agenda", "The list as Parquet"),
        ],
        info_key="agenda",
        place=VIEW,
    ),
]
#: Inputs whose value is that of the state by the same name.
CHOICES = ("calendar_kind", "calendar_range", "category", "calendar_day", "calendar_hour")
_LOOKS = frozenset({"table_page", "calendar_measure", *page_keys.SHARED} - {"zone"})


def day_words(day: date) -> str:
    """Return a day as columns and chips call it: ``Mon 23 Nov``."""
    return f"{day:%a} {day.day} {day:%b}"


def hour_words(hour: str) -> str:
    """Return an hour as rows and chips call it: ``13:00``, or ``01:00 again``."""
    return f"{int(hour.removesuffix('b')):02}:00{' again' if hour.endswith('b') else ''}"


def day_options(days: Sequence[date]) -> list[tuple[str, str]]:
    """Return the days to choose from."""
    return [("", "all"), *((day.isoformat(), day_words(day)) for day in days)]


def hour_options(hours: Sequence[str]) -> list[tuple[str, str]]:
    """Return the hours to choose from."""
    return [("", "all"), *((hour, hour_words(hour)) for hour in hours)]


def chips(state: State, zone_label: str) -> list[tuple[str, str]]:
    """Return what narrows the list, one chip each."""
    said = []
    if state.category:
        said.append(("category", f"Category: {state.category}"))
    if state.calendar_day:
        said.append(("calendar_day", f"{day_words(state.calendar_day)} {state.calendar_day.year}"))
        if state.calendar_hour:
            said.append(("calendar_hour", f"{hour_words(state.calendar_hour)} {zone_label}"))
    return said


def values(state: State) -> dict[str, str]:
    """Return the text of every input, and the query of the files: the same list without its page and its looks."""
    asked: dict[str, Any] = {
        key.name: getattr(state, key.name) for key in page_keys.PAGE_KEYS["calendar"] if key.name not in _LOOKS
    }
    texts = {name: str(getattr(state, name) or "") for name in CHOICES}
    sort = state.calendar_sort if state.calendar_sort in COLUMNS else "time"
    return texts | {"sort": sort, "export": url.link("calendar", **asked).removeprefix("?")}
