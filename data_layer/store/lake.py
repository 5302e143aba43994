"""The lake as readers see it: snapshots, and the verified files of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import pyarrow as pa

from data_layer.errors import NoDataError, StoreError
from data_layer.schemas import TABLES, Table
from data_layer.store.integrity import Damage, FileGuard
from data_layer.store.lease import LeaseBook
from data_layer.store.records import OlderLakeError, SnapshotDamagedError, SnapshotRecord, StoredFile
from data_layer.store.settings import LakeSettings
from data_layer.store.snapshot_folder import SnapshotFolder, SnapshotInfo

if TYPE_CHECKING:
    from data_layer.store.writer import Writer

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class TableStatistics:
    """What one table weighs in one snapshot."""

    files: int
    rows: int
    row_groups: int
    bytes: int


class Snapshot:
    """One consistent state of all tables: what one refresh published. Immutable and safe to share.

    Its files stay on disk for `keep_snapshot_hours`; pin it (`Lake.pin`) to read longer than that.
    """

    def __init__(self, record: SnapshotRecord, root: Path, guard: FileGuard, snapshots: SnapshotFolder) -> None:
        self._record = record
        self._root = root
        self._guard = guard
        self._snapshots = snapshots

    @property
    def snapshot_id(self) -> int:
        """Number of the snapshot; rises with every refresh, 0 when nothing is stored."""
        return self._record.snapshot_id

    @property
    def written_time(self) -> datetime:
        """When it was published (UTC, aware)."""
        return self._record.written_time

    @property
    def refresh_id(self) -> str:
        """Identity of the refresh that published it."""
        return self._record.refresh_id

    @property
    def kind(self) -> str:
        """What the refresh did: universe, watch, …, compaction, retention, repair."""
        return self._record.kind

    @property
    def source(self) -> str:
        """Where its data came from: live or demo."""
        return self._record.source

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables that have rows."""
        return tuple(name for name, table in self._record.tables.items() if table.files)

    def rows(self, table: str) -> int:
        """Return the number of rows of a table; 0 when it has none."""
        stored = self._record.tables.get(_known(table).name)
        return stored.rows if stored else 0

    def statistics(self, table: str) -> TableStatistics:
        """Return files, rows, row groups and bytes of a table, without opening it."""
        files = self._files(table, None)
        return TableStatistics(
            len(files), sum(f.rows for f in files), sum(f.row_groups for f in files), sum(f.size for f in files)
        )

    def version(self, table: str) -> int | None:
        """Return the Delta version of a table, for engines that read Delta themselves; None without the table."""
        stored = self._record.tables.get(_known(table).name)
        return stored.version if stored else None

    def uri(self, table: str) -> str:
        """Return the folder of a Delta table, for engines that read Delta themselves."""
        return str(self._root / "tables" / _known(table).name)

    def hive_types(self, table: str) -> dict[str, str]:
        """Return SQL types of the partition columns, which stand in the path and not in the files.

        Read with ``read_parquet(files, hive_partitioning = true, hive_types = {…})``; empty without partitions.
        """
        declared = _known(table)
        return {name: _sql_type(declared.arrow.field(name).type) for name in declared.partition}

    def files(self, table: str, partitions: Mapping[str, Collection[str | int]] | None = None) -> list[str]:
        """Return the absolute paths of a table's Parquet files, each checked the first time this process sees it.

        Args:
            table: a name of `schemas.TABLES`.
            partitions: values to keep per partition column, e.g. ``{"period_minutes": [60]}``; only the files
                that are returned are checked, so damage elsewhere does not stand in the way.

        Raises:
            CorruptFileError: a file is not what was written; it has been set aside and is never served.
            StoreError: a file cannot be read now, or the snapshot was retired while nobody had it pinned.
        """
        files = self._files(table, partitions)
        try:
            return [self._guard.check(table, file) for file in files]
        except StoreError as error:
            if self.snapshot_id and not self._snapshots.exists(self.snapshot_id):
                raise NoDataError(f"Snapshot {self.snapshot_id} is no longer kept") from error
            raise

    def stored_files(self, table: str) -> tuple[StoredFile, ...]:
        """Return what the snapshot says of a table's files, unchecked."""
        stored = self._record.tables.get(_known(table).name)
        return stored.files if stored else ()

    @property
    def record(self) -> SnapshotRecord:
        """The content of the snapshot's file."""
        return self._record

    def _files(self, table: str, partitions: Mapping[str, Collection[str | int]] | None) -> list[StoredFile]:
        if not partitions:
            return list(self.stored_files(table))
        unknown = set(partitions) - set(_known(table).partition)
        if unknown:
            raise StoreError(f"The table {table} is not partitioned by {', '.join(sorted(unknown))}")
        wanted = {name: {str(value) for value in values} for name, values in partitions.items()}
        return [
            file
            for file in self.stored_files(table)
            if all(file.partition[name] in values for name, values in wanted.items())
        ]


