"""Markets that left the list of open ones between two crawls: closed, decided, or taken off.

The crawl of the open ones does not know them any more, and the settled history does not know them yet; but who has
one on a screen or in a list wants to see what became of it, not that it was lost.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_layer import schemas
from data_layer.api import KalshiClient
from data_layer.errors import KalshiError, PaginationError, StoreError
from data_layer.named_markets import named_markets
from data_layer.refresh_report import RefreshReport
from data_layer.refresh_runs import RefreshRuns
from data_layer.store.lake import Snapshot

logger = logging.getLogger(__name__)

#: Most markets that are asked for by name, those that closed last first; a hundred cost one request.
MOST_ASKED = 2_000
#: A settled market is kept this long: by then the crawl of settled ones has brought it.
SETTLED_KEPT = timedelta(days=1)
#: The word of a settled market; nothing follows it.
FINAL = "finalized"
_TIMES = ("close_time", "settlement_time")


class Departures:
    """Ask what became of stored markets that a crawl did not list; used by `Ingest`."""

    def __init__(self, client: KalshiClient, runs: RefreshRuns) -> None:
        self._client = client
        self._runs = runs

    def of(self, report: RefreshReport, markets: pa.Table, events: pa.Table) -> tuple[pa.Table, pa.Table]:
        """Return the markets that are stored and not listed, as they are now, and their stored events likewise.

        `markets` and `events` are what the crawl listed. A market the exchange does not name is left out. Where it
        could not be asked, what is stored stands, and the report says so.
        """
        with self._runs.writing() as writer:
            snapshot = writer.snapshot()
        known = stored_rows(snapshot, schemas.MARKETS, ("ticker", "status", *_TIMES))
        gone = _still_kept(_without(known, markets, "ticker"), datetime.fromtimestamp(self._runs.clock(), UTC))
        is_final = pc.equal(gone["status"], FINAL)
        undecided = gone.filter(pc.invert(is_final)).sort_by([("close_time", "descending")])
        asked = undecided["ticker"].slice(0, MOST_ASKED).to_pylist()
        kept = [*gone.filter(is_final)["ticker"].to_pylist(), *asked]
        stored = stored_rows(snapshot, schemas.MARKETS, schemas.MARKETS.names, "ticker", kept)
        series = dict(zip(stored["ticker"].to_pylist(), stored["series_ticker"].to_pylist(), strict=True))
        now = schemas.MARKETS.empty()
        try:
            now = named_markets(self._client, self._runs, report, asked, series)
            stored = stored.filter(pc.equal(stored["status"], FINAL))
        except (KalshiError, PaginationError) as error:
            report.conditions.add(f"departed: {len(asked):,} markets that left the list are as they were: {error}")
        left = pa.concat_tables([now, stored])
        named = pc.unique(left["event_ticker"]).to_pylist()
        theirs = stored_rows(snapshot, schemas.EVENTS, schemas.EVENTS.names, "event_ticker", named)
        return left, _without(theirs, events, "event_ticker")


def stored_rows(
    snapshot: Snapshot,
    table: schemas.Table,
    columns: Sequence[str],
    key: str = "",
    keys: Sequence[str] = (),
) -> pa.Table:
    """Return what is stored of a table, of a `key` only the rows with these `keys`; what is damaged counts as none.

    For tables that a crawl replaces a moment later.
    """
    schema = pa.schema([table.arrow.field(name) for name in columns])
    if key and not keys:
        return schema.empty_table()
    wanted = [(key, "in", list(keys))] if key else None
    try:
        parts = [
            pq.read_table(path, columns=list(columns), filters=wanted, partitioning=None).cast(schema)
            for path in snapshot.files(table.name)
        ]
    except StoreError as error:
        logger.warning("what is stored of %s cannot be compared with the crawl: %s", table.name, error)
        parts = []
    return pa.concat_tables([schema.empty_table(), *parts])


def _still_kept(gone: pa.Table, now: datetime) -> pa.Table:
    """Return the markets without those that settled so long ago that the settled history has them."""
    ended = pc.coalesce(gone["settlement_time"], gone["close_time"])
    since = pa.scalar(now - SETTLED_KEPT, ended.type)
    is_old = pc.and_(pc.equal(gone["status"], FINAL), pc.fill_null(pc.less(ended, since), True))
    return gone.filter(pc.invert(is_old))


def _without(rows: pa.Table, listed: pa.Table, key: str) -> pa.Table:
    """Return the rows whose key is not listed."""
    return rows.filter(pc.invert(pc.is_in(rows[key], listed[key].combine_chunks())))
