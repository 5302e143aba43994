"""Search everything: what is typed in; what is called like it out, best kind first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from app.models.base import Source
from data_layer.errors import DataLayerError, NoDataError
from data_layer.search.index import DOCUMENTS, SearchIndex
from data_layer.search.marking import marks
from data_layer.search.words import words_of

#: How many pages and actions are offered beside what the exchange has.
_COMMANDS = {"page": 4, "action": 4}


@dataclass(frozen=True)
class Hit:
    """One thing that was found: kind, name, what it is, contracts of 24 hours, how many it holds, and its link.

    An action has its word in `action` in place of a link.
    """

    kind: str
    title: str
    detail: str = ""
    volume: float | None = None
    members: int = 0
    href: str = ""
    action: str = ""
    also: str = ""


@dataclass(frozen=True)
class Found:
    """Answer to one text: hits by kind, the kind with the best one first; or why there are none, for a person."""

    text: str
    words: tuple[str, ...] = ()
    kinds: tuple[tuple[str, tuple[Hit, ...]], ...] = ()
    problem: str = ""
    as_of: Any = field(default=None, compare=False)

    @property
    def listable(self) -> bool:
        """Whether the list of markets, which forgives no spelling, has something for this text."""
        typed = self.text.lower().split()
        names = [f"{hit.title} {hit.detail}".lower() for kind, hits in self.kinds if kind == "market" for hit in hits]
        return any(all(word in name for word in typed) for name in names)

    def marks(self, shown: str) -> list[tuple[int, int]]:
        """Return (start, end) of the letters of a text that match."""
        return marks(shown, list(self.words))


class SearchModel:
    """Finds markets, events, series, tags and categories by name, and the commands it is given.

    `link` makes a link of the session, `commands` are its pages and actions (`Hit.also` has words they are also
    called by). `find` may take as long as a question does: call it off the event loop. Thread-safe.
    """

    def __init__(self, source: Source, link: Callable[..., str], commands: Sequence[Hit]) -> None:
        self._source, self._link = source, link
        self.command(commands)

    def command(self, commands: Sequence[Hit]) -> None:
        """Find these commands from now on."""
        rows = [
            {"kind": hit.kind, "title": hit.title, "detail": "", "words": hit.also, "volume": 0.0} for hit in commands
        ]
        self._commands = tuple(commands), SearchIndex(pa.Table.from_pylist(rows, schema=DOCUMENTS))

    def find(self, text: str) -> Found:
        """Return what is called like `text`; a failure is said in `problem` and leaves the commands."""
        words = tuple(words_of(text))
        commands, index = self._commands
        scored = [(hit.score, commands[hit.row]) for hit in index.find(text, _COMMANDS)]
        problem, as_of = "", None
        try:
            answer = self._source.repository.search(text)
        except NoDataError:
            problem = "Nothing is stored yet: markets can be found as soon as the first crawl is complete."
        except DataLayerError as error:
            problem = f"The search failed: {error}"
        else:
            as_of = answer.as_of
            scored += [(float(str(row["score"])), self._hit(row)) for row in answer.rows()]
        scored.sort(key=lambda pair: -pair[0])
        kinds: dict[str, list[Hit]] = {}
        for _, hit in scored:
            kinds.setdefault(hit.kind, []).append(hit)
        return Found(text, words, tuple((kind, tuple(hits)) for kind, hits in kinds.items()), problem, as_of)

    def _hit(self, row: dict[str, Any]) -> Hit:
        title, detail = row["title"] or row["key"], row["detail"] or ""
        return Hit(
            row["kind"],
            title,
            "" if detail.lower() in title.lower() else detail,
            row["volume"],
            row["members"] or 0,
            self._address(row),
        )

    def _address(self, row: dict[str, Any]) -> str:
        kind, key = row["kind"], row["key"]
        if kind == "market":
            return self._link("market", ticker=key)
        if kind == "event":
            return self._link("event", event=key)
        if kind == "series":
            return self._link("series_detail", series_ticker=key)
        if kind == "tag":
            return self._link("series", series_tag=key)
        return self._link("markets", category=key)
