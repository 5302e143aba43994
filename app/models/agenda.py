"""The calendar: what closes, is expected to expire, opens or starts, by the hour and as a list of one page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import param

from app import link_words
from app.models.base import PageModel
from app.models.exports import Export
from app.models.table import direction_after, page_or_last
from data_layer.agenda_questions import Agenda
from data_layer.day_hours import day_of, hours_of, known_zone, zone_info
from data_layer.questions import AgendaColumn, AgendaFilter, Answer, Order

PAGE_SIZE = 50
#: Rows of a file: more than a range could hold of events and moments.
MOST_EXPORTED = 50_000
#: What the zones of a link are called by those who keep the list of zones.
_ZONES = {"et": "America/New_York", "utc": "UTC"}

#: What the heat map measures, by the word of a link: the column of the hours.
MEASURES = {
    "entries": "entries",
    "contracts": "volume_24h_contracts",
    "interest": "open_interest_contracts",
}
COLUMNS: dict[str, AgendaColumn] = {
    "time": AgendaColumn.TIME,
    "title": AgendaColumn.TITLE,
    "outcome": AgendaColumn.OUTCOME,
    "chance": AgendaColumn.CHANCE,
    "markets": AgendaColumn.MARKETS,
    "volume24h": AgendaColumn.VOLUME_24H,
    "interest": AgendaColumn.OPEN_INTEREST,
}
#: Words and times are looked for from their beginning, the rest from the largest.
ASCENDING_FIRST = frozenset({"time", "title", "outcome"})


def filter_of(values: Mapping[str, Any], local_zone: str = "") -> AgendaFilter:
    """Return the filter that a link's values describe; `local_zone` (IANA) is the reader's own, unknown means UTC."""
    return AgendaFilter(
        kind=values["calendar_kind"],
        category=values["category"],
        zone=_ZONES.get(values["zone"]) or known_zone(local_zone),
        days=link_words.CALENDAR_RANGES[values["calendar_range"]],
        day=values["calendar_day"],
        hour=values["calendar_hour"] if values["calendar_day"] else "",
    )


def order_of(values: Mapping[str, Any]) -> tuple[Order, ...]:
    """Return the order that a link's values describe; of equals the most traded comes first."""
    first = Order(COLUMNS[values["calendar_sort"]], values["calendar_order"] == "desc")
    return (first, *(Order(c, c is not AgendaColumn.TIME) for c in _TIES if c is not first.column))


_TIES = (AgendaColumn.TIME, AgendaColumn.VOLUME_24H)
_SNAPSHOT = (
    "Markets of the last crawl of open events: what belongs to events that have not opened is not among them.",
    "Times are Kalshi’s: a market may close early, and many closing times lie long after the event.",
    "Counts differ from those of Markets: there “Ends” is the earlier of closing and expected expiration, days are 24"
    " hours from now on and not those of a calendar, and what has paused trading is not among the open ones.",
)

EXPORTS: dict[str, Export] = {
    "hours": Export(
        "By day and hour",
        lambda source, values, now: source.repository.agenda_hours(filter_of(values)),
        (*_SNAPSHOT, "Without the reader’s own time zone (`tz=local`) a file has the hours of UTC."),
        method="closing",
    ),
    "agenda": Export(
        "Calendar",
        lambda source, values, now: source.repository.agenda(filter_of(values), order_of(values), 0, MOST_EXPORTED),
        (
            *_SNAPSHOT,
            "A row is an event and a moment, told by its most traded market; contracts are those of all its markets.",
            f"A file holds all rows, at most {MOST_EXPORTED:,}; the screen one page.",
        ),
        method="closing",
    ),
}


class AgendaModel(PageModel):
    """The hours of the range and one page of the list, as the session's switches, filters and picked hour say.

    `local_zone` says the reader's own time zone (IANA); the view, which knows it, sets it.
    """

    answer = param.ClassSelector(class_=Agenda, default=None, allow_None=True, doc="The page of rows; None at first.")
    hours = param.ClassSelector(class_=Answer, default=None, allow_None=True, doc="Every hour of the range.")
    categories = param.List(default=[], doc="(category, number of open markets), most first.")
    page = param.Integer(default=1, doc="Page that is shown: the asked one, or the last there is.")
    now = param.Parameter(default=None, doc="When it was asked (UTC datetime).")

    inputs = (
        *("calendar_kind", "calendar_range", "category", "calendar_measure", "calendar_day", "calendar_hour"),
        *("calendar_sort", "calendar_order", "table_page"),
    )
    exports = EXPORTS
    local_zone: Callable[[], str] = staticmethod(lambda: "")

    def _ask(self) -> dict[str, Any]:
        repository, values = self._source.repository, self.state.link_values()
        wanted, order = self._filter(), order_of(values)
        answer, page = page_or_last(
            lambda offset: repository.agenda(wanted, order, offset, PAGE_SIZE), values["table_page"], PAGE_SIZE
        )
        self.answer_of("agenda", answer)
        self._source.show([ticker for ticker in answer.table["ticker"].to_pylist() if ticker])
        return {
            "answer": answer,
            "hours": self.answer_of("hours", repository.agenda_hours(wanted)),
            "categories": [(r["category"], r["markets"]) for r in repository.categories().rows() if r["category"]],
            "page": page,
            "now": self._now(),
        }

    def _filter(self) -> AgendaFilter:
        return filter_of(self.state.link_values(), self.local_zone())

    def days(self) -> list[date]:
        """Return the days of the range, and the picked one where it lies outside of it, in order."""
        wanted = self._filter()
        first = day_of(self._now(), zone_info(wanted.zone))
        found = {first + timedelta(days=n) for n in range(wanted.days)} | ({wanted.day} if wanted.day else set())
        return sorted(day for day in found if day)

    def hours_of_day(self) -> list[str]:
        """Return the hours of the picked day, in order; none without one."""
        wanted = self._filter()
        return [hour.hour for hour in hours_of(wanted.day, zone_info(wanted.zone))] if wanted.day else []

    def choose(self, **values: Any) -> None:
        """Set switches and filters by name; the list begins at its first page again."""
        self.state.param.update(**values, table_page=1)

    def pick(self, day: date | None, hour: str = "") -> None:
        """Narrow the list to a day, or to one hour of it; what is picked already is let go."""
        if (day, hour) == (self.state.calendar_day, self.state.calendar_hour):
            day, hour = None, ""
        self.choose(calendar_day=day, calendar_hour=hour if day else "")

    def sort_by(self, word: str) -> None:
        """Sort by a column, or turn its direction; back to the first page."""
        direction = direction_after(word, self.state.calendar_sort, self.state.calendar_order, ASCENDING_FIRST)
        self.state.param.update(calendar_sort=word, calendar_order=direction, table_page=1)
