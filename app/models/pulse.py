"""The exchange at a glance: its totals now and a day ago, four short lists, and its categories."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import param

from app.models.base import PageModel, now_utc
from app.models.exports import Export
from app.models.freshness import ReportingSource
from app.state import State
from data_layer.pulse_questions import ACTIVE_CONTRACTS
from data_layer.questions import Answer, MoverFilter

#: Markets a list shows.
LIST_ROWS = 8

#: Which markets can be among the movers: all that trade, however long they have been open or will be.
MOVERS = replace(MoverFilter.everything(), volume_24h_min_contracts=ACTIVE_CONTRACTS)

#: Word of a link for what the categories share, and the column that holds it.
MEASURES = {
    "contracts": "volume_24h_contracts",
    "dollars": "volume_24h_dollars",
    "interest": "open_interest_contracts",
}


@dataclass(frozen=True)
class Picture:
    """All answers of the home page, asked one after the other."""

    totals: dict[str, Any]
    #: The exchange a day ago; None where the lake is younger.
    then: dict[str, Any] | None
    #: When the lake's own history begins (UTC); None without one.
    since: datetime | None
    #: Whether the lake is old enough for a day ago, and saw nothing then.
    has_gap: bool
    movers: Answer
    surges: Answer
    closing: Answer
    listed: Answer
    shares: Answer
    #: Open markets with days of history (`markets`), and with enough for a surge (`measured_markets`).
    histories: dict[str, Any]
    #: How many of how many histories this round has fetched; None when none are being fetched.
    fetched: tuple[int, int] | None
    #: When it was asked (UTC): what ages are counted from.
    now: datetime


_ACTIVE = "Markets that traded less than 1,000 contracts in 24 hours are left out."
_ONE_AN_EVENT = "Of each event only its most traded market."

EXPORTS: dict[str, Export] = {
    "figures": Export(
        "The exchange in six figures",
        lambda source, values, now: source.repository.pulse_totals(),
        ("Combinations are left out.", "Estimated dollars cover the contracts that have a price that says anything."),
        method="totals",
    ),
    "movers": Export(
        "Top movers",
        lambda source, values, now: source.repository.movers(24, MOVERS, limit=LIST_ROWS),
        (_ACTIVE, "Changes of less than half the spread, which alone would move the middle, are left out."),
        method="movers",
    ),
    "surges": Export(
        "Volume surges",
        lambda source, values, now: source.repository.pulse_surges(LIST_ROWS),
        (_ACTIVE, "Markets with less than three days of stored history are left out."),
        method="surge",
    ),
    "closing": Export(
        "Closing soon",
        lambda source, values, now: source.repository.pulse_closing(LIST_ROWS),
        ("Markets that did not trade in 24 hours are left out.", _ONE_AN_EVENT),
        method="closing",
    ),
    "listed": Export(
        "New listings",
        lambda source, values, now: source.repository.pulse_new(LIST_ROWS),
        (_ONE_AN_EVENT,),
        method="listings",
    ),
    "shares": Export(
        "Share of categories",
        lambda source, values, now: source.repository.category_share(),
        ("Combinations are left out.", "A market without a chance adds nothing to the estimated dollars."),
        method="shares",
    ),
}


class PulseModel(PageModel):
    """Everything of the home page; keeps the quotes of the markets it lists fresh."""

    picture = param.ClassSelector(class_=Picture, default=None, allow_None=True, doc="The answers; None at first.")

    inputs = ("share",)
    exports = EXPORTS

    def __init__(self, source: ReportingSource, state: State, now: Callable[[], datetime] = now_utc) -> None:
        super().__init__(source, state, now)
        self._reporting = source

    @property
    def failure(self) -> str:
        """Why nothing comes, where the background work fails; empty while it works."""
        return self._reporting.progress().error or ""

    def _ask(self) -> dict[str, Any]:
        repository, progress = self._source.repository, self._reporting.progress()
        then = _only(repository.pulse_totals_then())
        picture = Picture(
            totals=_only(self.answer_of("figures")),
            then=then if then["reaches_back"] else None,
            since=then["oldest_time"],
            has_gap=then["has_gap"],
            movers=self.answer_of("movers"),
            surges=self.answer_of("surges"),
            closing=self.answer_of("closing"),
            listed=self.answer_of("listed"),
            shares=self.answer_of("shares"),
            histories=_only(repository.pulse_history()),
            fetched=(progress.done, progress.total or 0) if progress.stage == "histories" else None,
            now=self._now(),
        )
        lists = (picture.movers, picture.surges, picture.closing, picture.listed)
        tickers = [ticker for answer in lists for ticker in answer.table["ticker"].to_pylist()]
        self._source.show(list(dict.fromkeys(tickers)))
        return {"picture": picture}


def _only(answer: Answer) -> dict[str, Any]:
    """Return the one row of an answer that always has one."""
    (row,) = answer.rows()
    return row
