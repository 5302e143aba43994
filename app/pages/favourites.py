"""Favourites: sides that cost much and pay a little more if they win, net of fees; and what one loss takes."""

from __future__ import annotations

from typing import Any

from app import page_keys, url
from app.models.favourites import FILTERS, FavouritesModel
from app.models.list_model import PAGE_SIZE
from app.pages import favourites_columns, favourites_filters
from app.pages.favourites_columns import Setting, exact_cost, losses
from app.pages.list_page import ListPage
from components import formatting
from components.feedback import CSS as FEEDBACK_CSS
from components.feedback import action, face
from components.filter_bar import FilterBar
from components.markup_pane import markup_pane, show
from components.quoting import SIDES, PriceStyle
from components.tables import PagedTable, row
from components.text import Markup, markup

_ABOUT = (
    "The price is what the market believes. A favourite that loses takes all that was paid; returns are those of a"
    " win, net of the taker’s fee."
)
_CSS = """
.about { font: 13px/1.5 var(--ka-font); color: var(--ka-muted); margin: 0 0 10px; max-width: 1100px; }
.about b { font-weight: 500; color: var(--ka-text); }
h1 { font: 500 20px/1.3 var(--ka-font); margin: 2px 0 4px; color: var(--ka-text); }
"""


class FavouritesPage(ListPage):
    """List favourites; what a visitor types, sorts and turns goes to the session's state."""

    model: FavouritesModel

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        return "Favourites"

    def _build(self) -> list[Any]:
        self.head = markup_pane(self._head(None), css=_CSS)
        self.filters = FilterBar(
            self._on_filter,
            self._on_remove,
            label="Filters of the list of favourites",
            margin=(0, 0, 8, 0),
            fields=favourites_filters.FIELDS,
        )
        self.table = PagedTable(
            self._on_page,
            self.model.sort_by,
            label="Favourites",
            columns=favourites_columns.columns(self.style),
            size=PAGE_SIZE,
            starred=True,
        )
        self.nothing = markup_pane(css=FEEDBACK_CSS)
        return [self.head, self.filters, self.table, self.nothing]

    # What the visitor does

    def _on_filter(self, key: str, raw: str) -> None:
        if key == "sort":
            if raw != self.state.favourites_sort and raw in dict(favourites_filters.PHONE_SORTS):
                self.model.sort_by(raw)
            return
        value, readable = self._read(key, raw)
        if readable and value != getattr(self.state, key):
            self.model.choose(**{key: value})

    # What the model says

    def _update(self) -> None:
        model, state = self.model, self.state
        answer = model.answer
        if answer is None:
            self.put(self.unanswered())
            return
        self.put(None)
        self._offer_categories(" markets")
        self.filters.offer("favourites_order", favourites_filters.orders(state.favourites_order))
        self.filters.param.update(
            values=favourites_filters.values(state),
            count=f"{answer.total:,} {'side' if answer.total == 1 else 'sides'}",
            note="; ".join(answer.notes),
        )
        self.filters.say(favourites_filters.chips(state, model.filtering()))
        items = answer.rows()
        # The side is the row's own, whichever the reader looks from elsewhere; the unit is his.
        setting = Setting(model.now, state.favourites_order, PriceStyle(state.unit), self.times)
        rows = [
            row(
                str(item["ticker"]),
                self.link("market", ticker=item["ticker"]),
                favourites_columns.cells(item, setting),
            )
            for item in items
        ]
        self.table.param.update(
            columns=favourites_columns.columns(self.style),
            sort=state.favourites_sort,
            descending=state.favourites_direction == "desc",
            page=model.page,
            total=answer.total,
            rows=rows,
        )
        self.table.visible = bool(rows)
        priced = next((item for item in items if item["net_cost_dollars"] is not None), None)
        show(self.head, self._head(priced))
        show(self.nothing, Markup() if rows else self._nothing())

    def _head(self, item: dict[str, Any] | None) -> Markup:
        """Say what a favourite risks, by the example of one that is listed."""
        example = Markup()
        if item is not None:
            cost = exact_cost(item)
            example = markup(
                " <b>{side} of “{title:70}” breaks even at {share}</b>: {losses}.",
                side=SIDES[item["side"]],
                title=item["title"] or item["ticker"],
                share=formatting.percent(cost, 1),
                losses=losses(cost),
            )
        return markup('<h1>Favourites</h1><p class="about">{about}{example}</p>', about=_ABOUT, example=example)

    def _nothing(self) -> Markup:
        """Say why no side is left, and offer the steps that bring some back."""
        model, hiding = self.model, self.model.filtering()
        seed = {name: page_keys.DEFAULTS[name] for name in FILTERS.values()}
        steps = []
        if hiding:
            steps.append(action("Clear all filters", url.link("favourites", **model.without(*hiding))))
        if any(getattr(self.state, name) != value for name, value in seed.items()):
            steps.append(action("The usual bounds", url.link("favourites", **model.without() | seed)))
        if model.tightest is None:
            return face(
                "empty", "No favourite", "No side of an open market passes, whichever bound goes alone.", *steps
            )
        name, count = model.tightest
        said = favourites_filters.words(name, getattr(self.state, name))
        one = action(
            f"Remove it ({count:,} {'side' if count == 1 else 'sides'})",
            url.link("favourites", **model.without(name)),
        )
        return face("empty", "Nothing left", f"The tightest filter is {said}.", one, *steps)
