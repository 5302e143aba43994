"""How far a chance can be trusted, wherever one is shown: five words by the spread of the quote, and a mark for each.

The mark is a disc behind the number, fuller the better the quote: tight is full, none is empty. CSS draws it from the
attribute ``data-quality``; the word stands in the tooltip, and in what a screen reader says.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Quality:
    """One word: how it is written alone, as a tag, and what it means; `tone` is amber where little can be trusted."""

    label: str
    tag: str
    meaning: str
    tone: str = ""


#: By the words of the list of markets, best first.
QUALITIES = {
    "tight": Quality("tight", "tight quote", "Spread of at most 2¢"),
    "ok": Quality("OK", "OK quote", "Spread of at most 10¢"),
    "wide": Quality("wide", "wide quote", "Spread above 10¢: the middle says little", "amber"),
    "one-sided": Quality("one-sided", "one-sided quote", "Only a bid, or only an ask", "amber"),
    "none": Quality("none", "no quote", "Nobody bids or asks, or the market does not trade", "muted"),
}


def quality(word: str | None) -> Quality:
    """Return what is said of a quality; a word that is not known, or none, is no quote."""
    return QUALITIES.get(word or "none", QUALITIES["none"])


def flag(word: str | None) -> str:
    """Return the word that draws the mark of a quality."""
    return word if word in QUALITIES else "none"


def about(word: str | None) -> str:
    """Return the tooltip of a chance: ``Wide quote: spread above 10¢: …``."""
    said = quality(word)
    return f"{said.tag[:1].upper()}{said.tag[1:]}: {said.meaning[:1].lower()}{said.meaning[1:]}"


CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
