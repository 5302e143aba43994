"""Hours of the days of a time zone, as a calendar has them: the day of a change of the clocks has 23 or 25.

Everything is counted in quarters of an hour of UTC: every zone's clock stands a whole number of them from UTC.
An hour is named by what its clock shows, ``0`` to ``23``; one that comes a second time on its day is ``1b``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

QUARTER_SECONDS = 900
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DayHour:
    """One hour of a day of a zone: from `start` until before `end` (UTC); mostly, not always, 60 minutes."""

    day: date
    hour: str
    start: datetime
    end: datetime


def known_zone(name: str) -> str:
    """Return an IANA name as it is, or ``UTC`` where nothing is known by it: names come from browsers."""
    try:
        return zone_info(name).key if name else "UTC"
    except (KeyError, ValueError, OSError):
        return "UTC"


def zone_info(name: str) -> ZoneInfo:
    """Return a zone by its IANA name; raises KeyError, ValueError or OSError for what is none."""
    return ZoneInfo(name)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment (UTC) of a day of a zone, also where its clock never shows 00:00."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """Return the day a zone has at a moment."""
    return moment.astimezone(zone).date()


@lru_cache(maxsize=4096)
def hours_of(day: date, zone: ZoneInfo) -> tuple[DayHour, ...]:
    """Return the hours of one day of a zone, in order."""
    first, last = (int(midnight(d, zone).timestamp()) for d in (day, day + _DAY))
    found: dict[str, list[datetime]] = {}
    word, before = "", None
    for seconds in range(first, last, QUARTER_SECONDS):
        start = datetime.fromtimestamp(seconds, UTC)
        there = start.astimezone(zone)
        # A clock may be put back to the middle of an hour; what follows belongs to the hour that comes again.
        if before is None or there.hour != before.hour or there.fold > before.fold:
            word = f"{there.hour}b" if str(there.hour) in found else str(there.hour)
        found.setdefault(word, []).append(start)
        before = there
    quarter = timedelta(seconds=QUARTER_SECONDS)
    return tuple(DayHour(day, word, starts[0], starts[-1] + quarter) for word, starts in found.items())


def span_of(day: date, hour: str, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """Return when a day begins and ends (UTC), or one hour of it; None for an hour that the day does not have."""
    if not hour:
        return midnight(day, zone), midnight(day + _DAY, zone)
    return next(((found.start, found.end) for found in hours_of(day, zone) if found.hour == hour), None)
