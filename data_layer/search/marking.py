"""Where a text matches what was typed: the letters to be marked on the screen."""

from __future__ import annotations

import re
import unicodedata

from data_layer.search.index import ONE_EDIT_FROM, TWO_EDITS_FROM

_WORD = re.compile(r"[^\W_]+")


def marks(text: str, words: list[str]) -> list[tuple[int, int]]:
    """Return (start, end) of what matches one of the folded `words` (see `words_of`), in order.

    The beginning of a word that was typed exactly, or a whole word that was misspelt.
    """
    return [span for found in _WORD.finditer(text) if (span := _span(found, words))]


def _span(found: re.Match[str], words: list[str]) -> tuple[int, int] | None:
    own, start, end = _folded(found.group()), found.start(), found.end()
    typed = max((word for word in words if own.startswith(word)), key=len, default="")
    if typed:
        return start, min(end, start + len(typed))
    return (start, end) if any(_near(word, own) for word in words) else None


def _folded(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c)).lower()


def _near(typed: str, own: str) -> bool:
    """Whether a misspelt word means this one, or the beginning of this one."""
    most = 2 if len(typed) >= TWO_EDITS_FROM else 1 if len(typed) >= ONE_EDIT_FROM - 1 else 0
    if not most or len(own) < len(typed) - most or len(set(typed) - set(own)) > most:
        return False
    before: list[int] = []
    last = list(range(len(own) + 1))
    for i, letter in enumerate(typed, 1):
        row = [i]
        for j, other in enumerate(own, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == own[j - 2] and typed[i - 2] == other:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        before, last = last, row
    return min(last) <= most
