"""Questions about the lake itself: how old, how large, what went wrong, how fast."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.csv as csv

from data_layer.engine.named_sql import sql_text
from data_layer.engine.query_log import QueryLog
from data_layer.flat_rows import flat
from data_layer.questions import Answer, SnapshotInfo
from data_layer.schemas import TABLES
from data_layer.store.lake import Lake
from data_layer.view import Questions

#: Rows from which the size as CSV is estimated.
_CSV_ROWS = 1_000


class StorageQuestions(Questions):
    """What is asked of the lake."""

    lake: Lake
    log: QueryLog

    @property
    def problem(self) -> str:
        """Why the newest snapshot could not be opened; empty when it is the one that is answered from."""
        raise NotImplementedError

    def snapshot_info(self) -> SnapshotInfo:
        """Say what is being looked at: number, age, size, and what went wrong lately."""
        view = self._view()
        said = _spoken(view.ask("conditions").to_pylist())
        if self.problem:
            said.append(self.problem)
        (row,) = view.ask("markets_count").to_pylist()
        return SnapshotInfo(snapshot_id=view.engine.snapshot_id, source=self.source, conditions=tuple(said), **row)

    def refreshes(self, limit: int = 50) -> Answer:
        """Return the last refreshes, newest first."""
        view = self._view()
        return view.answer("refreshes", view.ask("refreshes", {"limit": limit}))

    def rejects(self, limit: int = 200) -> Answer:
        """Return the last refused rows and their reasons, newest first."""
        view = self._view()
        return view.answer("rejects", view.ask("rejects", {"limit": limit}))

    def derive(self, name: str, sql: str, values: Mapping[str, Any]) -> pa.Table:
        """Run a query that makes a derived table; not bounded by the row limit of the screen, not remembered."""
        return self._view().engine.query(f"derive/{name}", sql, values, unbounded=True)

    def table_reader(self, table: str) -> pa.RecordBatchReader:
        """Return all rows of one stored table (a name of `schemas.TABLES`) for an export.

        Tables of markets without their series get a column `series_ticker`. The schema's metadata say the source,
        the snapshot and how old it is.
        """
        names = TABLES[table].names
        sql = f"SELECT * FROM {table}"  # noqa: S608 - a name of ours, looked up above
        if "ticker" in names and "series_ticker" not in names:
            sql = sql_text("export_rows").replace("/*table*/", table)
        engine = self._view().engine
        reader = engine.stream(sql)
        info = self.snapshot_info()
        said = {
            "kalshi.table": table,
            "kalshi.source": self.source,
            "kalshi.snapshot": str(engine.snapshot_id),
            "kalshi.as_of": info.as_of.isoformat() if info.as_of else "",
        }
        return pa.RecordBatchReader.from_batches(reader.schema.with_metadata(said), reader)

    def storage(self) -> Answer:
        """Return one row per table: files, rows, row groups, bytes, size against CSV, and when it was refreshed.

        The CSV size is estimated from the first rows; the age is that of the newest refresh that brought rows.
        """
        view = self._view()
        snapshot = self.lake.snapshot()
        newest = {row["table_name"]: row["newest"] for row in view.ask("table_ages").to_pylist()}
        rows = []
        for name in TABLES:
            size = snapshot.statistics(name)
            sql = f"SELECT * FROM {name} LIMIT {_CSV_ROWS}"  # noqa: S608 - a name of ours
            row_bytes = _csv_bytes_per_row(view.ask(f"csv_sample:{name}", sql=sql))
            rows.append(
                {
                    "table": name,
                    "rows": size.rows,
                    "files": size.files,
                    "row_groups": size.row_groups,
                    "bytes": size.bytes,
                    "csv_bytes": round(row_bytes * size.rows) if row_bytes else None,
                    "newest": newest.get(name),
                }
            )
        return view.answer("storage", pa.Table.from_pylist(rows, _STORAGE))

    def queries(self) -> Answer:
        """Return one row per query name of this process: calls, median, 95th percentile, longest, errors."""
        return self._view().answer("queries", self.log.summary())


_STORAGE = pa.schema(
    [
        ("table", pa.string()),
        ("rows", pa.int64()),
        ("files", pa.int64()),
        ("row_groups", pa.int64()),
        ("bytes", pa.int64()),
        ("csv_bytes", pa.int64()),
        ("newest", pa.timestamp("us", tz="UTC")),
    ]
)


def _csv_bytes_per_row(sample: pa.Table) -> float:
    if not sample.num_rows:
        return 0.0
    buffer = io.BytesIO()
    csv.write_csv(flat(sample.to_reader()).read_all(), buffer)
    return buffer.tell() / sample.num_rows


def _spoken(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say the failures and named conditions of the newest refreshes."""
    said = []
    for row in rows:
        if row["outcome"] != "complete" and row["error"]:
            said.append(f"{row['kind']}: {row['error']}")
        said += msgspec.json.decode(row["conditions_json"] or "[]", type=list[str])
    return said
