"""Any table of any page as a file: `/export?page=…&table=…&format=csv&…`, with the link of the page it is on.

One export runs at a time and one more may wait; what is asked is what the page's model asks (`app.models.exports`).
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Protocol, cast

import pyarrow as pa
from tornado.http1connection import HTTP1Connection
from tornado.iostream import StreamClosedError
from tornado.web import RequestHandler

from app import routes, url
from app.export_formats import FORMATS, Pieces, file_name, gzipped
from app.models.base import now_utc
from app.page_tables import Found, NoSuchTableError, find
from data_layer.errors import DataLayerError, NoDataError
from data_layer.repository import MarketRepository

_LOG = logging.getLogger(__name__)

#: How many exports there may be at once, running or waiting; the next one is asked to come back.
MOST = 2
RETRY_SECONDS = 10
#: A reader slower than this is let go: it would keep the next one waiting.
SECONDS = 180.0


class ExportSource(Protocol):
    """What an export needs of the process."""

    @property
    def repository(self) -> MarketRepository:
        """The questions of the source that is shown at this moment."""


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
        """Answer 200 with the file, 400 for a query that cannot be read, 503 when there are too many or no data.

        A market or event that is not stored answers 404.
        """
        kind = self.get_query_argument("format", "csv")
        if kind not in FORMATS:
            return self._refuse(400, "There is no such format", f"Exports are {' or '.join(FORMATS)}.")
        query = url.query_of({"page": [b"markets"]} | self.request.query_arguments)
        try:
            found = find(query, self.get_query_argument("table", ""))
        except NoSuchTableError as error:
            return self._refuse(400, error.title, str(error))
        if self._turns.full:
            self.set_header("Retry-After", str(RETRY_SECONDS))
            return self._refuse(503, "Others are exporting", f"Try again in {RETRY_SECONDS} seconds.")
        try:
            async with asyncio.timeout(SECONDS), self._turns.turn():
                await self._send(kind, found)
        except (TimeoutError, StreamClosedError):
            _LOG.info("an export was not read to its end")
            self._cut()

    async def _send(self, kind: str, found: Found) -> None:
        loop, thread = asyncio.get_running_loop(), self._turns.thread
        media, written = FORMATS[kind]
        squeeze = kind == "csv" and "gzip" in self.request.headers.get("Accept-Encoding", "")

        def begin() -> tuple[Pieces, bytes | None, str]:
            reader = found.reader(self._source, now_utc())
            said = {name.decode(): value.decode() for name, value in reader.schema.metadata.items()}
            parts = gzipped(written(reader)) if squeeze else written(reader)
            return parts, next(parts, None), file_name(said, kind)

        try:
            parts, part, name = await loop.run_in_executor(thread, begin)
        except NoDataError as error:
            if self._stores_something():
                return self._refuse(404, "There is nothing to export", str(error))
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

    def _stores_something(self) -> bool:
        try:
            self._source.repository.snapshot_info()
        except DataLayerError:
            return False
        return True

    def _cut(self) -> None:
        """Close the connection, so that nobody takes half a file for a whole one."""
        self._auto_finish = False
        cast(HTTP1Connection, self.request.connection).close()

    def _refuse(self, status: int, title: str, reason: str) -> None:
        self.set_status(status)
        self.finish(routes.page(title, reason))
