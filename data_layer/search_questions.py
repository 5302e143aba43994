"""The question behind the search field: what is there whose name is, or nearly is, what somebody types."""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping
from contextlib import suppress

import pyarrow as pa
import pyarrow.compute as pc

from data_layer.engine.named_sql import sql_text
from data_layer.engine.query_log import QueryLog, QueryRecord
from data_layer.errors import DataLayerError
from data_layer.questions import Answer
from data_layer.search.index import SearchIndex
from data_layer.search.newest import NewestIndex
from data_layer.view import Questions, View

#: How many of each kind are found.
FOUND: Mapping[str, int] = {"category": 2, "tag": 3, "series": 5, "event": 6, "market": 10}


class SearchQuestions(Questions):
    """What is asked by name."""

    log: QueryLog
    _index: NewestIndex

    def search(self, text: str, limits: Mapping[str, int] = FOUND) -> Answer:
        """Return what is called like `text`, best first: kind, key, title, detail, volume, members, score.

        Kinds are market, event, series, tag and category, at most `limits[kind]` of each; `volume` is contracts of
        24 hours. Words may be unfinished, in any order, without accents, and misspelt: one letter in words from four,
        two in words from eight. Names and volumes are those of the last whole crawl, which `as_of` tells. Only the
        very first call may take seconds: it reads all names.
        """
        view = self._view()
        index = self._index.get(_key(view), lambda: _built(view))
        started, tick = self.log.clock(), time.perf_counter()
        hits = index.find(text, dict(limits))
        rows = index.documents.take(pa.array([hit.row for hit in hits], pa.int64()))
        table = rows.append_column("score", pa.array([hit.score for hit in hits], pa.float64()))
        spent = (time.perf_counter() - tick) * 1000
        self.log.add(QueryRecord("search", started, spent, len(hits), view.engine.snapshot_id))
        return view.answer("search_documents", table)

    def prepare_search(self) -> None:
        """Read all names anew in the background, if a crawl brought some; returns at once.

        What fails here fails again, and is said, when somebody searches.
        """
        with suppress(DataLayerError):
            view = self._view()
            self._index.prepare(_key(view), lambda: _built(view))


def _key(view: View) -> Hashable:
    """Say what names depend on: quotes come every few seconds, names with a crawl."""
    (row,) = view.ask("markets_count").to_pylist()
    return view.source, row["as_of"], row["events"], row["series"]


def _built(view: View) -> SearchIndex:
    found = view.engine.query("search_documents", sql_text("search_documents"), unbounded=True)
    keys = pc.if_else(pc.greater(found["place"], 2), found["key"], None)
    parents = pc.index_in(
        pc.if_else(pc.equal(found["parent_key"], ""), None, found["parent_key"]), keys, skip_nulls=True
    )
    return SearchIndex(found.append_column("parent", parents))
