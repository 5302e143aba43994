"""The one writer: how it is elected, and what only it may do."""

from __future__ import annotations

import json
import os
import socket
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from data_layer.errors import StoreError, WriterLockedError
from data_layer.schemas import TABLES
from data_layer.store import maintenance
from data_layer.store.lake import Lake, Snapshot
from data_layer.store.records import EMPTY
from data_layer.store.recovery import recover
from data_layer.store.refresh import Refresh
from data_layer.store.tables import DeltaFolder, store_errors

if TYPE_CHECKING:
    from data_layer.store.rewrite import Rewriter

_FOLDERS = ("tables", "snapshots", "leases", "quarantine")


@contextmanager
def open_writer(lake: Lake, timeout_seconds: float) -> Iterator[Writer]:
    """Hold the writer's lock while the block runs; see `Lake.writer`."""
    note = lake.root / "writer.json"
    with store_errors(f"opening {lake.root}"):
        for folder in _FOLDERS:
            (lake.root / folder).mkdir(parents=True, exist_ok=True)
        lock = FileLock(lake.root / "writer.lock", thread_local=False)
        try:
            lock.acquire(timeout=timeout_seconds, poll_interval=0.05)
        except Timeout as error:
            raise WriterLockedError(f"Another process writes this data folder: {_holder(note)}") from error
    try:
        with store_errors(f"opening {lake.root}"):
            _write_holder(note, lake.clock())
        writer = Writer(lake)
        try:
            yield writer
        finally:
            writer.close()
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
        self.base = EMPTY
        self._busy = False
        self._dirty = True
        self._folders: dict[str, DeltaFolder] = {}
        self.recover()

    def snapshot(self) -> Snapshot:
        """Return the snapshot that the next refresh builds on: the newest one."""
        return self.lake.as_snapshot(self.base)

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
        refresh = Refresh(self, kind, refresh_id or uuid.uuid4().hex, source)
        self._busy = True
        try:
            yield refresh
            refresh.commit()
        except BaseException as error:
            try:
                self.recover()
            except StoreError as second:  # a full disk, say; the next refresh tries again before it begins
                error.add_note(f"What the refresh had written could not be taken back yet: {second}")
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

    # For the store itself

    def recover(self) -> None:
        """Bring all tables back to the newest snapshot and build on that."""
        self._dirty = True
        self._folders.clear()
        self.base = recover(self.lake)
        self._dirty = False

    def folder(self, table: str) -> DeltaFolder:
        """Return a table's Delta folder; opened once, because nobody else may commit to it meanwhile."""
        return self._folders.setdefault(table, DeltaFolder(self.lake.root, TABLES[table], self.lake.settings))

    @cached_property
    def rewriter(self) -> Rewriter:
        """What sorts files into one."""
        from data_layer.store.rewrite import Rewriter  # most refreshes only append

        return Rewriter(self.lake.root)

    def close(self) -> None:
        """Free what the rewriting of files held."""
        if "rewriter" in self.__dict__:
            self.rewriter.close()
