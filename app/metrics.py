"""What the process says of itself at ``/metrics``, in Prometheus's text format 0.0.4.

Written here in forty lines rather than with `prometheus_client` (docs/adr/0080): every figure is kept elsewhere
already and only has to be spelt. Reading changes nothing and asks the exchange nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

from bokeh.server.tornado import BokehTornado
from tornado.ioloop import IOLoop
from tornado.web import RequestHandler

from app.models.base import now_utc
from app.process_facts import resident_bytes
from app.refresher import Refresher
from app.session_source import SessionSource
from data_layer.api.statistics import ClientStatistics
from data_layer.engine.query_log import QueryLog
from data_layer.errors import DataLayerError
from data_layer.repository import MarketRepository

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

#: How many of the newest refreshes are counted.
REFRESHES = 200

Labels = Mapping[str, str]


class MeasuredSource(SessionSource, Protocol):
    """A source of sessions whose background work can be measured."""

    @property
    def refresher(self) -> Refresher:
        """The background work of the source being shown."""


@dataclass
class Family:
    """One metric: `name`, `kind` (gauge, counter or summary), what it means, and its samples.

    A sample is the suffix of its name, its labels and its value.
    """

    name: str
    kind: str
    meaning: str
    samples: list[tuple[str, Labels, float]] = field(default_factory=list)

    def add(self, value: float, suffix: str = "", **labels: str) -> Family:
        """Add a sample and return the family."""
        self.samples.append((suffix, labels, value))
        return self

    def lines(self) -> Iterator[str]:
        """Spell the family, nothing where it has no sample: absent is not 0."""
        if not self.samples:
            return
        yield f"# HELP {self.name} {_escaped(self.meaning)}"
        yield f"# TYPE {self.name} {self.kind}"
        for suffix, labels, value in self.samples:
            said = ",".join(f'{key}="{_escaped(text, quote=True)}"' for key, text in labels.items())
            yield (
                f"{self.name}{suffix}{{{said}}} {_number(value)}" if said else f"{self.name}{suffix} {_number(value)}"
            )


def _escaped(text: str, *, quote: bool = False) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace('"', '\\"') if quote else text


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return "NaN" if math.isnan(value) else repr(value)


def exposition(source: MeasuredSource, sessions: int, now: datetime) -> str:
    """Return the whole answer. Takes a few milliseconds, and a query each time a new snapshot has come."""
    repository = source.repository
    families = [
        _about(source, repository),
        Family("kalshi_sessions", "gauge", "Open sessions, those still loading included.").add(sessions),
        *_data(repository, now),
        *_refreshes(repository),
        *_api(source.refresher.client.statistics()),
        *_queries(repository.log),
        *_process(),
    ]
    return "".join(f"{line}\n" for family in families for line in family.lines())


def _about(source: MeasuredSource, repository: MarketRepository) -> Family:
    try:
        release = version("kalshi-dashboard")
    except PackageNotFoundError:
        release = "not installed"
    writes = "yes" if source.progress().writes else "no"
    about = Family("kalshi_info", "gauge", "Release, source of what is shown, and whether this process fetches it.")
    return about.add(1, version=release, source=repository.source, writes=writes)


def _data(repository: MarketRepository, now: datetime) -> Iterator[Family]:
    snapshot = Family("kalshi_snapshot_id", "gauge", "Snapshot that is answered from; 0 when nothing is stored.")
    yield snapshot.add(repository.snapshot_id)
    problem = Family("kalshi_repository_problem", "gauge", "1 where the newest snapshot cannot be read, else 0.")
    try:
        info = repository.snapshot_info()
    except DataLayerError:
        yield problem.add(1)
        return
    yield problem.add(int(bool(repository.problem)))
    age = Family("kalshi_data_age_seconds", "gauge", "Age of the open universe, and of the newest quote in it.")
    for part, moment in (("universe", info.as_of), ("quotes", info.quotes_as_of)):
        if moment is not None:
            age.add((now - moment).total_seconds(), part=part)
    yield age
    yield Family("kalshi_open_markets", "gauge", "Open markets in the snapshot.").add(info.open_markets)
    yield Family("kalshi_rejected_rows", "gauge", "Refused rows that are stored with their reasons.").add(
        info.rejected
    )


def _refreshes(repository: MarketRepository) -> Iterator[Family]:
    try:
        rows: list[dict[str, Any]] = repository.refreshes(limit=REFRESHES).rows()
    except DataLayerError:
        return
    counted = Family("kalshi_refreshes", "gauge", f"The newest {REFRESHES} refreshes of the lake, by outcome.")
    for (kind, outcome), number in sorted(Counter((row["kind"], row["outcome"]) for row in rows).items()):
        counted.add(number, kind=kind, outcome=outcome)
    yield counted
    finished = Family(
        "kalshi_refresh_finished_timestamp_seconds", "gauge", "End of the newest refresh of a kind with an outcome."
    )
    newest: dict[tuple[str, str], datetime] = {}
    for row in rows:
        key = row["kind"], row["outcome"]
        newest[key] = max(newest.get(key, row["finished_time"]), row["finished_time"])
    for (kind, outcome), moment in sorted(newest.items()):
        finished.add(moment.timestamp(), kind=kind, outcome=outcome)
    yield finished


def _api(said: ClientStatistics) -> Iterator[Family]:
    yield Family("kalshi_api_requests_total", "counter", "Requests sent, retries among them.").add(said.requests)
    yield Family("kalshi_api_retries_total", "counter", "Requests sent again.").add(said.retries)
    limited = Family("kalshi_api_rate_limited_total", "counter", "Requests answered with 429.")
    yield limited.add(said.rate_limited)
    failures = Family("kalshi_api_failures_total", "counter", "Requests that failed, by kind of failure.")
    for kind, number in sorted(said.failures.items()):
        failures.add(number, kind=kind)
    yield failures
    received = Family("kalshi_api_received_bytes_total", "counter", "Bytes received, as they came over the wire.")
    yield received.add(said.bytes_received)
    breaker = Family("kalshi_api_breaker_state", "gauge", "1 at the state of the circuit breaker, else 0.")
    for state in ("closed", "open", "probing"):
        breaker.add(int(said.breaker_state == state), state=state)
    yield breaker
    last = Family("kalshi_api_last_success_timestamp_seconds", "gauge", "When the exchange last answered well.")
    yield last.add(said.last_success_at) if said.last_success_at is not None else last


def _queries(log: QueryLog) -> Iterator[Family]:
    spent = Family(
        "kalshi_query_seconds",
        "summary",
        "Time of the queries that were run; answers from memory are not among them.",
    )
    failed = Family("kalshi_query_errors_total", "counter", "Queries that failed or were stopped.")
    recent = {row["query"]: row for row in log.summary().to_pylist()}
    for name, total in sorted(log.totals().items()):
        if name in recent:
            spent.add(recent[name]["median_ms"] / 1000, query=name, quantile="0.5")
            spent.add(recent[name]["p95_ms"] / 1000, query=name, quantile="0.95")
        spent.add(total.seconds, "_sum", query=name).add(total.calls, "_count", query=name)
        failed.add(total.errors, query=name)
    yield spent
    yield failed


def _process() -> Iterator[Family]:
    size = resident_bytes()
    if size is not None:
        yield Family("process_resident_memory_bytes", "gauge", "Resident memory of the process.").add(size)


class MetricsHandler(RequestHandler):
    """Answer ``GET /metrics``."""

    def initialize(self, source: MeasuredSource) -> None:
        """Take what is measured."""
        self._source = source

    async def get(self) -> None:
        """Answer 200 with the figures, gathered beside the event loop: a slow disk must not hold up the sessions."""
        sessions = open_sessions(self.application)  # type: ignore[arg-type]
        text = await IOLoop.current().run_in_executor(None, exposition, self._source, sessions, now_utc())
        self.set_header("Content-Type", CONTENT_TYPE)
        self.set_header("Cache-Control", "no-store")
        self.finish(text)


def open_sessions(tornado: BokehTornado) -> int:
    """Return how many sessions a server's applications hold together."""
    return sum(len(tornado.get_sessions(path)) for path in tornado.app_paths)
