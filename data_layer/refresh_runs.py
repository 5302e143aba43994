"""How a refresh is run: one report, one commit at a time, one row of `refresh_log`, whatever happens."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_layer.api import is_ticker
from data_layer.errors import KalshiError, PaginationError, SchemaDriftError
from data_layer.refresh_report import RefreshReport
from data_layer.store.writer import Refresh, Writer
from data_layer.validation import (
    Batch,
    Reject,
    completeness,
    completeness_conditions,
    drop_duplicates,
    rejects_table,
)

logger = logging.getLogger(__name__)

#: How many past refreshes completeness is compared with.
COMPLETENESS_REFRESHES = 5
_LOG_ROWS = 50

OnProgress = Callable[[str, int], None]


class RefreshRuns:
    """Runs the refreshes of one lake. Fetching may happen in several threads, commits are one at a time."""

    def __init__(self, writer: Writer, source: str, clock: Callable[[], float], on_progress: OnProgress) -> None:
        self.clock = clock
        self._writer = writer
        self._source = source
        self._on_progress = on_progress
        self._committing = threading.RLock()
        self._newest = datetime.fromtimestamp(0, UTC)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Hold the writer while nobody else commits."""
        with self._committing:
            yield self._writer

    @contextmanager
    def reported(self, kind: str) -> Iterator[RefreshReport]:
        """Run one refresh; what the exchange does wrong ends up in the report and in `refresh_log`."""
        report = RefreshReport(kind, self._source, self.clock())
        try:
            yield report
        except (KalshiError, PaginationError) as error:
            if isinstance(error, SchemaDriftError):
                report.conditions.add(f"drift:{error.condition}")
            report.fail(error)
            logger.warning("refresh %s failed: %s", kind, error)
            with self.commit(report):
                pass
        finally:
            report.finished = report.finished or self.clock()

    @contextmanager
    def commit(self, report: RefreshReport) -> Iterator[Refresh]:
        """Publish one snapshot: what the block writes, the rejects and the report's own row."""
        with self.writing() as writer:
            report.refresh_id = f"{writer.snapshot().snapshot_id + 1:012d}-{uuid.uuid4().hex[:8]}"
            with writer.refresh(kind=report.kind, refresh_id=report.refresh_id, source=self._source) as refresh:
                yield refresh
                report.finished = self.clock()
                rejected = datetime.fromtimestamp(report.finished, UTC)
                refresh.append("rejects", rejects_table(report.rejects, rejected))
                refresh.append("refresh_log", report.row())
            report.snapshot_id = writer.snapshot().snapshot_id

    def count(self, report: RefreshReport, stage: str, table: str, page: Any) -> None:
        """Count a page and what the client could not read of it; `table` is what its rows were meant for."""
        report.pages += 1
        report.nbytes += page.nbytes
        for bad in page.rejected:
            report.rejects.setdefault(table, []).append(Reject(bad.key or "", "shape", bad.reason, bad.excerpt))
        if page.unknown_fields:
            report.conditions.add(f"unknown_fields:{table}: {', '.join(page.unknown_fields)}")
        self._on_progress(stage, report.pages)

    def askable(self, report: RefreshReport, tickers: Sequence[str]) -> list[str]:
        """Return the tickers that may stand in a request; one odd name must not stop the others."""
        good = [ticker for ticker in tickers if is_ticker(ticker)]
        if len(good) < len(tickers):
            report.conditions.add(f"tickers: {len(tickers) - len(good)} are spelt so that they cannot be asked for")
        return good

    def received(self, report: RefreshReport, page: Any) -> datetime:
        """Return when a page came, never before what came earlier: a later quote must be the later row.

        While the machine's clock stands behind what is stored, times stand still (to the microsecond) and a
        condition says so.
        """
        moment = datetime.fromtimestamp(page.fetched_at, UTC)
        if moment < self._newest:
            report.conditions.add("clock: it went back; times are held until it has caught up")
            moment = self._newest + timedelta(microseconds=1)
        self._newest = moment
        return moment

    def remember_newest(self, moment: datetime) -> None:
        """Note the newest time that is stored already."""
        self._newest = max(self._newest, moment)

    def finish(self, report: RefreshReport, batch: Batch) -> None:
        """Check uniqueness and completeness of a whole table, and count its rows."""
        batch.table, duplicates = drop_duplicates(batch.table.combine_chunks(), batch.schema.key)
        batch.duplicates += duplicates
        report.add(batch)
        report.rows += batch.table.num_rows
        name = batch.schema.name
        shares = completeness(batch.table, batch.schema.watched)
        report.completeness |= {f"{name}.{column}": share for column, share in shares.items()}
        report.conditions |= set(completeness_conditions(name, shares, self._past_completeness(report.kind, name)))

    def past(self, kind: str) -> list[dict[str, Any]]:
        """Return outcome, conditions and completeness of the last refreshes of one kind, newest first.

        Ordered by `refresh_id`, which rises with every commit; the clock may not.
        """
        files = self._writer.snapshot().files("refresh_log")
        if not files:
            return []
        columns = ["refresh_id", "kind", "outcome", "conditions_json", "completeness_json"]
        table = pa.concat_tables([pq.ParquetFile(path).read(columns=columns) for path in files])
        table = table.filter(pc.equal(table["kind"], kind)).sort_by([("refresh_id", "descending")])
        rows: list[dict[str, Any]] = table.slice(0, _LOG_ROWS).to_pylist()
        return rows

    def _past_completeness(self, kind: str, name: str) -> list[dict[str, float]]:
        past = []
        for row in self.past(kind):
            shares = msgspec.json.decode(row["completeness_json"] or "{}", type=dict[str, float])
            cut = {key.removeprefix(f"{name}."): s for key, s in shares.items() if key.startswith(f"{name}.")}
            if row["outcome"] == "complete" and cut:
                past.append(cut)
        return past[:COMPLETENESS_REFRESHES]
