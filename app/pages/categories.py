"""Categories: what of the exchange is traded, how concentrated it is, and what the last days were like."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import panel as pn

from app.models.categories import CategoriesModel, since
from app.models.pulse import MEASURES
from app.pages import pulse_figures
from app.pages.base import PageView
from components import cards, figures, filter_bar, formatting
from components.charts import shares
from components.charts.factory import look
from components.feedback import CSS as FEEDBACK_CSS
from components.feedback import action, face
from components.figures import Figure
from components.filter_bar import FilterBar
from components.live_chart import LiveChart
from components.markup_pane import markup_pane, show
from components.share_bar import ShareBar, part
from components.tables import MAX_ROWS, PagedTable, cell, column, row
from components.text import Markup, join, markup
from components.theme import category_colour

#: What is shared out: label of the switch, what it means.
_MEASURES = {
    "contracts": ("Contracts", "Contracts traded in the last 24 hours"),
    "dollars": ("Est. $", "Contracts of 24 hours times today’s chance of YES, where there is one"),
    "interest": ("Open interest", "Contracts outstanding"),
}
_COLOURS = 12
#: What the question calls series without tags: nothing to list them by.
NO_TAG = "No tag"
_LABELS = ("Contracts 24 h", "Est. $ 24 h", "Open interest", "Open markets", "Concentration", "Largest")


def _columns(within: str) -> list[dict[str, Any]]:
    number: dict[str, Any] = {"kind": "number", "align": "right"}
    return [
        column(
            "name",
            "Tag" if within else "Category",
            "First tag of the series" if within else "",
            kind="link",
            sort="name",
        ),
        column(
            "share",
            "Share",
            "Of what the switch says, of all that is listed",
            kind="bar",
            align="right",
            narrow="second",
        ),
        column(
            "contracts",
            "Contracts 24 h",
            "Contracts traded in the last 24 hours",
            sort="contracts",
            narrow="second",
            **number,
        ),
        column("dollars", "Est. $ 24 h", _MEASURES["dollars"][1], sort="dollars", **number),
        column("interest", "Open interest", _MEASURES["interest"][1], sort="interest", **number),
        column("markets", "Markets", "Open markets", sort="markets", **number),
        column("events", "Events", "Events with an open market", **number),
        column("series", "Series", "Series with an open market", **number),
    ]


class CategoriesPage(PageView):
    """Show a strip, a bar, a table and a chart of days, all built once."""

    model: CategoriesModel

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        return f"{self.state.within} · Categories" if self.state.within else "Categories"

    def _build(self) -> list[Any]:
        self._dark = False
        self.strip = markup_pane(join([self._name(), figures.skeleton(_LABELS)]), css=f"{figures.CSS}{cards.CSS}")
        self.head = markup_pane(css=cards.CSS, sizing_mode=None)
        self.switch = FilterBar(
            self._on_switch,
            label="What is shared out",
            sizing_mode=None,
            styles={"width": "auto"},
            fields=[
                filter_bar.segment(
                    "share", "Shared out", [(word, label, said) for word, (label, said) in _MEASURES.items()]
                )
            ],
        )
        self.bar = ShareBar(margin=(0, 0, 16, 0))
        self.table = PagedTable(
            None, self.model.sort_by, label="Shares", columns=_columns(""), size=MAX_ROWS, paged=False, tall=False
        )
        self.days_head = markup_pane(css=cards.CSS, margin=(24, 0, 4, 0))
        self.days_face = markup_pane(css=FEEDBACK_CSS)
        self.chart = LiveChart(
            spec=shares.SPEC,
            config=look(False),
            inset=shares.INSET,
            plot_height=shares.HEIGHT + 30,
            table=shares.TABLE,
        )
        self.top = pn.FlexBox(
            self.head,
            self.switch,
            align_items="center",
            justify_content="space-between",
            gap="6px 20px",
            margin=(18, 0, 8, 0),
            sizing_mode="stretch_width",
        )
        return [self.strip, self.top, self.bar, self.table, self.days_head, self.days_face, self.chart]

    def panels(self) -> dict[str, Any]:
        """Return the parts that can stand alone in a frame: the shares, and the days."""
        stretched: dict[str, Any] = {"sizing_mode": "stretch_width", "margin": 0}
        shared = pn.Column(self.top, self.bar, self.table, **stretched)
        return {"split": shared, "days": pn.Column(self.days_head, self.days_face, self.chart, **stretched)}

    def follow_theme(self, dark: bool) -> None:
        """Give the chart the colours of a theme; its bars have theirs in the data."""
        self._dark = dark
        self.chart.config = look(dark)
        if self.model.days is not None:
            self._update_days()

    def _on_switch(self, _key: str, value: str) -> None:
        if value in MEASURES:
            self.state.share = value

    def _subject(self, what: str) -> str:
        return f"{self.state.within}: {what.lower()}" if self.state.within else what

    def _name(self) -> Markup:
        if not self.state.within:
            return markup("<h1>Categories</h1>")
        way = cards.crumbs([("Categories", self.link("categories"))])
        return join([way, markup("<h1>{within:80}</h1>", within=self.state.within)])

    def _update(self) -> None:
        model, within = self.model, self.state.within
        if model.split is None:
            self.put(self.unanswered())
            return
        if not model.rows:
            steps = [action("All categories", self.link("categories"))] if within else []
            self.put(face("empty", f"No market of “{within}” is open" if within else "No market is open", "", *steps))
            return
        self.put(None)
        show(self.strip, join([self._name(), self._figures()]))
        label, said = _MEASURES[self.state.share]
        title = f"Share of {'tags' if within else 'categories'}"
        show(
            self.head,
            cards.section_title(title, f"{label}, {len(model.rows)} of them", info_key="split", about=said),
        )
        self.switch.values = {"share": self.state.share}
        ranked = sorted(model.rows, key=lambda item: -item["share"])
        self._colours = self._colours_of(ranked)
        self.bar.param.update(
            ready=True,
            file=f"kalshi-categories-{self.state.share}-{self.model.now:%Y%m%dT%H%M%SZ}",
            **self.menu("split", f"{self._subject(title)}: {said.lower()}"),
            label=f"{title}: {said.lower()}",
            parts=[self._part(item) for item in ranked if item["share"]],
        )
        self.table.param.update(
            label=title,
            columns=_columns(within),
            sort=self.state.categories_sort,
            descending=self.state.categories_direction == "desc",
            total=len(model.rows),
            rows=[self._row(item) for item in model.rows[:MAX_ROWS]],
        )
        self._update_days()

    def _colours_of(self, ranked: list[dict[str, Any]]) -> dict[str, str]:
        """Return the palette's colour of each name: a category has its own everywhere, a tag one by its rank."""
        if not self.state.within:
            return {item["name"]: category_colour(item["name"]) for item in ranked}
        return {item["name"]: f"category-{min(n, _COLOURS) + 1}" for n, item in enumerate(ranked)}

    def _href(self, name: str) -> str:
        if self.state.within:
            return "" if name == NO_TAG else self.link("series", series_category=self.state.within, series_tag=name)
        return self.link("categories", within=name, share=self.state.share)

    def _part(self, item: dict[str, Any]) -> list[Any]:
        share = Decimal(str(item["share"]))
        return part(
            item["name"],
            item["share"],
            colour=self._colours[item["name"]],
            label=formatting.share_of_whole(share),
            href=self._href(item["name"]),
            title=f"{item['name']}: {formatting.share_of_whole(share)}, {item['markets']:,} open markets",
        )

    def _row(self, item: dict[str, Any]) -> list[Any]:
        unpriced = item["unpriced_contracts"]
        left_out = f"{unpriced:,.0f} contracts without a chance are left out" if unpriced else ""
        return row(
            item["name"],
            self._href(item["name"]),
            [
                item["name"],
                cell(formatting.share_of_whole(Decimal(str(item["share"]))), bar=item["share"]),
                f"{item['volume_24h_contracts']:,.0f}",
                cell(f"{item['volume_24h_dollars']:,.0f}", title=left_out),
                f"{item['open_interest_contracts']:,.0f}",
                f"{item['markets']:,}",
                f"{item['events']:,}",
                f"{item['series']:,}",
            ],
        )

    def _figures(self) -> Markup:
        model, rows = self.model, self.model.rows
        total = {name: sum((item[name] for item in rows), Decimal(0)) for name in MEASURES.values()}
        unpriced = sum((item["unpriced_contracts"] for item in rows), Decimal(0))
        priced = f"without {formatting.count(unpriced)} contracts that have no chance" if unpriced else "all priced"
        largest = max(rows, key=lambda item: item["share"])
        label = _MEASURES[self.state.share][0]
        index, effective = model.concentration, model.effective
        said = "Herfindahl–Hirschman index: the sum of the squared shares; 1 where one has it all"
        received = f"Received {self.moment(model.split.as_of) if model.split else ''}."
        return figures.strip(
            [
                Figure("Contracts 24 h", pulse_figures.large(total["volume_24h_contracts"]), "", "", received),
                Figure("Est. $ 24 h", pulse_figures.large(total["volume_24h_dollars"], "≈ $"), "", priced, received),
                Figure(
                    "Open interest", pulse_figures.large(total["open_interest_contracts"]), "", "contracts", received
                ),
                Figure(
                    "Open markets",
                    f"{sum(item['markets'] for item in rows):,}",
                    "",
                    "combinations left out",
                    received,
                ),
                Figure(
                    "Concentration",
                    formatting.ABSENT if index is None else f"{index:.2f}",
                    "",
                    f"like {effective:.1f} equal parts, by {label.lower()}" if effective else "",
                    f"{said}. {received}",
                ),
                Figure(
                    "Largest",
                    formatting.share_of_whole(Decimal(str(largest["share"]))),
                    "",
                    f"{largest['name']}, by {label.lower()}",
                    received,
                ),
            ],
            label="Trading in six figures",
            info_key="split",
        )

    def _update_days(self) -> None:
        days = self.model.days
        if days is None:
            return
        rows = days.table.to_pylist()
        first = since(days)
        note = "US-Eastern days, of markets whose candlesticks are stored"
        if first is not None:
            note += f", since {first.day} {first:%b}"
        show(self.days_head, cards.section_title("Contracts a day", note, info_key="days"))
        if not rows:
            self.chart.visible = False
            reason = "Days are counted from hourly candlesticks; those of the most traded markets come by themselves."
            show(self.days_face, face("empty", "No day is stored yet", reason))
            return
        show(self.days_face, Markup())
        view = shares.shares_view(rows, self._colours, self._dark)
        self.chart.param.update(
            scope=self.state.within,
            file=f"kalshi-categories-days-{self.model.now:%Y%m%dT%H%M%SZ}",
            **self.menu("days", self._subject("Contracts a day")),
        )
        self.chart.feed(view.frame, description=view.description)
        self.chart.visible = True
