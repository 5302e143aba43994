"""The screener: every market that passes the filters, one page of rows at a time."""

from __future__ import annotations

from typing import Any

import panel as pn

from app import url
from app.models import market_choice
from app.models.list_model import PAGE_SIZE
from app.models.markets import MarketsModel
from app.pages import doings, markets_columns, markets_filters, markets_presets
from app.pages.list_page import ListPage
from app.pages.markets_columns import Setting
from components import formatting
from components.feedback import CSS as FEEDBACK_CSS
from components.feedback import action, face
from components.filter_bar import FilterBar
from components.markup_pane import markup_pane, show
from components.tables import PagedTable, row
from components.text import Markup


class MarketsPage(ListPage):
    """List markets; what a visitor types, sorts and turns goes to the session's state."""

    model: MarketsModel
    headed = False

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        return f"“{self.state.text}” · Markets" if self.state.text else "Markets"

    def _build(self) -> list[Any]:
        self.filters = FilterBar(
            self._on_filter,
            self._on_remove,
            self._on_suggest,
            label="Filters of the list of markets",
            margin=(0, 0, 8, 0),
            fields=markets_filters.FIELDS,
        )
        self.table = PagedTable(
            self._on_page,
            self.model.sort_by,
            self.model.break_ties_by,
            label="Open markets",
            columns=markets_columns.shown(self._columns(), self.style),
            size=PAGE_SIZE,
            starred=True,
        )
        self.nothing = markup_pane(css=FEEDBACK_CSS)
        return [self.filters, self.table, self.nothing]

    def panels(self) -> dict[str, Any]:
        """Return the list without its filters."""
        return {"markets": pn.Column(self.table, self.nothing, sizing_mode="stretch_width", margin=0)}

    def _columns(self) -> tuple[str, ...]:
        return markets_columns.chosen(self.state.columns, self.state.own_columns)

    # What the visitor does

    def _on_filter(self, key: str, raw: str) -> None:
        if key == "sort":
            if raw != self.state.sort and raw in dict(markets_filters.PHONE_SORTS):
                self.model.sort_by(raw)
            return
        value, readable = self._read(key, raw[:100] if key == "text" else raw)
        if not readable:
            return
        if key == "own_columns":
            self.model.choose(own_columns=markets_columns.picked(value, self._columns()[1:], self.state.columns))
        elif key == "columns":
            self.model.choose(columns=value, own_columns=())
        elif key == "series":
            self.model.add_series(*value[:1])
        elif value != getattr(self.state, key):
            self.model.choose(**{key: value})

    # What the model says

    def _update(self) -> None:
        model, state = self.model, self.state
        answer = model.answer
        if answer is None:
            self.put(self.unanswered())
            return
        self.put(None)
        self._offer_categories()
        active = market_choice.active(state.link_values())
        self.filters.param.update(
            values=markets_filters.values(state) | {"alert": self._alert()},
            presets=markets_presets.links(state, self.link),
            count=f"{answer.total:,} {'market' if answer.total == 1 else 'markets'}",
            note="; ".join([*answer.notes, *markets_filters.own_units(self.style)]),
        )
        self.filters.say(markets_filters.chips(state, active))
        items, columns = answer.rows(), self._columns()
        width = max((formatting.row_digits(item) for item in items), default=0)
        setting = Setting(model.now, width, self.style, self.times)
        rows = [
            row(
                str(item["ticker"]),
                self.link("market", ticker=item["ticker"]),
                markets_columns.cells(columns, item, setting),
            )
            for item in items
        ]
        self.table.param.update(
            columns=markets_columns.shown(columns, self.style),
            dense=state.density == "dense",
            sort=state.sort,
            descending=state.direction == "desc",
            ties=list(state.ties),
            page=model.page,
            total=answer.total,
            rows=rows,
        )
        self.table.visible = bool(rows)
        show(self.nothing, Markup() if rows else self._nothing(active))

    def _alert(self) -> str:
        _, _, href, _ = doings.of_markets(self.state.link_values(), self.link)
        return href

    def _nothing(self, active: list[str]) -> Markup:
        """Say why no market is left, and offer the one step that brings back the most."""
        if not active:
            return face("empty", "No market is open", "The exchange lists none at this moment.")
        everything = action("Clear all filters", url.link("markets", **self.model.without(*active)))
        if self.model.tightest is None:
            return face("empty", "Nothing left", "No market passes, whichever of the filters goes alone.", everything)
        name, count = self.model.tightest
        said = markets_filters.words(name, getattr(self.state, name))
        step = f"Remove it ({count:,} {'market' if count == 1 else 'markets'})"
        one = action(step, url.link("markets", **self.model.without(name)))
        return face(
            "empty", "Nothing left", f"The tightest filter is {said}.", one, *([everything] if active[1:] else [])
        )
