"""One question's view of the lake, and what every group of questions needs of the repository."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from data_layer.engine.duckdb_engine import DuckDBEngine
from data_layer.engine.named_sql import sql_text
from data_layer.questions import Answer


@dataclass(frozen=True)
class View:
    """One question's view: all its parts are asked of one snapshot, however many newer ones come meanwhile."""

    engine: DuckDBEngine
    source: str

    def ask(
        self, name: str, values: Mapping[str, Any] | None = None, sql: str | None = None, key: Hashable = None
    ) -> pa.Table:
        """Run a query, remembered by its name, text and values (or `key`, where values cannot be one)."""
        text, bound = sql or sql_text(name), values or {}
        remembered = (name, text, key if key is not None else tuple(bound.items()))
        return self.engine.remembered.get(remembered, lambda: self.engine.query(name, text, bound))

    def answer(self, name: str, table: pa.Table, notes: tuple[str, ...] = (), total: int | None = None) -> Answer:
        """Say where rows come from."""
        as_of = self.ask("markets_count")["as_of"][0].as_py()
        rows = table.num_rows if total is None else total
        return Answer(table, rows, as_of, self.engine.snapshot_id, self.source, name, notes)

    def plain(self, name: str, values: Mapping[str, Any] | None = None) -> Answer:
        """Answer with the rows of one query as they come."""
        return self.answer(name, self.ask(name, values))


class Questions:
    """Base of the groups of questions that `MarketRepository` is made of."""

    source: str

    def _view(self) -> View:
        """Return a view of the snapshot that is current now."""
        raise NotImplementedError

    def _minute(self) -> datetime:
        """Return the time, cut to the minute, so that answers can be remembered."""
        raise NotImplementedError
