"""One session: the page frame, the pages in it, and the three ways the world reaches them.

The browser speaks through the router, the process through the hub, and time through one cheap periodic callback that
compares a snapshot's number. Pages are built when they are first opened and kept; off the screen they ask nothing.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import available_timezones

import panel as pn
import param

from app import chrome, page_keys, url, watchlists
from app.alert_news import AlertNews
from app.frame import Frame
from app.models.base import now_utc
from app.models.freshness import look
from app.models.market_drawer import MarketDrawerModel
from app.models.watched import Watched
from app.pages import PAGES
from app.pages.base import PageView, style_of
from app.pages.market_drawer import MarketDrawerView
from app.pages.missing import MissingPage
from app.pause import Pause
from app.presence import has_visitor
from app.search import Search
from app.session_source import SessionSource
from app.state import State
from components.bar_controls import BarControls
from components.market_drawer import ORIGIN
from components.provenance import ProvenancePanel
from components.router import Message, Router
from components.watch_store import WatchStore

#: What makes a new entry in the history when it changes: another page, or another thing on the same page.
_PLACES = frozenset({"page", "ticker", "event", "series_ticker"})

#: Most messages of a browser that wait for the page to be drawn.
MOST_EARLY = 20

#: Most watched markets of one session whose quotes are fetched beside what is on the screen.
WATCHED_MARKETS = 200
#: How often that is said again: less often than what is on screens, which would be crowded out otherwise.
WATCHED_FOR = timedelta(minutes=4)

#: Below this many pixels the rail is a drawer, closed until it is asked for.
PHONE_WIDTH = 600

_ZONES = available_timezones()

#: The cookie that remembers each value of `page_keys.SHARED`.
COOKIES = {"zone": "ka_tz", "unit": "ka_unit", "side": "ka_side", "times": "ka_times"}


class Shell:
    """Everything of one session. `page` is what is served.

    `zone` is the name of the browser's own time zone; `remembered` what the visitor chose last of `SHARED` (unit,
    side, times, time zone shown), for links that say none of it. `panel` shows one part of a page alone.
    """

    def __init__(
        self,
        source: SessionSource,
        query: str = "",
        *,
        dark: bool = False,
        zone: str = "",
        remembered: Mapping[str, str] | None = None,
        narrow: bool = False,
        panel: str = "",
        now: Callable[[], datetime] = now_utc,
    ) -> None:
        self._source, self._now, self._panel = source, now, panel
        self._zone = zone if zone in _ZONES else ""
        self.state = State()
        self._following = self._rail_closed = False
        self._seen: tuple[Any, ...] = ()
        self._pages: dict[str, PageView | MissingPage] = {}
        self._current: PageView | MissingPage | None = None
        self._notes: tuple[str, ...] = ()
        self.router = Router(self._on_browser, dark=dark, phone_width=PHONE_WIDTH)
        self.controls = BarControls(self._on_choose, self._on_refresh, self._on_theme_key, self._on_pause)
        self._pause = Pause(self.controls)
        self.watch_store = WatchStore(
            self._on_watchlists, most_lists=watchlists.MAX_LISTS, most_tickers=watchlists.MAX_TICKERS
        )
        self.watched = Watched(self.watch_store.write)
        self._watched_at = now()
        self.search = Search(source, self.link, self._on_do)
        self.alert_news = AlertNews(source, self.link, self._draw_rail, lambda: style_of(self.state))
        self.provenance = ProvenancePanel(self._on_about, self._on_export)
        drawer = MarketDrawerModel(source, self.state, now)
        self.drawer = MarketDrawerView(drawer, self.state, self._local_zone, self.link)
        parts = (self.router, self.watch_store, self.alert_news.toasts, self.provenance, self.drawer.view)
        self.frame = Frame(self.controls, self.search.palette, parts, dark=dark, narrow=narrow)
        self.page = self.frame.page
        if self._zone:
            self.controls.name_local(self._zone.rsplit("/", 1)[-1].replace("_", " "))
        self.page.param.watch(self._on_theme, ["dark_theme"])
        self.state.param.watch(self._on_state, list(page_keys.DEFAULTS))
        said = url.decode(query)
        self._follow(query, {name: word for name, word in _readable(remembered).items() if name not in said.given})
        self._check()
        source.hub.subscribe(self._on_data)
        self._wait_until_drawn()

    def parts(self) -> list[Any]:
        """Return what stands in the page without its frame, for a host's own page; `page` is not served then.

        What owns a whole tab is left out: the router, the notice of a lost connection, the browser's watchlists and
        alerts, what lies open beside the page. Who takes the router's place says to `hear` what it would say.
        """
        self.state.drawer = ""
        for part in (self.drawer.view, self.router, self.frame.notice, self.watch_store, self.alert_news.toasts):
            self.frame.column.remove(part)
        return [self.frame.badge, self.frame.column]

    # Until the browser has drawn the page, changes could be lost or meet half of it (docs/adr/0056).

    def _wait_until_drawn(self) -> None:
        self._drawn, self._early = pn.state.loaded, list[Message]()
        if not self._drawn:
            # Weakly: a visitor who never connects must not be kept by what waits for him.
            drawn = weakref.WeakMethod(self._on_drawn)
            pn.state.onload(lambda: method() if (method := drawn()) is not None else None)

    def _on_drawn(self) -> None:
        self._drawn, early, self._early = True, self._early, []
        for message in early:
            self._on_browser(message)
        self._check()

    # What the browser says

    def hear(self, message: Message) -> None:
        """Take a message of the browser: see `Router`."""
        self._on_browser(message)

    def _on_browser(self, message: Message) -> None:
        if not self._drawn:
            self._early = [*self._early, message][-MOST_EARLY:]
            return
        kind, search = message.get("kind"), message.get("search")
        if kind == "start":
            self._on_start(message)
        elif kind == "width":
            self._on_width(message.get("width"))
        elif kind in {"click", "pop"} and isinstance(search, str):
            # Going back is no wish for the time zone or the unit of then.
            self._follow(search, self.state.shared() if kind == "pop" else {})
            self._check()

    def _on_start(self, message: Message) -> None:
        zone = message.get("zone")
        if isinstance(zone, str) and zone in _ZONES and zone != self._zone:
            self._zone = zone
            self.controls.name_local(zone.rsplit("/", 1)[-1].replace("_", " "))
            if self.state.zone == "local" and isinstance(self._current, PageView):
                self._current.model.refresh()
        self._on_width(message.get("width"))
        self.router.started = True

    def _on_width(self, width: Any) -> None:
        """Close the rail in a narrow window, where it lies over the page; only one closed so opens again."""
        if not isinstance(width, int | float):
            return
        if width < PHONE_WIDTH:
            self._rail_closed = self._rail_closed or self.page.sidebar_open
            self.page.sidebar_open = False
        elif self._rail_closed:
            self._rail_closed, self.page.sidebar_open = False, True

    def _follow(self, query: str, kept: Mapping[str, str]) -> None:
        """Show what a link says; `kept` wins over what it says of that, and the address is put right then."""
        decoded = url.decode(query)
        rewrite = any(word != decoded.values[name] for name, word in kept.items())
        self._notes = decoded.notes
        self._following = True
        try:
            with pn.io.hold():
                self.state.param.update(**decoded.values | dict(kept))
                self._show()
        finally:
            self._following = False
        if rewrite and self.state.page != page_keys.MISSING:
            self.router.go(url.encode(self.state.link_values()), replace=True)

    def _on_watchlists(self, message: Message) -> None:
        self.watched.hear(message)
        self._watch()

    def _watch(self) -> None:
        """Keep the quotes of watched markets fresh, as far as two calls of the exchange reach."""
        self._watched_at = self._now()
        if tickers := self.watched.shelf.tickers[:WATCHED_MARKETS]:
            self._source.show(list(tickers))

    # What the session does

    def _on_state(self, *events: param.parameterized.Event) -> None:
        """Write what is on the screen into the address: another page, market or event is a new entry.

        So is opening a market beside the page, that going back closes it; the next one there is not.
        """
        moved = any(event.name in _PLACES for event in events)
        if moved:
            self._show()
        if any(event.name in page_keys.SHARED for event in events):
            self._on_shared()
        if self._following or self.state.page == page_keys.MISSING:
            return
        self._notes = ()
        opened = any(event.name == "drawer" and event.new and not event.old for event in events)
        query = url.encode(self.state.link_values())
        self.router.go(query, replace=not (moved or opened), beside=opened and not moved)

    def _on_choose(self, name: str, word: str) -> None:
        self.state.param.update(**{name: word})

    def _on_shared(self) -> None:
        shared = self.state.shared()
        self.controls.param.update(**shared)
        if not self._following:
            self.router.remembered = {COOKIES[name]: word for name, word in shared.items()}
            self.search.offer()
            self._draw_rail()
            self._check()

    def _on_about(self, key: str) -> None:
        if key.startswith(ORIGIN):
            self.provenance.say(self.drawer.about(key))
        elif isinstance(self._current, PageView):
            self.provenance.say(self._current.about(key))

    def _on_export(self) -> None:
        found = self._current.main_file() if isinstance(self._current, PageView) else None
        self.provenance.hand(*(found or ()))

    def _on_pause(self) -> None:
        """Keep what is on the screen as it is, or go on with the newest."""
        if self._pause.on:
            self._pause.end()
            self._check()
        else:
            self._check()
            self._pause.begin(look(self._source, self._now()))

    def _on_asked(self, *_events: param.parameterized.Event) -> None:
        if self._pause.on:
            self._pause.overtake(look(self._source, self._now()))

    def _on_refresh(self) -> None:
        if self._pause.on:
            self._pause.end()
        self._source.refresh_now()
        self._check()

    def _on_do(self, action: str) -> None:
        """Do what was chosen in the palette: one of `app.search.ACTIONS`."""
        name, _, word = action.partition(":")
        if name in page_keys.SHARED:
            self._on_choose(name, word)
        elif name == "refresh":
            self._on_refresh()
        elif name == "theme":
            self._on_theme_key()
        elif name == "pause":
            self._on_pause()

    def _on_theme_key(self) -> None:
        self.page.dark_theme = not self.page.dark_theme

    def _show(self) -> None:
        """Put the state's page on the screen."""
        page = self._page(self.state.page)
        if page is not self._current:
            if self._current is not None:
                self._current.close()
            self._current = page
            page.open()
            self.router.shown += 1
        self._draw_rail()
        self._entitle()

    def _page(self, name: str) -> PageView | MissingPage:
        if name not in self._pages:
            built = self._build(name)
            self._pages[name] = built
            self.frame.column.append(built.view)
        return self._pages[name]

    def _build(self, name: str) -> PageView | MissingPage:
        if name not in PAGES:
            return MissingPage()
        listed = PAGES[name]
        model = listed.model(self._source, self.state, self._now)
        model.meet(self.watched)
        model.param.watch(self._on_asked, ["revision"])
        page = listed.view(model, self.state, self._local_zone, self._entitle)
        page.follow_theme(self.page.dark_theme)
        if self._panel:
            page.show_alone(self._panel)
        return page

    def _local_zone(self) -> str:
        return self._zone

    def _entitle(self) -> None:
        said = self._current.title if self._current is not None else ""
        self.router.entitle(f"{said} · {chrome.NAME}" if said else chrome.NAME)

    def _on_theme(self, event: param.parameterized.Event) -> None:
        self.router.dark = event.new
        for page in self._pages.values():
            if isinstance(page, PageView):
                page.follow_theme(event.new)

    # What the process says

    def _on_data(self) -> None:
        if self._drawn and has_visitor():
            self._check()

    def poll(self) -> None:
        """Compare the snapshot with the one on the screen, and let ages grow; nothing while nobody is connected.

        News that the hub is telling wait for this session's turn: after a long one many polls are due at once.
        """
        if not self._drawn or not has_visitor():
            return
        self._check(in_turn=self._source.hub.telling)
        if self._now() - self._watched_at > WATCHED_FOR:
            self._watch()
        with pn.io.hold():
            self.drawer.model.poll()
        # The Status page asks for everything anew each time, so it waits for the end of a pause.
        if self._current is not None and (not self._pause.on or self.state.page != "status"):
            self._current.poll()

    def _check(self, in_turn: bool = False) -> None:
        now = self._now()
        present = look(self._source, now)
        key = (*present.key, self._source.hub.version)
        if in_turn and key != self._seen:
            return
        with pn.io.hold():
            shown = self._pause.look(present, now)
            self.frame.draw(shown, now, self._notes, self.state, self._zone, self.link("status"))
            self.alert_news.look(reading=self.state.page == "alerts")
            if key != self._seen and not self._pause.on:
                first, self._seen = not self._seen, key
                if self._current is not None and not first:
                    self._current.data_arrived()
                    self.drawer.model.refresh()

    def _draw_rail(self) -> None:
        self.frame.draw_rail(self.state, self.alert_news.unread)

    def link(self, page: str, **values: Any) -> str:
        """Return a link that keeps what links of this session share: unit, side, times, time zone."""
        return url.link(page, **{**self.state.shared(), **values})


def _readable(remembered: Mapping[str, str] | None) -> dict[str, str]:
    """Return what of the visitor's cookies is a choice there is; they may say anything."""
    read = {name: url.read(page_keys.HOME, name, word) for name, word in (remembered or {}).items() if word}
    return {name: word for name, (word, problem) in read.items() if not problem}
