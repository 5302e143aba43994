"""The palette of one session: asked in the browser, answered by a worker, so that nobody else waits for a search."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import panel as pn

from app import url
from app.models.base import Source
from app.models.search import Found, Hit, SearchModel
from app.pages import PAGES
from components import formatting, palette
from components.palette import Palette
from components.quoting import SIDES, UNITS
from components.timing import TIMES

_LOG = logging.getLogger(__name__)

#: Searches of the whole process that run at a time; they hold no lock of Python's for most of their time.
_WORKERS = ThreadPoolExecutor(2, thread_name_prefix="search")

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
    """The palette of one session. One question is under way at a time; of those that wait only the newest counts."""

    def __init__(self, source: Source, link: Callable[..., str], on_do: Callable[[str], None]) -> None:
        self._link = link
        self._model = SearchModel(source, link, commands(link))
        self.palette = Palette(
            self._on_ask, on_do, kept=[key.short for key in url.PAGE_KEYS[url.HOME] if key.name in url.SHARED]
        )
        self._busy, self._waiting = False, ("", 0)
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
        if self._busy:
            self._waiting = (text, serial)
            return
        document = pn.state.curdoc
        if document is None or document.session_context is None:
            self._show(serial, *self._answer(text))
            return
        self._busy = True

        def work() -> None:
            try:
                answer = self._answer(text)
            except Exception:  # noqa: BLE001 - whatever it is, the palette must not wait for ever
                _LOG.exception("a search failed")
                answer = [], "The search failed; the log of the server says why."
            document.add_next_tick_callback(lambda: self._done(serial, *answer))

        _WORKERS.submit(work)

    def _done(self, serial: int, groups: list[dict[str, Any]], note: str) -> None:
        self._busy = False
        self._show(serial, groups, note)
        (text, waiting), self._waiting = self._waiting, ("", 0)
        if text:
            self._on_ask(text, waiting)

    def _show(self, serial: int, groups: list[dict[str, Any]], note: str) -> None:
        self.palette.answer(serial, groups, note)

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
    volume = (
        f"{formatting.count(hit.volume or 0)} in 24 h"
        if hit.kind in {"market", "event", "series", "category"}
        else ""
    )
    if hit.kind in {"event", "series", "category"}:
        return f"{hit.members:,} {'market' if hit.members == 1 else 'markets'} · {volume}"
    return volume
