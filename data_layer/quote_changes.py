"""Which quotes changed since they were last seen: only those become rows of the quote history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data_layer.schemas import QUOTE_FIELDS, QUOTES
from data_layer.store.lake import Snapshot

_COMPARED = ("status", *(column.name for column in QUOTE_FIELDS))
_KEPT = ("ticker", *_COMPARED)
#: How far back the history is read at the start; an older quote counts as new, which costs a row and no truth.
_DAYS_READ = 3


class QuoteMemory:
    """The last seen quote of every market. One thread at a time; not shared between processes."""

    def __init__(self) -> None:
        self._last = (
            QUOTES.empty().select(list(_KEPT)).cast(_nullable(QUOTES.arrow.empty_table().select(list(_KEPT)).schema))
        )

    @classmethod
    def of_snapshot(cls, snapshot: Snapshot, now: float) -> QuoteMemory:
        """Read what the lake saw last: the last crawl, overlaid with newer quotes."""
        memory = cls()
        today = datetime.fromtimestamp(now, UTC)
        days = [f"{today - timedelta(days=back):%Y-%m-%d}" for back in range(_DAYS_READ)]
        columns = [*_KEPT, "fetched_time"]
        seen = [
            pq.ParquetFile(path).read(columns=columns).rename_columns([*_KEPT, "observed_time"])
            for path in snapshot.files("markets")
        ]
        seen += [
            pq.ParquetFile(path).read(columns=[*_KEPT, "observed_time"])
            for path in snapshot.files("quotes", {"day": days})
        ]
        if seen:
            schema = pa.schema([QUOTES.arrow.field(name) for name in (*_KEPT, "observed_time")])
            table = pa.concat_tables([part.cast(_nullable(schema)) for part in seen]).sort_by("observed_time")
            memory.remember(table)
        return memory

    def changed(self, markets: pa.Table) -> pa.Table:
        """Return, as rows of `quotes`, the markets (with `fetched_time`) whose quote differs from the last seen."""
        place = pc.index_in(markets["ticker"], self._last["ticker"].combine_chunks())
        differs = pc.is_null(place)
        for name in _COMPARED:
            now, before = markets[name], self._last[name].take(place)
            same = pc.or_(
                pc.fill_null(pc.equal(now, before), False),
                pc.and_(pc.is_null(now), pc.is_null(before)),
            )
            differs = pc.or_(differs, pc.invert(same))
        fresh = markets.filter(differs)
        columns = {name: fresh[name] for name in _KEPT}
        columns["observed_time"] = fresh["fetched_time"]
        columns["day"] = pc.strftime(fresh["fetched_time"], "%Y-%m-%d")
        return pa.table([columns[name] for name in QUOTES.names], schema=QUOTES.arrow)

    def remember(self, quotes: pa.Table) -> None:
        """Take over quotes, later rows over earlier ones."""
        table = pa.concat_tables([self._last, quotes.select(list(_KEPT)).cast(_nullable(self._last.schema))])
        stale = table["ticker"].to_pandas().duplicated(keep="last").to_numpy()
        self._last = table.filter(pa.array(~stale)).combine_chunks()


def _nullable(schema: pa.Schema) -> pa.Schema:
    return pa.schema([pa.field(item.name, item.type) for item in schema])
