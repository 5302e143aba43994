"""What tests ask of a lake again and again."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow.parquet as pq

from data_layer.store import Lake, Snapshot
from tests.data_layer.store import rows

LOG_ENTRY = re.compile(r"^\d{20}(\.checkpoint)?\.(json|parquet)$")


def publish(lake: Lake, generation: int) -> Snapshot:
    """Publish one generation in two tables."""
    with lake.writer() as writer, writer.refresh("universe") as refresh:
        refresh.replace("markets", rows.markets(generation))
        refresh.replace("events", rows.events(generation))
    assert refresh.snapshot is not None
    return refresh.snapshot


def generations(snapshot: Snapshot) -> set[int]:
    """Return every generation that stands in the two tables: one, when nothing is torn or mixed."""
    found: set[int] = set()
    for table, column in (("markets", "volume_contracts"), ("events", "exchange_index")):
        files = snapshot.files(table)
        assert files
        for file in files:
            values = pq.read_table(file, partitioning=None).column(column).to_pylist()
            assert values
            found |= {int(value) for value in values}
    return found


def strangers(lake: Lake) -> set[str]:
    """Return files that belong to nobody: no snapshot names them and they are not part of a log."""
    named = {
        file.path
        for info in lake.snapshots()
        for table in lake.snapshot_folder.get(info.snapshot_id).tables.values()
        for file in table.files
    }
    found = set()
    for path in lake.root.rglob("*"):
        relative = path.relative_to(lake.root).as_posix()
        if not path.is_file() or relative in named:
            continue
        in_log = path.parent.name == "_delta_log" and (
            LOG_ENTRY.match(path.name) is not None or path.name == "_last_checkpoint"
        )
        in_snapshots = path.parent.name == "snapshots" and path.suffix == ".json" and len(path.name) == 17
        if not in_log and not in_snapshots and path.name not in ("writer.lock", "writer.json"):
            found.add(relative)
    return found


def spoil(path: str | Path, how: str) -> None:
    """Damage a file in a named way."""
    target = Path(path)
    data = bytearray(target.read_bytes())
    middle = len(data) // 2
    if how == "truncated":
        del data[middle:]
    elif how == "one bit":
        data[middle] ^= 0x10
    elif how == "same length":
        data[:] = bytes(len(data))
    elif how == "longer":
        data += b"x"
    elif how == "empty":
        data.clear()
    elif how == "gone":
        target.unlink()
        return
    target.write_bytes(bytes(data))
