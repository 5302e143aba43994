"""Every query's time, kept for the Status page."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

logger = logging.getLogger(__name__)

KEPT = 2_000


@dataclass(frozen=True, slots=True)
class QueryRecord:
    """One finished query: name, start (Unix seconds), duration, rows returned, snapshot asked, error if any."""

    name: str
    started: float
    milliseconds: float
    rows: int
    snapshot_id: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class QueryTotals:
    """All queries of one name since the process began: how many, their seconds together, how many failed."""

    calls: int = 0
    seconds: float = 0.0
    errors: int = 0


class QueryLog:
    """The last queries of this process; slow ones are logged as warnings. Safe to share between threads."""

    def __init__(self, slow_seconds: float = 1.0, clock: Callable[[], float] = time.time) -> None:
        self._records: deque[QueryRecord] = deque(maxlen=KEPT)
        self._totals: dict[str, QueryTotals] = {}
        self._lock = threading.Lock()
        self._slow_milliseconds = slow_seconds * 1000
        self.clock = clock

    def add(self, record: QueryRecord) -> None:
        """Keep one record."""
        with self._lock:
            self._records.append(record)
            past = self._totals.get(record.name, QueryTotals())
            self._totals[record.name] = QueryTotals(
                past.calls + 1, past.seconds + record.milliseconds / 1000, past.errors + bool(record.error)
            )
        if record.milliseconds > self._slow_milliseconds:
            logger.warning(
                "slow query %s: %.0f ms, %d rows, snapshot %d",
                record.name,
                record.milliseconds,
                record.rows,
                record.snapshot_id,
            )

    def records(self) -> list[QueryRecord]:
        """Return the kept records, oldest first."""
        with self._lock:
            return list(self._records)

    def totals(self) -> dict[str, QueryTotals]:
        """Return what was counted since the process began, by query name; unlike the records, it only grows."""
        with self._lock:
            return dict(self._totals)

    def slow(self) -> list[QueryRecord]:
        """Return the kept records above the slow limit, newest first."""
        return [r for r in reversed(self.records()) if r.milliseconds > self._slow_milliseconds]

    def summary(self) -> pa.Table:
        """Return one row per query name: calls, median, 95th percentile and longest milliseconds, errors."""
        by_name: dict[str, list[QueryRecord]] = {}
        for record in self.records():
            by_name.setdefault(record.name, []).append(record)
        rows = []
        for name, records in sorted(by_name.items()):
            times = sorted(record.milliseconds for record in records)
            rows.append(
                {
                    "query": name,
                    "calls": len(times),
                    "median_ms": times[len(times) // 2],
                    "p95_ms": times[min(len(times) - 1, int(0.95 * len(times)))],
                    "longest_ms": times[-1],
                    "errors": sum(bool(record.error) for record in records),
                }
            )
        schema = pa.schema(
            [
                ("query", pa.string()),
                ("calls", pa.int64()),
                ("median_ms", pa.float64()),
                ("p95_ms", pa.float64()),
                ("longest_ms", pa.float64()),
                ("errors", pa.int64()),
            ]
        )
        return pa.Table.from_pylist(rows, schema)
