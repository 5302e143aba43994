"""One market: price, quote, chart, order book, trades, the other outcomes of its event, its days, rules and times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import panel as pn

from app.models.market import MOST_OUTCOMES, MarketModel
from app.pages import doings, market_facts, market_terms, markets_columns
from app.pages.base import PageView, failure, waiting
from app.pages.market_book import MarketBook
from app.pages.market_chart import MarketChart
from app.pages.market_days import CSS as DAYS_CSS
from app.pages.market_days import days
from app.pages.market_facts import same_outcome, tone_of
from components import cards, formatting, quality
from components.doing import doing
from components.feedback import action, face
from components.markup_pane import markup_pane, show
from components.quoting import PriceStyle
from components.tables import PagedTable, cell, row
from components.text import Markup, join


def outcome_columns(style: PriceStyle) -> list[dict[str, Any]]:
    """Return the columns of the other outcomes in the reader's unit, for his side."""
    return [markets_columns.COLUMNS["title"].shown | {"label": "Outcome", "sort": ""}] + [
        markets_columns.COLUMNS[name].styled(style) | {"sort": ""}
        for name in ("chance", "change", "bid", "ask", "volume24h")
    ]


#: What a reader chose of the chart goes with him to another outcome.
KEPT = ("window", "period", "axis", "chart_style", "open_interest")


