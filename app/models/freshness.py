"""How old what is shown is, and what the process is doing about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from app.models.base import Source
from app.progress import Progress
from data_layer.errors import DataLayerError, NoDataError
from data_layer.questions import SnapshotInfo

#: Data are fresh below the first age and stale from the second on.
FRESH, STALE = timedelta(minutes=10), timedelta(minutes=30)


class ReportingSource(Source, Protocol):
    """A source of data that also says how far its background work is."""

    def progress(self) -> Progress:
        """Return a picture of the background work."""


@dataclass(frozen=True)
class Freshness:
    """What the badge and the bands over the page say; `info` None means that nothing is stored.

    `tone` is ``fresh``, ``ageing``, ``stale`` or ``none``.
    """

    info: SnapshotInfo | None
    progress: Progress
    tone: str
    problem: str = ""

    @property
    def key(self) -> tuple[str, int]:
        """What changes when there is something new to show."""
        return ("", -1) if self.info is None else (self.info.source, self.info.snapshot_id)


def look(source: ReportingSource, now: datetime) -> Freshness:
    """Return how fresh the shown data are; never raises for what the data layer does."""
    progress = source.progress()
    try:
        info = source.repository.snapshot_info()
    except NoDataError:
        return Freshness(None, progress, "none")
    except DataLayerError as error:
        return Freshness(None, progress, "none", str(error))
    return Freshness(info, progress, _tone(info, now))


def still(shown: Freshness, present: Freshness, now: datetime) -> Freshness:
    """Return how fresh what a paused session shows is by now: its data grow old under the present progress."""
    tone = "none" if shown.info is None else _tone(shown.info, now)
    return Freshness(shown.info, present.progress, tone, present.problem)


def _tone(info: SnapshotInfo, now: datetime) -> str:
    if info.as_of is None:
        return "none"
    old = now - info.as_of
    return "fresh" if old < FRESH else "ageing" if old < STALE else "stale"
