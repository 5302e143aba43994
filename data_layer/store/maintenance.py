"""What keeps the lake small and whole: compaction, retention, repair."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from data_layer.errors import NoDataError, StoreError
from data_layer.schemas import TABLES, Table
from data_layer.store.records import OlderLakeError, SnapshotDamagedError, SnapshotRecord, StoredFile
from data_layer.store.tables import declared, store_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data_layer.store.refresh import Refresh
    from data_layer.store.settings import LakeSettings
    from data_layer.store.writer import Writer


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """What `Writer.retain` removed."""

    partitions: int
    snapshots: int
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Loss:
    """Rows that a repair dropped and that must be fetched again.

    `first_key` and `last_key` bound the first column of the table's key, where the commit log recorded them.
    """

    table: str
    path: str
    partition: dict[str, str]
    rows: int
    reason: str
    first_key: str | None
    last_key: str | None


def compact(writer: Writer, table: str, force: bool) -> int:
    """Rewrite partitions of many files as one sorted file each; see `Writer.compact`."""
    declared(table)
    stored = writer.base.tables.get(table)
    least = 2 if force else max(2, writer.lake.settings.compact_files)
    chosen = [partition for partition, files in stored.partitions() if files >= least] if stored else []
    if not chosen:
        return 0
    with writer.refresh("compaction") as refresh:
        for partition in chosen:
            refresh.rewrite(table, partition)
    with store_errors(f"tidying the log of {table}"):
        delta = refresh.touch(table).delta
        delta.create_checkpoint()
        delta.cleanup_metadata()
    return len(chosen)


def retain(writer: Writer) -> RetentionReport:
    """Drop what is past its time; see `Writer.retain`."""
    partitions = _drop_old_rows(writer)
    with store_errors("removing what is no longer kept"):
        snapshots, kept = _retire_snapshots(writer)
        files, size = (0, 0) if kept is None else _sweep(writer, kept)
    return RetentionReport(partitions, snapshots, files, size)


def _drop_old_rows(writer: Writer) -> int:
    today = datetime.fromtimestamp(writer.lake.clock(), UTC).date()
    dropped = 0
    with writer.refresh("retention") as refresh:
        for name, stored in writer.base.tables.items():
            for partition, _ in stored.partitions():
                days = _days_kept(writer.lake.settings, name, partition)
                if days is None:
                    continue
                oldest = today - timedelta(days=days)
                if not partition:
                    dropped += _drop_old_log_rows(writer, refresh, TABLES[name], oldest)
                elif _last_day(partition) < oldest:
                    refresh.drop(name, partition)
                    dropped += 1
    return dropped


def _days_kept(settings: LakeSettings, table: str, partition: dict[str, str]) -> float | None:
    if "period_minutes" in partition:
        return settings.candlestick_retention_days.get(int(partition["period_minutes"]))
    return settings.retention_days.get(table)


def _last_day(partition: dict[str, str]) -> date:
    if "day" in partition:
        return date.fromisoformat(partition["day"])
    first = date.fromisoformat(f"{partition['month']}-01")
    return (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _drop_old_log_rows(writer: Writer, refresh: Refresh, known: Table, oldest: date) -> int:
    """Rewrite a table in one folder without the days before `oldest`. Its first sort column is its time."""
    with store_errors(f"looking for old rows of {known.name}"):
        paths = refresh.sources(known.name, {})
        if not paths:
            return 0
        older, newer = writer.rewriter.since(known, paths, known.sort[0], f"{oldest.isoformat()} 00:00:00+00")
    if not older:
        return 0
    refresh.write(known.name, newer, "overwrite")
    return 1


def _retire_snapshots(writer: Writer) -> tuple[int, list[SnapshotRecord] | None]:
    """Remove snapshots that are old and unheld; returns how many, and the records of those that stay.

    The records are None when a snapshot that somebody holds cannot be read: then nothing may be swept.
    """
    folder, settings, now = writer.lake.snapshot_folder, writer.lake.settings, writer.lake.clock()
    held, kept, removed, readable = writer.lake.leases.live(), [], 0, 0
    unknown = False
    for snapshot_id in folder.ids():
        try:
            record = folder.get(snapshot_id)
        except (SnapshotDamagedError, OlderLakeError, NoDataError):
            unknown = unknown or snapshot_id in held
            if readable >= settings.keep_snapshots and snapshot_id not in held:
                folder.hide(snapshot_id)
                folder.forget(snapshot_id)
            continue
        readable += 1
        young = now - record.written_time.timestamp() < settings.keep_snapshot_hours * 3600
        if readable <= settings.keep_snapshots or young or snapshot_id in held:
            kept.append(record)
            continue
        folder.hide(snapshot_id)
        # Between the look at the leases and now a reader may have pinned it; whoever comes later finds it gone.
        if snapshot_id in writer.lake.leases.live():
            folder.unhide(snapshot_id)
            kept.append(record)
        else:
            folder.forget(snapshot_id)
            removed += 1
    return removed, None if unknown else kept


def _sweep(writer: Writer, kept: list[SnapshotRecord]) -> tuple[int, int]:
    """Remove every file under the tables' folders that no kept snapshot names; returns files and bytes."""
    named = {file.path for record in kept for table in record.tables.values() for file in table.files}
    root, files, size = writer.lake.root, 0, 0
    for name in TABLES:
        for folder, folders, names in os.walk(root / "tables" / name, topdown=False):
            here = Path(folder)
            in_log = "_delta_log" in here.relative_to(root).parts
            for entry in names:
                path = here / entry
                relative = path.relative_to(root).as_posix()
                if relative in named or (in_log and not _is_leftover(entry)):
                    continue
                size += path.lstat().st_size
                path.unlink()
                writer.lake.guard.forget(relative)
                files += 1
            if not in_log and here != root / "tables" / name and not any(here.iterdir()):
                here.rmdir()
            del folders
    return files, size


