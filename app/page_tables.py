"""The tables of the pages by name: found for `/export`, and written by ``kalshi-dashboard export --link``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from app import url
from app.export_formats import FORMATS
from app.models import exports
from app.models.exports import Export
from app.pages import PAGES
from data_layer.errors import DataLayerError


class NoSuchTableError(DataLayerError):
    """A link and a name that lead to no table; `title` says what is wrong with them, the message why."""

    def __init__(self, title: str, reason: str) -> None:
        super().__init__(reason)
        self.title = title


@dataclass(frozen=True)
class Found:
    """One table of one page, and the values of the link that it is asked with."""

    key: str
    export: Export
    values: dict[str, Any]

    def reader(self, source: Any, now: datetime) -> pa.RecordBatchReader:
        """Ask for its rows; see `app.models.exports.reader`."""
        return exports.reader(self.key, self.export, source, self.values, now)


def find(query: str, key: str = "") -> Found:
    """Return the table `key` (a page's first one without) of the page that a query string shows.

    Raises NoSuchTableError for a query that cannot be read whole, and for a name that the page does not have.
    """
    decoded = url.decode(query)
    if decoded.notes:
        raise NoSuchTableError("This cannot be exported", " ".join(decoded.notes))
    page = decoded.values["page"]
    listed: Mapping[str, Export] = PAGES[page].model.exports if page in PAGES else {}
    key = key or next(iter(listed), "")
    if key not in listed:
        known = f"This page's tables are {', '.join(listed)}." if listed else "This page has no table."
        raise NoSuchTableError("There is no such table", known)
    return Found(key, listed[key], decoded.values)


@dataclass(frozen=True)
class Stored:
    """What is asked where no process runs: the repository alone."""

    repository: Any


def write(found: Found, repository: Any, target: Path, now: datetime) -> int:
    """Write a table of a page to a file that does not exist yet (``.csv``, ``.parquet``); return how many rows.

    Raises NoSuchTableError for a table that exists in a running process alone, and for a file that will not do.
    """
    kind = target.suffix.removeprefix(".")
    if kind not in FORMATS:
        raise NoSuchTableError(
            "No such format", f"{target} ends in neither {' nor '.join('.' + k for k in FORMATS)}."
        )
    if found.export.running:
        raise NoSuchTableError(
            "Only of a running process", f"{found.export.title}: ask a running dashboard's /export."
        )
    if target.exists():
        raise NoSuchTableError("It exists", f"{target} exists already; an export never writes over anything.")
    reader = found.reader(Stored(repository), now)
    rows = 0

    def counted() -> Iterator[pa.RecordBatch]:
        nonlocal rows
        for batch in reader:
            rows += batch.num_rows
            yield batch

    try:
        with target.open("xb") as file:
            for part in FORMATS[kind][1](pa.RecordBatchReader.from_batches(reader.schema, counted())):
                file.write(part)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return rows
