"""Putting right what a writer that died had left, before the next one begins."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from deltalake import Schema
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, create_table_with_add_actions

from data_layer.errors import NoDataError
from data_layer.schemas import TABLES
from data_layer.store.disk import remove_unfinished
from data_layer.store.records import EMPTY, OlderLakeError, SnapshotDamagedError, SnapshotRecord, StoredTable
from data_layer.store.tables import DeltaFolder, store_errors

if TYPE_CHECKING:
    from data_layer.store.lake import Lake


def recover(lake: Lake) -> SnapshotRecord:
    """Bring every table back to the newest snapshot that can be believed, and return that snapshot.

    Raises:
        NewerLakeError: a newer version of this program wrote the lake; nothing is touched.
        StoreError: the disk refuses; calling it again later is safe.
    """
    with store_errors("putting right what an earlier writer left"):
        return _recovered(lake)


def _recovered(lake: Lake) -> SnapshotRecord:
    folder = lake.snapshot_folder
    for place in (lake.root, folder.path, lake.guard.quarantine):
        remove_unfinished(place)
    folder.unhide_all()
    base = _base(lake)
    # A damaged newer snapshot may have named tables that the older one does not know: those are somebody's data.
    newest = max(folder.ids(), default=0)
    for name in TABLES:
        roll_back(lake, name, base.tables.get(name), keep_unknown=newest > base.snapshot_id)
    return base


def _base(lake: Lake) -> SnapshotRecord:
    folder = lake.snapshot_folder
    for snapshot_id in folder.ids():
        try:
            return folder.get(snapshot_id)
        except (SnapshotDamagedError, NoDataError):
            continue
        except OlderLakeError as error:
            set_aside(lake.root, ["tables", "snapshots"], f"older-{error}".replace(" ", "-"))
            break
    if not folder.file(0).exists():
        # Tables that no snapshot speaks of are not ours to judge: they are kept, out of the way.
        if any((lake.root / "tables").iterdir()):
            set_aside(lake.root, ["tables"], "without-snapshot")
        folder.publish(EMPTY)
    return EMPTY


def roll_back(lake: Lake, name: str, wanted: StoredTable | None, keep_unknown: bool) -> None:
    """Bring one Delta table back to what a snapshot says of it."""
    folder = DeltaFolder(lake.root, TABLES[name], lake.settings)
    if wanted is None:
        if folder.path.exists():
            if keep_unknown:
                set_aside(lake.root, [f"tables/{name}"], "unknown-table")
            else:
                shutil.rmtree(folder.path)
        return
    if folder.newest_version() == wanted.version:
        return
    prefix = f"tables/{name}/"
    paths = {file.path.removeprefix(prefix) for file in wanted.files}
    try:
        if folder.paths() != paths:
            folder.delta.restore(wanted.version)
            folder.reopen()
        whole = folder.paths() == paths
    except (DeltaError, OSError):
        whole = False
    if not whole:
        _write_log_anew(lake, folder, wanted)


def _write_log_anew(lake: Lake, folder: DeltaFolder, wanted: StoredTable) -> None:
    """Make a new Delta log from what the snapshot says: the old one is unreadable or lost the version."""
    set_aside(lake.root, [f"tables/{folder.table.name}/_delta_log"], "unreadable-log")
    prefix = f"tables/{folder.table.name}/"
    adds = [
        AddAction(
            path=file.path.removeprefix(prefix),
            size=file.size,
            partition_values=file.partition,
            modification_time=int(lake.clock() * 1000),
            data_change=True,
            stats=f'{{"numRecords":{file.rows}}}',
        )
        for file in wanted.files
    ]
    create_table_with_add_actions(
        str(folder.path),
        Schema.from_arrow(pa.schema(folder.table.arrow)),
        adds,
        mode="error",
        partition_by=list(folder.table.partition),
        configuration=folder.configuration(),
    )


def set_aside(root: Path, names: list[str], why: str) -> Path:
    """Move parts of the lake to `<root>/set-aside/<why>-…`: nothing of the user's is ever deleted."""
    target = root / "set-aside" / f"{why}-{secrets.token_hex(4)}"
    for name in names:
        source = root / name
        if source.exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            source.rename(target / name)
    for name in ("tables", "snapshots"):
        (root / name).mkdir(exist_ok=True)
    return target