def _is_leftover(name: str) -> bool:
    """Tell whether a name in a log folder is an unfinished commit and not part of the log."""
    return name.endswith(".tmp") or "#" in name


def repair(writer: Writer, table: str, paths: Sequence[str] | None) -> list[Loss]:
    """Take damaged files out of a table; see `Writer.repair`."""
    known, stored, guard = declared(table), writer.base.tables.get(table), writer.lake.guard
    root = writer.lake.root
    wanted = None if paths is None else {_relative(root, path) for path in paths}
    losses: list[Loss] = []
    chosen: list[tuple[StoredFile, str]] = []
    for file in stored.files if stored else ():
        if wanted is None or file.path in wanted:
            reason = guard.fault(file)
            if reason is None:
                guard.forget(file.path)
                guard.trust(file)
            else:
                chosen.append((file, reason))
    if not chosen:
        return []
    with writer.refresh("repair") as refresh:
        folder = refresh.touch(table)
        with store_errors(f"repairing {table}"):
            bounds = _key_bounds(known, pa.table(folder.delta.get_add_actions(flatten=True)))
            for file, reason in chosen:
                first, last = bounds.get(file.path, (None, None))
                losses.append(Loss(table, file.path, file.partition, file.rows, reason, first, last))
                guard.set_aside(table, file, reason)
                (root / file.path).unlink(missing_ok=True)
            folder.delta.repair()
    return losses


def _relative(root: Path, path: str) -> str:
    found = Path(path)
    if not found.is_absolute():
        return found.as_posix()
    try:
        return found.relative_to(root).as_posix()
    except ValueError:
        raise StoreError(f"{path} is no file of this lake") from None


def _key_bounds(known: Table, actions: pa.Table) -> dict[str, tuple[str | None, str | None]]:
    inside = [name for name in known.key if name not in known.partition]
    columns = [f"min.{inside[0]}", f"max.{inside[0]}"] if inside else []
    if not columns or not set(columns) <= set(actions.column_names):
        return {}
    rows = actions.select(["path", *columns]).to_pylist()
    return {f"tables/{known.name}/{row['path']}": (_text(row[columns[0]]), _text(row[columns[1]])) for row in rows}


def _text(value: object) -> str | None:
    return None if value is None else str(value)
