"""Rows without nested columns, for formats that have none (CSV): lists become JSON text."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pyarrow as pa


def flat(reader: pa.RecordBatchReader) -> pa.RecordBatchReader:
    """Return the same rows with nested columns as JSON text."""
    nested = {field.name for field in reader.schema if pa.types.is_nested(field.type)}
    schema = pa.schema([pa.field(f.name, pa.string()) if f.name in nested else f for f in reader.schema])

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            columns = [_as_json(batch[name]) if name in nested else batch[name] for name in schema.names]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _as_json(column: pa.Array) -> pa.Array:
    values = column.to_pylist()
    return pa.array([None if value is None else msgspec.json.encode(value).decode() for value in values], pa.string())
