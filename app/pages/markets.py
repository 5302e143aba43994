"""The screener: every open market, one page of rows at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.models.markets import PAGE_SIZE, MarketsModel
from app.pages.base import PageView, failure, waiting
from app.pages.market_facts import chance_text, same_outcome, tone_of
from components import filter_bar, formatting
from components.feedback import CSS as FEEDBACK_CSS
from components.feedback import action, face
from components.filter_bar import FilterBar
from components.markup_pane import markup_pane, show
from components.tables import PagedTable, cell, column, row
from components.text import Markup

COLUMNS = [
    column("title", "Market", "Question, and the outcome that YES stands for", kind="link", sort="title"),
    column(
        "probability",
        "Chance %",
        "Middle of bid and ask where the spread is at most 20¢, else the last trade; blank where neither says much",
        kind="bar",
        align="right",
        sort="probability",
        narrow="second",
        short="%",
        flash=True,
    ),
    column(
        "change",
        "24 h pp",
        "Change of the chance over 24 hours in percentage points; blank where it cannot be known",
        kind="number",
        align="right",
        sort="change",
        narrow="second",
        short="24 h",
        flash=True,
    ),
    column("bid", "Bid ¢", "Best price somebody pays for YES", kind="number", align="right", sort="bid", flash=True),
    column("ask", "Ask ¢", "Best price somebody sells YES for", kind="number", align="right", sort="ask", flash=True),
    column("spread", "Spread ¢", "Ask less bid", kind="number", align="right", sort="spread", flash=True),
    column("last", "Last ¢", "Price of the last trade", kind="number", align="right", sort="last", flash=True),
    column(
        "volume24h",
        "Volume 24 h",
        "Contracts traded in the last 24 hours",
        kind="number",
        align="right",
        sort="volume24h",
        narrow="second",
        short="vol",
        flash=True,
    ),
    column(
        "volume", "Volume", "Contracts traded since the market opened", kind="number", align="right", sort="volume"
    ),
    column("interest", "Open interest", "Contracts outstanding", kind="number", align="right", sort="interest"),
    column("ends", "Ends in", "Until settlement is expected, or trading closes if that is earlier", sort="ends"),
    column("category", "Category", "Category of the series", sort="category"),
    column("ticker", "Ticker", "Identity of the market at the exchange", kind="mono", sort="ticker"),
]

#: On a phone the head of the table is gone; these are the orders most asked for.
PHONE_SORTS = [
    ("volume24h", "Volume 24 h"),
    ("change", "Change 24 h"),
    ("probability", "Chance"),
    ("spread", "Spread"),
    ("interest", "Open interest"),
    ("ends", "Ends soonest"),
    ("title", "Title"),
]


class MarketsPage(PageView):
    """List open markets; what a visitor types, sorts and turns goes to the session's state."""

    model: MarketsModel

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        return f"“{self.state.text}” · Markets" if self.state.text else "Markets"

    def _build(self) -> list[Any]:
        self.filters = FilterBar(
            self._on_filter,
            label="Filters of the list of markets",
            margin=(0, 0, 10, 0),
            fields=[
                filter_bar.search("text", "Search markets", "Search title, outcome, event, series, ticker"),
                filter_bar.choice("category", "Category", [("", "all")]),
                filter_bar.choice("sort", "Sort", PHONE_SORTS, only="narrow", plain=True),
            ],
        )
        self.table = PagedTable(
            self._on_page, self.model.sort_by, label="Open markets", columns=COLUMNS, size=PAGE_SIZE
        )
        self.nothing = markup_pane(css=FEEDBACK_CSS)
        self._categories: list[tuple[str, int]] = []
        return [self.filters, self.table, self.nothing]

    def _on_filter(self, key: str, value: str) -> None:
        if key == "text":
            self.state.param.update(text=value.strip()[:100], table_page=1)
        elif key == "category":
            self.state.param.update(category=value[:80], table_page=1)
        elif key == "sort" and value != self.state.sort and value in dict(PHONE_SORTS):
            self.model.sort_by(value)

    def _on_page(self, page: int) -> None:
        self.state.table_page = max(1, min(page, -(-self.table.total // PAGE_SIZE)))

    def _update(self) -> None:
        model, state = self.model, self.state
        answer = model.answer
        if answer is None:
            self.put(waiting() if model.empty_lake else failure(model.problem, model.failing_since))
            return
        self.put(None)
        if model.categories != self._categories:
            self._categories = model.categories
            self.filters.offer(
                "category", [("", "all"), *((name, f"{name} ({n:,})") for name, n in model.categories)]
            )
        filters = {"text": state.text, "category": state.category, "sort": state.sort}
        noun = "market" if answer.total == 1 else "markets"
        self.filters.param.update(values=filters, count=f"{answer.total:,} {noun}")
        items = answer.rows()
        width = max((formatting.row_digits(item) for item in items), default=0)
        rows = [self._row(item, model.now, width) for item in items]
        self.table.param.update(
            sort=state.sort, descending=state.direction == "desc", page=model.page, total=answer.total, rows=rows
        )
        self.table.visible = bool(rows)
        show(self.nothing, Markup() if rows else self._nothing())

    def _nothing(self) -> Markup:
        reasons, steps = [], []
        if self.state.text:
            reasons.append(f"contains “{self.state.text}”")
            steps.append(action("Clear the search", self.link("markets", category=self.state.category)))
        if self.state.category:
            reasons.append(f"is in “{self.state.category}”")
            steps.append(action("All categories", self.link("markets", text=self.state.text)))
        if not reasons:
            return face("empty", "No market is open", "The exchange lists none at this moment.")
        return face("empty", "No open market matches", f"None of the open markets {' and '.join(reasons)}.", *steps)

    def _row(self, item: Mapping[str, Any], now: datetime, width: int) -> list[Any]:
        tick = item["tick_dollars"]
        title, outcome = item["title"] or item["ticker"], item["outcome"]
        change = formatting.points(item["change_24h_pp"])
        chance = item["probability"]
        ends = item["expected_time"]

        def cents(name: str, size: str = "") -> Any:
            value = item[name]
            tip = f"{formatting.count(item[size], exact=True)} contracts" if size and value is not None else ""
            return cell(formatting.cents(value, tick, width), title=tip, tone="" if value is not None else "muted")

        quality = item["quote_quality"]
        spread = formatting.cents(item["spread_dollars"], tick, width)
        return row(
            item["ticker"],
            self.link("market", ticker=item["ticker"]),
            [
                cell(title, sub="" if same_outcome(title, outcome) else outcome, title=f"{title} — {outcome or ''}"),
                cell(
                    chance_text(chance),
                    bar=None if chance is None else float(chance),
                    title=f"quote is {quality}",
                    tone="" if chance is not None else "muted",
                ),
                cell(change, tone=tone_of(change)),
                cents("yes_bid_dollars", "yes_bid_size_contracts"),
                cents("yes_ask_dollars", "yes_ask_size_contracts"),
                cell(spread, title=f"quote is {quality}", tone="amber" if quality == "wide" else ""),
                cents("last_price_dollars"),
                formatting.count(item["volume_24h_contracts"]),
                formatting.count(item["volume_contracts"]),
                formatting.count(item["open_interest_contracts"]),
                cell(
                    formatting.until(ends, now),
                    title=formatting.moment(ends, self.state.zone, self.local_zone()),
                ),
                cell(item["category"] or formatting.ABSENT),
                cell(item["ticker"], title=item["ticker"]),
            ],
        )
