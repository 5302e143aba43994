"""Every question the app may ask of the lake.

Answers come from one snapshot, are memoised by question, values and what they read, and shared between sessions:
never change them. In a notebook: ``from data_layer import open_repository``.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from pathlib import Path

from data_layer.agenda_questions import AgendaQuestions
from data_layer.alert_questions import AlertQuestions
from data_layer.asked import Asked
from data_layer.backfill_questions import BackfillQuestions
from data_layer.category_questions import CategoryQuestions
from data_layer.engine.limits import EngineLimits
from data_layer.engine.newest import NewestEngine
from data_layer.engine.query_log import QueryLog
from data_layer.errors import DataLayerError, NoDataError
from data_layer.event_questions import EventQuestions
from data_layer.favourite_questions import FavouriteQuestions
from data_layer.market_questions import MarketQuestions
from data_layer.memo import Memo
from data_layer.pulse_questions import PulseQuestions
from data_layer.questions import Answer, MarketColumn, MarketFilter, Order, QuoteQuality, SnapshotInfo
from data_layer.search.newest import NewestIndex
from data_layer.search_questions import SearchQuestions
from data_layer.series_questions import SeriesQuestions
from data_layer.storage_questions import StorageQuestions
from data_layer.store.lake import Lake
from data_layer.view import View
from data_layer.watch_questions import WatchQuestions

logger = logging.getLogger(__name__)

#: Beginnings of windows and mean days that are kept: some megabytes each in a lake of 150,000 markets.
_PASTS = 8
#: So many questions are asked for sessions before they are told of a snapshot.
_PREPARED = 60
#: Nothing is told or fetched meanwhile: what is not prepared after so many seconds is read when it is asked for.
_PREPARING_SECONDS = 3.0


class MarketRepository(
    MarketQuestions,
    EventQuestions,
    SeriesQuestions,
    PulseQuestions,
    SearchQuestions,
    WatchQuestions,
    FavouriteQuestions,
    BackfillQuestions,
    AlertQuestions,
    CategoryQuestions,
    AgendaQuestions,
    StorageQuestions,
):
    """Answer questions over the newest snapshot of one lake. Thread-safe.

    `advance` moves to a newer snapshot; with `follow=True` (notebooks) each question looks for one by itself.
    Raises NoDataError where nothing is stored that answers, QueryError where a question fails.
    """

    def __init__(
        self,
        lake: Lake,
        source: str,
        limits: EngineLimits = EngineLimits(),
        clock: Callable[[], float] = time.time,
        follow: bool = True,
    ) -> None:
        self.lake = lake
        self.source = source
        self.log = QueryLog(limits.slow_seconds, clock)
        self._clock = clock
        self._index = NewestIndex()
        self._past = Memo(_PASTS)
        self._asked = Asked()
        self._newest = NewestEngine(lake, limits, self.log, clock, follow)

    # Snapshots

    def advance(self) -> bool:
        """Move to the newest snapshot; return whether it changed.

        Where it cannot be opened (damaged file, disk), the older one stays and `problem` says why.
        """
        return self._newest.advance()

    def asked_by(self, asker: object) -> AbstractContextManager[None]:
        """Take what is asked in the block, by this thread, for what `asker` shows until it asks again or is gone."""
        return self._asked.by(asker)

    def left_by(self, asker: object) -> None:
        """Note that `asker` shows nothing any more."""
        self._asked.left_by(asker)

    def prepare(self) -> None:
        """Ask anew what is shown, in the background: who asks it of this snapshot next finds the answers.

        What changed with the snapshot or with the minute is read; the rest is remembered.
        """
        with suppress(DataLayerError):
            self.snapshot_info()
        end = self._clock() + _PREPARING_SECONDS
        for call in self._asked.each(_PREPARED):
            if self._clock() >= end:
                return
            try:
                getattr(self, call.question)(*call.given, **call.named)
            except DataLayerError:  # who asks for it is told
                pass
            except Exception:  # nor may a fault in one page's question end the thread that keeps the data fresh
                logger.exception("the question %s could not be prepared", call.question)

    @property
    def problem(self) -> str:
        """Why the newest snapshot could not be opened; empty when it is the one that is answered from."""
        return self._newest.problem

    @property
    def snapshot_id(self) -> int:
        """The number of the snapshot being answered from; 0 when nothing is stored."""
        return self._newest.snapshot_id

    def close(self) -> None:
        """Give the snapshot and its memory back, for good; questions raise QueryError from now on."""
        self._index.close()
        self._newest.close()

    @property
    def folder(self) -> str:
        """The name of the lake's folder: its source, and which world where it is simulated."""
        return self.lake.root.name

    def _view(self) -> View:
        return View(self._newest.current(), self.source)

    def _minute(self) -> datetime:
        return datetime.fromtimestamp(self._clock() // 60 * 60, UTC)


def open_repository(folder: str | Path = "data/live", now: datetime | None = None) -> MarketRepository:
    """Open one lake for questions, in a notebook or a script; it is never written to.

    `now` stands for the present in questions like "the last 24 hours" (naive is UTC); without it time goes on.
    Raises NoDataError when nothing is stored there.
    """
    lake = Lake(Path(folder))
    snapshot = lake.snapshot()
    if not snapshot.snapshot_id:
        raise NoDataError(f"Nothing is stored under {folder}; `kalshi-dashboard refresh` fetches it.")
    if now is None:
        return MarketRepository(lake, snapshot.source)
    moment = (now.replace(tzinfo=UTC) if now.tzinfo is None else now).timestamp()
    return MarketRepository(lake, snapshot.source, clock=lambda: moment)


__all__ = [
    "Answer",
    "MarketColumn",
    "MarketFilter",
    "MarketRepository",
    "NoDataError",
    "Order",
    "QuoteQuality",
    "SnapshotInfo",
    "open_repository",
]
