"""How the whole thing is: what is stored and how fresh, what went wrong, how fast it answers, what it uses."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import param

from app import process_facts
from app.models.base import PageModel, now_utc
from app.models.freshness import Freshness, ReportingSource, look
from app.state import State
from data_layer.errors import DataLayerError, NoDataError
from data_layer.questions import Answer

#: Refreshes that are read, to find the newest of each kind among them, and those that are listed.
REFRESHES, LISTED_REFRESHES = 400, 25
REJECTS = 100
SLOW = 20

#: The lake is read again at the earliest after this long: a dozen questions, and nobody reads a table in less.
READ_SECONDS = 15.0
#: Queries the page makes to measure sizes; they would fill its own list.
MEASURING = "csv_sample:"

Row = dict[str, Any]


@dataclass(frozen=True)
class Exchange:
    """What the client of the exchange did since the process began; times are UTC."""

    host: str
    requests: int
    last_minute: int
    limit_a_minute: int | None
    retries: int
    rate_limited: int
    failures: tuple[tuple[str, int], ...]
    breaker: str
    bytes_received: int
    last_success: datetime | None
    last_error: str
    last_error_time: datetime | None


@dataclass(frozen=True)
class Condition:
    """One named condition that stands: its kind (drift, incomplete, failed, other), text, and when it was seen."""

    kind: str
    text: str
    refresh: str = ""
    seen: datetime | None = None


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
    now = param.Parameter(default=None, doc="When it was asked (UTC datetime): what ages are counted from.")

    inputs = ("document",)

    def __init__(self, source: StatusSource, state: State, now: Callable[[], datetime] = now_utc) -> None:
        super().__init__(source, state, now)
        self._process = source
        self._read: tuple[str, datetime] | None = None
        self.releases = process_facts.releases()
        self.settings = process_facts.open_settings(source.settings)

    def document(self) -> str | None:
        """Return the page of the documentation that the link names; None without one, or where none is installed."""
        return process_facts.document(self.state.document) if self.state.document else None

    def poll(self) -> None:
        """Ask again for what changes without new data: the client's figures, memory, ages."""
        self.refresh()

    def _ask(self) -> dict[str, Any]:
        now = self._now()
        found = {
            "freshness": look(self._process, now),
            "exchange": self._exchange(),
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
        repository = self._source.repository
        info = repository.snapshot_info()
        refreshes = [
            row | {"named": _named(row["conditions_json"])} for row in _rows(repository.refreshes(REFRESHES))
        ]
        kinds: dict[str, Row] = {}
        for row in refreshes:
            kinds.setdefault(row["kind"], row)
        asked = [row for row in _rows(repository.queries()) if not row["query"].startswith(MEASURING)]
        return {
            "tables": _rows(repository.storage()),
            "refreshes": refreshes[:LISTED_REFRESHES],
            "kinds": [kinds[kind] for kind in sorted(kinds)],
            "conditions": _conditions(info.conditions, list(kinds.values())),
            "rejects": _rows(repository.rejects(REJECTS)),
            "queries": sorted(asked, key=lambda row: -row["longest_ms"]),
            "slow": [
                {
                    "name": record.name,
                    "milliseconds": record.milliseconds,
                    "rows": record.rows,
                    "started": datetime.fromtimestamp(record.started, UTC),
                    "error": record.error,
                }
                for record in repository.log.slow()[:SLOW]
            ],
            "damaged": [
                {
                    "table": damage.table,
                    "path": damage.path,
                    "rows": damage.rows,
                    "reason": damage.reason,
                    "seen_time": damage.seen_time,
                }
                for damage in repository.lake.damaged()
            ],
        }

    def _exchange(self) -> Exchange:
        said = self._process.refresher.client.statistics()
        return Exchange(
            host=said.host,
            requests=said.requests,
            last_minute=said.requests_last_minute,
            limit_a_minute=round(said.requests_per_second * 60) or None,
            retries=said.retries,
            rate_limited=said.rate_limited,
            failures=tuple(sorted((kind, number) for kind, number in said.failures.items() if number)),
            breaker=said.breaker_state,
            bytes_received=said.bytes_received,
            last_success=_moment(said.last_success_at),
            last_error=said.last_error or "",
            last_error_time=_moment(said.last_error_at),
        )


def _rows(answer: Answer) -> list[Row]:
    return answer.table.to_pylist()


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _conditions(said: Sequence[str], newest: Sequence[Mapping[str, Any]]) -> list[Condition]:
    """Say of each condition what kind it is, and which refresh saw it when."""
    seen = {
        text: (row["kind"], row["finished_time"])
        for row in newest
        for text in [*row["named"], f"{row['kind']}: {row['error']}"]
    }
    found = []
    for text in dict.fromkeys(said):
        refresh, moment = seen.get(text, ("", None))
        word = text.partition(":")[0]
        failed = bool(refresh) and text.startswith(f"{refresh}: ")
        kind = "failed" if failed else word if word in {"drift", "incomplete"} else "other"
        shown = text.partition(":")[2].strip() if kind != "other" else text
        found.append(Condition(kind, shown, refresh, moment))
    return found


def _named(conditions_json: str | None) -> list[str]:
    return [str(text) for text in json.loads(conditions_json or "[]")]
