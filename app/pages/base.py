"""What every page is: a model, a view built once, a title, and a way to change what it shows in place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import panel as pn

from app import url
from app.models.base import PageModel
from app.pages import about
from app.state import State
from components import formatting
from components.feedback import CSS as FEEDBACK_CSS
from components.feedback import face
from components.markup_pane import markup_pane, show
from components.quoting import PriceStyle
from components.text import Markup, join, markup
from components.timing import TimeStyle

#: Keeps text from running over the whole of a wide screen, and phones from scrolling sideways.
#: The framework holds everything to the height of the window; what is taller would lie over what follows it: see
#: docs/adr/0090.
PAGE_STYLE = {
    "max-width": "1600px",
    "max-height": "none",
    "margin": "0 auto",
    "width": "100%",
    "box-sizing": "border-box",
}


def style_of(state: State) -> PriceStyle:
    """Return how chances and prices are said, as a session's state has it."""
    return PriceStyle(state.unit, state.side)


def times_of(state: State, local_zone: str) -> TimeStyle:
    """Return how times are said, as a session's state has it; `local_zone` is the browser's own (IANA)."""
    return TimeStyle(state.times, state.zone, local_zone)


class PageView:
    """One page of one session. Subclasses build its parts once and change them in `_update`.

    `retitled` is called when the page's title changed.
    """

    #: Whether the page's parts hold its heading; where not, one stands there for those who listen to the page.
    headed = True

    def __init__(
        self, model: PageModel, state: State, local_zone: Callable[[], str], retitled: Callable[[], None]
    ) -> None:
        self.model, self.state = model, state
        self.local_zone, self._retitled = local_zone, retitled
        self.face = markup_pane(css=FEEDBACK_CSS)
        self.body = pn.Column(*self._build(), sizing_mode="stretch_width", margin=0)
        self.view = pn.Column(
            self.face, self.body, sizing_mode="stretch_width", margin=0, styles=PAGE_STYLE, visible=False
        )
        model.param.watch(self._on_revision, ["revision"])

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        return ""

    def open(self) -> None:
        """Come on the screen."""
        self.view.visible = True
        self.model.active = True

    def close(self) -> None:
        """Leave the screen; nothing is asked any more."""
        self.model.active = False
        self.view.visible = False

    def data_arrived(self) -> None:
        """Ask again, because the process has newer data."""
        self.model.refresh()

    def follow_theme(self, dark: bool) -> None:
        """Give the charts the colours of a theme; a page without charts has nothing to do."""

    def poll(self) -> None:
        """Time passed: called every few seconds while the page is on the screen."""

    def about(self, key: str) -> dict[str, Any]:
        """Return what the "i" of one of the model's `exports` says."""
        said = self.model.provenance(key)
        if said is None:
            return about.nothing_yet(key)
        return about.words(said, self.model.present(), self.moment, self.model.file_values(), self.link)

    def main_file(self) -> tuple[str, str] | None:
        """Return title and address of the page's first table as CSV; None where there is none."""
        key, values = next(iter(self.model.exports), ""), self.model.file_values()
        if not key or values is None:
            return None
        return self.model.exports[key].title, about.export_link(key, "csv", values)

    def panels(self) -> dict[str, Any]:
        """Return the parts that can stand alone in a frame, by the word of ``panel=``: that of their export."""
        return {}

    def show_alone(self, panel: str) -> None:
        """Show one of the `panels` and nothing else of the page; a word that names none leaves the page whole.

        Call it before the page is drawn.
        """
        part = self.panels().get(panel)
        if part is not None:
            self.body[:] = [part]

    def menu(self, key: str, subject: str) -> dict[str, Any]:
        """Return what a chart's menu needs: `chart.param.update(**self.menu("movers", "What moved"))`."""
        return about.menu(self.model, key, subject, self.moment, self.state.link_values())

    def link(self, page: str, **values: Any) -> str:
        """Return a link that keeps what links of this session share: unit, side, times, time zone."""
        return url.link(page, **{**self.state.shared(), **values})

    @property
    def style(self) -> PriceStyle:
        """How chances and prices are said at this moment."""
        return style_of(self.state)

    @property
    def times(self) -> TimeStyle:
        """How times are said at this moment."""
        return times_of(self.state, self.local_zone())

    def moment(self, value: datetime | None) -> str:
        """Return a moment in full, in the chosen time zone: what tooltips and notes say."""
        return self.times.moment(value)

    def _build(self) -> list[Any]:
        """Make the parts of the page, in order."""
        raise NotImplementedError

    def _update(self) -> None:
        """Change the parts to what the model says now."""
        raise NotImplementedError

    def _on_revision(self, *_events: Any) -> None:
        with pn.io.hold():
            self._update()
        self._retitled()

    def put(self, face_markup: Markup | None) -> None:
        """Show a face in place of the page's parts, or the parts again with None.

        HTML panes are emptied, never hidden: one that is made visible before it was drawn breaks the whole patch.
        """
        # With a face the page's parts are gone, and the heading that is among them.
        unheaded = face_markup is not None or not self.headed
        heading = (
            markup('<h1 class="ka-heard">{title}</h1>', title=self.title) if unheaded and self.title else Markup()
        )
        show(self.face, join([heading, face_markup if face_markup is not None else Markup()]))
        self.body.visible = face_markup is None

    def unanswered(self) -> Markup:
        """Return the face of a page whose question has no answer: nothing is stored yet, or it failed."""
        return waiting() if self.model.empty_lake else failure(self.model.problem, self.model.failing_since)


def waiting() -> Markup:
    """Return the face of a page that waits for the first data."""
    return face(
        "loading",
        "Fetching the exchange for the first time",
        "The list appears by itself as soon as it is complete. How far it is stands above.",
    )


def failure(problem: str, since: datetime | None) -> Markup:
    """Return the face of a page whose question failed and that has nothing older to show."""
    when = f", since {formatting.moment(since)}" if since else ""
    return face("error", "The question could not be answered", f"{problem}{when}. It is asked again by itself.")
