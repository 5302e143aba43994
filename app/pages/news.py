"""What's new: the changelog in the words of its authors."""

from __future__ import annotations

from typing import Any

from app.models.news import NewsModel
from app.pages.base import PageView
from components import cards, document
from components.feedback import CSS as FEEDBACK_CSS
from components.feedback import action, face
from components.markup_pane import markup_pane, show
from components.text import markup


class NewsPage(PageView):
    """Show the changelog as a document."""

    model: NewsModel

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        return "What’s new"

    def _build(self) -> list[Any]:
        self.head = markup_pane(css=cards.CSS + FEEDBACK_CSS, margin=(0, 0, 12, 0))
        self.text = markup_pane(css=document.CSS + FEEDBACK_CSS)
        return [self.head, self.text]

    def _update(self) -> None:
        show(
            self.head,
            markup(
                '<h1>What’s new</h1><p class="note">This is release {release}. {method}</p>',
                release=self.model.release,
                method=action("What each number means", self.link("method")),
            ),
        )
        said = self.model.text
        missing = face("empty", "No changelog is installed", "It comes with the program; this installation lacks it.")
        show(self.text, missing if said is None else document.document(said))
