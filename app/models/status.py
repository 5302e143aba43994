"""How the whole thing is: what is stored and how fresh, what went wrong, how fast it answers, what it uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

import param

from app import process_facts
from app.models.base import PageModel, now_utc
from app.models.freshness import Freshness, ReportingSource, look
from app.models.status_exports import EXPORTS, LISTED_REFRESHES, Condition, Exchange, Row, exchange, named
from app.state import State
from data_layer.backfill import BackfillRequest, Period
from data_layer.errors import DataLayerError, NoDataError
from data_layer.questions import Answer

#: The lake is read again at the earliest after this long: a dozen questions, and nobody reads a table in less.
READ_SECONDS = 15.0


class _Hub(Protocol):
    @property
    def sessions(self) -> int: ...


class _Refresher(Protocol):
    @property
    def client(self) -> Any: ...


class StatusSource(ReportingSource, Protocol):
    """A source whose process can be looked at."""

    @property
    def hub(self) -> _Hub:
        """What knows the sessions."""

    @property
    def refresher(self) -> _Refresher:
        """The background work of the source being shown."""

    @property
    def settings(self) -> object:
        """How the process was told to run."""

    def start_backfill(self, request: BackfillRequest) -> str:
        """Begin, or go on with, filling in history; return why that cannot be, or nothing."""

    def stop_backfill(self) -> None:
        """Stop filling in history."""


class StatusModel(PageModel):
    """Everything the Status page says. A part that cannot be answered leaves its reason; the other parts stand."""

    freshness = param.ClassSelector(class_=Freshness, default=None, allow_None=True, doc="Age, source, progress.")
    tables = param.List(default=[], doc="One row per stored table, as `StorageQuestions.storage` says them.")
    refreshes = param.List(default=[], doc="The last refreshes, newest first, with what they `named`.")
    kinds = param.List(default=[], doc="The newest refresh of each kind, by kind.")
    conditions = param.List(default=[], doc="Named conditions that stand, as `Condition`.")
    rejects = param.List(default=[], doc="The last refused rows, newest first; untrusted text.")
    queries = param.List(default=[], doc="One row per query name, most time first.")
    slow = param.List(default=[], doc="The last slow queries, newest first.")
    damaged = param.List(default=[], doc="Damaged files: table, path, rows, reason, seen_time.")
    lake_problem = param.String(default="", doc="Why the lake cannot be read; empty when it can.")
    stored = param.Boolean(default=False, doc="Whether anything is stored.")
    exchange = param.ClassSelector(class_=Exchange, default=None, allow_None=True, doc="What the client did.")
    sessions = param.Integer(default=0, doc="Sessions that are open.")
    memory_bytes = param.Integer(default=None, allow_None=True, doc="Resident memory of the process.")
    refused = param.String(default="", doc="Why the backfill that was asked for cannot be; empty when it can.")
    now = param.Parameter(default=None, doc="When it was asked (UTC datetime): what ages are counted from.")

    inputs = ("document", "status_part")
    exports = EXPORTS

    def __init__(self, source: StatusSource, state: State, now: Callable[[], datetime] = now_utc) -> None:
        super().__init__(source, state, now)
        self._process = source
        self._read: tuple[str, datetime] | None = None
        self.releases = process_facts.releases()
        self.settings = process_facts.open_settings(source.settings)

    @property
    def may_backfill(self) -> bool:
        """Whether visitors of this server may start a backfill, and this process is the one that can."""
        return bool(getattr(self._process.settings, "may_backfill", False))

    def start_backfill(self, values: Mapping[str, str]) -> None:
        """Begin the backfill that a visitor chose; what cannot be is said in `refused`."""
        request = _request(values)
        refused = "Days and markets are whole numbers." if request is None else ""
        if request is not None and self.may_backfill:
            refused = self._process.start_backfill(request)
        self.refused = refused
        self.refresh()

    def stop_backfill(self) -> None:
        """Stop the backfill after its present step."""
        if self.may_backfill:
            self._process.stop_backfill()
            self.refresh()

    def document(self) -> str | None:
        """Return the page of the documentation that the link names; None without one, or where none is installed."""
        return process_facts.document(self.state.document) if self.state.document else None

    def poll(self) -> None:
        """Ask again for what changes without new data: the client's figures, memory, ages."""
        self.refresh()

    def _ask(self) -> dict[str, Any]:
        now = self._now()
        for key in ("exchange", "process", "settings", "releases"):
            self.answer_of(key)
        found = {
            "freshness": look(self._process, now),
            "exchange": exchange(self._process),
            "sessions": self._process.hub.sessions,
            "memory_bytes": process_facts.resident_bytes(),
            "now": now,
            "lake_problem": "",
            "stored": True,
        }
        reading = self._source.repository.source, now
        if self._read and self._read[0] == reading[0] and (now - self._read[1]).total_seconds() < READ_SECONDS:
            return found | {"lake_problem": self.lake_problem}
        try:
            found |= self._stored()
            self._read = reading
            return found
        except NoDataError:
            return found | {"stored": False}
        except DataLayerError as error:
            # The figures of the process stand beside what was last read of the lake.
            return found | {"lake_problem": str(error) or type(error).__name__}

    def _stored(self) -> dict[str, Any]:
        for key in ("lake", "kinds", "conditions", "slow", "damaged"):
            self.answer_of(key)
        return {
            "tables": _rows(self.answer_of("tables")),
            "refreshes": _named(self.answer_of("refreshes"))[:LISTED_REFRESHES],
            "kinds": _named(self._asked["kinds"]),
            "conditions": [Condition(**row) for row in _rows(self._asked["conditions"])],
            "rejects": _rows(self.answer_of("rejects")),
            "queries": _rows(self.answer_of("queries")),
            "slow": _rows(self._asked["slow"]),
            "damaged": _rows(self._asked["damaged"]),
        }


def _request(values: Mapping[str, str]) -> BackfillRequest | None:
    """Read a visitor's choices; None where a number is none."""
    numbers = {name: values.get(name, "") for name in ("days", "markets")}
    if not all(text.isascii() and text.isdigit() and len(text) < 8 for text in numbers.values()):
        return None
    periods: dict[str, Period] = {"1": 1, "60": 60, "1440": 1440}
    return BackfillRequest(
        values.get("kind", ""),
        days=int(numbers["days"]),
        period_minutes=periods.get(values.get("period", ""), 60),
        scope=values.get("scope", "open"),
        markets=int(numbers["markets"]),
    )


def _rows(answer: Answer) -> list[Row]:
    return answer.table.to_pylist()


def _named(answer: Answer) -> list[Row]:
    """Return refreshes with the conditions that each named."""
    return [row | {"named": named(row["conditions_json"])} for row in _rows(answer)]