class PinnedSnapshot(AbstractContextManager[Snapshot]):
    """A snapshot and the lease on it: no writer, in any process, removes its files before `release`."""

    def __init__(self, snapshot: Snapshot, leases: LeaseBook) -> None:
        self.snapshot = snapshot
        self._leases = leases
        #: False where the lake is read-only for this process: then only `keep_snapshot_hours` protects the files.
        self.leased = False
        self._held = snapshot.snapshot_id != 0
        if self._held:
            self.leased = leases.take(snapshot.snapshot_id)

    def release(self) -> None:
        """Give the lease back; calling it again does nothing."""
        if self._held:
            self._held = False
            self._leases.give_back(self.snapshot.snapshot_id)

    def __enter__(self) -> Snapshot:
        return self.snapshot

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class Lake:
    """All stored tables under one folder. Any number of processes read; one writes.

    Args:
        root: folder of the lake; made by the first writer, not before.
        settings: layout and retention.
        clock: seconds since the epoch; stamps snapshots and decides what is too old.
    """

    def __init__(
        self, root: Path, settings: LakeSettings | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.root = Path(root).resolve()
        self.settings = settings or LakeSettings()
        self.clock = clock
        self.snapshot_folder = SnapshotFolder(self.root)
        self.leases = LeaseBook(self.root, self.snapshot_folder)
        self.guard = FileGuard(self.root)

    def snapshot(self) -> Snapshot:
        """Return the newest snapshot whose checksum is right; id 0 and no tables when nothing is stored.

        Cheap enough to be called every second. A file that cannot be believed is passed over, see `problems`.

        Raises:
            NewerLakeError: a newer version of this program wrote it.
            StoreError: the folder cannot be read at all.
        """
        return self.as_snapshot(self.snapshot_folder.latest())

    def snapshots(self) -> list[SnapshotInfo]:
        """Return all snapshots that are still kept, oldest first."""
        return self.snapshot_folder.infos()

    def pin(self, snapshot_id: int | None = None) -> PinnedSnapshot:
        """Hold a snapshot (the newest, without a number) until it is released; also a context manager.

        Raises:
            NoDataError: the snapshot asked for is no longer kept, or is damaged.
        """
        if snapshot_id is not None:
            try:
                record = self.snapshot_folder.get(snapshot_id)
            except (SnapshotDamagedError, OlderLakeError) as error:
                raise NoDataError(f"Snapshot {snapshot_id} cannot be read: {error}") from error
            return PinnedSnapshot(self.as_snapshot(record), self.leases)
        for _ in range(_ATTEMPTS):
            try:
                return PinnedSnapshot(self.snapshot(), self.leases)
            except NoDataError:
                continue  # retired between the look and the lease: a newer one stands
        raise StoreError("The newest snapshot is retired faster than it can be held")

    def writer(self, timeout_seconds: float = 0.0) -> AbstractContextManager[Writer]:
        """Become the one writer while the block runs, after putting right what a writer that died had left.

        Raises:
            WriterLockedError: another process (or thread) is the writer; this one can read only.
            NewerLakeError: the lake was written by a newer version of this program.
            StoreError: the folder cannot be written.
        """
        from data_layer.store.writer import open_writer  # deltalake is not needed to read

        return open_writer(self, timeout_seconds)

    def damaged(self) -> list[Damage]:
        """Return the damaged files of the newest snapshot that this or another process came upon."""
        current = {file.path for table in self.snapshot().record.tables.values() for file in table.files}
        return [damage for damage in self.guard.damaged() if damage.path in current]

    def problems(self) -> list[str]:
        """Return what is wrong with the lake, for a person: snapshots passed over, damaged files."""
        found = [f"{d.table}: the file {d.path} is damaged ({d.reason})" for d in self.damaged()]
        return self.snapshot_folder.problems() + found

    def as_snapshot(self, record: SnapshotRecord) -> Snapshot:
        """Return the readers' view of a record."""
        return Snapshot(record, self.root, self.guard, self.snapshot_folder)


def _known(table: str) -> Table:
    try:
        return TABLES[table]
    except KeyError:
        raise StoreError(f"There is no table {table!r}") from None


def _sql_type(kind: pa.DataType) -> str:
    return "INTEGER" if pa.types.is_int32(kind) else "VARCHAR"
