"""Series as cards: each a link with its figures, and links to the pages before and after. Values in, Markup out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from components.text import Markup, join, markup

NOTHING = Markup()


@dataclass(frozen=True)
class Card:
    """One card: where it leads (must begin with ``?``), title, ticker, a quiet line, and figures (label, value)."""

    href: str
    title: object
    ticker: str
    line: object
    figures: Sequence[tuple[str, str]]


def cards(items: Sequence[Card], *, label: str) -> Markup:
    """Return cards in a grid; `label` names it for screen readers."""
    made = [_card(item) for item in items if item.href.startswith("?")]
    return markup('<nav class="cards" aria-label="{label}">{made}</nav>', label=label, made=join(made))


def _card(item: Card) -> Markup:
    figures = [
        markup("<div><dt>{label}</dt><dd>{value}</dd></div>", label=label, value=value)
        for label, value in item.figures
    ]
    return markup(
        '<a class="card" href="{href:2048}" title="{title}"><b><bdi>{title}</bdi></b><code>{ticker}</code>'
        '<span class="tags"><bdi>{line}</bdi></span><dl>{figures}</dl></a>',
        href=item.href,
        title=item.title,
        ticker=item.ticker,
        line=item.line,
        figures=join(figures),
    )


def turning(said: str, before: str, after: str) -> Markup:
    """Return which part of a list is shown and links to its neighbours; an empty address gives no link."""
    links = [
        markup('<a href="{href:2048}">{label}</a>', href=href, label=label)
        for href, label in ((before, "‹ Previous"), (after, "Next ›"))
        if href.startswith("?")
    ]
    return markup('<div class="turn"><span>{said}</span>{links}</div>', said=said, links=join(links))


CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
