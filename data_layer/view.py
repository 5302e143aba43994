"""One question's view of the lake, and what every group of questions needs of the repository."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import wraps
from inspect import signature
from typing import Any

import pyarrow as pa

from data_layer.asked import Asked, Asking
from data_layer.engine.duckdb_engine import DuckDBEngine
from data_layer.engine.named_sql import sql_text
from data_layer.questions import Answer
from data_layer.reproduction import Call, Statement


@dataclass(frozen=True)
class View:
    """One question's view: all its parts are asked of one snapshot, however many newer ones come meanwhile."""

    engine: DuckDBEngine
    source: str
    #: What was asked so far, by name: an answer tells it.
    statements: dict[str, Statement] = field(default_factory=dict, compare=False)

    def ask(
        self,
        name: str,
        values: Mapping[str, Any] | None = None,
        sql: str | None = None,
        key: Hashable = None,
        tables: Mapping[str, pa.Table] | None = None,
    ) -> pa.Table:
        """Run a query, remembered by its name, text and values (or `key`, where values cannot be one).

        `tables` are rows it reads beside the lake's, by the name it knows them by; `key` has to stand for them too,
        and for what they were read from: TypeError without one.
        """
        if tables and key is None:
            raise TypeError(f"{name} reads given rows: they need a key")
        text, bound = sql or sql_text(name), values or {}
        self.statements[name] = Statement(name, text, bound)
        return self._rows(name, text, bound, key, tables)

    def _rows(
        self,
        name: str,
        text: str,
        bound: Mapping[str, Any],
        key: Hashable = None,
        tables: Mapping[str, pa.Table] | None = None,
    ) -> pa.Table:
        question = (name, text, key if key is not None else tuple(bound.items()))
        return self.engine.remembered(question, text, lambda: self.engine.query(name, text, bound, tables))

    def answer(self, name: str, table: pa.Table, notes: tuple[str, ...] = (), total: int | None = None) -> Answer:
        """Say where rows come from."""
        as_of = self._rows("markets_count", sql_text("markets_count"), {})["as_of"][0].as_py()
        rows = table.num_rows if total is None else total
        asked = tuple(self.statements.values())
        return Answer(table, rows, as_of, self.engine.snapshot_id, self.source, name, notes, asked)

    def plain(self, name: str, values: Mapping[str, Any] | None = None) -> Answer:
        """Answer with the rows of one query as they come."""
        return self.answer(name, self.ask(name, values))


class Questions:
    """Base of the groups of questions that `MarketRepository` is made of.

    Every public method that returns an `Answer` notes in it how it was called.
    """

    source: str
    #: What is on the screens.
    _asked: Asked

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, method in list(vars(cls).items()):
            said = getattr(method, "__annotations__", {}).get("return")
            returned = vars(sys.modules[cls.__module__]).get(said) if isinstance(said, str) else said
            if not name.startswith("_") and isinstance(returned, type) and issubclass(returned, Answer):
                setattr(cls, name, _noted(method))

    @property
    def folder(self) -> str:
        """The name of the lake's folder."""
        raise NotImplementedError

    def _view(self) -> View:
        """Return a view of the snapshot that is current now."""
        raise NotImplementedError

    def _minute(self) -> datetime:
        """Return the time, cut to the minute, so that answers can be remembered."""
        raise NotImplementedError


def _noted(question: Callable[..., Answer]) -> Callable[..., Answer]:
    """Return a question whose answers say how it was asked."""
    names = list(signature(question).parameters)[1:]

    @wraps(question)
    def ask(self: Questions, *given: Any, **named: Any) -> Answer:
        now = self._minute()
        arguments = dict(zip(names, given, strict=False)) | named
        answer = question(self, *given, **named)
        self._asked.note(Asking(question.__name__, given, named))
        return replace(answer, call=Call(question.__name__, arguments, now, self.folder))

    return ask
