"""Rows as a file, piece by piece: CSV or Parquet, and how the file is called.

It is written as it is read, so that its size costs no memory. Text cells of a CSV that a spreadsheet would run as a
formula get an apostrophe before them; numbers never do.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import datetime
from urllib.parse import parse_qsl

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as pq

from data_layer.flat_rows import flat

#: Rows that are written, compressed and sent in one go.
CHUNK_ROWS = 4_000
#: A spreadsheet takes a cell that begins so for a formula.
_FORMULA = r"^[=+\-@\t\r\n]"
#: Longest part of a file's name that tells the filters, in characters.
MOST_FILTERS = 120

Pieces = Generator[bytes, None, None]


class _Sink:
    """A file that is handed on piece by piece."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """There is nothing behind this."""

    def close(self) -> None:
        self.closed = True

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def harmless(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the rows with an apostrophe before every text that a spreadsheet would take for a formula."""
    columns = [
        pc.if_else(pc.match_substring_regex(column, _FORMULA), pc.binary_join_element_wise("'", column, ""), column)
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
        else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def as_csv(reader: pa.RecordBatchReader) -> Pieces:
    """Return the rows as CSV, piece by piece: one line of names, an empty cell for what is absent.

    Nested columns become JSON. No line is a comment: what reads CSV trips over one.
    """
    sink, rows = _Sink(), flat(reader)
    with csv.CSVWriter(pa.PythonFile(sink, mode="w"), rows.schema) as writer:
        for batch in rows:
            for start in range(0, len(batch), CHUNK_ROWS):
                writer.write_batch(harmless(batch.slice(start, CHUNK_ROWS)))
                yield sink.taken()
    yield sink.taken()


def as_parquet(reader: pa.RecordBatchReader) -> Pieces:
    """Return the rows as Parquet (zstd), piece by piece; the schema's metadata are those of the reader."""
    sink = _Sink()
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)
            yield sink.taken()
    yield sink.taken()


def gzipped(parts: Iterator[bytes]) -> Pieces:
    """Compress here, off the event loop, what the server would else compress on it."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    for part in parts:
        yield packer.compress(part)
    yield packer.flush()


FORMATS: dict[str, tuple[str, Callable[[pa.RecordBatchReader], Pieces]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "parquet": ("application/vnd.apache.parquet", as_parquet),
}


def file_name(said: Mapping[str, str], kind: str) -> str:
    """Return a name that says what is in a file: ``kalshi-markets-category-Sports-20261122T170100Z.csv``.

    `said` are the metadata of its schema: what it is, its filters, its source where that is simulated, and its age.
    """
    simulated = "simulated" if said.get("kalshi.source") == "demo" else ""
    as_of = said.get("kalshi.as_of")
    when = f"{datetime.fromisoformat(as_of):%Y%m%dT%H%M%SZ}" if as_of else ""
    pairs = parse_qsl(said.get("kalshi.link", "").removeprefix("?"))
    filters = "-".join(f"{name}-{value}" for name, value in pairs if name != "page")[:MOST_FILTERS]
    parts = ["kalshi", said.get("kalshi.table", "table"), simulated, filters, when]
    # No dot of a filter may stand where another ending could begin.
    plain = (re.sub(r"[^A-Za-z0-9]+", "-", part).strip("-") for part in parts)
    return f"{'-'.join(part for part in plain if part)}.{kind}"
