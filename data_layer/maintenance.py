"""What keeps the lake small and its derived tables true: rollups, settlement facts, compaction, retention."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from data_layer import schemas
from data_layer.engine.named_sql import sql_text
from data_layer.ingest import Ingest
from data_layer.repository import MarketRepository
from data_layer.schemas import TABLES

logger = logging.getLogger(__name__)

#: Months at the end of the history that can still change.
OPEN_MONTHS = 2
#: The longest horizon of the settlement facts reaches a month back.
_MONTHS_BACK = 2


def maintain(ingest: Ingest, repository: MarketRepository) -> None:
    """Bring derived tables up to date, then compact and retain every table."""
    repository.advance()
    derive(ingest, repository, "daily_rollup", _months(repository, "candlesticks"))
    derive(ingest, repository, "settlement_facts", _months(repository, "settled_markets"))
    with ingest.writing() as writer:
        for name in TABLES:
            writer.compact(name)
        report = writer.retain()
    logger.info("maintenance: %s", report)


def derive(ingest: Ingest, repository: MarketRepository, table: str, months: Iterable[str]) -> None:
    """Recompute the months of a derived table that are missing or may still change."""
    have = set(_months(repository, table))
    ordered = sorted(months)
    for month in ordered:
        if month in have and month not in ordered[-OPEN_MONTHS:]:
            continue
        values = {
            "month": month,
            "month_before": _shift(month, -_MONTHS_BACK),
            "month_after": _shift(month, 1),
        }
        rows = repository.derive(table, sql_text(f"derive/{table}"), values)
        with ingest.writing() as writer, writer.refresh("derive", source=repository.source) as refresh:
            refresh.upsert_partitions(table, rows.select(schemas.TABLES[table].names))


def _months(repository: MarketRepository, table: str) -> list[str]:
    files = repository.lake.snapshot().stored_files(table)
    return sorted({str(file.partition["month"]) for file in files})


def _shift(month: str, by: int) -> str:
    """Return the month `by` months later."""
    year, number = int(month[:4]), int(month[5:]) - 1 + by
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"
