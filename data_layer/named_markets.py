"""Markets asked for by name, as they are now: those that are watched, and those that left the list of open ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from data_layer import schemas
from data_layer.api import KalshiClient
from data_layer.parsing import parse_markets
from data_layer.refresh_report import RefreshReport
from data_layer.refresh_runs import RefreshRuns
from data_layer.validation import Batch, drop_duplicates


def named_markets(
    client: KalshiClient,
    runs: RefreshRuns,
    report: RefreshReport,
    tickers: Sequence[str],
    series: Mapping[str, str | None] | None = None,
) -> pa.Table:
    """Return the named markets as rows of `markets`, those that the exchange knows; `series` are theirs by ticker.

    What is wrong with them goes to the report. Raises KalshiError and PaginationError.
    """
    batch = Batch(schemas.MARKETS, schemas.MARKETS.empty())
    if not (askable := runs.askable(report, tickers)):
        return batch.table
    for page in client.iter_market_pages(tickers=askable):
        runs.count(report, report.kind, "markets", page)
        known = [(series or {}).get(market.ticker) for market in page.items]
        batch.extend(parse_markets(page.items, runs.received(report, page), known))
    table, duplicates = drop_duplicates(batch.table, schemas.MARKETS.key)
    batch.duplicates += duplicates
    report.add(batch)
    return table
