"""The tables of the Status page as files: what is stored from the lake, the rest from the process's own books."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from app import process_facts
from app.models.exports import Export, own_books
from data_layer.questions import Answer

#: Refreshes that are read, to find the newest of each kind among them, and those that are listed.
REFRESHES, LISTED_REFRESHES = 400, 25
REJECTS = 100
SLOW = 20
#: Queries the page makes to measure sizes; they would fill its own list.
MEASURING = "csv_sample:"
LISTED_QUERIES = 40

Row = dict[str, Any]
_TIME = pa.timestamp("us", tz="UTC")
_TEXT, _COUNT = pa.string(), pa.int64()


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


def newest_kinds(refreshes: Answer) -> Answer:
    """Return the newest refresh of each kind, by kind, of refreshes that stand newest first."""
    first: dict[str, int] = {}
    for place, kind in enumerate(refreshes.table["kind"].to_pylist()):
        first.setdefault(kind, place)
    table = refreshes.table.take([first[kind] for kind in sorted(first)])
    return replace(refreshes, table=table, total=table.num_rows)


def named(conditions_json: str | None) -> list[str]:
    """Return the conditions that a refresh named."""
    return [str(text) for text in json.loads(conditions_json or "[]")]


def conditions(said: Sequence[str], newest: Answer) -> list[Condition]:
    """Say of each condition what kind it is, and which of the newest refreshes saw it when."""
    seen = {
        text: (row["kind"], row["finished_time"])
        for row in newest.table.to_pylist()
        for text in [*named(row["conditions_json"]), f"{row['kind']}: {row['error']}"]
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


def exchange(source: Any) -> Exchange:
    """Return what the client of the exchange's API did, against its limits."""
    said = source.refresher.client.statistics()
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


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _queries(source: Any, *_asked: Any) -> Answer:
    answer: Answer = source.repository.queries()
    rows = [row for row in answer.table.to_pylist() if not row["query"].startswith(MEASURING)]
    table = pa.Table.from_pylist(sorted(rows, key=lambda row: -row["longest_ms"]), schema=answer.table.schema)
    return replace(answer, table=table, total=len(rows))


def _slow(source: Any, _values: Any, now: datetime) -> Answer:
    rows = [
        {
            "name": record.name,
            "milliseconds": record.milliseconds,
            "rows": record.rows,
            "started": datetime.fromtimestamp(record.started, UTC),
            "error": record.error,
        }
        for record in source.repository.log.slow()[:SLOW]
    ]
    kinds = [("name", _TEXT), ("milliseconds", pa.float64()), ("rows", _COUNT), ("started", _TIME), ("error", _TEXT)]
    return own_books(rows, pa.schema(kinds), now)


def _damaged(source: Any, _values: Any, now: datetime) -> Answer:
    names = ("table", "path", "rows", "reason", "seen_time")
    rows = [{name: getattr(damage, name) for name in names} for damage in source.repository.lake.damaged()]
    kinds = (_TEXT, _TEXT, _COUNT, _TEXT, _TIME)
    return own_books(rows, pa.schema(list(zip(names, kinds, strict=True))), now)


def _conditions(source: Any, _values: Any, now: datetime) -> Answer:
    repository = source.repository
    said = conditions(repository.snapshot_info().conditions, newest_kinds(repository.refreshes(REFRESHES)))
    schema = pa.schema([("kind", _TEXT), ("text", _TEXT), ("refresh", _TEXT), ("seen", _TIME)])
    return own_books([asdict(condition) for condition in said], schema, now)


def _lake(source: Any, _values: Any, now: datetime) -> Answer:
    info = asdict(source.repository.snapshot_info())
    kinds = {
        "snapshot_id": _COUNT,
        "lake": _TEXT,
        "data_received": _TIME,
        "quotes_as_of": _TIME,
        **dict.fromkeys(("open_markets", "events", "series", "rejected"), _COUNT),
    }
    row = info | {"lake": info["source"], "data_received": info["as_of"]}
    return own_books([{name: row[name] for name in kinds}], pa.schema(list(kinds.items())), now)


def _exchange(source: Any, _values: Any, now: datetime) -> Answer:
    said = exchange(source)
    row = asdict(said) | {"failures": json.dumps(dict(said.failures))}
    moments = {"last_success", "last_error_time"}
    texts = {"host", "failures", "breaker", "last_error"}
    kinds = [(name, _TIME if name in moments else _TEXT if name in texts else _COUNT) for name in row]
    return own_books([row], pa.schema(kinds), now)


def _process(source: Any, _values: Any, now: datetime) -> Answer:
    progress = source.progress()
    row = {
        "part": "writer" if progress.writes else "reader",
        "working_on": progress.stage,
        "sessions": source.hub.sessions,
        "memory_bytes": process_facts.resident_bytes(),
    }
    kinds = [("part", _TEXT), ("working_on", _TEXT), ("sessions", _COUNT), ("memory_bytes", _COUNT)]
    return own_books([row], pa.schema(kinds), now)


def _releases(_source: Any, _values: Any, now: datetime) -> Answer:
    rows = [{"of": of, "release": release} for of, release in process_facts.releases()]
    return own_books(rows, pa.schema([("of", _TEXT), ("release", _TEXT)]), now)


def _settings(source: Any, _values: Any, now: datetime) -> Answer:
    open_ones = process_facts.open_settings(source.settings)
    rows = [{"setting": name, "value": value, "changed": changed} for name, value, changed in open_ones]
    return own_books(rows, pa.schema([("setting", _TEXT), ("value", _TEXT), ("changed", pa.bool_())]), now)


Asked = Callable[[Any, Mapping[str, Any], datetime], Answer]


def _running(title: str, ask: Asked, *notes: str) -> Export:
    return Export(title, ask, notes, running=True)


EXPORTS: dict[str, Export] = {
    "tables": Export(
        "Stored tables",
        lambda source, values, now: source.repository.storage(),
        ("The size as CSV is estimated from the first thousand rows.",),
        method="freshness",
    ),
    "conditions": Export("Conditions", _conditions, ("Of the newest refresh of each kind.",), method="freshness"),
    "kinds": Export(
        "Refreshes",
        lambda source, values, now: newest_kinds(source.repository.refreshes(REFRESHES)),
        (f"The newest of each kind, of the last {REFRESHES}.",),
        method="freshness",
    ),
    "refreshes": Export(
        "Last refreshes",
        lambda source, values, now: source.repository.refreshes(REFRESHES),
        (f"The last {REFRESHES}.",),
        method="freshness",
        most=LISTED_REFRESHES,
    ),
    "rejects": Export(
        "Refused rows",
        lambda source, values, now: source.repository.rejects(REJECTS),
        (f"The last {REJECTS}; all that are stored: kalshi-dashboard export rejects.",),
        method="rejects",
    ),
    "damaged": Export("Damaged files", _damaged),
    "queries": Export(
        "Queries", _queries, ("Of the last 2,000; answers from memory are not counted.",), most=LISTED_QUERIES
    ),
    "slow": Export("Slow queries", _slow, (f"Over a second, the last {SLOW}.",)),
    "lake": Export("Status in short", _lake),
    "exchange": _running("Exchange’s API", _exchange, "Since the process began."),
    "process": _running("This process", _process),
    "settings": _running("Settings", _settings, "Secrets are left out."),
    "releases": Export("Releases", _releases),
}
