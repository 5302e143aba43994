"""The home page: the exchange in ten seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import panel as pn

from app.models.pulse import LIST_ROWS, MEASURES, PulseModel
from app.pages import pulse_figures, pulse_lists
from app.pages.base import PageView, failure
from components import cards, figures, filter_bar, formatting
from components.feedback import action, face
from components.filter_bar import FilterBar
from components.markup_pane import markup_pane, show
from components.share_bar import ShareBar, part
from components.short_lists import ShortLists
from components.text import join, markup
from components.theme import category_colour

_NAME = markup("<h1>Pulse</h1>")

#: What the bar shares: label of the switch, what it means, and its sum in words.
_MEASURES = {
    "contracts": ("Contracts", "Contracts traded in the last 24 hours", "{} contracts in 24 h"),
    "dollars": ("Est. $", "Contracts of 24 hours times today’s chance of YES, where there is one", "{} in 24 h"),
    "interest": ("Open interest", "Contracts outstanding", "{} contracts outstanding"),
}
_HEADS = ("Category", "Open markets", "Contracts 24 h", "%", "Est. $ 24 h", "%", "Open interest", "%")


#: Title and switch of the bar on one line, the switch under the title on a phone.
_HEAD = {
    "align_items": "center",
    "justify_content": "space-between",
    "gap": "6px 20px",
    "margin": (18, 0, 8, 0),
    "sizing_mode": "stretch_width",
}


class PulsePage(PageView):
    """Show six figures, four short lists and one bar, all built once and changed in place."""

    model: PulseModel

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        return "Pulse"

    def _build(self) -> list[Any]:
        self._only = ""
        self.strip = markup_pane(join([_NAME, figures.skeleton(pulse_figures.LABELS)]), css=figures.CSS)
        self.lists = ShortLists(
            size=LIST_ROWS, starred=True, lists=pulse_lists.skeletons(self.style, self.times), margin=(16, 0, 0, 0)
        )
        self.bar_title = markup_pane(
            cards.section_title("Share of categories", info_key="shares"), css=cards.CSS, sizing_mode=None
        )
        self.switch = FilterBar(
            self._on_switch,
            label="What the bar shares",
            sizing_mode=None,
            styles={"width": "auto"},
            fields=[
                filter_bar.segment(
                    "share", "Shared", [(word, label, about) for word, (label, about, _sum) in _MEASURES.items()]
                )
            ],
        )
        self.bar = ShareBar(margin=(0, 0, 24, 0))
        self.bar_head = pn.FlexBox(self.bar_title, self.switch, **_HEAD)
        return [self.strip, self.lists, self.bar_head, self.bar]

    def panels(self) -> dict[str, Any]:
        """Return the parts that can stand alone: the figures, each list, the bar."""
        bar = pn.Column(self.bar_head, self.bar, sizing_mode="stretch_width", margin=0)
        lists = {ranking.key: self.lists for ranking in pulse_lists.RANKINGS}
        return {"figures": self.strip, **lists, "shares": bar}

    def show_alone(self, panel: str) -> None:
        """Show one part alone; of the four lists, one."""
        super().show_alone(panel)
        if any(ranking.key == panel for ranking in pulse_lists.RANKINGS):
            self._only = panel
            self.lists.lists = self._kept(self.lists.lists)

    def _kept(self, lists: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        return [shown for shown in lists if not self._only or shown["key"] == self._only]

    def _on_switch(self, _key: str, value: str) -> None:
        if value in MEASURES:
            self.state.share = value

    def _update(self) -> None:
        picture = self.model.picture
        if picture is None:
            self._absent()
            return
        if not picture.totals["open_markets"]:
            self.put(face("empty", "No market is open", "The exchange lists none at this moment."))
            return
        self.put(None)
        show(self.strip, join([_NAME, pulse_figures.strip(picture, self.moment)]))
        self.lists.lists = self._kept(pulse_lists.lists(picture, self.link, self.style, self.times))
        self._update_bar(picture.shares)

    def _absent(self) -> None:
        """Say why there is nothing; while the first data come, keep the shape of the page."""
        model = self.model
        if not model.empty_lake:
            self.put(failure(model.problem, model.failing_since))
        elif model.failure:
            reason = f"{model.failure.rstrip('.')}. It is tried again by itself."
            self.put(face("empty", "Nothing is stored yet", reason, action("Status", self.link("status"))))
        else:
            self.put(None)

    def _update_bar(self, shares: Any) -> None:
        measure = self.state.share
        rows: list[dict[str, Any]] = shares.rows()
        sums = {name: sum((row[name] for row in rows), Decimal(0)) for name in MEASURES.values()}
        name, (_, what, said) = MEASURES[measure], _MEASURES[measure]
        ranked = sorted((row for row in rows if row[name]), key=lambda row: (-row[name], row["category"]))
        self.switch.values = {"share": measure}
        self.bar.param.update(
            ready=True,
            file=f"kalshi-shares-{measure}",
            **self.menu("shares", f"Share of categories: {what.lower()}"),
            label=f"Share of categories: {what.lower()}",
            parts=[self._part(row, row[name], sums[name], measure) for row in ranked],
        )
        self.bar.tabulate(_HEADS, [_cells(row, sums) for row in rows])
        about = f"{what}, by category of the series. Received {self.moment(shares.as_of)}."
        total = pulse_figures.large(sums[name], "≈ $" if measure == "dollars" else "")
        head = cards.section_title("Share of categories", said.format(total), about=about, info_key="shares")
        show(self.bar_title, head)

    def _part(self, row: dict[str, Any], value: Decimal, whole: Decimal, measure: str) -> list[Any]:
        share = value / whole
        unit = "≈ $" if measure == "dollars" else ""
        noun = "" if measure == "dollars" else " contracts"
        return part(
            row["category"],
            float(share),
            colour=category_colour(row["category"]),
            label=formatting.share_of_whole(share),
            href=self.link("markets", category=row["category"]),
            title=f"{row['category']}: {unit}{value:,.0f}{noun}, {row['markets']:,} open markets",
        )


def _cells(row: dict[str, Any], sums: dict[str, Decimal]) -> list[str]:
    cells = [row["category"], f"{row['markets']:,}"]
    for name, whole in sums.items():
        cells += [f"{row[name]:,.0f}", formatting.share_of_whole(row[name] / whole) if whole else formatting.ABSENT]
    return cells
