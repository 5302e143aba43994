"""Write a stored table for other tools: one Parquet file, a folder of them split as the taker wants, or CSV.

What is written carries where it comes from (source, snapshot, as-of) in the Parquet metadata.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq

from data_layer.errors import StoreError
from data_layer.repository import MarketRepository
from data_layer.schemas import TABLES
from data_layer.store.export import ExportLayout, export

#: The time whose UTC day names a folder, where an export is split by date.
TIME_COLUMNS = {
    "candlesticks": "end_time",
    "daily_rollup": "day",
    "quotes": "observed_time",
    "rejects": "rejected_time",
    "refresh_log": "started_time",
    "settled_markets": "settlement_time",
    "settlement_facts": "settlement_time",
    "trades": "created_time",
}


def export_table(repository: MarketRepository, table: str, target: Path, layout: ExportLayout) -> int:
    """Write all rows of one stored table to `target` and return their number.

    A target that ends in ``.csv`` or ``.parquet`` is one file, any other a folder of Parquet files. Nothing is ever
    written over. Raises StoreError where the table or the target will not do.
    """
    if table not in TABLES:
        raise StoreError(f"There is no table {table!r}; there are {', '.join(TABLES)}.")
    if target.exists():
        raise StoreError(f"{target} exists already; an export never writes over anything.")
    reader = repository.table_reader(table)
    match target.suffix:
        case ".csv":
            flat = _flat(reader)
            return _one_file(flat, target, csv.CSVWriter(target, flat.schema))
        case ".parquet":
            options = {"compression": layout.codec, "compression_level": layout.codec_level}
            return _one_file(reader, target, pq.ParquetWriter(target, reader.schema, **options))
    return export(reader, target, layout).rows


def _one_file(reader: pa.RecordBatchReader, target: Path, writer: csv.CSVWriter | pq.ParquetWriter) -> int:
    rows = 0
    try:
        with writer:
            for batch in reader:
                writer.write_batch(batch)
                rows += batch.num_rows
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return rows


def _flat(reader: pa.RecordBatchReader) -> pa.RecordBatchReader:
    """Return the rows with lists as JSON text: a CSV has no lists."""
    nested = {field.name for field in reader.schema if pa.types.is_nested(field.type)}
    schema = pa.schema([pa.field(f.name, pa.string()) if f.name in nested else f for f in reader.schema])

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            columns = [_as_json(batch[name]) if name in nested else batch[name] for name in batch.schema.names]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _as_json(column: pa.Array) -> pa.Array:
    values = column.to_pylist()
    return pa.array([None if value is None else msgspec.json.encode(value).decode() for value in values], pa.string())
