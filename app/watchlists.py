"""Watchlists: named lists of tickers that one browser keeps. Pure values, and their way in and out as CSV.

A visitor's browser is where they live (see `components.watch_store`): everything that comes from it is checked here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.link_values import TICKER

#: Most lists of one browser, most markets of one list, and the longest name; a star beyond them is refused and told.
MAX_LISTS, MAX_TICKERS, MAX_NAME = 20, 500, 40
#: Longest text that is read as CSV, in characters, and most lines of it.
MAX_CSV_CHARACTERS, MAX_CSV_LINES = 256_000, 5_000
FIRST_NAME = "Watchlist"
#: A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class WatchlistError(ValueError):
    """What was asked of the lists cannot be done; the message is for a person."""


@dataclass(frozen=True)
class Watchlist:
    """One list: its name, and its markets in the order that was given to them."""

    name: str
    tickers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shelf:
    """All lists of one browser, in order. Stars add to `current`; `revision` grows with every change of any tab."""

    lists: tuple[Watchlist, ...] = (Watchlist(FIRST_NAME),)
    current: str = FIRST_NAME
    revision: int = 0

    def find(self, name: str) -> Watchlist | None:
        """Return the list of a name, whatever its case."""
        return next((held for held in self.lists if held.name.casefold() == name.casefold()), None)

    @property
    def chosen(self) -> Watchlist:
        """The list that stars add to."""
        return self.find(self.current) or self.lists[0]

    @property
    def tickers(self) -> tuple[str, ...]:
        """Every watched market once, those of the chosen list first."""
        return tuple(dict.fromkeys([*self.chosen.tickers, *(t for held in self.lists for t in held.tickers)]))

    # Changes: each returns the lists as they are after it, or raises WatchlistError

    def choose(self, name: str) -> Shelf:
        """Let stars add to a list."""
        return replace(self, current=self._known(name).name)

    def create(self, name: str, tickers: Sequence[str] = ()) -> Shelf:
        """Add a list at the end, and let stars add to it."""
        name = self._new_name(name)
        if len(self.lists) >= MAX_LISTS:
            raise WatchlistError(f"There are {MAX_LISTS} lists already, which is the most.")
        made = Watchlist(name, _bounded(tickers))
        return replace(self, lists=(*self.lists, made), current=name)

    def rename(self, name: str, new: str) -> Shelf:
        """Give a list another name; its place stays."""
        held, new = self._known(name), self._new_name(new, but=name)
        current = new if self.current == held.name else self.current
        return replace(self._with(held, replace(held, name=new)), current=current)

    def delete(self, name: str) -> Shelf:
        """Take a list away; the last one leaves an empty list of the first name."""
        held = self._known(name)
        place = self.lists.index(held)
        kept = tuple(other for other in self.lists if other is not held) or (Watchlist(FIRST_NAME),)
        current = kept[min(place, len(kept) - 1)].name if self.current == held.name else self.current
        return replace(self, lists=kept, current=current)

    def move(self, name: str, by: int) -> Shelf:
        """Move a list by so many places; the ends hold it."""
        held = self._known(name)
        others = [other for other in self.lists if other is not held]
        others.insert(max(0, min(len(others), self.lists.index(held) + by)), held)
        return replace(self, lists=tuple(others))

    def fill(self, name: str, tickers: Sequence[str]) -> Shelf:
        """Let a list have exactly these markets, in this order."""
        held = self._known(name)
        return self._with(held, replace(held, tickers=_bounded(tickers)))

    def free_name(self, name: str) -> str:
        """Return the name, or the name with a number where it is taken."""
        name = clean_name(name) or FIRST_NAME
        if self.find(name) is None:
            return name
        numbered = (f"{name[: MAX_NAME - 5]} ({n})" for n in range(2, MAX_LISTS + 3))
        return next(said for said in numbered if self.find(said) is None)

    def _with(self, held: Watchlist, changed: Watchlist) -> Shelf:
        return replace(self, lists=tuple(changed if other is held else other for other in self.lists))

    def _known(self, name: str) -> Watchlist:
        held = self.find(name)
        if held is None:
            raise WatchlistError(f"There is no list “{name}” any more.")
        return held

    def _new_name(self, name: str, but: str = "") -> str:
        clean = clean_name(name)
        if not clean:
            raise WatchlistError("A list needs a name.")
        if len(name.strip()) > MAX_NAME:
            raise WatchlistError(f"A name has at most {MAX_NAME} characters.")
        taken = self.find(clean)
        if taken is not None and taken.name.casefold() != but.casefold():
            raise WatchlistError(f"There is a list “{taken.name}” already.")
        return clean

    def as_message(self) -> dict[str, Any]:
        """Return the lists as the browser keeps them."""
        lists = [{"name": held.name, "tickers": list(held.tickers)} for held in self.lists]
        return {"current": self.current, "revision": self.revision, "lists": lists}


def clean_name(name: str) -> str:
    """Return a name without what cannot be seen, cut to its longest."""
    return " ".join("".join(c for c in name if c.isprintable()).split())[:MAX_NAME].strip()


def read_message(message: Mapping[str, Any]) -> Shelf:
    """Return what a browser says that it keeps; whatever is no list, name or ticker is left out."""
    lists: list[Watchlist] = []
    said = message.get("lists")
    for item in said[:MAX_LISTS] if isinstance(said, list) else []:
        if not (isinstance(item, Mapping) and isinstance(item.get("name"), str)):
            continue
        name, tickers = clean_name(item["name"][:200]), item.get("tickers")
        good = [t for t in tickers if isinstance(t, str) and TICKER.fullmatch(t)] if isinstance(tickers, list) else []
        if name and all(held.name.casefold() != name.casefold() for held in lists):
            lists.append(Watchlist(name, tuple(dict.fromkeys(good))[:MAX_TICKERS]))
    kept = tuple(lists) or (Watchlist(FIRST_NAME),)
    current, revision = message.get("current"), message.get("revision")
    names = [held.name for held in kept]
    return Shelf(
        kept,
        current if isinstance(current, str) and current in names else names[0],
        revision if isinstance(revision, int) and not isinstance(revision, bool) and revision >= 0 else 0,
    )


def _bounded(tickers: Sequence[str]) -> tuple[str, ...]:
    once = tuple(dict.fromkeys(tickers))
    if len(once) > MAX_TICKERS:
        raise WatchlistError(f"A list has at most {MAX_TICKERS} markets, not {len(once):,}.")
    return once


# CSV


@dataclass(frozen=True)
class Imported:
    """What a pasted text says: tickers in order, cells that are none, and what was not read at all."""

    tickers: tuple[str, ...]
    unreadable: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


def read_csv(text: str) -> Imported:
    """Read tickers out of CSV, or out of plain lines.

    They stand in the column headed ``ticker``, else in the first one of every line, or side by side on one line.
    Nothing is left out silently: what is no ticker is in `unreadable`, a cut in `notes`.
    """
    notes = []
    if len(text) > MAX_CSV_CHARACTERS:
        notes.append(f"only the first {MAX_CSV_CHARACTERS:,} characters were read")
        text = text[:MAX_CSV_CHARACTERS].rpartition("\n")[0] or text[:MAX_CSV_CHARACTERS]
    text = text.removeprefix("\ufeff")
    rows = list(_rows(text))
    if len(rows) > MAX_CSV_LINES:
        notes.append(f"only the first {MAX_CSV_LINES:,} of {len(rows):,} lines were read")
        rows = rows[:MAX_CSV_LINES]
    cells = _cells(rows)
    tickers: list[str] = []
    unreadable: list[str] = []
    for cell in cells:
        said = cell.strip().lstrip("'")
        if not said:
            continue
        (tickers if TICKER.fullmatch(said) else unreadable).append(said[:60])
    return Imported(tuple(dict.fromkeys(tickers)), tuple(dict.fromkeys(unreadable)), tuple(notes))


def _rows(text: str) -> Iterable[list[str]]:
    delimiter = next((mark for mark in ("\t", ";", ",") if mark in text.partition("\n")[0]), ",")
    try:
        yield from (row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(row))
    except csv.Error:
        # A quote that never ends, or a NUL: lines alone are still lines.
        yield from ([line] for line in text.splitlines() if line.strip())


def _cells(rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return []
    heads = [head.strip().casefold() for head in rows[0]]
    if "ticker" in heads:
        place = heads.index("ticker")
        return [row[place] for row in rows[1:] if len(row) > place]
    if len(rows) == 1:
        return list(rows[0])
    return [row[0] for row in rows]


def write_csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write rows as CSV; a text that a spreadsheet would take for a formula gets an apostrophe before it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heads)
    for row in rows:
        writer.writerow([_harmless(value) for value in row])
    return out.getvalue()


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else "" if value is None else value
