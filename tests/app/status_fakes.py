"""A process in miniature whose books can be read: the fakes of the screen with storage, refreshes, rejects, queries."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pyarrow as pa

from app.settings import Settings
from data_layer import schemas
from data_layer.api.statistics import ClientStatistics
from data_layer.engine.query_log import QueryLog, QueryRecord
from data_layer.questions import Answer
from tests.app.fakes import HOSTILE, NOW, FakeContext, FakeRepository

SECRET = "the-secret-that-signs-all-sessions-0123456789"


def refresh_row(kind: str, minutes_ago: float, **changes: Any) -> dict[str, Any]:
    """Make one row of the log of refreshes that took 12.5 seconds."""
    ended = NOW - timedelta(minutes=minutes_ago)
    return {
        "refresh_id": f"{kind}-{minutes_ago}",
        "kind": kind,
        "source": "live",
        "started_time": ended - timedelta(seconds=12.5),
        "finished_time": ended,
        "outcome": "complete",
        "pages": 118,
        "bytes": 52_000_000,
        "rows": 117_004,
        "rejected": 0,
        "duplicates": 2,
        "error": None,
        "conditions_json": "[]",
        "completeness_json": "{}",
    } | changes


class StatusRepository(FakeRepository):
    """Answers the questions about the lake itself."""

    def __init__(self) -> None:
        super().__init__()
        self.log = QueryLog(slow_seconds=1.0, clock=lambda: NOW.timestamp())
        for number in range(20):
            self.log.add(QueryRecord("markets", NOW.timestamp() - number, 5.0 + number, 50, 1))
        self.log.add(QueryRecord("calibration", NOW.timestamp(), 2345.6, 9, 1, HOSTILE[0]))
        self.damaged: list[Any] = []
        self.lake = SimpleNamespace(damaged=lambda: self.damaged)
        self.conditions = ("drift:yes_bid_dollars is gone", "settled: answered 503", "odd: something else")
        self.logged = [
            refresh_row("watch", 1, pages=2, rows=40),
            refresh_row("universe", 4, rejected=3, conditions_json='["drift:yes_bid_dollars is gone"]'),
            refresh_row("settled", 9, outcome="failed", rows=0, error="answered 503"),
            refresh_row("watch", 12, outcome="partial", error=HOSTILE[1]),
        ]
        self.refused = [
            {
                "rejected_time": NOW - timedelta(minutes=4),
                "table_name": "markets",
                "key": text[:60],
                "rule": "price_out_of_range",
                "reason": text,
                "excerpt": text,
            }
            for text in HOSTILE
        ]

    def refreshes(self, limit: int = 50) -> Answer:
        self._check()
        return self._answer(pa.Table.from_pylist(self.logged[:limit], schemas.REFRESH_LOG.arrow), 4, "refreshes")

    def rejects(self, limit: int = 200) -> Answer:
        self._check()
        return self._answer(pa.Table.from_pylist(self.refused[:limit], schemas.REJECTS.arrow), 9, "rejects")

    def queries(self) -> Answer:
        self._check()
        return self._answer(self.log.summary(), 2, "queries")

    def storage(self) -> Answer:
        self._check()
        rows = [
            stored("markets", 117_004, 2, 9_100_000, 91_000_000, NOW - timedelta(minutes=4)),
            stored("daily_rollup", 400, 1, 17_000, 51_000, None),
            stored("rejects", 9, 1, 4_000, None, NOW),
            stored("trades", 0, 0, 0, None, None),
        ]
        return self._answer(pa.Table.from_pylist(rows), 4, "storage")


def stored(table: str, rows: int, files: int, size: int, as_csv: int | None, newest: Any) -> dict[str, Any]:
    """Make one row of what is stored."""
    return {
        "table": table,
        "rows": rows,
        "files": files,
        "row_groups": files,
        "bytes": size,
        "csv_bytes": as_csv,
        "newest": newest,
    }


class StatusContext(FakeContext):
    """A process with a client that did a little."""

    def __init__(self) -> None:
        super().__init__(StatusRepository())
        self.figures = {
            "requests": 1200,
            "retries": 3,
            "rate_limited": 2,
            "failures": {"KalshiRateLimitError": 2, "KalshiServerError": 0},
            "bytes_received": 52_000_000,
            "bytes_decoded": 400_000_000,
            "requests_last_minute": 118,
            "breaker_state": "closed",
            "host": "external-api.kalshi.com",
            "last_success_at": NOW.timestamp() - 5,
            "last_error": HOSTILE[0],
            "last_error_at": NOW.timestamp() - 3600,
            "requests_per_second": 3.0,
        }
        client = SimpleNamespace(statistics=lambda: ClientStatistics(**self.figures))
        self.refresher = SimpleNamespace(client=client)
        self.settings = Settings(
            secret=SECRET,
            api_key_id="key-id-of-somebody",
            api_key_file="/home/somebody/private.pem",
            base_urls=("https://somebody:password@proxy.example/api",),
        )
