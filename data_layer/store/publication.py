"""From committed Delta tables to one published snapshot: hash, sync, publish, in this order."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from data_layer.errors import StoreError
from data_layer.store.disk import fsync_with_folders
from data_layer.store.lake import Lake
from data_layer.store.records import SnapshotRecord, StoredFile, StoredTable
from data_layer.store.tables import DeltaFolder


def stored_table(folder: DeltaFolder, root: Path, before: StoredTable | None) -> StoredTable:
    """Return what a snapshot says of a table's newest version; only files that are new to it are read and hashed."""
    known = {file.path: file for file in before.files} if before else {}
    actions = pa.table(folder.delta.get_add_actions(flatten=True)).select(["path", "size_bytes"])
    files = []
    for action in actions.to_pylist():
        path = f"tables/{folder.table.name}/{action['path']}"
        files.append(known.get(path) or _hashed(root, path, action["size_bytes"]))
    files.sort(key=lambda file: file.path)
    return StoredTable(folder.delta.version(), sum(file.rows for file in files), tuple(files))


def _hashed(root: Path, path: str, size: int) -> StoredFile:
    full = root / path
    footer = pq.read_metadata(full)
    with full.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if full.stat().st_size != size:
        raise StoreError(f"{path} has {full.stat().st_size} bytes, and {size} were written")
    return StoredFile(path, size, footer.num_rows, footer.num_row_groups, digest)


def publish(lake: Lake, base: SnapshotRecord, record: SnapshotRecord) -> list[StoredFile]:
    """Put every new file on the disk, then the snapshot that names them; returns the new files."""
    new: list[StoredFile] = []
    paths: list[Path] = []
    for name, table in record.tables.items():
        before = base.tables.get(name)
        if table is before:
            continue
        old = {file.path for file in before.files} if before else set()
        new += [file for file in table.files if file.path not in old]
        log = lake.root / "tables" / name / "_delta_log"
        first = before.version + 1 if before else 0
        versions = (log / f"{version:020}.json" for version in range(first, table.version + 1))
        paths += [path for path in versions if path.exists()]
    paths += [lake.root / file.path for file in new]
    fsync_with_folders(paths, lake.root)
    lake.snapshot_folder.publish(record)
    return new
