"""Running a backfill: a handful of requests, one commit, again, until nothing is left or somebody stops it.

A kill loses at most the requests since the last commit. What a commit holds, rows and journal, is visible at once or
not at all, so that resuming neither forgets nor repeats; rows that are stored already are not stored again.
"""

from __future__ import annotations

import logging

import pyarrow as pa

from data_layer import schemas
from data_layer.api import KalshiClient
from data_layer.backfill.journal import END, open_job, step_rows
from data_layer.backfill.request import BackfillRequest, BackfillState
from data_layer.backfill.steps import CandleSteps, Piece, SettledSteps, Steps, TradeSteps, Wanted
from data_layer.errors import KalshiError, PaginationError, SchemaDriftError, StoreError
from data_layer.market_histories import merge_candlesticks
from data_layer.refresh_report import RefreshReport
from data_layer.refresh_runs import RefreshRuns
from data_layer.repository import MarketRepository
from data_layer.store.writer import Refresh, Writer
from data_layer.validation import drop_duplicates

logger = logging.getLogger(__name__)

#: Requests between two commits: what a kill can cost, and how long a routine refresh waits in the dashboard.
STEP_REQUESTS = 30
#: Commits after which the partitions they added files to are made one file each again.
COMPACT_COMMITS = 20


class Backfill:
    """One resumable backfill, made by `Ingest.backfill`. Call `step` until the state it returns says `finished`.

    Raises StoreError for a request that cannot be fulfilled, with the reason for a person.
    """

    def __init__(
        self, request: BackfillRequest, client: KalshiClient, runs: RefreshRuns, repository: MarketRepository
    ) -> None:
        with runs.writing() as writer:
            if problem := request.problem(writer.lake.settings):
                raise StoreError(problem)
            self._job = open_job(writer.snapshot(), request, runs.clock())
        self._client, self._runs = client, runs
        self._steps = self._plan(request, repository)
        self._resumed = self._steps.done
        self._requests = self._rows = self._unknown = self._commits = 0
        self._finished, self._problem = False, ""

    @property
    def state(self) -> BackfillState:
        """How far it is."""
        done, rate = self._steps.done, self._client.statistics().requests_per_second
        left = self._steps.requests_left(done - self._resumed, self._requests)
        return BackfillState(
            self._job.name,
            self._job.request,
            done,
            self._steps.total,
            self._resumed,
            self._requests,
            self._rows,
            self._unknown,
            self._job.started_time,
            0.0 if self._finished else left / rate if rate else None,
            self._finished,
            self._problem,
        )

    def step(self) -> BackfillState:
        """Fetch and commit the next pieces; what the exchange does wrong stands in `problem`, and nothing is lost."""
        self._problem = ""
        with self._runs.reported("backfill") as report:
            pieces, ended, failure = self._fetch(report)
            done = [step for piece in pieces for step in piece.steps]
            with self._runs.commit(report) as refresh, self._runs.writing() as writer:
                if pieces:
                    report.rows = self._store(writer, refresh, pa.concat_tables(piece.rows for piece in pieces))
                cursor = pieces[-1].cursor if pieces else None
                said = [*done, (END, 0, "")] if ended else done
                refresh.append("backfill_steps", step_rows(self._job, said, cursor, self._runs.clock()))
                if failure is not None:
                    report.fail(failure)
                    self._problem = str(failure)
        self._job.done |= {name for name, _, _ in done}
        self._job.cursor = cursor or self._job.cursor
        self._requests += sum(piece.requests for piece in pieces)
        self._rows += report.rows
        self._unknown += sum(1 for _, _, problem in done if problem)
        self._finished = ended
        self._compact(ended)
        return self.state

    def _fetch(self, report: RefreshReport) -> tuple[list[Piece], bool, Exception | None]:
        """Return pieces for one commit, whether nothing is left after them, and what broke the fetching off."""
        found: list[Piece] = []
        try:
            for piece in self._steps.pieces(report):
                found.append(piece)
                if sum(piece.requests for piece in found) >= STEP_REQUESTS:
                    return found, False, None
        except (KalshiError, PaginationError) as error:
            if isinstance(error, SchemaDriftError):
                report.conditions.add(f"drift:{error.condition}")
            logger.warning("a backfill was interrupted: %s", error)
            return found, False, error
        return found, True, None

    def _store(self, writer: Writer, refresh: Refresh, rows: pa.Table) -> int:
        if self._steps.table == "candlesticks":
            return merge_candlesticks(writer, refresh, rows)
        # A row at the edge of two pages, or at the cutoff between the tiers, comes twice: the last counts.
        rows, _ = drop_duplicates(rows.combine_chunks(), schemas.TABLES[self._steps.table].key)
        refresh.upsert_partitions(self._steps.table, rows)
        return int(rows.num_rows)

    def _compact(self, ended: bool) -> None:
        self._commits += 1
        if ended or self._commits % COMPACT_COMMITS == 0:
            with self._runs.writing() as writer:
                for table in (self._steps.table, "backfill_steps"):
                    writer.compact(table)

    def _plan(self, request: BackfillRequest, repository: MarketRepository) -> Steps:
        if request.kind == "settled":
            return SettledSteps(self._client, self._runs, self._job)
        rows = repository.backfill_markets(
            request.scope, request.markets, request.series, request.tickers
        ).table.to_pylist()
        known = {row["ticker"] for row in rows}
        markets = [Wanted(row["ticker"], row["series_ticker"], row["settlement_time"]) for row in rows]
        markets += [Wanted(ticker) for ticker in request.tickers if ticker not in known]
        kind = CandleSteps if request.kind == "candles" else TradeSteps
        return kind(self._client, self._runs, self._job, markets)
