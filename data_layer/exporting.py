"""Write a stored table for other tools: one Parquet file, a folder of them split as the taker wants, or CSV.

What is written carries where it comes from (source, snapshot, as-of) in the Parquet metadata.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq

from data_layer.errors import StoreError
from data_layer.flat_rows import flat
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
            rows = flat(reader)
            return _one_file(rows, target, csv.CSVWriter(target, rows.schema))
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
