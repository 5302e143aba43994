"""Times as a reader chose them: how far away, or when; and in which time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from components import formatting

#: Ways of saying times by the word of a link: their name, and what they say.
TIMES = {
    "relative": ("relative", "How long ago, or how long until: 4 min ago"),
    "absolute": ("absolute", "Date and time of day: 22 Nov, 14:05 ET"),
}


@dataclass(frozen=True)
class TimeStyle:
    """How times are said: `times` is one of `TIMES`, `zone` et, utc or local, `local` the reader's own (IANA)."""

    times: str = "relative"
    zone: str = "et"
    local: str = ""

    @property
    def absolute(self) -> bool:
        """Whether times are said as date and time of day."""
        return self.times == "absolute"

    @property
    def zone_label(self) -> str:
        """The name of the zone as every time carries it."""
        return formatting.zone_of(self.zone, self.local)[1]

    def moment(self, value: datetime | None) -> str:
        """Return a moment in full, whatever was chosen: ``22 Nov 2026, 14:05 ET``; absent is a dash."""
        return formatting.moment(value, self.zone, self.local)

    def short(self, value: datetime | None, now: datetime) -> str:
        """Return a moment without the year where that is the present one: ``22 Nov, 14:05 ET``; absent is a dash."""
        if value is None:
            return formatting.ABSENT
        zone, label = formatting.zone_of(self.zone, self.local)
        there = value.astimezone(zone)
        year = "" if there.year == now.astimezone(zone).year else f" {there.year}"
        return f"{there.day} {there:%b}{year}, {there:%H:%M} {label}"

    def age(self, value: datetime | None, now: datetime) -> str:
        """Return how long ago a moment was, or when it was: ``4 min ago`` or ``22 Nov, 14:05 ET``."""
        if self.absolute and value is not None:
            return self.short(value, now)
        return formatting.age(value, now)

    def until(self, value: datetime | None, now: datetime) -> str:
        """Return how long it is until a moment, or when it is: ``3 d 4 h`` or ``25 Nov, 18:00 ET``."""
        return self.short(value, now) if self.absolute else formatting.until(value, now)

    def other(self, value: datetime | None, now: datetime) -> str:
        """Return a moment the way that was not chosen, in full: what a tooltip says."""
        return formatting.age(value, now) if self.absolute and value is not None else self.moment(value)
