"""One market: its price, quote and chart, the other outcomes of its event, its rules and its times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import panel as pn

from app.models.market import MarketModel
from app.pages import market_facts
from app.pages.base import PageView, failure, waiting
from app.pages.market_chart import MarketChart
from app.pages.market_facts import chance_text, same_outcome, tone_of
from components import cards, formatting
from components.feedback import action, face
from components.markup_pane import markup_pane, show
from components.tables import PagedTable, cell, column, row
from components.text import Markup, join

OUTCOME_COLUMNS = [
    column("title", "Outcome", "What YES stands for", kind="link"),
    column(
        "probability",
        "Chance %",
        "As in the list of markets",
        kind="bar",
        align="right",
        narrow="second",
        short="%",
        flash=True,
    ),
    column(
        "change",
        "24 h pp",
        "Change over 24 hours in percentage points",
        align="right",
        narrow="second",
        short="24 h",
        flash=True,
    ),
    column("bid", "Bid ¢", "Best price somebody pays for YES", align="right", flash=True),
    column("ask", "Ask ¢", "Best price somebody sells YES for", align="right", flash=True),
    column(
        "volume24h",
        "Volume 24 h",
        "Contracts traded in the last 24 hours",
        align="right",
        narrow="second",
        short="vol",
        flash=True,
    ),
]

#: Other outcomes shown beside a market; an event can have hundreds.
MOST_OUTCOMES = 40


class MarketPage(PageView):
    """Show one market, built once and changed in place; the chart follows the theme."""

    model: MarketModel

    @property
    def title(self) -> str:
        """What the browser's tab says: the price first, as tabs are narrow."""
        market = self.model.market
        if market is None:
            return f"{self.state.ticker or 'Market'} not found" if self.model.unknown else "Market"
        outcome = "" if same_outcome(market["title"], market["yes_sub_title"]) else f" — {market['yes_sub_title']}"
        chance = "" if market["result"] else f"{formatting.percent(market['probability'])} "
        return f"{chance}{market['title'] or market['ticker']}{outcome}"

    def _build(self) -> list[Any]:
        self.head = markup_pane(css=cards.CSS, margin=(0, 0, 14, 0))
        self.chart = MarketChart(self.model, self.state, self.local_zone)
        self.others_title = markup_pane(css=cards.CSS, margin=(18, 0, 8, 0))
        self.others = PagedTable(
            label="Other outcomes of the event", columns=OUTCOME_COLUMNS, paged=False, tall=False, size=MOST_OUTCOMES
        )
        self.family = pn.Column(self.others_title, self.others, sizing_mode="stretch_width", margin=0)
        self.foot = markup_pane(css=cards.CSS, margin=(10, 0, 24, 0))
        return [self.head, self.chart.view, self.family, self.foot]

    def data_arrived(self) -> None:
        """Ask again; candlesticks that were being fetched may have come."""
        self.model.refresh(arrived=True)

    def follow_theme(self, dark: bool) -> None:
        """Give the chart the colours of a theme."""
        self.chart.follow_theme(dark)

    def _moment(self, value: datetime | None) -> str:
        return formatting.moment(value, self.state.zone, self.local_zone())

    def _update(self) -> None:
        market, now = self.model.market, self.model.now
        if market is None:
            self.put(self._absent())
            return
        self.put(None)
        head = [
            market_facts.heading(market, self.link),
            market_facts.headline(market, now, self._moment),
            market_facts.facts(market, now, self._moment),
        ]
        show(self.head, join(head))
        self.chart.update()
        self._update_others(market["event_title"])
        times = market_facts.timeline(market, now, self._moment)
        show(self.foot, cards.columns(market_facts.rules(market), times))

    def _absent(self) -> Markup:
        model, ticker = self.model, self.state.ticker
        back = action("All markets", self.link("markets"))
        if model.empty_lake:
            return waiting()
        if not model.unknown:
            return failure(model.problem, model.failing_since)
        if not ticker:
            return face("empty", "The link names no market", "A link to a market carries its ticker.", back)
        return face(
            "empty",
            f"No market “{ticker}”",
            "It may be misspelt, never have existed, or have settled before this dashboard began to store.",
            back,
            action("Search for it", self.link("markets", text=ticker[:100])),
        )

    def _update_others(self, event: str | None) -> None:
        siblings = self.model.siblings
        rows = siblings.rows()[:MOST_OUTCOMES] if siblings is not None else []
        self.family.visible = bool(rows)
        if siblings is None or not rows:
            return
        more = f"{len(rows)} most active of {siblings.total}" if siblings.total > len(rows) else f"{siblings.total}"
        show(
            self.others_title,
            cards.section_title("Other outcomes of the event", f"{more} · {event}" if event else more),
        )
        width = max(formatting.row_digits(item) for item in rows)
        self.others.param.update(rows=[self._other(item, width) for item in rows], total=len(rows))

    def _other(self, item: Mapping[str, Any], width: int) -> list[Any]:
        tick, change, chance = item["tick_dollars"], formatting.points(item["change_24h_pp"]), item["probability"]
        kept = {name: getattr(self.state, name) for name in ("window", "period", "axis")}
        return row(
            item["ticker"],
            self.link("market", ticker=item["ticker"], **kept),
            [
                cell(
                    item["outcome"] or item["title"] or item["ticker"], title=f"{item['title']} — {item['outcome']}"
                ),
                cell(
                    chance_text(chance),
                    bar=None if chance is None else float(chance),
                    tone="muted" if chance is None else "",
                ),
                cell(change, tone=tone_of(change)),
                cell(formatting.cents(item["yes_bid_dollars"], tick, width)),
                cell(formatting.cents(item["yes_ask_dollars"], tick, width)),
                formatting.count(item["volume_24h_contracts"]),
            ],
        )
