"""Status: how fresh, how large, how fast, and what went wrong, from the program's own books."""

from __future__ import annotations

from typing import Any

from app import link_words
from app.models.freshness import Freshness
from app.models.status import StatusModel
from app.models.status_exports import Exchange
from app.pages import status_backfill
from app.pages import status_parts as parts
from app.pages.base import PageView
from components import cards, document, formatting, listing
from components.cards import Fact
from components.feedback import CSS as FEEDBACK_CSS
from components.feedback import action, face
from components.markup_pane import markup_pane, show
from components.text import Markup, join, markup


class StatusPage(PageView):
    """Show the books in one column of parts; only a part that changed is sent again."""

    model: StatusModel

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        return f"{_words(self.state.document)} · Status" if self.state.document else "Status"

    def _build(self) -> list[Any]:
        self.head = markup_pane(css=cards.CSS, margin=(0, 0, 14, 0))
        self.said = markup_pane(css=FEEDBACK_CSS, margin=(0, 0, 14, 0))
        names = ("conditions", "kinds", "tables", "exchange", "rejects", "damaged", "queries", "refreshes", "process")
        self.parts = {name: markup_pane(css=listing.CSS) for name in names}
        self.text = markup_pane(css=document.CSS)
        self.job = status_backfill.card(self.model)
        panes = list(self.parts.values())
        place = names.index("tables") + 1
        return [self.head, self.said, *panes[:place], self.job, *panes[place:], self.text]

    def panels(self) -> dict[str, Any]:
        """Return the parts that can stand alone; what stands side by side goes together."""
        together = {"slow": "queries", "settings": "process", "releases": "process", "process": "exchange"}
        return {"lake": self.head, **self.parts} | {key: self.parts[part] for key, part in together.items()}

    def poll(self) -> None:
        """Ask again: figures of the client, memory and ages change without new data."""
        self.model.poll()

    def _link(self, name: str, label: str) -> Markup:
        return action(label, self.link("status", document=name))

    def _update(self) -> None:
        if self.state.document:
            self._show_document()
            return
        model = self.model
        show(self.text, Markup())
        status_backfill.update(self.job, self.model)
        self.job.sought = self.state.status_part == "backfill"
        show(self.head, self._heading(model.freshness))
        show(self.said, self._face())
        for name, pane in self.parts.items():
            show(pane, self._part(name, model.exchange) if model.exchange is not None else Markup())

    def _part(self, name: str, exchange: Exchange) -> Markup:
        model, now, say = self.model, self.model.now, self.moment
        match name:
            case "exchange":
                pair = [parts.exchange(exchange, now, say), parts.process(model)]
                return markup('<div class="columns">{both}</div>', both=join(pair))
            case "process":
                link = self._link("operations", "How to operate it")
                pair = [parts.settings(model.settings, link), parts.releases(model.releases)]
                return markup('<div class="columns">{both}</div>', both=join(pair))
        if not model.stored or not model.tables:
            return Markup()
        match name:
            case "damaged":
                return parts.damage(model.damaged, now, say)
            case "conditions":
                return parts.conditions(model.conditions, now, say)
            case "kinds":
                return parts.kinds(model.kinds, now, say)
            case "tables":
                return parts.tables(model.tables, now, say, self._link("data-dictionary", "What the columns mean"))
            case "rejects":
                total = sum(row["rows"] for row in model.tables if row["table"] == "rejects")
                return parts.rejects(model.rejects, total, now, say)
            case "queries":
                return parts.queries(model.queries, model.slow, say)
        return parts.refreshes(model.refreshes, say)

    def _heading(self, fresh: Freshness | None) -> Markup:
        title = markup("<h1>Status</h1>")
        if fresh is None:
            return title
        model, now, info = self.model, self.model.now, fresh.info
        facts = [
            Fact(
                "Data received",
                formatting.age(info.as_of if info else None, now),
                self.moment(info.as_of) if info and info.as_of else "nothing is stored",
                "When the whole open universe was last received",
                "amber" if fresh.tone in {"stale", "none"} else "",
            ),
            Fact("Newest quote", formatting.age(info.quotes_as_of if info else None, now), "", "In any open market"),
            Fact("Open markets", f"{info.open_markets:,}" if info else formatting.ABSENT, _source(fresh)),
            Fact(
                "Snapshot",
                f"{info.snapshot_id:,}" if info else formatting.ABSENT,
                "this process writes" if fresh.progress.writes else "this process reads",
                "Number of the last commit; grows with every refresh",
            ),
            Fact(
                "Rows refused",
                f"{info.rejected:,}" if info else formatting.ABSENT,
                "kept with their reasons",
                "Rows that could not be believed",
                "amber" if info and info.rejected else "",
            ),
            Fact("Conditions", f"{len(model.conditions)}", "stand now", "", "amber" if model.conditions else ""),
            Fact("Sessions", f"{model.sessions:,}", "open in this process"),
            Fact("Memory", formatting.byte_size(model.memory_bytes), "resident"),
        ]
        return join([title, cards.facts(facts, label="Status in short", info_key="lake")])

    def _face(self) -> Markup:
        model = self.model
        if model.lake_problem:
            if model.tables:
                reason = f"{model.lake_problem} The tables below are what was last read."
                return face("stale", "The stored data cannot be read", reason)
            return face("error", "The stored data cannot be read", model.lake_problem)
        if not model.stored:
            return face(
                "loading",
                "Nothing is stored yet",
                "The tables appear with the first refresh. What the process does meanwhile stands below.",
            )
        return Markup()

    def _show_document(self) -> None:
        self.job.visible = False
        for pane in (self.said, *self.parts.values()):
            show(pane, Markup())
        way = cards.crumbs([("Status", self.link("status")), (_words(self.state.document), "")])
        others = [self._link(name, _words(name)) for name in link_words.DOCUMENTS if name != self.state.document]
        show(self.head, way)
        show(
            self.said, markup('<nav class="ka-links" aria-label="Documentation">{others}</nav>', others=join(others))
        )
        text = self.model.document()
        missing = face("empty", "This page is not installed", "The documentation comes with the program’s source.")
        show(self.text, document.document(text) if text is not None else missing)


def _words(name: str) -> str:
    return name.replace("-", " ").capitalize()


def _source(fresh: Freshness) -> str:
    return "simulated" if fresh.progress.simulated else fresh.info.source if fresh.info else ""
