"""Named SQL: one question a file under `data_layer/queries`, values bound as ``$name``."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Protocol


class Sorted(Protocol):
    """One sort key: a member of an enum of columns, and its direction."""

    @property
    def column(self) -> StrEnum:
        """The column; its value is the identifier in the query."""

    @property
    def descending(self) -> bool:
        """Whether the largest comes first."""


_ORDER_MARK = "/*order*/"


@cache
def sql_text(name: str) -> str:
    """Return the text of ``queries/<name>.sql``; `name` is written in our code, never taken from outside."""
    return resources.files("data_layer.queries").joinpath(*f"{name}.sql".split("/")).read_text("utf-8")


def ordered(sql: str, order: Sequence[Sorted], tie_break: str) -> str:
    """Put an ORDER BY list where the query says so.

    Only members of an enum reach the text: identifiers cannot be bound. Nulls come last either way.
    """
    keys = [f"{item.column.value} {'DESC' if item.descending else 'ASC'} NULLS LAST" for item in order]
    return sql.replace(_ORDER_MARK, ", ".join([*keys, tie_break]))
