"""An export is whole or absent, laid out as asked, and exact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_layer.errors import StoreError
from data_layer.store.export import ExportLayout, ExportPartition, export

SCHEMA = pa.schema(
    [
        ("ticker", pa.string()),
        ("series_ticker", pa.string()),
        ("end_time", pa.timestamp("us", "UTC")),
        ("volume_contracts", pa.decimal128(18, 2)),
    ]
)
START = datetime(2026, 11, 19, 22, tzinfo=UTC)


def reader(count: int = 500, series: list[str | None] | None = None) -> pa.RecordBatchReader:
    names = series or ["KXA", "KXB"]
    volumes = [Decimal(0), Decimal("0.5"), Decimal(1000), Decimal(250_000), None]
    table = pa.table(
        {
            "ticker": [f"T{i:05}" for i in range(count)],
            "series_ticker": [names[i % len(names)] for i in range(count)],
            "end_time": [START + timedelta(minutes=i) for i in range(count)],
            "volume_contracts": [volumes[i % 5] for i in range(count)],
        },
        schema=SCHEMA,
    )
    return pa.RecordBatchReader.from_batches(SCHEMA, table.to_batches(max_chunksize=37))


def folders(target: Path) -> set[str]:
    return {path.relative_to(target).parent.as_posix() for path in target.rglob("*.parquet")}


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (ExportPartition.NONE, {"."}),
        (ExportPartition.DATE, {"date=2026-11-19", "date=2026-11-20"}),
        (ExportPartition.SERIES, {"series=KXA", "series=KXB"}),
        (
            ExportPartition.VOLUME_TIER,
            {f"volume_tier={tier}" for tier in ("none", "below-1k", "1k-to-100k", "100k-and-more", "unknown")},
        ),
    ],
)
def test_every_row_is_in_the_folder_it_belongs_to(tmp_path: Path, by: ExportPartition, expected: set[str]) -> None:
    report = export(reader(), tmp_path / "out", ExportLayout(partition_by=by))
    assert folders(tmp_path / "out") == expected
    assert report.rows == 500
    found = duckdb.sql(
        f"SELECT ticker, series_ticker, end_time::VARCHAR, volume_contracts "
        f"FROM read_parquet('{tmp_path}/out/**/*.parquet', hive_partitioning = false) ORDER BY ticker"
    ).fetchall()
    wanted = reader().read_all()
    assert [row[0] for row in found] == wanted.column("ticker").to_pylist()
    assert [row[3] for row in found] == wanted.column("volume_contracts").to_pylist()
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


@pytest.mark.parametrize(("codec", "named"), [("zstd", "ZSTD"), ("snappy", "SNAPPY"), ("none", "UNCOMPRESSED")])
def test_codec_and_row_groups_are_as_asked(tmp_path: Path, codec: str, named: str) -> None:
    export(reader(), tmp_path / "out", ExportLayout(codec=codec, row_group_rows=200))
    (file,) = (tmp_path / "out").rglob("*.parquet")
    metadata = pq.read_metadata(file)
    assert metadata.row_group(0).column(0).compression == named
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == [200, 200, 100]
    assert pq.read_table(file).equals(reader().read_all())


def test_rows_stay_in_their_order_every_time(tmp_path: Path) -> None:
    wanted = reader().read_all()
    for number in range(100):
        export(reader(), tmp_path / str(number), ExportLayout(codec="none", row_group_rows=200))
        (file,) = (tmp_path / str(number)).rglob("*.parquet")
        assert pq.read_table(file).equals(wanted), f"export {number} is out of order"


def test_text_from_outside_never_names_a_folder(tmp_path: Path) -> None:
    hostile = ["../../up", "a/b", "", "x" * 500, None, "KXGOOD", "..", "A=B", "ü"]
    export(reader(90, hostile), tmp_path / "out", ExportLayout(partition_by=ExportPartition.SERIES))
    assert folders(tmp_path / "out") == {"series=other", "series=unknown", "series=KXGOOD"}


def test_an_export_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        yield from reader(100)
        raise OSError(28, "No space left on device")

    with pytest.raises(StoreError, match="No space left"):
        export(pa.RecordBatchReader.from_batches(SCHEMA, batches()), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("layout", "says"),
    [
        (ExportLayout(codec="rar"), "no codec"),
        (ExportLayout(partition_by=ExportPartition.DATE, time_column="when"), "no column 'when'"),
        (ExportLayout(partition_by=ExportPartition.SERIES, series_column="nope"), "no column 'nope'"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path: Path, layout: ExportLayout, says: str) -> None:
    with pytest.raises(StoreError, match=says):
        export(reader(), tmp_path / "out", layout)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(StoreError, match="exists already"):
        export(reader(), tmp_path / "out")
