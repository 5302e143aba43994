"""One Delta table: what may be written into it, and how."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import DeltaError

from data_layer.errors import StoreError
from data_layer.schemas import TABLES, Table
from data_layer.store.settings import LakeSettings

_PARTITION_VALUE = re.compile(r"^[0-9]{1,10}$|^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$")
_VERSION_NAME = re.compile(r"^(\d{20})\.json$")
_ROW = "__row"

Partition = dict[str, str]


@contextmanager
def store_errors(doing: str) -> Iterator[None]:
    """Turn what libraries and the operating system raise into a StoreError a person can read."""
    try:
        yield
    except (DeltaError, OSError, pa.ArrowException, duckdb.Error) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise StoreError(f"The stored data could not be written ({doing}): {first[:300]}") from error


def declared(name: str) -> Table:
    """Return the declaration of a table; raises StoreError for an unknown name."""
    try:
        return TABLES[name]
    except KeyError:
        raise StoreError(f"There is no table {name!r}") from None


def checked(table: Table, rows: pa.Table) -> pa.Table:
    """Return `rows` with the declared schema, or say what does not fit; nothing is cast.

    Raises:
        StoreError: a column is missing, unknown or of another type; a required one has nulls; a partition value is
            not a month, a day or a number.
    """
    missing = [name for name in table.names if name not in rows.column_names]
    unknown = [name for name in rows.column_names if name not in table.names]
    if missing or unknown:
        raise StoreError(f"{table.name}: columns missing {missing}, unknown {unknown}")
    rows = rows.select(list(table.names))
    for field in table.arrow:
        column = rows.column(field.name)
        if not _same_type(column.type, field.type):
            raise StoreError(f"{table.name}.{field.name} is {column.type}, and must be {field.type}")
        if not field.nullable and column.null_count:
            raise StoreError(f"{table.name}.{field.name} is required, and {column.null_count} rows lack it")
    for name in table.partition:
        for value in pc.unique(rows.column(name)).to_pylist():
            if not _PARTITION_VALUE.match(str(value)):
                raise StoreError(f"{table.name}.{name}: {value!r} is no name of a partition")
    return pa.Table.from_arrays(rows.columns, schema=table.arrow)


def _same_type(found: pa.DataType, wanted: pa.DataType) -> bool:
    # Arrow compares the names of list items and nullability inside types too; neither says anything about values.
    if pa.types.is_list(found) and pa.types.is_list(wanted):
        return _same_type(found.value_type, wanted.value_type)
    if pa.types.is_struct(found) and pa.types.is_struct(wanted):
        return [f.name for f in found] == [f.name for f in wanted] and all(
            _same_type(a.type, b.type) for a, b in zip(found, wanted, strict=True)
        )
    return bool(found == wanted)


def check_unique(table: Table, rows: pa.Table) -> None:
    """Raise StoreError when two rows have the same key."""
    if table.key and rows.num_rows:
        distinct = rows.select(list(table.key)).group_by(list(table.key), use_threads=False).aggregate([]).num_rows
        if distinct != rows.num_rows:
            raise StoreError(f"{table.name}: {rows.num_rows - distinct} rows repeat a key ({', '.join(table.key)})")


def newest_per_key(table: Table, rows: pa.Table) -> pa.Table:
    """Return one row per key: the last one of `rows`."""
    if not table.key:
        return rows
    numbered = rows.select(list(table.key)).append_column(_ROW, pa.array(range(rows.num_rows), pa.int64()))
    last = numbered.group_by(list(table.key), use_threads=False).aggregate([(_ROW, "max")])
    return rows.take(last.column(f"{_ROW}_max"))


def in_order(table: Table, rows: pa.Table) -> pa.Table:
    """Return the rows sorted as the table is stored: by partition, then by `sort`."""
    keys = [(name, "ascending") for name in (*table.partition, *table.sort)]
    return rows.sort_by(keys) if rows.num_rows > 1 else rows


def split_by_partition(table: Table, rows: pa.Table) -> list[tuple[Partition, pa.Table]]:
    """Return the rows of every partition on their own."""
    if not table.partition:
        return [({}, rows)]
    values = rows.select(list(table.partition)).group_by(list(table.partition), use_threads=False).aggregate([])
    parts = []
    for row in values.to_pylist():
        mask = None
        for name, value in row.items():
            same = pc.equal(rows.column(name), pa.scalar(value, table.arrow.field(name).type))
            mask = same if mask is None else pc.and_(mask, same)
        parts.append(({name: str(value) for name, value in row.items()}, rows.filter(mask)))
    return parts


def predicate(table: Table, partition: Partition) -> str | None:
    """Return the Delta predicate that names exactly one partition; None for a table in one folder."""
    clauses = []
    for name in table.partition:
        value = partition[name]
        if not _PARTITION_VALUE.match(value):
            raise StoreError(f"{table.name}.{name}: {value!r} is no name of a partition")
        number = pa.types.is_integer(table.arrow.field(name).type)
        clauses.append(f"{name} = {value}" if number else f"{name} = '{value}'")
    return " AND ".join(clauses) or None


class DeltaFolder:
    """The Delta table of one declared table, on disk."""

    def __init__(self, root: Path, table: Table, settings: LakeSettings) -> None:
        self.path = root / "tables" / table.name
        self.table = table
        self._settings = settings
        self._delta: DeltaTable | None = None

    @property
    def exists(self) -> bool:
        """Whether anything was ever committed to it."""
        return self._delta is not None or self.newest_version() is not None

    def newest_version(self) -> int | None:
        """Return the newest committed version by its file name, without opening the table."""
        log = self.path / "_delta_log"
        if not log.is_dir():
            return None
        return max((int(m[1]) for entry in log.iterdir() if (m := _VERSION_NAME.match(entry.name))), default=None)

    @property
    def delta(self) -> DeltaTable:
        """The open table."""
        if self._delta is None:
            self._delta = DeltaTable(str(self.path))
        return self._delta

    def reopen(self) -> None:
        """Forget the open table: the next use reads the log again."""
        self._delta = None

    def paths(self) -> set[str]:
        """Return the paths of the newest version's files, relative to the table's folder."""
        return set(pa.table(self.delta.get_add_actions(flatten=True)).column("path").to_pylist())

    def write(self, rows: pa.Table | pa.RecordBatchReader, mode: str, where: str | None = None) -> None:
        """Commit sorted rows: ``append``, or ``overwrite`` of all or of what `where` names."""
        exists = self.exists
        target = self.delta if exists else str(self.path)
        properties = self._properties()
        if exists and mode == "overwrite":
            write_deltalake(target, rows, mode="overwrite", predicate=where, writer_properties=properties)
            return
        write_deltalake(
            target,
            rows,
            mode="append",
            partition_by=list(self.table.partition) or None,
            writer_properties=properties,
            configuration=None if exists else self.configuration(),
        )

    def _properties(self) -> WriterProperties:
        return WriterProperties(
            compression=self._settings.codec.upper(),  # type: ignore[arg-type]
            compression_level=self._settings.codec_level,
            max_row_group_size=self._settings.row_group_rows,
        )

    def configuration(self) -> dict[str, str | None]:
        """Return the Delta settings of the table."""
        history = f"interval {self._settings.history_days} days"
        return {"delta.logRetentionDuration": history, "delta.deletedFileRetentionDuration": history}
