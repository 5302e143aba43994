"""What stands around a session's pages: the document with its bar and rail, the badge of freshness, the bands."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import panel as pn
import param
from panel.util import edit_readonly
from panel_material_ui import Page

from app import chrome, page_keys, url
from app.models.freshness import Freshness
from app.progress import Progress
from app.state import State
from components import first_paint
from components.bar_controls import BarControls
from components.connection import ConnectionNotice
from components.feedback import CSS as FEEDBACK_CSS
from components.feedback import action
from components.keyboard import Keyboard
from components.markup_pane import markup_pane, show
from components.saved_views import SavedViews
from components.text import Markup, markup
from components.theme import MATERIAL, PAGE_CSS, RAIL_CSS


class _Quiet(param.Parameterized):
    busy = param.Boolean(default=False, doc="Never true; see `_own_busy`.")


def _own_busy(page: Page) -> None:
    """Free the page from the process-wide `busy`, which would keep it alive for ever and wake it at every callback.

    Only a new reference drops the old watcher; a plain value does not.
    """
    with edit_readonly(page):
        page.busy = _Quiet().param.busy


class Frame:
    """The document of a session. `column` holds the bands, what has no place of its own, and the pages below them."""

    def __init__(
        self, controls: BarControls, palette: Any, parts: Sequence[Any], *, dark: bool = False, narrow: bool = False
    ) -> None:
        self._controls = controls
        self._fetchable: datetime | None = None
        self.notice = ConnectionNotice()
        self.bands = markup_pane(css=FEEDBACK_CSS)
        self.badge = markup_pane(
            css=chrome.CSS, sizing_mode=None, styles={"margin-left": "auto", "align-self": "center", "min-width": "0"}
        )
        self.rail = markup_pane(css=chrome.CSS)
        self.column = pn.Column(
            self.notice,
            self.bands,
            *parts,
            sizing_mode="stretch_width",
            margin=0,
            styles={"padding": "12px calc(16px + var(--ka-beside, 0px)) 0 16px", "max-height": "none"},
        )
        home = url.link(page_keys.HOME)
        name = markup_pane(
            markup('<a class="name" href="{home}">Kalshi<span> Analytics</span></a>', home=home),
            css=chrome.CSS,
            sizing_mode=None,
        )
        self.page = Page(
            main=[self.column],
            sidebar=[self.rail],
            header=[name, palette, self.badge, SavedViews(), controls, Keyboard()],
            sidebar_width=84,
            sidebar_open=not narrow,
            sidebar_resizable=False,
            busy_indicator=None,
            theme_config=MATERIAL,
            dark_theme=dark,
            raw_css=[PAGE_CSS],
            stylesheets=[RAIL_CSS],
            meta_title=chrome.NAME,
            template=first_paint.TEMPLATE,
        )
        _own_busy(self.page)

    def draw_rail(self, state: State, unread: Mapping[str, int]) -> None:
        """Mark the state's page in the rail; `unread` says how much is new on a page."""
        show(self.rail, chrome.rail(state.page, state.shared(), unread))

    def draw(
        self, freshness: Freshness, now: datetime, notes: tuple[str, ...], state: State, local_zone: str, status: str
    ) -> None:
        """Say how fresh the data are and what is wrong; `status` is the link to the Status page."""
        zone = state.zone
        show(self.badge, chrome.badge(freshness, now, zone, local_zone, status))
        more = Markup() if state.page == "status" else action("Status", status)
        show(self.bands, chrome.bands(freshness, now, notes, zone, local_zone, more))
        self._draw_refresh(freshness.progress, now)

    def _draw_refresh(self, progress: Progress, now: datetime) -> None:
        """Say whether fetching can be asked for; the browser counts the seconds down by itself."""
        self._controls.param.update(busy=chrome.crawling(progress), reader=not progress.writes)
        if progress.refresh_after != self._fetchable:
            self._fetchable = progress.refresh_after
            left = (self._fetchable - now).total_seconds() if self._fetchable is not None else 0.0
            self._controls.wait_for(math.ceil(left))
