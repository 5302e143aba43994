"""One event: all its outcomes on one chart, what they sum to, and each in a table."""

from __future__ import annotations

from typing import Any

import panel as pn

from app.models.event import PAGE_SIZE, EventModel
from app.pages import event_columns, event_facts, market_terms
from app.pages.base import PageView, failure, waiting
from app.pages.event_chart import EventChart
from components import cards, formatting
from components.feedback import CSS as FEEDBACK_CSS
from components.feedback import action, face
from components.markup_pane import markup_pane, show
from components.tables import PagedTable, row
from components.text import Markup, join


class EventPage(PageView):
    """Show the event the session has open."""

    model: EventModel

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        event = self.model.event
        if event is None:
            return f"{self.state.event} not found" if self.model.unknown and self.state.event else "Event"
        return str(event["title"] or event["event_ticker"])

    def panels(self) -> dict[str, Any]:
        """Return the parts that can stand alone: the chart, and the table under its title."""
        table = pn.Column(self.table_title, self.table, sizing_mode="stretch_width", margin=0)
        return {"chart": self.chart.view, "outcomes": table}

    def _build(self) -> list[Any]:
        self.head = markup_pane(css=cards.CSS, margin=(0, 0, 14, 0))
        self.chart = EventChart(self.model, self.state, self.local_zone)
        self.table_title = markup_pane(css=cards.CSS, margin=(18, 0, 8, 0))
        self.table = PagedTable(
            self._on_page,
            self.model.sort_by,
            label="Outcomes of the event",
            columns=event_columns.columns(self.style),
            size=PAGE_SIZE,
            tall=False,
            starred=True,
        )
        self.nothing = markup_pane(css=FEEDBACK_CSS)
        self.foot = markup_pane(css=cards.CSS, margin=(10, 0, 24, 0))
        return [self.head, self.chart.view, self.table_title, self.table, self.nothing, self.foot]

    def poll(self) -> None:
        """See whether a fetch has come further."""
        self.model.poll()

    def follow_theme(self, dark: bool) -> None:
        """Give the chart the colours of a theme."""
        self.chart.follow_theme(dark)

    def _on_page(self, page: int) -> None:
        self.state.event_page = max(1, min(page, -(-len(self.model.outcomes) // PAGE_SIZE)))

    def _update(self) -> None:
        model, event = self.model, self.model.event
        if event is None:
            self.put(self._absent())
            return
        self.put(None)
        simulated = model.about is not None and model.about.source == "demo"
        elsewhere = "" if simulated else market_terms.kalshi_page(event)
        head = [event_facts.heading(event, model.outcomes, self.link, elsewhere=elsewhere)]
        if model.outcomes:
            head.append(event_facts.facts(model.outcomes, model.totals, model.now, self.times))
            head.append(event_facts.overround(model.book))
        show(self.head, join(head))
        self.chart.view.visible = bool(model.outcomes)
        if model.outcomes:
            self.chart.update()
        self._update_table()
        show(self.foot, event_facts.foot(event, model.outcomes, self.times) if model.outcomes else Markup())

    def _update_table(self) -> None:
        model, state = self.model, self.state
        self.table.visible = bool(model.rows)
        if not model.rows:
            reason = "The exchange lists no market of it at this moment."
            show(self.nothing, face("empty", "No outcome is stored", reason))
            show(self.table_title, Markup())
            return
        show(self.nothing, Markup())
        totals = model.totals
        show(self.table_title, cards.section_title("Outcomes", f"{totals.outcomes:,}", info_key="outcomes"))
        width = max(formatting.row_digits(item) for item in model.rows)
        setting = event_columns.Setting(self.style, width, totals, model.book)
        rows = [
            row(item["ticker"], self.link("market", ticker=item["ticker"]), event_columns.cells(item, setting))
            for item in model.rows
        ]
        self.table.param.update(
            columns=event_columns.columns(self.style),
            sort="" if state.event_sort == "lead" else state.event_sort,
            descending=state.event_direction == "desc",
            paged=totals.outcomes > PAGE_SIZE,
            page=model.page,
            total=totals.outcomes,
            rows=rows,
        )

    def _absent(self) -> Markup:
        model, event = self.model, self.state.event
        back = action("All markets", self.link("markets"))
        if model.empty_lake:
            return waiting()
        if model.looking:
            reason = "It is not among the stored ones. The live exchange is asked first, then the settled history."
            return face("loading", f"Looking for “{event}” on Kalshi", reason, tall=True)
        if not model.unknown:
            return failure(model.problem, model.failing_since)
        if not event:
            return face("empty", "The link names no event", "A link to an event carries its ticker.", back)
        return face(
            "empty",
            f"No event “{event}”",
            f"The exchange and the history of settled markets were asked: {model.missing_reason.rstrip('.')}."
            " It may be misspelt, or never have existed.",
            back,
            action("Search for it", self.link("markets", text=event[:100])),
        )
