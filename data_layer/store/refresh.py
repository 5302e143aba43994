"""One refresh: what it writes into any number of tables becomes visible at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa

from data_layer.errors import StoreError
from data_layer.schemas import LAKE_SCHEMA_VERSION
from data_layer.store.publication import publish, stored_table
from data_layer.store.records import SnapshotRecord, StoredTable
from data_layer.store.tables import (
    DeltaFolder,
    Partition,
    check_unique,
    checked,
    declared,
    in_order,
    newest_per_key,
    predicate,
    split_by_partition,
    store_errors,
)

if TYPE_CHECKING:
    from data_layer.store.lake import Snapshot
    from data_layer.store.writer import Writer


class Refresh:
    """A refresh that is under way; made by `Writer.refresh`. The names of the methods are what they do to a table."""

    def __init__(self, writer: Writer, kind: str, refresh_id: str, source: str) -> None:
        self._writer = writer
        self._lake = writer.lake
        self._base = writer.base
        self.kind = kind
        self.refresh_id = refresh_id
        self.source = source
        #: What was published; None before the block has ended, and when nothing was written.
        self.snapshot: Snapshot | None = None
        self._touched: dict[str, DeltaFolder] = {}

    def replace(self, table: str, rows: pa.Table) -> None:
        """Let a table consist of these rows only. An empty table changes nothing.

        Raises:
            StoreError: the rows do not fit the declared schema, repeat a key, or could not be written.
        """
        known = declared(table)
        rows = checked(known, rows)
        check_unique(known, rows)
        if rows.num_rows:
            self.write(table, in_order(known, rows), "overwrite")

    def append(self, table: str, rows: pa.Table) -> None:
        """Add rows that are not stored yet; for rows that may be, `upsert_partitions`. Raises as `replace` does."""
        known = declared(table)
        rows = checked(known, rows)
        check_unique(known, rows)
        if rows.num_rows:
            self.write(table, in_order(known, rows), "append")

    def upsert_partitions(self, table: str, rows: pa.Table) -> None:
        """Add rows, each taking the place of the stored row with the same key in the same partition.

        Of rows that repeat a key the last one counts. Every partition touched is rewritten as one sorted file.

        Raises:
            StoreError: as `replace`; CorruptFileError when a file that would be rewritten is damaged.
        """
        known = declared(table)
        if not known.key:
            raise StoreError(f"{table} has no key: rows can only be appended")
        for partition, part in split_by_partition(known, checked(known, rows)):
            newer = newest_per_key(known, part)
            paths = self.sources(table, partition)
            if not newer.num_rows:
                continue
            if paths:
                with store_errors(f"merging into {table}"):
                    merged = self._writer.rewriter.merged(known, paths, partition, newer)
                self.write(table, merged, "overwrite", predicate(known, partition))
            else:
                self.write(table, in_order(known, newer), "append")

    def rewrite(self, table: str, partition: Partition) -> None:
        """Sort the files of one partition into one."""
        known = declared(table)
        with store_errors(f"compacting {table}"):
            rows = self._writer.rewriter.merged(known, self.sources(table, partition), partition)
        self.write(table, rows, "overwrite", predicate(known, partition))

    def drop(self, table: str, partition: Partition) -> None:
        """Take out the rows of one partition; its files stay until `Writer.retain` sweeps."""
        with store_errors(f"dropping rows of {table}"):
            self.touch(table).delta.delete(predicate(declared(table), partition))

    def write(self, table: str, rows: pa.Table | pa.RecordBatchReader, mode: str, where: str | None = None) -> None:
        """Commit sorted rows to one Delta table; `where` names the partition that is overwritten."""
        with store_errors(f"writing {table}"):
            self.touch(table).write(rows, mode, where)

    def sources(self, table: str, partition: Partition) -> list[str]:
        """Return the absolute paths of one partition's files as this refresh sees them, their bytes checked."""
        known, folder = declared(table), self._writer.folder(table)
        if not folder.exists:
            return []
        stored = self._base.tables.get(table)
        before = {file.path: file for file in stored.files} if stored else {}
        within = "/".join(f"{name}={partition[name]}" for name in known.partition)
        paths = []
        with store_errors(f"reading {table}"):
            for path in sorted(folder.paths()):
                if path.rpartition("/")[0] != within:
                    continue
                file = before.get(f"tables/{table}/{path}")
                # What this refresh has just written is in no snapshot yet; all else is checked before it is copied.
                paths.append(self._lake.guard.check(table, file) if file else str(folder.path / path))
        return paths

    def touch(self, table: str) -> DeltaFolder:
        """Return a table's folder, remembering that it belongs to this refresh."""
        return self._touched.setdefault(table, self._writer.folder(table))

    def commit(self) -> None:
        """Publish one snapshot of all tables; called when the block ends."""
        if not self._touched:
            return
        tables: dict[str, StoredTable] = dict(self._base.tables)
        with store_errors("publishing the refresh"):
            for name, folder in self._touched.items():
                tables[name] = stored_table(folder, self._lake.root, self._base.tables.get(name))
            record = SnapshotRecord(
                LAKE_SCHEMA_VERSION,
                self._lake.snapshot_folder.next_id(),
                datetime.fromtimestamp(self._lake.clock(), UTC),
                self.refresh_id,
                self.kind,
                self.source,
                tables,
            )
            for file in publish(self._lake, self._base, record):
                self._lake.guard.trust(file)
        self.snapshot = self._lake.as_snapshot(record)
