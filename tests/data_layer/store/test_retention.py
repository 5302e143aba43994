"""The lake stays small, and nothing that is wanted goes."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from data_layer.store import Lake, LakeSettings
from data_layer.store.refresh import Refresh
from data_layer.store.writer import Writer
from tests.data_layer.store import rows
from tests.data_layer.store.lake_checks import generations, publish, strangers


class Clock:
    """A clock that the test moves."""

    def __init__(self, now: datetime = rows.NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now.timestamp()


def days_of(lake: Lake, table: str, column: str) -> list[str]:
    return sorted(file.partition[column] for file in lake.snapshot().stored_files(table))


def test_old_days_and_months_go_by_the_age_each_table_is_given(lake: Lake) -> None:
    now = rows.NOW
    settings = LakeSettings(retention_days={"quotes": 2}, candlestick_retention_days={1: 14, 60: None})
    lake = Lake(lake.root, settings, now.timestamp)
    with lake.writer() as writer:
        with writer.refresh("watch") as refresh:
            for age in range(5):
                refresh.append("quotes", rows.quotes(0, 2, now - timedelta(days=age)))
            for age in (0, 21, 400):
                for period in (1, 60, 1440):
                    refresh.append("candlesticks", rows.candlesticks([("A", now - timedelta(days=age), 1)], period))
        report = writer.retain()
        assert days_of(lake, "quotes", "day") == ["2026-11-18", "2026-11-19", "2026-11-20"]
        left = sorted(
            (f.partition["period_minutes"], f.partition["month"])
            for f in lake.snapshot().stored_files("candlesticks")
        )
        # October's last day is 20 days old, so the whole month is past 14 days; hours and days are kept for ever.
        assert [month for period, month in left if period == "1"] == ["2026-11"]
        assert [month for period, month in left if period == "60"] == ["2025-10", "2026-10", "2026-11"]
        assert len([1 for period, _ in left if period == "1440"]) == 3
        assert report.partitions == 4
        # Files stay for readers of the snapshot before, until that is old too.
        assert report.files == 0
        assert writer.retain().partitions == 0


def test_old_rows_of_a_log_go_and_the_rest_stays_in_order(lake: Lake) -> None:
    def log(age: int) -> dict:
        at = rows.NOW - timedelta(days=age)
        return {
            "refresh_id": f"r{age}",
            "kind": "watch",
            "source": "live",
            "started_time": at,
            "finished_time": at,
            "outcome": "complete",
        }

    with lake.writer() as writer:
        for age in (0, 200, 50, 91, 89):
            with writer.refresh("watch") as refresh:
                refresh.append("refresh_log", rows.table("refresh_log", [log(age)]))
        assert writer.retain().partitions == 1
        (file,) = lake.snapshot().files("refresh_log")
        assert pq.read_table(file).column("refresh_id").to_pylist() == ["r89", "r50", "r0"]
        assert writer.retain().partitions == 0


def test_a_log_of_which_everything_is_old_becomes_empty_and_can_be_filled_again(lake: Lake) -> None:
    reject = {"rejected_time": rows.NOW - timedelta(days=99), "table_name": "markets", "rule": "r", "reason": "x"}
    with lake.writer() as writer:
        with writer.refresh("watch") as refresh:
            refresh.append("rejects", rows.table("rejects", [reject]))
        writer.retain()
        assert lake.snapshot().tables == ()
        assert lake.snapshot().files("rejects") == []
        with writer.refresh("watch") as refresh:
            refresh.append("rejects", rows.table("rejects", [reject | {"rejected_time": rows.NOW}]))
    assert lake.snapshot().rows("rejects") == 1


def test_snapshots_are_kept_by_number_and_by_age(tmp_path: Path) -> None:
    clock = Clock()
    lake = Lake(tmp_path / "lake", LakeSettings(keep_snapshots=3, keep_snapshot_hours=1), clock)
    for generation in range(1, 7):
        publish(lake, generation)
        clock.now += timedelta(minutes=20)
    with lake.writer() as writer:
        writer.retain()
        # Now is 12:00 + 120 min; snapshots 4, 5, 6 are 60, 40 and 20 minutes old: three are kept whatever their age.
        assert [info.snapshot_id for info in lake.snapshots()] == [4, 5, 6]
        for snapshot_id in (4, 5, 6):
            with lake.pin(snapshot_id) as snapshot:
                assert generations(snapshot) == {snapshot_id}
        clock.now += timedelta(days=3)
        assert writer.retain().snapshots == 0
        publish_again = lake.snapshot().snapshot_id
    assert publish_again == 6
    assert strangers(lake) == set()


def test_young_snapshots_are_kept_however_many(tmp_path: Path) -> None:
    clock = Clock()
    lake = Lake(tmp_path / "lake", LakeSettings(keep_snapshots=1, keep_snapshot_hours=1), clock)
    for generation in range(1, 7):
        publish(lake, generation)
        clock.now += timedelta(minutes=5)
    with lake.writer() as writer:
        writer.retain()
    assert [info.snapshot_id for info in lake.snapshots()] == [1, 2, 3, 4, 5, 6]


def test_a_clock_that_goes_back_removes_nothing(tmp_path: Path) -> None:
    clock = Clock()
    lake = Lake(tmp_path / "lake", LakeSettings(keep_snapshots=1), clock)
    for generation in (1, 2, 3):
        publish(lake, generation)
        clock.now -= timedelta(hours=1)
    with lake.writer() as writer:
        writer.retain()
    assert [info.snapshot_id for info in lake.snapshots()] == [1, 2, 3]


def test_many_small_files_become_one_sorted_file_and_the_old_ones_go(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake", LakeSettings(keep_snapshots=1, keep_snapshot_hours=0, compact_files=4))
    with lake.writer() as writer:
        for hour in range(4):
            assert writer.compact("quotes") == 0
            with writer.refresh("watch") as refresh:
                refresh.append("quotes", rows.quotes(0, 30, rows.NOW.replace(hour=hour)))
                if hour < 2:
                    refresh.append("quotes", rows.quotes(0, 3, rows.NOW - timedelta(days=1, hours=hour)))
        assert writer.compact("quotes") == 1
        assert days_of(lake, "quotes", "day") == ["2026-11-19", "2026-11-19", "2026-11-20"]
        (file,) = lake.snapshot().files("quotes", {"day": ["2026-11-20"]})
        keys = pq.read_table(file, columns=["ticker", "observed_time"], partitioning=None).to_pylist()
        assert keys == sorted(keys, key=lambda row: (row["ticker"], row["observed_time"]))
        assert len(keys) == 120
        assert lake.snapshot().kind == "compaction"
        assert writer.compact("quotes", force=True) == 1
        assert writer.compact("quotes", force=True) == 0
        assert writer.retain().files == 6
        log = lake.root / "tables" / "quotes" / "_delta_log"
        assert list(log.glob("*.checkpoint.parquet"))
    assert strangers(lake) == set()
    assert lake.snapshot().rows("quotes") == 126


@pytest.mark.parametrize(
    "orphan",
    [
        "tables/markets/part-dead.parquet",
        "tables/markets/part-dead.parquet#1",
        "tables/quotes/day=2020-01-01/part-dead.parquet",
        "tables/markets/_delta_log/_commit_dead.json.tmp",
        "tables/markets/_delta_log/00000000000000000009.json#1",
        "snapshots/.unfinished-dead",
        ".unfinished-dead",
    ],
)
def test_what_dead_writers_left_is_swept(lake: Lake, orphan: str) -> None:
    publish(lake, 1)
    path = lake.root / orphan
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    assert strangers(lake) == {orphan}
    with lake.writer() as writer:
        writer.retain()
    assert strangers(lake) == set()
    assert not (lake.root / "tables" / "quotes" / "day=2020-01-01").exists()
    assert generations(lake.snapshot()) == {1}


def test_nothing_is_swept_while_a_held_snapshot_cannot_be_read(impatient: Lake) -> None:
    publish(impatient, 1)
    pinned = Lake(impatient.root).pin()
    publish(impatient, 2)
    impatient.snapshot_folder.file(1).write_bytes(b"garbage")
    with Lake(impatient.root, impatient.settings, impatient.clock).writer() as writer:
        assert writer.retain().files == 0
    assert generations(pinned.snapshot) == {1}
    pinned.release()


def test_a_table_that_was_emptied_leaves_no_old_files_to_a_later_retention(impatient: Lake) -> None:
    with impatient.writer() as writer:
        with writer.refresh("watch") as refresh:
            refresh.append("quotes", rows.quotes(0, 2, rows.NOW - timedelta(days=500)))
        assert writer.retain().partitions == 1
        assert impatient.snapshot().rows("quotes") == 0
        writer.retain()
    assert [path.name for path in (impatient.root / "tables" / "quotes").iterdir()] == ["_delta_log"]


def test_old_log_entries_go_at_compaction_and_a_crash_after_that_is_still_put_right(lake: Lake) -> None:
    def append(writer: Writer, hour: int) -> None:
        with writer.refresh("watch") as refresh:
            refresh.append("quotes", rows.quotes(0, 3, rows.NOW.replace(hour=hour)))

    log = lake.root / "tables" / "quotes" / "_delta_log"
    with lake.writer() as writer:
        for hour in range(8):
            append(writer, hour)
        for entry in log.iterdir():
            os.utime(entry, (0, 0))
        assert writer.compact("quotes") == 1
        assert len(list(log.glob("*.json"))) < 8
        with pytest.raises(KeyError), writer.refresh("watch") as refresh:
            break_off(refresh)
        append(writer, 9)
    assert lake.snapshot().rows("quotes") == 27


def break_off(refresh: Refresh) -> None:
    refresh.append("quotes", rows.quotes(50, 3))
    raise KeyError


def test_an_emptied_table_whose_log_is_lost_can_be_written_again(lake: Lake) -> None:
    with lake.writer() as writer:
        with writer.refresh("watch") as refresh:
            refresh.append("quotes", rows.quotes(0, 2, rows.NOW - timedelta(days=500)))
        writer.retain()
    for entry in (lake.root / "tables" / "quotes" / "_delta_log").iterdir():
        entry.unlink()
    with lake.writer() as writer, writer.refresh("watch") as refresh:
        refresh.append("quotes", rows.quotes(0, 3))
    assert lake.snapshot().rows("quotes") == 3
