"""The list of markets as a file: `/export?format=csv&…`, with the query of the page whose list it is.

One export runs at a time and one more may wait; it is written as it is read, so that its size costs no memory.
Text cells of a CSV that a spreadsheet would run as a formula get an apostrophe before them; numbers never do.
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Protocol, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as pq
from tornado.http1connection import HTTP1Connection
from tornado.iostream import StreamClosedError
from tornado.web import RequestHandler

from app import routes, url
from app.models import market_choice
from data_layer.errors import DataLayerError, NoDataError
from data_layer.repository import MarketRepository

_LOG = logging.getLogger(__name__)

#: How many exports there may be at once, running or waiting; the next one is asked to come back.
MOST = 2
RETRY_SECONDS = 10
#: A reader slower than this is let go: it would keep the next one waiting.
SECONDS = 180.0
#: Rows that are written, compressed and sent in one go.
CHUNK_ROWS = 4_000
#: A spreadsheet takes a cell that begins so for a formula.
_FORMULA = r"^[=+\-@\t\r\n]"

Pieces = Generator[bytes, None, None]


class ExportSource(Protocol):
    """What an export needs of the process."""

    @property
    def repository(self) -> MarketRepository:
        """The questions of the source that is shown at this moment."""


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
    """Return the rows as CSV, piece by piece: one line of names, an empty cell for what is absent."""
    sink = _Sink()
    with csv.CSVWriter(pa.PythonFile(sink, mode="w"), reader.schema) as writer:
        for batch in reader:
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


class ExportTurns:
    """Lets one export run at a time; the one thread they run on, and how many there are."""

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="export")
        self._turn = asyncio.Lock()
        self._present = 0

    @property
    def full(self) -> bool:
        """Whether another one has to come back later."""
        return self._present >= MOST

    @asynccontextmanager
    async def turn(self) -> Any:
        """Wait for the turn."""
        self._present += 1
        try:
            async with self._turn:
                yield
        finally:
            self._present -= 1


class ExportHandler(RequestHandler):
    """Answer ``/export`` with a file; a query that cannot be read whole is refused, never half applied."""

    def initialize(self, source: ExportSource, turns: ExportTurns) -> None:
        """Take whom to ask, and the turns of this server."""
        self._source, self._turns = source, turns

    async def get(self) -> None:
        """Answer 200 with the file, 400 for a query that cannot be read, 503 when there are too many or no data."""
        decoded = url.decode(url.query_of({"page": [b"markets"]} | self.request.query_arguments))
        kind = self.get_query_argument("format", "csv")
        if kind not in FORMATS:
            return self._refuse(400, "There is no such format", f"Exports are {' or '.join(FORMATS)}.")
        if decoded.values["page"] != "markets" or decoded.notes:
            said = " ".join(decoded.notes) or "Only the list of markets can be exported."
            return self._refuse(400, "This list cannot be exported", said)
        if self._turns.full:
            self.set_header("Retry-After", str(RETRY_SECONDS))
            return self._refuse(503, "Others are exporting", f"Try again in {RETRY_SECONDS} seconds.")
        try:
            async with asyncio.timeout(SECONDS), self._turns.turn():
                await self._send(kind, decoded.values)
        except (TimeoutError, StreamClosedError):
            _LOG.info("an export was not read to its end")
            self._cut()

    async def _send(self, kind: str, values: dict[str, Any]) -> None:
        loop, thread = asyncio.get_running_loop(), self._turns.thread
        media, written = FORMATS[kind]
        squeeze = kind == "csv" and "gzip" in self.request.headers.get("Accept-Encoding", "")

        def begin() -> tuple[Pieces, bytes | None, str]:
            reader = self._source.repository.markets_reader(
                market_choice.filter_of(values), market_choice.order_of(values)
            )
            said = {key.decode(): value.decode() for key, value in (reader.schema.metadata or {}).items()}
            said["kalshi.link"] = url.encode(values)
            named = pa.RecordBatchReader.from_batches(reader.schema.with_metadata(said), reader)
            parts = gzipped(written(named)) if squeeze else written(named)
            return parts, next(parts, None), file_name(said, kind)

        try:
            parts, part, name = await loop.run_in_executor(thread, begin)
        except NoDataError:
            self.set_header("Retry-After", str(RETRY_SECONDS))
            return self._refuse(503, "There is nothing to export yet", "The first crawl is still under way.")
        except DataLayerError as error:
            _LOG.warning("an export failed: %s", error)
            return self._refuse(500, "The export failed", "The stored data could not be read; try again.")
        self.set_header("Content-Type", media)
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.set_header("Cache-Control", "no-store")
        if squeeze:
            self.set_header("Content-Encoding", "gzip")
        try:
            while part is not None:
                if part:
                    self.write(part)
                    await self.flush()
                part = await loop.run_in_executor(thread, lambda: next(parts, None))
        except (DataLayerError, pa.ArrowException) as error:
            _LOG.warning("an export broke off: %s", error)
            self._cut()
        finally:
            await loop.run_in_executor(thread, parts.close)

    def _cut(self) -> None:
        """Close the connection, so that nobody takes half a file for a whole one."""
        self._auto_finish = False
        cast(HTTP1Connection, self.request.connection).close()

    def _refuse(self, status: int, title: str, reason: str) -> None:
        self.set_status(status)
        self.finish(routes.page(title, reason))


def file_name(said: dict[str, str], kind: str) -> str:
    """Return a name that says what is in a file: ``kalshi-markets-20261122T170100Z.csv``; simulated data say so."""
    simulated = "-simulated" if said.get("kalshi.source") == "demo" else ""
    as_of = said.get("kalshi.as_of")
    when = f"{datetime.fromisoformat(as_of):-%Y%m%dT%H%M%SZ}" if as_of else ""
    return f"kalshi-markets{simulated}{when}.{kind}"
