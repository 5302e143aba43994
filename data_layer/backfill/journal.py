"""What backfills have done, in the lake itself: a step and what it fetched become visible in one commit."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from data_layer import schemas
from data_layer.backfill.request import BackfillRequest
from data_layer.store.lake import Snapshot

#: The step that says that nothing is left to do.
END = "end"
#: An older backfill is not offered again.
UNFINISHED_DAYS = 7


@dataclass
class Job:
    """One backfill: its identity, when it began, and what of it is done."""

    name: str
    request: BackfillRequest
    started_time: datetime
    done: set[str] = field(default_factory=set)
    cursor: str | None = None
    finished: bool = False


def open_job(snapshot: Snapshot, request: BackfillRequest, now: float) -> Job:
    """Return the newest unfinished job with the same request, or a new one."""
    rows = _rows(snapshot, request)
    by_job: dict[str, list[dict[str, object]]] = {}
    for row in rows:
        by_job.setdefault(str(row["job"]), []).append(row)
    for name in sorted(by_job, reverse=True):
        steps = by_job[name]
        if any(row["step"] == END for row in steps):
            break
        newest = max(steps, key=lambda row: (str(row["finished_time"]), str(row["step"])))
        started = min(row["started_time"] for row in steps)  # type: ignore[type-var]
        if not isinstance(started, datetime):
            continue
        cursor = newest["cursor"]
        done = {str(row["step"]) for row in steps}
        return Job(name, request, started, done, cursor if isinstance(cursor, str) else None)
    moment = datetime.fromtimestamp(now, UTC)
    return Job(f"{moment:%Y%m%dT%H%M%SZ}-{request.kind}-{uuid.uuid4().hex[:6]}", request, moment)


def unfinished(snapshot: Snapshot, now: float) -> BackfillRequest | None:
    """Return what the newest backfill asked for, if it was not finished and is younger than `UNFINISHED_DAYS`."""
    newest: tuple[str, datetime, str] | None = None
    ended: set[str] = set()
    for path in snapshot.files("backfill_steps"):
        columns = ["job", "step", "request_json", "started_time"]
        for row in pq.read_table(path, columns=columns, partitioning=None).to_pylist():
            newest = max(filter(None, (newest, (row["job"], row["started_time"], row["request_json"]))))
            if row["step"] == END:
                ended.add(row["job"])
    if newest is None or newest[0] in ended or now - newest[1].timestamp() > UNFINISHED_DAYS * 86_400:
        return None
    return msgspec.json.decode(newest[2], type=BackfillRequest)


def step_rows(job: Job, steps: Iterable[tuple[str, int, str]], cursor: str | None, now: float) -> pa.Table:
    """Return rows of `backfill_steps` for steps as (name, rows fetched, problem)."""
    moment = datetime.fromtimestamp(now, UTC)
    found = [
        {
            "job": job.name,
            "step": step,
            "request_json": job.request.text,
            "cursor": cursor,
            "rows": rows,
            "problem": problem or None,
            "started_time": job.started_time,
            "finished_time": moment,
        }
        for step, rows, problem in steps
    ]
    return pa.Table.from_pylist(found, schemas.BACKFILL_STEPS.arrow)


def _rows(snapshot: Snapshot, request: BackfillRequest) -> list[dict[str, object]]:
    columns = ["job", "step", "cursor", "started_time", "finished_time"]
    same = [("request_json", "=", request.text)]
    rows: list[dict[str, object]] = []
    for path in snapshot.files("backfill_steps"):
        rows += pq.read_table(path, columns=columns, filters=same, partitioning=None).to_pylist()
    return rows
