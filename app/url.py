"""The codec between a query string and what is on the screen: pure, total, per key.

Any text decodes. A key that is absent has its default; a value that cannot be read falls back to its default and
leaves a note, without touching the other keys. Defaults are left out of links; a link names its page, so that it
stays true when another page becomes the home page. `decode(encode(values)).values == values` for whatever the screen
can show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from app.link_values import UnreadableError
from app.page_keys import DEFAULTS, FILTERED, HOME, MISSING, PAGE_KEYS

#: Longest query string that is read, in characters, and most keys.
MAX_QUERY_CHARACTERS = 2048
MAX_KEYS = 40

_FILTERS = {key.short for key in PAGE_KEYS[FILTERED]} - {key.short for key in PAGE_KEYS[HOME]}

#: Words that addresses carry beside a link: what is taken of the page as a file, how it is framed. No key of
#: a page may be one of them.
BESIDE = frozenset({"table", "format", "embed", "panel", "theme"})


@dataclass(frozen=True)
class Decoded:
    """What a link said: a value for every name of `DEFAULTS`, and what of it could not be read, for a person.

    `given` names the values that stand in the link itself.
    """

    values: dict[str, Any]
    notes: tuple[str, ...] = ()
    given: frozenset[str] = frozenset()


def decode(query: str) -> Decoded:
    """Read a query string, with or without its question mark; never raises."""
    values, notes = dict(DEFAULTS), []
    given: set[str] = set()
    if len(query) > MAX_QUERY_CHARACTERS:
        return Decoded(values, ("The link is too long; everything in it was left out.",))
    pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True, encoding="utf-8", errors="replace")
    raw: dict[str, str] = {}
    for name, value in pairs[:MAX_KEYS]:
        if name in raw and raw[name] != value:
            notes.append(f"“{name}” is given twice; the first counts.")
        raw.setdefault(name, value)
    if len(pairs) > MAX_KEYS:
        notes.append(f"The link has more than {MAX_KEYS} values; the rest was left out.")
    page = raw.pop("page", "") or (FILTERED if raw.keys() & _FILTERS else HOME)
    if page not in PAGE_KEYS:
        return Decoded(values | {"page": MISSING}, (f"There is no page “{page}”.",))
    values["page"] = page
    keys = {key.short: key for key in PAGE_KEYS[page]}
    for short, value in raw.items():
        key = keys.get(short)
        if key is None:
            continue  # somebody else's key (a tracking tag, a newer version's filter): nothing of ours is lost
        try:
            values[key.name] = key.form.read(value)
            given.add(key.name)
        except UnreadableError as problem:
            shown = f"; showing {key.form.write(key.default)}" if key.default else ""
            notes.append(f"“{short}={value}” {problem}{shown}.")
    return Decoded(values, tuple(notes), frozenset(given))


def read(page: str, name: str, raw: str) -> tuple[Any, str]:
    """Read one value as a link of a page would: the value, and why it cannot be read (then the value is None)."""
    key = next(key for key in PAGE_KEYS[page] if key.name == name)
    try:
        return key.form.read(raw), ""
    except UnreadableError as problem:
        return None, str(problem)


def encode(values: Mapping[str, Any]) -> str:
    """Write a query string with its question mark; the bare home page is an empty string.

    Names that are missing count as defaults, names of other pages are ignored.
    """
    page = values.get("page", HOME)
    said = [
        (key.short, key.form.write(values[key.name]))
        for key in PAGE_KEYS.get(page, ())
        if key.name in values and values[key.name] != key.default
    ]
    if page == HOME and not said:
        return ""
    return "?" + urlencode([("page", page), *said])


def link(page: str, **values: Any) -> str:
    """Return a link to a page, relative to wherever the application is mounted; it always begins with ``?``."""
    return encode({"page": page, **values}) or f"?page={page}"


def query_of(arguments: Mapping[str, list[bytes]] | None) -> str:
    """Return the query string of a request's parsed arguments, as a browser would send it back.

    The server framework's own reading turns ``²`` into an error and ``123`` into a number; bytes do neither.
    """
    return urlencode([(name, value) for name, held in (arguments or {}).items() for value in held])
