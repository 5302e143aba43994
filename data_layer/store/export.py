"""Parquet data sets for other tools: codec, row groups and folders as the taker wants them."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from data_layer.errors import StoreError
from data_layer.store.disk import UNFINISHED
from data_layer.store.tables import store_errors

#: Lower bounds of the volume tiers in contracts, and their names; rows without a volume are "unknown".
VOLUME_TIERS: tuple[tuple[Decimal, str], ...] = (
    (Decimal(0), "none"),
    (Decimal("0.01"), "below-1k"),
    (Decimal(1_000), "1k-to-100k"),
    (Decimal(100_000), "100k-and-more"),
)

CODECS = ("zstd", "snappy", "gzip", "lz4", "brotli", "none")

_OPEN_FILES = 256
_FOLDERS = 20_000
_SERIES_ROWS = 4_096

#: Text from the exchange that may name a folder; all else goes to `other`.
_SERIES = r"^[A-Z0-9][A-Z0-9._-]{0,127}$"


class ExportPartition(StrEnum):
    """What the folders of an export are."""

    NONE = "none"
    DATE = "date"
    SERIES = "series"
    VOLUME_TIER = "volume_tier"


@dataclass(frozen=True, slots=True)
class ExportLayout:
    """How an export is written.

    Args:
        codec: one of `CODECS`.
        codec_level: level of the codec, where it has one.
        row_group_rows: most rows of a row group.
        partition_by: the folders, ``<name>=<value>`` each (hive style).
        time_column: the UTC time (or date) whose day names the folder, for DATE.
        series_column: the text that names the folder, for SERIES.
        volume_column: the contracts whose tier names the folder, for VOLUME_TIER.
    """

    codec: str = "zstd"
    codec_level: int | None = None
    row_group_rows: int = 122_880
    partition_by: ExportPartition = ExportPartition.NONE
    time_column: str = "end_time"
    series_column: str = "series_ticker"
    volume_column: str = "volume_contracts"


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote."""

    files: int
    rows: int
    bytes: int


def export(reader: pa.RecordBatchReader, target: Path, layout: ExportLayout | None = None) -> ExportReport:
    """Write all rows of a reader as Parquet files under a new folder; memory does not grow with the rows.

    The folder appears when everything is in it. Its partition column (`date`, `series` or `volume_tier`) stands in
    the path only; all columns of the reader stay in the files.

    Raises:
        StoreError: the folder exists, a column is missing, the codec is unknown, or the disk refuses.
    """
    layout = layout or ExportLayout()
    if layout.codec not in CODECS:
        raise StoreError(f"There is no codec {layout.codec!r}; there are {', '.join(CODECS)}")
    if target.exists():
        raise StoreError(f"{target} exists already; an export never writes over anything")
    schema, batches, partitioning = _partitioned(reader, layout)
    counted = _Counter(batches)
    unfinished = target.parent / f"{UNFINISHED}{secrets.token_hex(8)}"
    with store_errors(f"exporting to {target}"):
        try:
            _write(counted, schema, unfinished, layout, partitioning)
            files = list(unfinished.rglob("*.parquet"))
            report = ExportReport(len(files), counted.rows, sum(path.stat().st_size for path in files))
            unfinished.rename(target)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return report


class _Counter:
    """Passes batches on and counts their rows."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._batches = batches
        self.rows = 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._batches:
            self.rows += batch.num_rows
            yield batch


def _write(
    batches: _Counter, schema: pa.Schema, folder: Path, layout: ExportLayout, partitioning: ds.Partitioning | None
) -> None:
    form, by_series = ds.ParquetFileFormat(), layout.partition_by is ExportPartition.SERIES
    folder.mkdir(parents=True)
    ds.write_dataset(
        iter(batches),
        folder,
        schema=schema,
        format=form,
        file_options=form.make_write_options(compression=layout.codec, compression_level=layout.codec_level),
        partitioning=partitioning,
        max_rows_per_group=layout.row_group_rows,
        # What is less is held back until it is enough, for every folder; thousands of series must not hold back much.
        min_rows_per_group=min(layout.row_group_rows, _SERIES_ROWS if by_series else layout.row_group_rows),
        max_open_files=_OPEN_FILES,
        max_partitions=_FOLDERS,
        use_threads=False,
        preserve_order=True,  # one thread alone does not keep the order: ADR 0044
    )


def _partitioned(
    reader: pa.RecordBatchReader, layout: ExportLayout
) -> tuple[pa.Schema, Iterator[pa.RecordBatch], ds.Partitioning | None]:
    """Return the rows with the column that names their folder."""
    if layout.partition_by is ExportPartition.NONE:
        return reader.schema, iter(reader), None
    name, source, derive = {
        ExportPartition.DATE: ("date", layout.time_column, _day),
        ExportPartition.SERIES: ("series", layout.series_column, _series),
        ExportPartition.VOLUME_TIER: ("volume_tier", layout.volume_column, _tier),
    }[layout.partition_by]
    if source not in reader.schema.names:
        raise StoreError(f"There is no column {source!r} to partition the export by")
    if name in reader.schema.names:
        raise StoreError(f"The rows have a column {name!r} already")
    schema = reader.schema.append(pa.field(name, pa.string()))

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            yield pa.RecordBatch.from_arrays([*batch.columns, derive(batch.column(source))], schema=schema)

    partitioning = ds.partitioning(pa.schema([(name, pa.string())]), flavor="hive")
    return schema, batches(), partitioning


def _day(column: pa.Array) -> pa.Array:
    return pc.fill_null(pc.strftime(column, "%Y-%m-%d"), "unknown")


def _series(column: pa.Array) -> pa.Array:
    fits = pc.match_substring_regex(column, _SERIES)
    return pc.fill_null(pc.if_else(fits, column, "other"), "unknown")


def _tier(column: pa.Array) -> pa.Array:
    names = pa.array(["unknown"] * len(column), pa.string())
    for bound, name in VOLUME_TIERS:
        reached = pc.fill_null(pc.greater_equal(column, pa.scalar(bound, pa.decimal128(18, 2))), False)
        names = pc.if_else(reached, name, names)
    return names
