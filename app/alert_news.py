"""What one session tells of alerts: cards for those that came while it is open, and how many are unread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from app.alert_watch import AlertWatch
from app.pages import alert_words
from components.quoting import PriceStyle
from components.toasts import MOST_CARDS, Toasts
from data_layer.alert_journal import AlertJournalError


class NewsSource(Protocol):
    """A process that judges rules of alerts."""

    @property
    def alerts(self) -> AlertWatch:
        """The rules and the log of the source that is shown."""


class AlertNews:
    """Compare the newest firing with what this session told, and with what its browser has read.

    `redraw` is called when the number of unread ones changed; `style` is how the reader has chances told.
    """

    def __init__(
        self,
        source: NewsSource,
        link: Callable[..., str],
        redraw: Callable[[], None],
        style: Callable[[], PriceStyle] = PriceStyle,
    ) -> None:
        self._source, self._link, self._redraw, self._style = source, link, redraw, style
        self.toasts = Toasts(self._on_read)
        #: Number of new things, by page; empty while there is nothing new.
        self.unread: Mapping[str, int] = {}
        self._told: int | None = None
        self._read: int | None = None

    def look(self, *, reading: bool) -> None:
        """Tell what came since the last look; with `reading`, the log is on the screen and nothing in it is new."""
        alerts = self._source.alerts
        latest = alerts.latest()
        if self.toasts.scope != alerts.source:
            self.toasts.scope = alerts.source
            self._told, self._read = latest, None
        if self._told is not None and latest > self._told and not reading:
            self._tell(alerts, self._told)
        self._told = latest
        if reading or (self._read is not None and self._read > latest):
            self._remember(latest)
        self._count(latest)

    def _on_read(self, scope: str, number: int) -> None:
        """Take what the browser remembers; one that is here for the first time has nothing to catch up with."""
        if scope != self.toasts.scope or self._told is None:
            return
        if number < 0:
            self._remember(self._told)
        elif self._read is None or number > self._read:
            self._read = number
        self._count(self._told)

    def _remember(self, number: int) -> None:
        self._read = number
        self.toasts.read = number

    def _count(self, latest: int) -> None:
        new = max(0, latest - self._read) if self._read is not None else 0
        unread = {"alerts": new} if new else {}
        if unread != self.unread:
            self.unread = unread
            self._redraw()

    def _tell(self, alerts: AlertWatch, after: int) -> None:
        try:
            found, total = alerts.firings(after=after, limit=MOST_CARDS)
        except AlertJournalError:
            return  # the page of alerts says what is wrong
        cards: list[tuple[Any, Any, str]] = [
            (
                f"{item.title} — {item.outcome}" if item.outcome else item.title,
                alert_words.why(item, self._style()),
                self._market(item.ticker),
            )
            for item in found
        ]
        if total > len(found):
            cards.append(
                (f"and {total - len(found):,} more alerts", "All of them are in the log.", self._link("alerts"))
            )
        self.toasts.tell(cards)

    def _market(self, ticker: str) -> str:
        return self._link("market", ticker=ticker)
