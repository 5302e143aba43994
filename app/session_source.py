"""What a session needs of the process it lives in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from app.alert_news import NewsSource
from app.models.freshness import ReportingSource


class Announcer(Protocol):
    """Tells living sessions that there is something new."""

    @property
    def version(self) -> int:
        """How often something was published."""

    @property
    def telling(self) -> bool:
        """Whether the sessions are being told of something, so that each need only wait for its turn."""

    def subscribe(self, method: Callable[[], None]) -> None:
        """Call a bound method of a session after each publication, until the session ends."""


class SessionSource(ReportingSource, NewsSource, Protocol):
    """All that a session needs of the process."""

    @property
    def hub(self) -> Announcer:
        """What announces new data."""

    def refresh_now(self) -> None:
        """Fetch the open universe soon; ignored when that was a moment ago."""
