"""The one writer: its election, its refreshes, and the moment in which a refresh becomes visible."""

from __future__ import annotations

import json
import os
import socket
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from filelock import FileLock, Timeout

from data_layer.errors import StoreError, WriterLockedError
from data_layer.schemas import LAKE_SCHEMA_VERSION, TABLES
from data_layer.store import maintenance
from data_layer.store.lake import Lake, Snapshot
from data_layer.store.publication import publish, stored_table
from data_layer.store.records import SnapshotRecord, StoredTable
from data_layer.store.recovery import recover, roll_back
from data_layer.store.tables import (
    DeltaFolder,
    Partition,
    check_unique,
    checked,
    declared,
    newest_per_key,
    predicate,
    read_files,
    split_by_partition,
    store_errors,
)

FOLDERS = ("tables", "snapshots", "leases", "quarantine")


@contextmanager
def open_writer(lake: Lake, timeout_seconds: float) -> Iterator[Writer]:
    """Hold the writer's lock while the block runs; see `Lake.writer`."""
    note = lake.root / "writer.json"
    with store_errors(f"opening {lake.root}"):
        for folder in FOLDERS:
            (lake.root / folder).mkdir(parents=True, exist_ok=True)
        lock = FileLock(lake.root / "writer.lock", thread_local=False)
        try:
            lock.acquire(timeout=timeout_seconds, poll_interval=0.05)
        except Timeout as error:
            raise WriterLockedError(f"Another process writes this data folder: {_holder(note)}") from error
    try:
        with store_errors("putting right what an earlier writer left"):
            _write_holder(note, lake.clock())
            writer = Writer(lake)
        yield writer
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def _write_holder(note: Path, now: float) -> None:
    holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": datetime.fromtimestamp(now, UTC).isoformat()}
    note.write_text(json.dumps(holder), encoding="utf-8")


def _holder(note: Path) -> str:
    try:
        holder = json.loads(note.read_text(encoding="utf-8"))
        return f"process {holder['pid']} on {holder['host']}, since {holder['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "it has just begun"


class Writer:
    """What only the elected process may do. Made by `Lake.writer`; not for use from several threads at once."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self._busy = False
        self._dirty = False
        self.base = recover(lake)
        self._folders: dict[str, DeltaFolder] = {}

    def snapshot(self) -> Snapshot:
        """Return the snapshot that the next refresh builds on: the newest one."""
        return self.lake.as_snapshot(self.base)

    def folder(self, table: str) -> DeltaFolder:
        """Return a table's Delta folder; opened once, because nobody else may commit to it meanwhile."""
        return self._folders.setdefault(table, DeltaFolder(self.lake.root, TABLES[table], self.lake.settings))

    def recover(self) -> None:
        """Bring all tables back to the newest snapshot and build on that."""
        self._folders.clear()
        self.base = recover(self.lake)

    @contextmanager
    def refresh(self, kind: str, refresh_id: str | None = None, source: str = "live") -> Iterator[Refresh]:
        """Open a refresh: what it writes into any number of tables becomes visible at once, when the block ends.

        An exception in the block takes every table back to what it was and publishes nothing. A block that wrote
        nothing publishes nothing either.

        Args:
            kind: what is refreshed: universe, watch, series, candlesticks, settled, trades, …
            refresh_id: identity of the refresh, as in the refresh log; made up when absent.
            source: live or demo.
        """
        if self._busy:
            raise StoreError("A refresh is open already")
        if self._dirty:
            self.recover()
            self._dirty = False
        refresh = Refresh(self, kind, refresh_id or uuid.uuid4().hex, source)
        self._busy = True
        try:
            yield refresh
            refresh.commit()
        except BaseException:
            self._dirty = True  # stays so when the disk refuses even this: then the next refresh tries again
            self._folders.clear()
            refresh.abandon()
            self._dirty = False
            raise
        finally:
            self._busy = False
        if refresh.snapshot is not None:
            self.base = refresh.snapshot.record

    def compact(self, table: str, force: bool = False) -> int:
        """Rewrite every partition of many files as one sorted file; returns how many partitions.

        Args:
            table: a name of `schemas.TABLES`.
            force: also partitions with fewer than `LakeSettings.compact_files` files (but more than one).
        """
        return maintenance.compact(self, table, force)

    def retain(self) -> maintenance.RetentionReport:
        """Drop rows, snapshots and files that are past their time and that nobody holds."""
        return maintenance.retain(self)

    def repair(self, table: str, paths: Sequence[str] | None = None) -> list[maintenance.Loss]:
        """Take damaged files out of a table and publish that; returns what must be fetched again.

        Args:
            table: a name of `schemas.TABLES`.
            paths: files to look at, as `CorruptFileError.path` or `Lake.damaged` name them; None looks at all.
                Each is hashed again first: a sound file is never dropped.
        """
        return maintenance.repair(self, table, paths)


class Refresh:
    """One refresh that is under way. The names of the methods are what they do to a table."""

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
        rows = checked(declared(table), rows)
        check_unique(declared(table), rows)
        if rows.num_rows:
            self.write(table, rows, "overwrite")

    def append(self, table: str, rows: pa.Table) -> None:
        """Add rows that are not stored yet; for rows that may be, `upsert_partitions`. Raises as `replace` does."""
        rows = checked(declared(table), rows)
        check_unique(declared(table), rows)
        if rows.num_rows:
            self.write(table, rows, "append")

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
            if part.num_rows:
                merged = newest_per_key(known, pa.concat_tables([self.read(table, partition), part]))
                self.write(table, merged, "overwrite", predicate(known, partition))

    def read(self, table: str, partition: Partition) -> pa.Table:
        """Return the rows of one partition as this refresh sees them, from files whose bytes were checked."""
        known, folder = declared(table), self._writer.folder(table)
        if not folder.exists:
            return known.empty()
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
            return read_files(known, paths, partition)

    def write(self, table: str, rows: pa.Table, mode: str, where: str | None = None) -> None:
        """Commit rows to one Delta table; `where` names the partition that is overwritten."""
        with store_errors(f"writing {table}"):
            self.touch(table).write(rows, mode, where)

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

    def abandon(self) -> None:
        """Take every table that was touched back to the snapshot the refresh began from."""
        with store_errors("taking back an unfinished refresh"):
            for name in self._touched:
                roll_back(self._lake, name, self._base.tables.get(name), keep_unknown=False)
