"""Which quotes changed since they were last seen: only those become rows of the quote history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_layer.schemas import QUOTE_FIELDS, QUOTES, TIME
from data_layer.store.lake import Snapshot
from data_layer.validation import drop_duplicates

_COMPARED = ("status", *(column.name for column in QUOTE_FIELDS))
_SCHEMA = pa.schema([pa.field(name, QUOTES.arrow.field(name).type) for name in ("ticker", *_COMPARED)])
#: How far back the history is read at the start; an older quote counts as new, which costs a row and no truth.
_DAYS_READ = 3
#: Quotes may lie ahead of a clock that was set back.
_DAYS_AHEAD = 1


class QuoteMemory:
    """The last seen quote of every market. One thread at a time; not shared between processes."""

    def __init__(self) -> None:
        self._last = _SCHEMA.empty_table()
        #: When the newest of what was read from the lake came (UTC); None when nothing was.
        self.newest: datetime | None = None

    @classmethod
    def of_snapshot(cls, snapshot: Snapshot, now: float) -> QuoteMemory:
        """Read what the lake saw last: the last crawl, overlaid with newer quotes."""
        memory = cls()
        newest_day = datetime.fromtimestamp(now, UTC)
        days = [f"{newest_day - timedelta(days=back):%Y-%m-%d}" for back in range(-_DAYS_AHEAD, _DAYS_READ)]
        names = [*_SCHEMA.names, "observed_time"]
        seen = [
            pq.ParquetFile(path).read(columns=[*_SCHEMA.names, "fetched_time"]).rename_columns(names)
            for path in snapshot.files("markets")
        ]
        seen += [pq.ParquetFile(path).read(columns=names) for path in snapshot.files("quotes", {"day": days})]
        if seen:
            schema = _SCHEMA.append(pa.field("observed_time", TIME))
            table = pa.concat_tables([part.select(names).cast(schema) for part in seen]).sort_by("observed_time")
            memory.remember(table)
            memory.newest = pc.max(table["observed_time"]).as_py()
        return memory

    def changed(self, markets: pa.Table) -> pa.Table:
        """Return, as rows of `quotes`, the markets (with `fetched_time`) whose quote differs from the last seen."""
        fresh = changed_rows(markets, self._last, "ticker", _COMPARED)
        columns = {name: fresh[name] for name in _SCHEMA.names}
        columns["observed_time"] = fresh["fetched_time"]
        columns["day"] = pc.strftime(fresh["fetched_time"], "%Y-%m-%d")
        return pa.table([columns[name] for name in QUOTES.names], schema=QUOTES.arrow)

    def remember(self, quotes: pa.Table) -> None:
        """Take over quotes, later rows over earlier ones."""
        table = pa.concat_tables([self._last, quotes.select(_SCHEMA.names).cast(_SCHEMA)])
        table, _ = drop_duplicates(table, ("ticker",))
        self._last = table.combine_chunks()


def changed_rows(now: pa.Table, before: pa.Table, key: str, compared: Sequence[str]) -> pa.Table:
    """Return the rows of `now` that are not in `before`, or differ there in one of the `compared` columns.

    `key` identifies a row in both; two nulls are the same.
    """
    place = pc.index_in(now[key], before[key].combine_chunks())
    differs = pc.is_null(place)
    for name in compared:
        old = before[name].take(place)
        same = pc.or_(pc.fill_null(pc.equal(now[name], old), False), pc.and_(pc.is_null(now[name]), pc.is_null(old)))
        differs = pc.or_(differs, pc.invert(same))
    return now.filter(differs)
