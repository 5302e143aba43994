"""What an answer came from, so that somebody else can come by it: the SQL with its values, and a notebook's lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any


@dataclass(frozen=True, slots=True)
class Statement:
    """One query that was run for an answer: its name, its SQL, and what was bound to it."""

    name: str
    sql: str
    values: Mapping[str, Any]

    def text(self) -> str:
        """Return the SQL, its bound values as comments under it."""
        bound = [f"-- ${name} = {_plain(value)}" for name, value in self.values.items()]
        return "\n".join([f"-- {self.name}", self.sql.strip(), *bound])


@dataclass(frozen=True, slots=True)
class Call:
    """How the repository was asked: question, arguments, the minute that counted as now (UTC), the lake's folder."""

    question: str
    arguments: Mapping[str, Any]
    now: datetime
    folder: str

    def code(self) -> str:
        """Return lines of Python that ask the same of the lake, in its folder under ``data``.

        `now` stands in them, so that "the last 24 hours" are those of the screen; without it they are the present's.
        """
        needed: dict[str, set[str]] = {"data_layer": {"open_repository"}}
        now = _literal(self.now, needed)
        said = ", ".join(f"{name}={_literal(value, needed)}" for name, value in self.arguments.items())
        imports = [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(needed.items())]
        return "\n".join(
            [
                *sorted(imports, key=lambda line: "data_layer" in line),
                "",
                f'repository = open_repository("data/{self.folder}", now={now})',
                f"answer = repository.{self.question}({said})",
                "frame = answer.frame  # prices as floats; answer.table keeps them exact",
            ]
        )


def _literal(value: Any, needed: dict[str, set[str]]) -> str:
    """Return a value as Python, and note in `needed` (names by module) what it needs to be imported."""

    def name(of: type) -> str:
        needed.setdefault(of.__module__, set()).add(of.__name__)
        return of.__name__

    if isinstance(value, Enum):
        return f"{name(type(value))}.{value.name}"
    if isinstance(value, Decimal):
        return f'{name(Decimal)}("{value}")'
    if isinstance(value, datetime):
        there = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        needed.setdefault("datetime", set()).update({"UTC", "datetime"})
        parts = [there.year, there.month, there.day, there.hour, there.minute, there.second, there.microsecond]
        while parts[-1] == 0 and len(parts) > 3:
            parts.pop()
        return f"datetime({', '.join(map(str, parts))}, tzinfo=UTC)"
    if isinstance(value, date):
        return f"{name(date)}({value.year}, {value.month}, {value.day})"
    if isinstance(value, tuple | list):
        held = ", ".join(_literal(item, needed) for item in value)
        return f"[{held}]" if isinstance(value, list) else f"({held}{',' if len(value) == 1 else ''})"
    if is_dataclass(value) and not isinstance(value, type):
        plain = type(value)() if not _required(value) else None
        said = [
            f"{field.name}={_literal(held, needed)}"
            for field in fields(value)
            if (held := getattr(value, field.name)) != getattr(plain, field.name, _NONE)
        ]
        return f"{name(type(value))}({', '.join(said)})"
    return ascii(value)  # escaped: no text of a link can look like other code than it is


_NONE = object()


def _required(value: Any) -> bool:
    """Whether a dataclass cannot be made without arguments."""
    try:
        type(value)()
    except TypeError:
        return True
    return False


def _plain(value: Any) -> str:
    """Return a bound value on one line, as SQL would write it."""
    if value is None:
        return "NULL"
    if isinstance(value, datetime | date):
        return f"'{value.isoformat()}'"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_plain(item) for item in value)}]"
    if isinstance(value, str):
        # Escaped, so that no text can end the comment it stands in.
        return "'" + value.encode("unicode_escape").decode("ascii").replace("'", "''") + "'"
    return str(value)
