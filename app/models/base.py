"""What every page's model shares: ask the repository when on the screen, keep the last good answer when it fails."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

import param

from app import page_keys
from app.models import exports
from app.models.exports import About, Export
from app.models.watched import Watched
from app.progress import Attempt
from app.state import State
from data_layer.errors import DataLayerError, NoDataError
from data_layer.questions import Answer
from data_layer.repository import MarketRepository

_LOG = logging.getLogger(__name__)


def now_utc() -> datetime:
    """Return the present moment; the clock models get unless a test gives another."""
    return datetime.now(UTC)


class Source(Protocol):
    """What a model needs of the process: the repository, asked for anew each time, and a way to wish for data."""

    @property
    def repository(self) -> MarketRepository:
        """The questions of the source that is shown at this moment; it may change."""

    def request_market(self, ticker: str) -> None:
        """Fetch a market's history in the background."""

    def attempt(self, ticker: str) -> Attempt | None:
        """Return what came of a market's request; None while it is under way."""

    def watch_book(self, ticker: str) -> None:
        """Keep a market's order book fresh for a while."""

    def book_attempt(self, ticker: str) -> Attempt | None:
        """Return what came of fetching a market's order book the last time; None before the first."""

    def request_event(self, event: str) -> None:
        """Fetch the candlesticks of an event's outcomes in the background."""

    def request_series(self, series: str) -> None:
        """Fetch the settled events of a series in the background."""

    def event_attempt(self, event: str) -> Attempt | None:
        """Return what came of an event's request; None while it is under way."""

    def event_steps(self, event: str) -> tuple[int, int] | None:
        """Return how many of how many fetches of an event are done; None while nothing is fetched for it."""

    def show(self, tickers: list[str], lines: bool = False) -> None:
        """Keep these markets' quotes fresh for a while; fetch the candlesticks of their `lines` too."""


def why_missing(attempt: Attempt | None, ask_again: Callable[[], None]) -> str:
    """Return why what is not stored was not found; empty while it is looked for.

    What was fetched and is not stored has left the lake since, or its snapshot is about to be shown. Only asking once
    more tells; the refresher does not hear it too often.
    """
    if attempt is None:
        return ""
    if not attempt.problem:
        ask_again()
    return attempt.problem


class PageModel(param.Parameterized):
    """Answers of one page, for one session. Parameters of `state` go in, answers come out, set in one update.

    A model off the screen asks nothing; it asks when it comes on, or when `refresh` is called while it is.
    """

    active = param.Boolean(default=False, doc="Whether the page is on the screen.")
    problem = param.String(default="", doc="What failed at the last question, for a person; empty when it worked.")
    failing_since = param.Parameter(default=None, doc="When the present series of failures began (UTC datetime).")
    revision = param.Integer(default=0, doc="Grows with every update of the answers: what views wait for.")

    empty_lake = param.Boolean(default=False, doc="Whether nothing is stored yet that could answer.")

    #: Names of the state's parameters the page's answers depend on, beside those every link shares.
    inputs: tuple[str, ...] = ()
    #: The page's tables and charts by the word of ``/export?table=…`` and of their "i"; see `app.models.exports`.
    exports: Mapping[str, Export] = {}

    def __init__(self, source: Source, state: State, now: Callable[[], datetime] = now_utc) -> None:
        super().__init__()
        self._source, self.state, self._now = source, state, now
        self._answers: dict[str, Answer] = {}
        self._asked: dict[str, Answer] = {}
        self.state.param.watch(self._on_input, list(dict.fromkeys((*self.inputs, *page_keys.SHARED))))
        self.param.watch(self._on_active, ["active"])

    def meet(self, watched: Watched) -> None:
        """Take what the visitor's browser keeps, before the page is shown; most pages have no use for it."""

    def _on_input(self, *_events: param.parameterized.Event) -> None:
        self.refresh()

    def _on_active(self, *_events: param.parameterized.Event) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Ask again, if on the screen; a failure keeps the last answers and says so in `problem`."""
        if not self.active:
            self._source.repository.left_by(self)
            return
        self._asked = {}
        try:
            with self._source.repository.asked_by(self):
                found = self._ask()
        except NoDataError as error:
            _LOG.info("%s has nothing to answer from: %s", type(self).__name__, error)
            self.param.update(empty_lake=True, problem="", failing_since=None, revision=self.revision + 1)
            return
        except DataLayerError as error:
            _LOG.warning("%s could not be answered: %s", type(self).__name__, error)
            self.param.update(
                problem=str(error) or type(error).__name__,
                failing_since=self.failing_since or self._now(),
                revision=self.revision + 1,
            )
            return
        self._answers |= self._asked
        self.param.update(**found, empty_lake=False, problem="", failing_since=None, revision=self.revision + 1)

    def file_values(self) -> Mapping[str, Any] | None:
        """Return the values of the link that a file of the page is asked with; None where no link can hold them."""
        return self.state.link_values()

    def answer_of(self, key: str, answer: Answer | None = None) -> Answer:
        """Ask for one of the page's `exports` as a file of it would, and remember where the answer comes from.

        Call it in `_ask`. `answer` is what the screen shows where a file holds more than a screen can.
        """
        if answer is None:
            found = self.exports[key].ask(self._source, self.state.link_values(), self._now())
            if not isinstance(found, Answer):
                raise TypeError(f"a file of {key!r} is read row by row: say what the screen shows of it")
            answer = found
        self._asked[key] = answer
        return answer

    def present(self) -> datetime:
        """Return the present moment by the model's clock (UTC)."""
        return self._now()

    def provenance(self, key: str) -> About | None:
        """Say where one of the page's `exports` comes from as it is on the screen; None before it is."""
        answer, export = self._answers.get(key), self.exports.get(key)
        return exports.about(key, export, answer) if answer is not None and export is not None else None

    def _ask(self) -> dict[str, Any]:
        """Return the answers by parameter name; raises DataLayerError."""
        raise NotImplementedError
