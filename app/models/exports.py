"""What of a page leaves it as a file: named by the page's model, asked as the screen asks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from app import page_keys, url
from data_layer.questions import Answer

#: `Answer.source` of what comes from the process and not from a lake.
PROCESS = "process"
#: Values of a link that rows do not depend on: unit, side, times, zone, what lies open beside them.
_LOOKS = frozenset({"drawer", *page_keys.SHARED})
_OWN_BOOKS = "From the books of this process: no query stands behind it."


@dataclass(frozen=True)
class Export:
    """One table or chart of a page, as its "i" and its files tell of it.

    `ask` gets the process's source, the values of the link and the present time (UTC), and returns the Answer that
    the screen shows; for a list too long for a screen, a reader of all its rows that carries ``kalshi.*`` metadata.
    `notes` say what is left out. `method` is a topic of the Method page. `most` is how many of the rows the
    screen shows. `running` tables exist in a running process alone.
    """

    title: str
    ask: Callable[[Any, Mapping[str, Any], datetime], Answer | pa.RecordBatchReader]
    notes: tuple[str, ...] = ()
    method: str = ""
    most: int | None = None
    running: bool = False


@dataclass(frozen=True)
class About:
    """Where one table of a page comes from; `shown` of `total` rows are on the screen. Times are UTC."""

    key: str
    title: str
    source: str
    as_of: datetime | None
    snapshot_id: int
    query: str
    shown: int
    total: int
    notes: tuple[str, ...]
    sql: str
    code: str
    method: str


def about(key: str, export: Export, answer: Answer) -> About:
    """Say where an answer on the screen comes from."""
    rows = answer.table.num_rows
    return About(
        key=key,
        title=export.title,
        source=answer.source,
        as_of=answer.as_of,
        snapshot_id=answer.snapshot_id,
        query=answer.query,
        shown=rows if export.most is None else min(rows, export.most),
        total=max(answer.total, rows),
        notes=(*answer.notes, *export.notes),
        sql=answer.sql(),
        code=answer.code(),
        method=export.method,
    )


def own_books(rows: Sequence[Mapping[str, Any]], schema: pa.Schema, now: datetime) -> Answer:
    """Return rows of the process's own books as an answer."""
    table = pa.Table.from_pylist([dict(row) for row in rows], schema=schema)
    return Answer(table, table.num_rows, now, 0, PROCESS, "", (_OWN_BOOKS,))


def reader(key: str, export: Export, source: Any, values: Mapping[str, Any], now: datetime) -> pa.RecordBatchReader:
    """Return all rows of a page's table for a file, with `as_of` and `source` in every row.

    A file outlives the screen it came from: the schema's metadata say its table, source, snapshot, age, query, notes,
    SQL and link. Raises DataLayerError where the question does.
    """
    found = export.ask(source, values, now)
    table = values["page"] if key == values["page"] else f"{values['page']}-{key}"
    said = {"kalshi.table": table, "kalshi.title": export.title}
    if isinstance(found, Answer):
        said |= {
            "kalshi.source": found.source,
            "kalshi.snapshot": str(found.snapshot_id),
            "kalshi.as_of": found.as_of.isoformat() if found.as_of else "",
            "kalshi.query": found.query,
            "kalshi.total": str(found.total),
            "kalshi.sql": found.sql(),
        }
        notes, rows = (*found.notes, *export.notes), _dated(found).to_reader()
    else:
        said |= {name.decode(): value.decode() for name, value in (found.schema.metadata or {}).items()}
        notes, rows = export.notes, found
    asked = {name: value for name, value in values.items() if name not in _LOOKS}
    said |= {"kalshi.notes": "\n".join(notes), "kalshi.link": url.encode(asked) or url.link(values["page"])}
    return pa.RecordBatchReader.from_batches(rows.schema.with_metadata(said), rows)


def _dated(answer: Answer) -> pa.Table:
    """Return the rows with where and when they come from, unless they say so themselves."""
    table = answer.table
    for name, value, kind in (
        ("as_of", answer.as_of, pa.timestamp("us", tz="UTC")),
        ("source", answer.source, pa.string()),
    ):
        if name not in table.column_names:
            table = table.append_column(name, pa.repeat(pa.scalar(value, kind), table.num_rows))
    return table
