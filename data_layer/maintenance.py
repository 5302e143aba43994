"""What keeps the lake small and its derived tables true: rollups, settlement facts, compaction, retention."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from data_layer import schemas
from data_layer.engine.named_sql import sql_text
from data_layer.ingest import Ingest
from data_layer.repository import MarketRepository
from data_layer.schemas import TABLES
from data_layer.store.lake import Snapshot

logger = logging.getLogger(__name__)

#: The last months of the history are always derived again: names and categories of their markets still change.
OPEN_MONTHS = 2


@dataclass(frozen=True)
class _Derived:
    """A derived table: the table whose months it has, and how many months of candlesticks around one it reads."""

    name: str
    of: str
    months_back: int
    months_ahead: int


#: A candlestick of the first hours of a month (UTC) belongs to the last US-Eastern day of the month before.
DAILY_ROLLUP = _Derived("daily_rollup", "candlesticks", 1, 1)
#: The longest horizon, 30 days, may reach from the beginning of one month past another.
SETTLEMENT_FACTS = _Derived("settlement_facts", "settled_markets", 2, 1)


def maintain(ingest: Ingest, repository: MarketRepository) -> None:
    """Bring derived tables up to date, then compact and retain every table."""
    derive(ingest, repository, DAILY_ROLLUP)
    derive(ingest, repository, SETTLEMENT_FACTS)
    with ingest.writing() as writer:
        for name in TABLES:
            writer.compact(name)
        report = writer.retain()
    logger.info("maintenance: %s", report)


def derive(ingest: Ingest, repository: MarketRepository, table: _Derived) -> None:
    """Compute the months of a derived table that are missing or may change, or whose sources were written since."""
    repository.advance()
    snapshot = repository.lake.snapshot()
    months = _months(snapshot, table.of)
    if months and table is DAILY_ROLLUP:
        months.insert(0, _shift(months[0], -1))
    for month in months:
        if month not in months[-OPEN_MONTHS:] and not _is_stale(snapshot, table, month):
            continue
        values = {
            "month": month,
            "month_before": _shift(month, -table.months_back),
            "month_after": _shift(month, table.months_ahead),
        }
        rows = repository.derive(table.name, sql_text(f"derive/{table.name}"), values)
        with ingest.writing() as writer, writer.refresh("derive", source=repository.source) as refresh:
            refresh.upsert_partitions(table.name, rows.select(schemas.TABLES[table.name].names))


def _is_stale(snapshot: Snapshot, table: _Derived, month: str) -> bool:
    """Tell whether a month was never derived, or a file it is derived from is younger."""
    derived = _written(snapshot, table.name, [month])
    reach = [_shift(month, by) for by in range(-table.months_back, table.months_ahead + 1)]
    sources = _written(snapshot, "candlesticks", reach) + _written(snapshot, table.of, [month])
    return bool(sources) and (not derived or max(sources) > min(derived))


def _written(snapshot: Snapshot, table: str, months: Sequence[str]) -> list[float]:
    """Return when the files of some months were written (seconds since the epoch)."""
    return [
        (Path(snapshot.uri(table)).parents[1] / file.path).stat().st_mtime
        for file in snapshot.stored_files(table)
        if file.partition["month"] in months
    ]


def _months(snapshot: Snapshot, table: str) -> list[str]:
    return sorted({file.partition["month"] for file in snapshot.stored_files(table)})


def _shift(month: str, by: int) -> str:
    """Return the month `by` months later."""
    year, number = int(month[:4]), int(month[5:]) - 1 + by
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"
