"""A refresh is visible whole or not at all."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_layer.errors import StoreError
from data_layer.store import Lake, LakeSettings
from data_layer.store.writer import Refresh
from tests.data_layer.store import rows


def volumes(lake: Lake) -> set[Decimal]:
    files = lake.snapshot().files("markets")
    return set(pq.read_table(files[0], partitioning=None).column("volume_contracts").to_pylist()) if files else set()


def break_off_after_two_tables(refresh: Refresh) -> None:
    refresh.replace("markets", rows.markets(2))
    refresh.replace("events", rows.events(2))
    raise ZeroDivisionError


def test_a_folder_that_does_not_exist_is_an_empty_lake_and_is_not_made(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    assert lake.snapshot().snapshot_id == 0
    assert lake.snapshot().tables == ()
    assert lake.snapshot().files("markets") == []
    assert lake.snapshots() == []
    assert not (tmp_path / "lake").exists()


def test_several_tables_become_visible_together_when_the_block_ends(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake", clock=rows.NOW.timestamp)
    with lake.writer() as writer, writer.refresh("universe", "r-1", source="demo") as refresh:
        refresh.replace("markets", rows.markets(1))
        refresh.append("quotes", rows.quotes(0, 20))
        assert lake.snapshot().snapshot_id == 0
    snapshot = Lake(tmp_path / "lake").snapshot()
    assert (snapshot.snapshot_id, snapshot.refresh_id, snapshot.kind, snapshot.source) == (
        1,
        "r-1",
        "universe",
        "demo",
    )
    assert snapshot.written_time == rows.NOW
    assert set(snapshot.tables) == {"markets", "quotes"}
    assert (snapshot.rows("markets"), snapshot.rows("quotes"), snapshot.rows("events")) == (5, 20, 0)


def test_an_exception_takes_back_every_table_also_new_ones(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    with lake.writer() as writer:
        with writer.refresh("universe") as refresh:
            refresh.replace("markets", rows.markets(1))
        before = lake.snapshot()
        with pytest.raises(ZeroDivisionError), writer.refresh("universe") as refresh:
            break_off_after_two_tables(refresh)
        assert lake.snapshot().snapshot_id == before.snapshot_id
        assert volumes(lake) == {Decimal(1)}
        # The next refresh builds on what was published, not on what was taken back.
        with writer.refresh("watch") as refresh:
            refresh.append("events", rows.events(3))
    assert lake.snapshot().rows("events") == 3
    assert set(lake.snapshot().tables) == {"markets", "events"}
    assert volumes(lake) == {Decimal(1)}


def test_a_refresh_without_rows_publishes_nothing(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    with lake.writer() as writer, writer.refresh("watch") as refresh:
        refresh.append("quotes", rows.quotes(0, 0))
        refresh.replace("markets", rows.markets(1, 0))
        refresh.upsert_partitions("candlesticks", rows.candlesticks([]))
    assert refresh.snapshot is None
    assert lake.snapshot().snapshot_id == 0


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda t: t.drop_columns(["status"]), "missing"),
        (lambda t: t.append_column("surprise", pa.array([1] * t.num_rows)), "unknown"),
        (lambda t: t.set_column(0, "ticker", pa.array([None] * t.num_rows, pa.string())), "required"),
        (
            lambda t: t.set_column(
                t.column_names.index("yes_bid_dollars"), "yes_bid_dollars", pa.array([0.5] * t.num_rows)
            ),
            "must be decimal128",
        ),
        (lambda t: pa.concat_tables([t, t]), "repeat a key"),
    ],
)
def test_rows_that_do_not_fit_are_refused_before_anything_is_written(tmp_path: Path, spoil, says: str) -> None:
    lake = Lake(tmp_path / "lake")
    with lake.writer() as writer, pytest.raises(StoreError, match=says), writer.refresh("universe") as refresh:
        refresh.replace("markets", spoil(rows.markets(1)))
    assert not (tmp_path / "lake" / "tables" / "markets").exists()


def test_a_partition_is_never_named_by_text_from_outside(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    bad = rows.table("quotes", [{"day": "../../x", "ticker": "T", "observed_time": rows.NOW}])
    with lake.writer() as writer, pytest.raises(StoreError, match="no name of a partition"):  # noqa: SIM117
        with writer.refresh("watch") as refresh:
            refresh.append("quotes", bad)


def test_files_are_sorted_compressed_and_cut_into_row_groups(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake", LakeSettings(row_group_rows=100, codec="zstd"))
    mixed = rows.quotes(0, 300).take(pa.array(list(range(299, -1, -1))))
    with lake.writer() as writer, writer.refresh("watch") as refresh:
        refresh.append("quotes", mixed)
    (file,) = lake.snapshot().files("quotes")
    metadata = pq.read_metadata(file)
    assert metadata.num_row_groups == lake.snapshot().statistics("quotes").row_groups == 3
    assert metadata.row_group(0).column(0).compression == "ZSTD"
    assert metadata.row_group(0).column(0).statistics.max < metadata.row_group(1).column(0).statistics.min
    tickers = pq.read_table(file, partitioning=None).column("ticker").to_pylist()
    assert tickers == sorted(tickers)


def test_duckdb_reads_the_partition_columns_from_the_paths(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    with lake.writer() as writer, writer.refresh("candlesticks") as refresh:
        refresh.append("candlesticks", rows.candlesticks([("A", rows.NOW, 1), ("A", rows.NOW - timedelta(40), 2)]))
        refresh.append("candlesticks", rows.candlesticks([("A", rows.NOW, 3)], period=1))
    snapshot = lake.snapshot()
    assert "month" not in pq.read_schema(snapshot.files("candlesticks")[0]).names
    types = ", ".join(f"'{name}': {kind}" for name, kind in snapshot.hive_types("candlesticks").items())
    found = duckdb.execute(
        "select month, period_minutes, volume_contracts, typeof(month), typeof(period_minutes) "
        f"from read_parquet(?, hive_partitioning = true, hive_types = {{{types}}}) order by volume_contracts",
        [snapshot.files("candlesticks")],
    ).fetchall()
    assert found == [
        ("2026-11", 60, Decimal(1), "VARCHAR", "INTEGER"),
        ("2026-10", 60, Decimal(2), "VARCHAR", "INTEGER"),
        ("2026-11", 1, Decimal(3), "VARCHAR", "INTEGER"),
    ]
    assert len(snapshot.files("candlesticks", {"period_minutes": [60]})) == 2
    assert len(snapshot.files("candlesticks", {"period_minutes": [60], "month": ["2026-11"]})) == 1
    with pytest.raises(StoreError, match="not partitioned by"):
        snapshot.files("candlesticks", {"ticker": ["A"]})
