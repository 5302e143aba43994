"""The columns of one batch while they are being built, and what is wrong with which row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from data_layer import casting, schemas
from data_layer.casting import Problems
from data_layer.schemas import COUNT, MONEY, PRICE
from data_layer.validation import Batch, Reject, drop_duplicates

ZERO, ONE = Decimal(0), Decimal(1)


def _cast(values: list[Any], kind: str, name: str) -> tuple[pa.Array, Problems]:
    """Cast one column of wire values of `kind`."""
    match kind:
        case "text":
            return casting.text_column(values)
        case "price":
            return casting.decimal_column(values, PRICE, name)
        case "count":
            return casting.decimal_column(values, COUNT, name)
        case "money":
            return casting.decimal_column(values, MONEY, name)
        case "time":
            return casting.time_column(values, name)
        case "json":
            return casting.json_column(values, name)
        case "texts":
            return pa.array(values, pa.list_(pa.string())), {}
        case "bool":
            return pa.array(values, pa.bool_()), {}
        case "int":
            return casting.number_column(values, pa.int64(), name)
        case "float":
            return casting.number_column(values, pa.float64(), name)
    raise ValueError(f"no such kind of column: {kind}")


def _nested(path: str) -> Callable[[Any], Any]:
    """Return a getter of ``part.attribute`` that is None where the part is absent."""
    part, _, attribute = path.partition(".")

    def get(item: Any) -> Any:
        inner = getattr(item, part)
        return None if inner is None else getattr(inner, attribute)

    return get


@dataclass
class BatchBuilder:
    """One batch under construction: `columns` by name, `problems` by row as (rule, reason)."""

    items: Sequence[msgspec.Struct]
    columns: dict[str, pa.Array]
    problems: dict[int, tuple[str, str]]

    @classmethod
    def of(cls, items: Sequence[msgspec.Struct], wires: dict[str, tuple[str, str]]) -> BatchBuilder:
        """Cast the wire attributes named by `wires` (column -> attribute, kind)."""
        builder = cls(items, {}, {})
        for name, (wire, kind) in wires.items():
            get = _nested(wire) if "." in wire else attrgetter(wire)
            builder.columns[name], found = _cast([get(item) for item in items], kind, name)
            builder.refuse("type", found)
        return builder

    def refuse(self, rule: str, found: Problems) -> None:
        """Refuse rows; the first reason found for a row is kept."""
        for row, reason in found.items():
            self.problems.setdefault(row, (rule, reason))

    def check_ranges(self) -> None:
        """Refuse rows with a price outside 0–1 dollars, or a negative count or amount of money."""
        for name, array in self.columns.items():
            if array.type == PRICE:
                self.refuse("price_range", casting.out_of_range(array, ZERO, ONE, name))
            elif array.type in (COUNT, MONEY):
                self.refuse("negative", casting.out_of_range(array, ZERO, None, name))

    def require(self, schema: schemas.Table) -> None:
        """Refuse rows without a value in a column that must have one."""
        for column in schema.fields:
            array = self.columns[column.name]
            if column.required and array.null_count:
                rows = pc.indices_nonzero(pc.is_null(array)).to_pylist()
                self.refuse("missing", dict.fromkeys(rows, f"{column.name} is missing"))

    def reject(self, row: int, rule: str, reason: str, key: str) -> Reject:
        """Describe one refused row; `key` names the column that identifies it."""
        item = self.items[row]
        try:
            excerpt = msgspec.json.encode(item).decode()
        except (OverflowError, RecursionError):  # numbers beyond 64 bits can be read but not written
            excerpt = repr(item)
        return Reject(str(self.columns[key][row].as_py() or ""), rule, reason, excerpt)

    def batch(self, schema: schemas.Table, key: str) -> Batch:
        """Return the rows without problems as a typed batch, and a reject for each of the others."""
        self.require(schema)
        rejects = [self.reject(row, *found, key) for row, found in sorted(self.problems.items())]
        arrays = [self.columns[name] for name in schema.names]
        if self.problems:
            keep = pa.array([row not in self.problems for row in range(len(self.items))])
            arrays = [array.filter(keep) for array in arrays]
        table = pa.Table.from_arrays(arrays, schema=schema.arrow)
        table, duplicates = drop_duplicates(table, schema.key)
        return Batch(schema, table, rejects, duplicates)


def constant(value: object, kind: pa.DataType, count: int) -> pa.Array:
    """Return `count` times the same value."""
    return pa.repeat(pa.scalar(value, kind), count) if count else pa.array([], kind)
