"""Method: what each number on the screen means, its formula, source, unit, exclusions, and the SQL behind it."""

from __future__ import annotations

from typing import Any

from app.models.method import MethodModel
from app.pages.base import PageView
from components import cards
from components.feedback import CSS as FEEDBACK_CSS
from components.feedback import action, band
from components.markup_pane import markup_pane, show
from components.reference import Reference, entry
from components.text import Markup, markup


class MethodPage(PageView):
    """Show the measures as a work of reference."""

    model: MethodModel

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        found = [said.measure.title for said in self.model.explanations if said.measure.topic == self.model.topic]
        return f"{found[0]} · Method" if found else "Method"

    def _build(self) -> list[Any]:
        self.head = markup_pane(css=cards.CSS + FEEDBACK_CSS, margin=(0, 0, 12, 0))
        self.unknown = markup_pane(css=FEEDBACK_CSS)
        self.reference = Reference(self._on_query, label="Find a number, formula or column")
        return [self.head, self.unknown, self.reference]

    def _on_query(self, words: str) -> None:
        self.state.method_text = words

    def _update(self) -> None:
        model = self.model
        show(self.head, self._heading())
        show(
            self.unknown,
            band("note", "About this link:", f"There is no topic “{model.unknown}”; below are all.")
            if model.unknown
            else Markup(),
        )
        self.reference.param.update(
            entries=[
                entry(
                    said.measure.topic,
                    said.measure.title,
                    said.measure.group,
                    self.link("method", topic=said.measure.topic),
                    [(text.about, text.parts) for text in said.formulas],
                    said.columns,
                    said.queries,
                    said.measure.aliases,
                )
                for said in model.explanations
            ],
            query=self.state.method_text,
            topic=model.topic,
        )

    def _heading(self) -> Markup:
        return markup(
            '<h1>Method</h1><p class="note">What each number means, as the code that makes it says. '
            "{columns} {news}</p>",
            columns=action("Every stored column", self.link("status", document="data-dictionary")),
            news=action("What’s new", self.link("news")),
        )