class MarketPage(PageView):
    """Show one market, built once and changed in place; the chart follows the theme."""

    model: MarketModel

    @property
    def title(self) -> str:
        """What the browser's tab says: the price first, as tabs are narrow."""
        market = self.model.market
        if market is None:
            return (
                f"{self.state.ticker or 'Market'} not found" if self.model.unknown else self.state.ticker or "Market"
            )
        outcome = "" if same_outcome(market["title"], market["yes_sub_title"]) else f" — {market['yes_sub_title']}"
        chance = market["probability"]
        # A small chance is no 0 %, a large one no 100 %.
        digits = 0 if chance is None or 0.005 < chance < 0.995 else 1
        said = self.style.chance(chance, digits, marked=True)
        first = "" if market["result"] else f"{'NO ' if self.style.flipped else ''}{said} "
        return f"{first}{market['title'] or market['ticker']}{outcome}"

    def _build(self) -> list[Any]:
        self.head = markup_pane(css=cards.CSS, margin=(0, 0, 14, 0))
        #: Stands over a part that is shown alone, and nowhere else.
        self.named = markup_pane(css=cards.CSS, margin=(0, 0, 10, 0))
        self.chart = MarketChart(self.model, self.state, self.local_zone)
        self.book = MarketBook(self.model, self.state, self.local_zone)
        # Two thirds and one third where there is room for both, under each other where there is not.
        self.chart.view.styles = {"flex": "2 1 600px", "min-width": "min(100%, 340px)"}
        self.book.view.styles = {"flex": "1 1 330px", "min-width": "min(100%, 330px)"}
        both = pn.FlexBox(
            self.chart.view,
            self.book.view,
            sizing_mode="stretch_width",
            margin=0,
            gap="0 24px",
            align_items="flex-start",
        )
        self.others_title = markup_pane(css=cards.CSS, margin=(18, 0, 8, 0))
        self.others = PagedTable(
            label="Other outcomes of the event",
            columns=outcome_columns(self.style),
            paged=False,
            tall=False,
            size=MOST_OUTCOMES,
            starred=True,
        )
        self.family = pn.Column(self.others_title, self.others, sizing_mode="stretch_width", margin=0)
        self.days = markup_pane(css=DAYS_CSS, margin=(14, 0, 0, 0))
        self.foot = markup_pane(css=cards.CSS, margin=(10, 0, 24, 0))
        return [self.head, both, self.days, self.family, self.foot]

    def panels(self) -> dict[str, Any]:
        """Return the parts that can stand alone; order book and trades go together."""
        return {
            "market": self.head,
            "candles": self.chart.view,
            "book": self.book.view,
            "trades": self.book.view,
            "days": self.days,
            "outcomes": self.family,
        }

    def show_alone(self, panel: str) -> None:
        """Show one part alone, under the name of the market."""
        super().show_alone(panel)
        if panel in self.panels() and panel != "market":
            self.body.insert(0, self.named)

    def poll(self) -> None:
        """Keep the order book fresh, let its age grow, and see whether a search has ended."""
        with pn.io.hold():
            self.model.poll()
            self.book.tick()

    def follow_theme(self, dark: bool) -> None:
        """Give the chart the colours of a theme."""
        self.chart.follow_theme(dark)

    def _update(self) -> None:
        market, now = self.model.market, self.model.now
        if market is None:
            self.put(self._absent())
            return
        self.put(None)
        done = doings.of_market(market["ticker"], self.state, self.link, over=self.model.over)
        named = market_facts.heading(
            market, self.link, elsewhere=self._elsewhere(market), doings=[doing(*each) for each in done]
        )
        show(self.named, named)
        head = [
            named,
            market_facts.headline(market, now, self.style, self.times),
            market_facts.facts(market, now, self.style, self.times, over=self.model.over),
        ]
        show(self.head, join(head))
        self.chart.update()
        self.book.update()
        self._update_others(market["event_title"])
        bars = self.model.days.rows() if self.model.days else []
        show(self.days, days(bars, market["tick_dollars"], self.style))
        terms = market_terms.terms(market, now, self.moment)
        times = market_terms.timeline(market, now, self.moment)
        show(self.foot, cards.columns(join([market_terms.rules(market), terms]), times))

    def _elsewhere(self, market: Mapping[str, Any]) -> str:
        """Return the market's page at Kalshi, which has none of what the simulation invents."""
        simulated = self.model.about is not None and self.model.about.source == "demo"
        return "" if simulated else market_terms.kalshi_page(market)

    def _absent(self) -> Markup:
        model, ticker = self.model, self.state.ticker
        back = action("All markets", self.link("markets"))
        if model.empty_lake:
            return waiting()
        if model.looking:
            reason = (
                "It is not among the stored ones. Live markets are asked first, then the history of settled ones."
            )
            return face("loading", f"Looking for “{ticker}” on Kalshi", reason, tall=True)
        if not model.unknown:
            return failure(model.problem, model.failing_since)
        if not ticker:
            return face("empty", "The link names no market", "A link to a market carries its ticker.", back)
        return face(
            "empty",
            f"No market “{ticker}”",
            f"Live markets and the history of settled ones were asked: {model.missing_reason.rstrip('.')}."
            " It may be misspelt, or never have existed.",
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
            cards.section_title(
                "Other outcomes of the event", f"{more} · {event}" if event else more, info_key="outcomes"
            ),
        )
        width = max(formatting.row_digits(item) for item in rows)
        self.others.param.update(
            columns=outcome_columns(self.style), rows=[self._other(item, width) for item in rows], total=len(rows)
        )

    def _other(self, item: Mapping[str, Any], width: int) -> list[Any]:
        style, tick, chance = self.style, item["tick_dollars"], self.style.of(item["probability"])
        change, quote = (
            style.change(item["change_24h_pp"]),
            style.bid_ask(item["yes_bid_dollars"], item["yes_ask_dollars"]),
        )
        kept = {name: getattr(self.state, name) for name in KEPT}
        return row(
            item["ticker"],
            self.link("market", ticker=item["ticker"], **kept),
            [
                cell(
                    item["outcome"] or item["title"] or item["ticker"], title=f"{item['title']} — {item['outcome']}"
                ),
                cell(
                    style.chance(item["probability"]),
                    title=quality.about(item["quote_quality"]),
                    quality=item["quote_quality"],
                    bar=None if chance is None else float(chance),
                    tone="muted" if chance is None else "",
                ),
                cell(change, tone=tone_of(change)),
                *(cell(style.own_price(price, tick, width)) for price in quote),
                formatting.count(item["volume_24h_contracts"]),
            ],
        )
