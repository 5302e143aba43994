"""What a paused session keeps on its screen, and how often something newer came meanwhile."""

from __future__ import annotations

from datetime import datetime

from app.models.freshness import Freshness, still
from components.bar_controls import BarControls


class Pause:
    """The pause of one session; the bar says whether there is one, and how much newer there is."""

    def __init__(self, controls: BarControls) -> None:
        self._controls = controls
        self._held: Freshness | None = None
        self._newest: tuple[str, int] = ("", -1)
        self._newer = 0

    @property
    def on(self) -> bool:
        """Whether the session is paused."""
        return self._held is not None

    def begin(self, shown: Freshness) -> None:
        """Keep what is shown; without any data yet they are waited for, not held up."""
        if shown.info is not None:
            self._held, self._newest, self._newer = shown, shown.key, 0
            self._draw()

    def end(self) -> None:
        """Go on with the newest."""
        self._held, self._newer = None, 0
        self._draw()

    def overtake(self, present: Freshness) -> None:
        """Note that the visitor asked for something himself: he got the newest, and is paused there."""
        if self._held is not None and present.key != self._held.key:
            self._held, self._newest, self._newer = present, present.key, 0
            self._draw()

    def look(self, present: Freshness, now: datetime) -> Freshness:
        """Return the freshness of what is on the screen, and count what has come since."""
        if self._held is None:
            return present
        if present.key != self._newest:
            self._newest, self._newer = present.key, self._newer + 1
            self._draw()
        return still(self._held, present, now)

    def _draw(self) -> None:
        self._controls.param.update(paused=self.on, newer=self._newer)
