"""What became of a batch: rejected rows with their rule, duplicates, how full the columns are, named conditions.

The pipeline is schema -> types -> business rules -> uniqueness -> completeness; `parsing` runs the first three while
it builds columns, this module holds the report and the last two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

import pyarrow as pa
import pyarrow.compute as pc

from data_layer.schemas import REJECTS, Table

EXCERPT_CHARACTERS = 500
#: A watched column filled to less than this share of its usual level is a warning on the screen.
COMPLETENESS_TOLERANCE = 0.9


@dataclass(frozen=True, slots=True)
class Reject:
    """One refused row (or one refused quote of a row that was kept): identity, rule, reason, excerpt."""

    key: str
    rule: str
    reason: str
    excerpt: str


@dataclass
class Batch:
    """One parsed batch of one table: the rows that passed and the report on the others."""

    schema: Table
    table: pa.Table
    rejects: list[Reject] = field(default_factory=list)
    duplicates: int = 0
    conditions: set[str] = field(default_factory=set)

    def extend(self, other: Batch) -> None:
        """Add another batch of the same table, later rows after earlier ones."""
        self.table = pa.concat_tables([self.table, other.table])
        self.rejects += other.rejects
        self.duplicates += other.duplicates
        self.conditions |= other.conditions


def drop_duplicates(table: pa.Table, key: Sequence[str]) -> tuple[pa.Table, int]:
    """Keep the last row of each key: pages are walked in time, so the last is the newest.

    Returns the table and how many rows were dropped.
    """
    if not key or table.num_rows == 0:
        return table, 0
    seen = table.select(list(key)).to_pandas().duplicated(keep="last").to_numpy()
    count = int(seen.sum())
    return (table.filter(pa.array(~seen)), count) if count else (table, 0)


def completeness(table: pa.Table, columns: Sequence[str]) -> dict[str, float]:
    """Return the share of filled values (0–1) of each column; empty for a table without rows."""
    if table.num_rows == 0:
        return {}
    return {name: 1 - table[name].null_count / table.num_rows for name in columns}


def completeness_conditions(name: str, now: Mapping[str, float], before: Sequence[Mapping[str, float]]) -> list[str]:
    """Name the columns that are filled to under 90 % of what the last refreshes had (their median).

    Shares are 0–1. A column that was usually empty cannot become incomplete.
    """
    conditions = []
    for column, share in now.items():
        usual = [past[column] for past in before if column in past]
        if usual and share < COMPLETENESS_TOLERANCE * median(usual):
            conditions.append(f"incomplete:{name}.{column} is filled to {share:.0%}, usually {median(usual):.0%}")
    return conditions


def rejects_table(rejects: Mapping[str, Sequence[Reject]], rejected_time: datetime) -> pa.Table:
    """Return rejects, by table name, as rows of the `rejects` table."""
    rows = [
        {
            "rejected_time": rejected_time,
            "table_name": table_name,
            "key": reject.key or None,
            "rule": reject.rule,
            "reason": reject.reason,
            "excerpt": reject.excerpt[:EXCERPT_CHARACTERS],
        }
        for table_name, some in rejects.items()
        for reject in some
    ]
    return pa.Table.from_pylist(rows, REJECTS.arrow)


def count_true(mask: pa.Array | pa.ChunkedArray) -> int:
    """Count the true values of a mask, nulls as false."""
    return int(pc.sum(pc.fill_null(mask, False)).as_py() or 0)
