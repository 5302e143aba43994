"""What a repository in memory answers about the calendar: by hand, over the rows of its list."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from data_layer import schemas
from data_layer.agenda_questions import HOURS_SCHEMA, SOONEST_FIRST, THIS_WEEK, Agenda
from data_layer.questions import AgendaFilter, Answer, Order

TEXT, TIME = schemas.TEXT, schemas.TIME
AGENDA_SCHEMA = pa.schema(
    [
        *[("entry", TEXT), ("time", TIME), ("ticker", TEXT), ("event_ticker", TEXT), ("title", TEXT)],
        *[("outcome", TEXT), ("category", TEXT), ("status", TEXT), ("type", TEXT)],
        *[("probability", pa.decimal128(10, 5)), ("quote_quality", TEXT), ("tick_dollars", schemas.PRICE)],
        *[("markets", pa.int64()), ("volume_24h_contracts", pa.decimal128(20, 2))],
        ("open_interest_contracts", pa.decimal128(20, 2)),
    ]
)
_TIMES = {"closes": "close_time", "expires": "expected_time"}


class AgendaAnswers:
    """The questions of the calendar; `stones` are milestones as rows of `AGENDA_SCHEMA`, `opening` what will open."""

    rows: list[dict[str, Any]]
    now: datetime
    stones: list[dict[str, Any]] = []
    opening: list[dict[str, Any]] = []

    def agenda(
        self,
        filter: AgendaFilter = THIS_WEEK,
        order: tuple[Order, ...] = SOONEST_FIRST,
        offset: int = 0,
        limit: int = 50,
    ) -> Agenda:
        self._check()  # type: ignore[attr-defined]
        self.asked.append(("agenda", filter, order, offset, limit))  # type: ignore[attr-defined]
        found = [row for row in self._entries(filter) if self._asked_for(row["time"], filter)]
        for key in reversed(order):
            found.sort(key=lambda row: (row[key.column.value] is None, row[key.column.value] or ""))
            if key.descending:
                found.sort(key=lambda row: row[key.column.value] or 0, reverse=True)
        table = pa.Table.from_pylist(found[offset : offset + limit], schema=AGENDA_SCHEMA)
        answer: Answer = self._answer(table, len(found), "agenda")  # type: ignore[attr-defined]
        markets = sum(row["markets"] for row in found)
        entries = len(found) if filter.kind == "milestones" else markets
        known = {f.name: getattr(answer, f.name) for f in fields(Answer)}
        return Agenda(**known | {"notes": (f"{markets} markets in {len(found)} rows",)}, entries=entries)

    def agenda_hours(self, filter: AgendaFilter = THIS_WEEK) -> Answer:
        self._check()  # type: ignore[attr-defined]
        zone, hours = ZoneInfo(filter.zone), {}
        first = self.now.astimezone(zone).date()
        moment = self.now.replace(minute=0, second=0, microsecond=0)
        while moment.astimezone(zone).date() < first + timedelta(days=filter.days):
            there = moment.astimezone(zone)
            row = {"day": there.date(), "hour": f"{there.hour}{'b' * there.fold}", "start_time": moment}
            row |= {"end_time": moment + timedelta(hours=1), "entries": 0}
            hours[moment] = row | {"volume_24h_contracts": Decimal(0), "open_interest_contracts": Decimal(0)}
            moment += timedelta(hours=1)
        later = 0
        for entry in self._entries(filter):
            hour = entry["time"].astimezone(UTC).replace(minute=0, second=0, microsecond=0)
            if hour not in hours or entry["time"] < self.now:
                later += entry["time"] > self.now
                continue
            hours[hour]["entries"] += 1 if filter.kind == "milestones" else entry["markets"]
            for name in ("volume_24h_contracts", "open_interest_contracts"):
                hours[hour][name] += entry[name]
        table = pa.Table.from_pylist(list(hours.values()), schema=HOURS_SCHEMA)
        total = sum(table["entries"].to_pylist())
        answer: Answer = self._answer(table, total, "agenda_hours")  # type: ignore[attr-defined]
        said = (f"{later} markets close later than the range",) if later else ()
        return replace(answer, notes=(*said, f"days and hours of {filter.zone}"))

    def _entries(self, filter: AgendaFilter) -> list[dict[str, Any]]:
        made = self.stones if filter.kind == "milestones" else self.opening
        if filter.kind in _TIMES:
            made = [self._entry(row, _TIMES[filter.kind]) for row in self.rows]
        return [row for row in made if filter.category in ("", row["category"])]

    def _entry(self, row: dict[str, Any], time: str) -> dict[str, Any]:
        own = {name: row.get(name) for name in AGENDA_SCHEMA.names}
        return own | {"entry": row["ticker"], "time": row[time], "title": row["event_title"], "markets": 1}

    def _asked_for(self, moment: datetime, filter: AgendaFilter) -> bool:
        there = moment.astimezone(ZoneInfo(filter.zone))
        if moment < self.now:
            return False
        if filter.day is None:
            first = self.now.astimezone(there.tzinfo).date()
            return there.date() < first + timedelta(days=filter.days)
        hour = f"{there.hour}{'b' * there.fold}"
        return there.date() == filter.day and filter.hour in ("", hour)
