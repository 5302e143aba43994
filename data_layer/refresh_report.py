"""What one refresh did: counted while it runs, stored as a row of `refresh_log`, shown on the Status page."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
import pyarrow as pa

from data_layer.errors import KalshiNotFoundError
from data_layer.schemas import REFRESH_LOG
from data_layer.validation import Batch, Reject


@dataclass
class RefreshReport:
    """The running account of one refresh; `outcome` is complete, partial or failed.

    `error` has the exchange's own words, for the log; `failure` is the kind of error of what did not come, where the
    exchange is to blame; `not_found` says that it does not know what was asked for.
    """

    kind: str
    source: str
    started: float
    refresh_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    finished: float | None = None
    outcome: str = "complete"
    pages: int = 0
    nbytes: int = 0
    rows: int = 0
    duplicates: int = 0
    error: str = ""
    not_found: bool = False
    failure: type[Exception] | None = None
    conditions: set[str] = field(default_factory=set)
    completeness: dict[str, float] = field(default_factory=dict)
    rejects: dict[str, list[Reject]] = field(default_factory=dict)
    snapshot_id: int = 0

    @property
    def rejected(self) -> int:
        """Number of refused rows and quotes."""
        return sum(map(len, self.rejects.values()))

    def add(self, batch: Batch) -> None:
        """Take over a batch's rejects, duplicates and conditions."""
        if batch.rejects:
            self.rejects.setdefault(batch.schema.name, []).extend(batch.rejects)
        self.duplicates += batch.duplicates
        self.conditions |= batch.conditions

    def fail(self, error: Exception) -> None:
        """Note why the refresh came to nothing (or, after rows were stored, to less than all)."""
        self.outcome = "partial" if self.rows else "failed"
        self.error, self.failure = str(error), type(error)
        self.not_found = isinstance(error, KalshiNotFoundError)

    def row(self) -> pa.Table:
        """Return the report as one row of `refresh_log`."""
        values: Mapping[str, object] = {
            "refresh_id": self.refresh_id,
            "kind": self.kind,
            "source": self.source,
            "started_time": datetime.fromtimestamp(self.started, UTC),
            "finished_time": datetime.fromtimestamp(self.finished or self.started, UTC),
            "outcome": self.outcome,
            "pages": self.pages,
            "bytes": self.nbytes,
            "rows": self.rows,
            "rejected": self.rejected,
            "duplicates": self.duplicates,
            "error": self.error or None,
            "conditions_json": msgspec.json.encode(sorted(self.conditions)).decode(),
            "completeness_json": msgspec.json.encode(self.completeness).decode(),
        }
        return pa.Table.from_pylist([dict(values)], REFRESH_LOG.arrow)
