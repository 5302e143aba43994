"""How one value of a link is read and written: words, texts, tickers, numbers, days.

Whatever stands in an address may be an attacker's: `read` of a form takes only what it names and refuses the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

#: Shape of a market's ticker; everything else is refused before it comes near a query.
TICKER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")

#: Shape of a word of ours in a link that only its page knows.
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class UnreadableError(ValueError):
    """A value of a link that cannot be read; the message is for a person."""


@dataclass(frozen=True)
class Form:
    """How a value is read from a link (UnreadableError where it cannot be) and written into one.

    `words` are all there are to choose from, where it is a choice; `most` the largest of whole numbers from 1.
    """

    read: Callable[[str], Any]
    write: Callable[[Any], str] = str
    words: tuple[str, ...] = ()
    most: int = 0


def text(limit: int) -> Form:
    """Return the form of what somebody types, `limit` characters at most."""

    def read(raw: str) -> str:
        # Control characters cannot have been typed; they are left out rather than searched for.
        typed = "".join(c for c in raw if c.isprintable()).strip()
        if len(typed) > limit:
            raise UnreadableError(f"is longer than {limit} characters")
        return typed

    return Form(read)


def choice(*words: str) -> Form:
    """Return the form of one of some words."""

    def read(raw: str) -> str:
        if raw not in words:
            said = f"is none of {', '.join(words)}" if len(words) <= 5 else "is not one of its values"
            raise UnreadableError(said)
        return raw

    return Form(read, words=words)


def natural(most: int) -> Form:
    """Return the form of a whole number from 1 to `most`."""

    def read(raw: str) -> int:
        # `isdigit` alone lets through "²", and `int` alone "1_0" and " 1".
        if not (raw.isascii() and raw.isdigit() and len(raw) <= len(str(most)) and 1 <= int(raw) <= most):
            raise UnreadableError(f"is not a whole number from 1 to {most:,}")
        return int(raw)

    return Form(read, most=most)


def amount(most: int, digits: int = 0) -> Form:
    """Return the form of a bound from 0 to `most` with at most so many decimals; empty for no bound (None)."""
    shape = re.compile(r"\d{1,13}" + (rf"(\.\d{{1,{digits}}})?" if digits else ""), re.ASCII)

    def read(raw: str) -> Decimal | None:
        if not raw:
            return None
        if not shape.fullmatch(raw) or Decimal(raw) > most:
            grid = f"with at most {digits} decimals" if digits else "without decimals"
            raise UnreadableError(f"is not a number from 0 to {most:,} {grid}")
        return Decimal(raw)

    # A bound that has a default is taken away by an empty value.
    return Form(read, lambda value: "" if value is None else f"{value.normalize():f}")


def several(allowed: Callable[[str], bool], most: int, what: str) -> Form:
    """Return the form of a list of different words, by commas; `what` they are is said where it cannot be read."""

    def read(raw: str) -> tuple[str, ...]:
        words = tuple(dict.fromkeys(word for word in raw.split(",") if word))
        if len(words) > most or not all(allowed(word) for word in words):
            raise UnreadableError(f"is not a list of at most {most} {what}")
        return words

    return Form(read, ",".join)


def some_of(words: Iterable[str], what: str) -> Form:
    """Return the form of a list of some of these words."""
    known = tuple(words)
    return several(known.__contains__, len(known), what)


def tickers(most: int, what: str = "tickers") -> Form:
    """Return the form of a list of tickers."""
    return several(lambda word: bool(TICKER.fullmatch(word)), most, what)


def some_or(word: str, words: Iterable[str], what: str) -> Form:
    """Return the form of a list of some of these words, with a word of its own for the empty list."""
    some = some_of(words, what)
    return Form(lambda raw: () if raw == word else some.read(raw), lambda chosen: some.write(chosen) or word)


def _read_ticker(raw: str) -> str:
    if raw and not TICKER.fullmatch(raw):
        raise UnreadableError("is not a ticker")
    return raw


def _read_topic(raw: str) -> str:
    if raw and not (len(raw) <= 40 and SLUG.fullmatch(raw)):
        raise UnreadableError("is not a topic")
    return raw


def _read_day(raw: str) -> date | None:
    if not raw:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", raw, re.ASCII):
            return date.fromisoformat(raw)
    except ValueError:
        pass  # a day that no month has
    raise UnreadableError("is not a day such as 2026-11-22")


#: One ticker, a topic of the Method page, a day; or none, which is empty.
ONE_TICKER = Form(_read_ticker)
TOPIC = Form(_read_topic)
DAY = Form(_read_day)
