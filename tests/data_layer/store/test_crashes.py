"""A writer that dies leaves the old or the new, and the next one puts things right."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from data_layer.errors import NewerLakeError
from data_layer.schemas import TABLES
from data_layer.store import Lake
from data_layer.store.records import SnapshotRecord, encode
from data_layer.store.tables import DeltaFolder
from tests.data_layer.store import rows
from tests.data_layer.store.child import STEPS
from tests.data_layer.store.conftest import Spawn
from tests.data_layer.store.lake_checks import generations, publish, strangers

#: Steps that leave nothing else behind than another one does: still tried, but not at every check.
ALIKE = (
    "before the first table",
    "after both tables",
    "before the files are on the disk",
    "before the snapshot is written",
)


@pytest.mark.parametrize(
    "step", [pytest.param(step, marks=[pytest.mark.slow] if step in ALIKE else []) for step in STEPS]
)
def test_killed_at_a_step_the_lake_shows_the_old_or_the_new(impatient: Lake, spawn: Spawn, step: str) -> None:
    publish(impatient, 1)
    if step == "in the middle of recovery":
        spawn("die_in_refresh", impatient.root, "after both tables", 2).communicate(timeout=60)
    child = spawn("die_in_refresh", impatient.root, step, 2)
    said, _ = child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL, said
    published = step in ("after the snapshot has its name", "while a snapshot is hidden")
    assert generations(Lake(impatient.root).snapshot()) == {2 if published else 1}
    with impatient.writer() as writer:
        assert generations(writer.snapshot()) == {2 if published else 1}
        writer.retain()
        for name in writer.snapshot().tables:
            folder = DeltaFolder(impatient.root, TABLES[name], impatient.settings)
            assert {f"tables/{name}/{path}" for path in folder.paths()} == {
                file.path for file in writer.snapshot().stored_files(name)
            }
    assert strangers(impatient) == set()
    # The table's own history was enough; nothing had to be set aside.
    assert not (impatient.root / "set-aside").exists()
    publish(impatient, 3)
    assert generations(impatient.snapshot()) == {3}


def test_killed_in_the_very_first_refresh_nothing_is_stored(impatient: Lake, spawn: Spawn) -> None:
    spawn("die_in_refresh", impatient.root, "between two tables", 1).communicate(timeout=60)
    assert impatient.snapshot().snapshot_id == 0
    publish(impatient, 2)
    assert generations(impatient.snapshot()) == {2}
    assert not (impatient.root / "set-aside").exists()


@pytest.mark.slow
def test_fifty_kills_at_any_moment_never_tear_or_mix(impatient: Lake, spawn: Spawn) -> None:
    chance = random.Random(20261122)
    newest, published = 0, 0
    began = time.monotonic()
    publish(impatient, newest)
    longest = 4 * (time.monotonic() - began)  # a slow machine needs longer for the same
    for _ in range(50):
        child = spawn("refresh_for_ever", impatient.root, newest + 1)
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.0, longest))  # the moment of the kill, not a wait for anything
        child.kill()
        said = [int(line) for line in child.stdout.read().split()]
        child.wait(timeout=30)
        (seen,) = generations(Lake(impatient.root).snapshot())
        last_said = said[-1] if said else newest
        # What was said to be published is; at most the one that was under way is there too.
        assert last_said <= seen <= last_said + 1
        published += seen - newest
        newest = seen
    assert published > 10, "the children did hardly anything between the kills"
    with Lake(impatient.root, impatient.settings).writer() as writer:  # by the children's clock
        assert generations(writer.snapshot()) == {newest}
        writer.retain()
    assert strangers(impatient) == set()
    assert len(impatient.snapshots()) == 1


def test_what_was_published_after_a_kill_builds_on_sound_tables(lake: Lake, spawn: Spawn) -> None:
    publish(lake, 1)
    with lake.writer() as writer, writer.refresh("watch") as refresh:
        refresh.append("quotes", rows.quotes(0, 3))
    spawn("die_in_refresh", lake.root, "after both tables", 2).communicate(timeout=60)
    with lake.writer() as writer, writer.refresh("watch") as refresh:
        refresh.append("quotes", rows.quotes(3, 3))
    assert lake.snapshot().rows("quotes") == 6
    assert generations(lake.snapshot()) == {1}


@pytest.mark.parametrize("loss", ["garbage", "gone"])
def test_a_lost_delta_log_is_written_anew_from_the_snapshot(lake: Lake, loss: str) -> None:
    with lake.writer() as writer:
        for hour in range(3):
            with writer.refresh("watch") as refresh:
                refresh.append("quotes", rows.quotes(0, 4, rows.NOW.replace(hour=hour)))
    log = lake.root / "tables" / "quotes" / "_delta_log"
    for entry in log.iterdir():
        if loss == "gone":
            entry.unlink()
        else:
            entry.write_text("garbage")
    (log / f"{9:020}.json").write_text("garbage")
    with lake.writer() as writer, writer.refresh("watch") as refresh:
        refresh.append("quotes", rows.quotes(0, 4))
    assert lake.snapshot().rows("quotes") == 16
    assert len(lake.snapshot().files("quotes")) == 4
    # The old log is kept: nothing of the user's is deleted.
    assert list((lake.root / "set-aside").rglob(f"{9:020}.json"))


def foreign(lake: Lake, schema_version: int, snapshot_id: int) -> None:
    record = SnapshotRecord(schema_version, snapshot_id, rows.NOW, "r", "universe", "live", {})
    lake.snapshot_folder.file(snapshot_id).write_bytes(encode(record))


def test_a_lake_of_a_newer_version_is_left_alone(lake: Lake) -> None:
    publish(lake, 1)
    foreign(lake, 99, 7)
    before = sorted(path for path in lake.root.rglob("*") if path.name != "writer.lock")
    with pytest.raises(NewerLakeError, match="newer version"):
        lake.snapshot()
    with pytest.raises(NewerLakeError), lake.writer():
        pass
    assert sorted(path for path in lake.root.rglob("*") if path.name != "writer.lock") == before


def test_a_lake_of_an_older_version_is_set_aside_whole(lake: Lake) -> None:
    publish(lake, 1)
    foreign(lake, 0, 7)
    old = {path.name: path.read_bytes() for path in (lake.root / "tables").rglob("*.parquet")}
    fresh = Lake(lake.root)
    assert fresh.snapshot().snapshot_id == 0
    publish(fresh, 2)
    assert generations(fresh.snapshot()) == {2}
    (kept,) = (lake.root / "set-aside").iterdir()
    assert {path.name: path.read_bytes() for path in (kept / "tables").rglob("*.parquet")} == old


@pytest.mark.parametrize("content", [b"", b"garbage", b"{}", b'{"sha256":"","content":{"schema_version":1}}'])
def test_an_unreadable_newest_snapshot_is_passed_over_and_said(lake: Lake, content: bytes) -> None:
    publish(lake, 1)
    publish(lake, 2)
    lake.snapshot_folder.file(2).write_bytes(content)
    reader = Lake(lake.root)
    assert generations(reader.snapshot()) == {1}
    assert [info.snapshot_id for info in reader.snapshots()] == [1]
    (problem,) = reader.problems()
    assert "Snapshot 2 is damaged" in problem
    # The next refresh goes on from what can be believed, under a number that was never used.
    assert publish(reader, 3).snapshot_id == 3
    assert generations(reader.snapshot()) == {3}


def test_a_changed_digit_in_a_snapshot_is_noticed(lake: Lake) -> None:
    publish(lake, 1)
    publish(lake, 2)
    file = lake.snapshot_folder.file(2)
    file.write_bytes(file.read_bytes().replace(b'"rows":5', b'"rows":6', 1))
    assert Lake(lake.root).snapshot().snapshot_id == 1


@pytest.mark.parametrize(
    "path", ["tables/markets/../../../secret.parquet", "/etc/passwd", "snapshots/x", "tables/x/y"]
)
def test_a_snapshot_that_names_files_elsewhere_is_not_believed(lake: Lake, path: str) -> None:
    record = publish(lake, 1).record
    stored = record.tables["markets"]
    moved = type(stored)(stored.version, stored.rows, (type(stored.files[0])(path, 1, 1, 1, "0" * 64),))
    bad = SnapshotRecord(1, 2, rows.NOW, "r", "universe", "live", {"markets": moved})
    lake.snapshot_folder.file(2).write_bytes(encode(bad))
    assert Lake(lake.root).snapshot().snapshot_id == 1


def test_tables_without_any_snapshot_are_set_aside_and_not_deleted(lake: Lake) -> None:
    publish(lake, 1)
    for file in (lake.root / "snapshots").iterdir():
        file.unlink()
    publish(Lake(lake.root), 2)
    (kept,) = (lake.root / "set-aside").iterdir()
    assert list(Path(kept).rglob("markets/*.parquet"))


def test_a_table_that_only_a_damaged_snapshot_knew_is_set_aside_and_not_deleted(lake: Lake) -> None:
    publish(lake, 1)
    with lake.writer() as writer, writer.refresh("watch") as refresh:
        refresh.append("quotes", rows.quotes(0, 3))
    lake.snapshot_folder.file(2).write_bytes(b"")
    with Lake(lake.root).writer() as writer:
        assert writer.snapshot().rows("quotes") == 0
    assert list((lake.root / "set-aside").rglob("quotes/day=*/*.parquet"))
