"""Questions of the calendar: what closes, is expected to expire, opens or starts, by day and hour and as a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data_layer.day_hours import QUARTER_SECONDS, DayHour, day_of, hours_of, midnight, span_of, zone_info
from data_layer.engine.named_sql import ordered, sql_text
from data_layer.questions import AgendaColumn, AgendaFilter, Answer, Order
from data_layer.schemas import TIME
from data_layer.view import Questions

#: What closes in the next seven US-Eastern days.
THIS_WEEK = AgendaFilter()
SOONEST_FIRST = (Order(AgendaColumn.TIME, False), Order(AgendaColumn.VOLUME_24H))
#: What is counted of each hour of the calendar.
_SUMS = ("entries", "volume_24h_contracts", "open_interest_contracts")
_COUNTS = ("total", "total_markets", "total_shut")
_CONTRACTS = pa.decimal128(20, 2)
HOURS_SCHEMA = pa.schema(
    [
        pa.field("day", pa.date32(), nullable=False),
        pa.field("hour", pa.string(), nullable=False),
        pa.field("start_time", TIME, nullable=False),
        pa.field("end_time", TIME, nullable=False),
        ("entries", pa.int64()),
        ("volume_24h_contracts", _CONTRACTS),
        ("open_interest_contracts", _CONTRACTS),
    ]
)
#: What is said of entries without a place in the range, by kind: later, before now, without a time.
_SAID = {
    "closes": ("later than the range", "closing time is over, and still listed as open", "without a closing time"),
    "expires": (
        "later than the range",
        "expected before now and not settled",
        "without an expected expiration",
    ),
    "opens": ("later than the range", "opening time is over, and not open", "without an opening time"),
    "milestones": ("later than the range", "started before now", "without a start"),
}


@dataclass(frozen=True)
class Agenda(Answer):
    """One page of what happens; `entries` are all markets, or milestones, that its rows tell of."""

    entries: int = 0


class AgendaQuestions(Questions):
    """What is asked of the calendar."""

    def agenda(
        self,
        filter: AgendaFilter = THIS_WEEK,
        order: Sequence[Order] = SOONEST_FIRST,
        offset: int = 0,
        limit: int = 50,
    ) -> Agenda:
        """Return one page of what happens in the range, or in the picked day or hour of it, from now on.

        A row is an event and a moment, told by its most traded market (`ticker`), or a milestone; `Answer.total`
        counts rows. A picked hour that its day does not have brings none.
        """
        now = self._minute()
        span = _span(filter, now)
        name = "milestones" if filter.kind == "milestones" else "agenda"
        values: dict[str, Any] = {"category": filter.category, "from": span[0], "until": span[1]}
        values |= {"offset": offset, "limit": limit} | ({} if name == "milestones" else {"kind": filter.kind})
        view = self._view()
        table = view.ask(name, values, ordered(sql_text(name), order, "entry, time"), tuple(values.items()))
        counts = {column: int(table[column][0].as_py()) for column in table.column_names if column in _COUNTS}
        total, markets, shut = (counts.get(column, 0) for column in _COUNTS)
        page = table.filter(pc.is_valid(table["entry"])).drop_columns(list(counts))
        # What opens is not open yet: nobody has to be told.
        said = f", with {shut:,} not open" if shut and filter.kind != "opens" else ""
        notes = (f"{_counted(markets, 'market')} in {_counted(total, 'row')}{said}",)
        answer = view.answer(name, page, notes, total)
        entries = total if filter.kind == "milestones" else markets
        return Agenda(**{f.name: getattr(answer, f.name) for f in fields(Answer)}, entries=entries)

    def agenda_hours(self, filter: AgendaFilter = THIS_WEEK) -> Answer:
        """Return every hour from now to the end of the range with how much happens in it; a picked day is ignored.

        Hours are those of the clock of the filter's zone: the day of a change of the clocks has 23 or 25. Notes count
        what has no place in the range; `Answer.total` is how many entries have one.
        """
        now, zone = self._minute(), zone_info(filter.zone)
        days = [day_of(now, zone) + timedelta(days=n) for n in range(filter.days)]
        values: dict[str, Any] = {"category": filter.category, "now": now}
        values |= {"until": midnight(days[-1] + timedelta(days=1), zone)}
        name = "milestone_hours" if filter.kind == "milestones" else "agenda_hours"
        if filter.kind != "milestones":
            values["kind"] = filter.kind
        view = self._view()
        rows = view.ask(name, values).to_pylist()
        hours = [hour for day in days for hour in hours_of(day, zone) if hour.end > now]
        table = _by_hour(hours, [row for row in rows if row["place"] == "within"])
        elsewhere = {row["place"]: row["entries"] for row in rows if row["place"] != "within"}
        total = sum(table["entries"].to_pylist())
        return view.answer(name, table, _notes(filter, elsewhere), total)


def _span(filter: AgendaFilter, now: datetime) -> tuple[datetime, datetime]:
    """Return from when (never before now) until when is asked (UTC)."""
    zone = zone_info(filter.zone)
    if filter.day is None:
        return now, midnight(day_of(now, zone) + timedelta(days=filter.days), zone)
    span = span_of(filter.day, filter.hour, zone)
    return (now, now) if span is None else (max(now, span[0]), span[1])


def _by_hour(hours: Sequence[DayHour], quarters: Sequence[dict[str, Any]]) -> pa.Table:
    """Add quarters of an hour of UTC up to the hours of a calendar; an hour in which nothing happens counts 0."""
    found = {row["quarter"]: row for row in quarters}
    columns: dict[str, list[Any]] = {name: [] for name in _SUMS}
    for hour in hours:
        first, last = (int(at.timestamp()) // QUARTER_SECONDS for at in (hour.start, hour.end))
        inside = [found[quarter] for quarter in range(first, last) if quarter in found]
        columns["entries"].append(sum(row["entries"] for row in inside))
        for name in _SUMS[1:]:
            columns[name].append(sum((row[name] for row in inside), Decimal(0)))
    arrays = {
        "day": [hour.day for hour in hours],
        "hour": [hour.hour for hour in hours],
        "start_time": [hour.start.astimezone(UTC) for hour in hours],
        "end_time": [hour.end.astimezone(UTC) for hour in hours],
    } | columns
    return pa.table([pa.array(arrays[f.name], f.type) for f in HOURS_SCHEMA], schema=HOURS_SCHEMA)


def _notes(filter: AgendaFilter, elsewhere: dict[str, int]) -> tuple[str, ...]:
    noun = "milestone" if filter.kind == "milestones" else "market"
    places = ("later", "before", "untimed")
    said = [
        f"{_counted(elsewhere[place], noun)}: {words}"
        for place, words in zip(places, _SAID[filter.kind], strict=True)
        if elsewhere.get(place)
    ]
    return (*said, f"days and hours of {filter.zone}")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
