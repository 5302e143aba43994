"""What an answer depends on: the files of the tables that its query names."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

#: Tables, each with what tells its present files from others.
Reads = frozenset[tuple[str, str]]

_COMMENT_LINES = re.compile(r"^\s*--.*$", re.MULTILINE)
_WORDS = re.compile(r"[a-z0-9_]+")


def files_of(table: str, files: Iterable[str]) -> Reads:
    """Return what depends on a table's files: a file of the lake never changes, its name is never used again."""
    return frozenset({(table, hashlib.sha256("\n".join(files).encode()).hexdigest())})


def read_by(sql: str, tables: Mapping[str, Reads]) -> Reads:
    """Return what the answer to a query depends on, of `tables` by name; it can read none that it does not name."""
    return frozenset[tuple[str, str]]().union(*(tables[word] for word in _words(sql) if word in tables))


@lru_cache(maxsize=1024)
def _words(sql: str) -> frozenset[str]:
    return frozenset(_WORDS.findall(_COMMENT_LINES.sub("", sql)))
