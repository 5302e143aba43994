"""The page of a link that leads nowhere: it says so, and where to go from here."""

from __future__ import annotations

import panel as pn

from app import url
from components.feedback import CSS, action, face
from components.markup_pane import markup_pane, show
from components.text import join, markup


class MissingPage:
    """Explain that a link names a page there is none of."""

    title = "No such page"

    def __init__(self) -> None:
        self._pane = markup_pane(css=CSS)
        self.view = pn.Column(self._pane, sizing_mode="stretch_width", margin=0, visible=False)

    def open(self) -> None:
        """Come on the screen."""
        said = face(
            "empty",
            "There is no such page",
            "The link may be older or newer than this dashboard, or have lost a piece on its way.",
            action("All markets", url.link("markets")),
        )
        show(self._pane, join([markup('<h1 class="ka-heard">{title}</h1>', title=self.title), said]))
        self.view.visible = True

    def close(self) -> None:
        """Leave the screen."""
        self.view.visible = False

    def data_arrived(self) -> None:
        """Nothing here depends on data."""

    def poll(self) -> None:
        """Nothing here depends on time."""
