"""The palette of one session: asked in the browser, answered by a worker, so that nobody else waits for a search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app import page_keys
from app.aside import Aside
from app.models.base import Source
from app.models.search import Found, Hit, SearchModel
from app.pages import PAGES
from components import formatting, palette
from components.palette import Palette
from components.quoting import SIDES, UNITS
from components.timing import TIMES

#: Kinds in words, in the plural, as the palette names its groups.
KINDS = {
    "page": "Pages",
    "action": "Actions",
    "category": "Categories",
    "tag": "Tags",
    "series": "Series",
    "event": "Events",
    "market": "Markets",
}

#: What can be done from anywhere: title, the word of the action, what else it is called. ``here:`` is the browser's.
ACTIONS = (
    ("Switch between light and dark", "theme", "theme mode colours night day"),
    *(
        (f"Show {about[0].lower()}{about[1:]}", f"unit:{word}", f"units {name}")
        for word, (_, name, about) in UNITS.items()
    ),
    *((f"Show the {name} side", f"side:{word}", "flip units") for word, name in SIDES.items()),
    *((f"Show {name} times", f"times:{word}", about) for word, (name, about) in TIMES.items()),
    ("Show times in Eastern Time", "zone:et", "time zone new york et"),
    ("Show times in UTC", "zone:utc", "time zone gmt"),
    ("Show times in local time", "zone:local", "time zone my own"),
    ("Pause, or go on with the newest", "pause", "hold freeze still resume live"),
    ("Fetch the open markets now", "refresh", "refresh reload update"),
    ("Export this list as CSV", "here:export", "download save file spreadsheet"),
    ("Copy the link of this view", "here:copy-link", "share url address"),
    ("Save this view", "here:save-view", "bookmark keep name"),
    ("Saved views", "here:views", "bookmarks rename delete order"),
    ("Keyboard shortcuts", "here:help", "keys help shortcuts"),
)
#: Other names of pages.
_ALSO = {
    "pulse": "home overview",
    "movers": "gainers losers change surges",
    "markets": "screener list all",
    "series": "explorer families tags subseries",
    "compare": "side by side overlay chart several",
    "watchlists": "favourites stars my",
    "method": "formulas definitions help documentation",
    "status": "freshness data health log storage backfill",
}


def commands(link: Callable[..., str]) -> list[Hit]:
    """Return all pages of the rail and all actions."""
    pages = [
        Hit("page", listed.name, href=link(slug), also=f"{slug} {_ALSO.get(slug, '')}")
        for slug, listed in PAGES.items()
        if listed.name
    ]
    return pages + [Hit("action", title, action=action, also=also) for title, action, also in ACTIONS]


class Search:
    """The palette of one session."""

    def __init__(self, source: Source, link: Callable[..., str], on_do: Callable[[str], None]) -> None:
        self._link = link
        self._model = SearchModel(source, link, commands(link))
        self.palette = Palette(
            self._on_ask,
            on_do,
            kept=[page_keys.KEYS[name].short for name in page_keys.SHARED],
        )
        self._aside: Aside[tuple[str, int], tuple[list[dict[str, Any]], str]] = Aside(
            lambda asked: self._answer(asked[0]),
            self._show,
            ([], "The search failed; the log of the server says why."),
        )
        self.offer()

    def offer(self) -> None:
        """Offer pages and actions anew: their links say what the session's links share."""
        offered = commands(self._link)
        self._model.command(offered)
        self.palette.start = [
            palette.group(KINDS[kind], [_option(hit) for hit in offered if hit.kind == kind])
            for kind in ("page", "action")
        ]

    def _on_ask(self, text: str, serial: int) -> None:
        self._aside.ask((text, serial))

    def _show(self, asked: tuple[str, int], answer: tuple[list[dict[str, Any]], str]) -> None:
        self.palette.answer(asked[1], *answer)

    def _answer(self, text: str) -> tuple[list[dict[str, Any]], str]:
        """Return the groups of the palette for a text, and why there are none. Runs on any thread."""
        found = self._model.find(text)
        groups = [palette.group(KINDS[kind], [_option(hit, found) for hit in hits]) for kind, hits in found.kinds]
        note = found.problem
        if not groups and not note:
            note = (
                f"Nothing is called “{text}”. Looked for in the names, outcomes and tickers of markets, events and "
                "series, in tags, categories, pages and actions, with letters missing, wrong or swapped allowed for."
            )
        elif found.listable:
            every = palette.option(f"List the markets with “{text}”", href=self._link("markets", text=text))
            groups.append(palette.group("More", [every]))
        return groups, note


def _option(hit: Hit, found: Found | None = None) -> dict[str, Any]:
    marks = found.marks if found is not None else None
    return palette.option(hit.title, hit.detail, figure=_figure(hit), href=hit.href, action=hit.action, marks=marks)


def _figure(hit: Hit) -> str:
    if hit.kind == "tag":
        return f"{hit.members:,} series"
    if hit.kind not in {"market", "event", "series", "category"}:
        return ""
    volume = "not open" if hit.volume is None else f"{formatting.count(hit.volume)} in 24 h"
    if hit.kind in {"event", "series", "category"}:
        return f"{hit.members:,} {'market' if hit.members == 1 else 'markets'} · {volume}"
    return volume
