"""Compare: up to eight markets on one chart and in one table, added by search, all of it in the link."""

from __future__ import annotations

from typing import Any

import panel as pn

from app import link_words
from app.aside import Aside
from app.models.compare import CompareModel
from app.models.compare_chart import common_until
from app.pages import chart_windows, compare_columns, compare_names
from app.pages.base import PageView
from app.pages.compare_chart import CompareChart
from app.pages.markets_columns import Setting
from components import cards, filter_bar, formatting
from components.feedback import CSS as FEEDBACK_CSS
from components.feedback import action, face
from components.filter_bar import BAR, FilterBar
from components.markup_pane import markup_pane, show
from components.tables import PagedTable, row
from components.text import Markup, markup

FIELDS = [
    filter_bar.suggest("add", "Add", "market, Enter adds it", place=BAR),
    chart_windows.SWITCH,
    filter_bar.segment(
        "compare_measure",
        "What is drawn",
        [
            ("level", "level", "Chances as quoted"),
            ("pp", "change pp", "Change since the window's start in percentage points"),
            ("odds", "log-odds", "Change since the window's start in natural log-odds"),
        ],
    ),
    filter_bar.segment(
        "compare_align",
        "Laid by",
        [
            ("clock", "clock", "Side by side at the same moment"),
            ("close", "to close", "Side by side at the same time before trading closes"),
        ],
    ),
]
CHOICES = {"window": link_words.WINDOWS, "compare_measure": link_words.COMPARED, "compare_align": link_words.ALIGNED}
#: What is found for a text: markets as (ticker, name), and why there are none.
Found = tuple[list[tuple[str, str]], str]
_FAILED: Found = ([], "The search failed; the log of the server says why.")


class ComparePage(PageView):
    """Show the markets of the link side by side; adding and removing one changes the link."""

    model: CompareModel

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        return f"Compare {len(self.model.tickers)} markets" if self.model.tickers else "Compare"

    def panels(self) -> dict[str, Any]:
        """Return the parts that can stand alone: the chart, and the table under its title."""
        table = pn.Column(self.table_title, self.table, sizing_mode="stretch_width", margin=0)
        return {"chart": self.chart.view, "markets": table}

    def _build(self) -> list[Any]:
        self.head = markup_pane(markup('<h1 class="ka-page">Compare</h1>'), css=_CSS)
        self.controls = FilterBar(
            self._on_change,
            self.model.remove,
            self._on_suggest,
            label="Compared markets",
            chip="market",
            fields=FIELDS,
        )
        self._offers: Aside[str, Found] = Aside(self.model.find, self._offer, _FAILED)
        self._adding: Aside[str, Found] = Aside(self.model.find, self._add_best, _FAILED)
        self.chart = CompareChart(self.model, self.state, self.local_zone)
        self.table_title = markup_pane(css=cards.CSS, margin=(18, 0, 8, 0))
        self.table = PagedTable(
            label="Compared markets",
            columns=compare_columns.columns(self.style),
            size=link_words.MAX_COMPARED,
            paged=False,
            tall=False,
            starred=True,
        )
        self.nothing = markup_pane(css=FEEDBACK_CSS)
        self.missing = markup_pane(css=_CSS, margin=(6, 0, 24, 0))
        return [
            self.head,
            self.controls,
            self.nothing,
            self.chart.view,
            self.table_title,
            self.table,
            self.missing,
        ]

    def poll(self) -> None:
        """See whether a fetch has ended."""
        self.model.poll()

    def follow_theme(self, dark: bool) -> None:
        """Give the chart the colours of a theme."""
        self.chart.follow_theme(dark)

    # What the visitor does

    def _on_change(self, key: str, value: str) -> None:
        if key == "add":
            text = value.strip()
            if text and self.model.is_stored(text):
                self._refuse(self.model.add(text))
            elif text:
                self._adding.ask(text)
        elif value in CHOICES.get(key, ()):
            self.state.param.update(**{key: value})

    def _on_suggest(self, key: str, text: str) -> None:
        if key == "add" and text.strip():
            self._offers.ask(text.strip())

    def _offer(self, _text: str, found: Found) -> None:
        self.controls.offer("add", [pair for pair in found[0] if pair[0] not in self.model.tickers])
        self._refuse("")

    def _add_best(self, _text: str, found: Found) -> None:
        markets, problem = found
        self._refuse(problem or self.model.add(markets[0][0]))

    def _refuse(self, problem: str) -> None:
        self.controls.param.update(problems={"add": problem} if problem else {}, note=problem)

    # What the model says

    def _update(self) -> None:
        model = self.model
        if model.about is None:
            self.put(self.unanswered())
            return
        self.put(None)
        called = compare_names.names(model.rows, compare_names.IN_CHIP)
        self.controls.values = {key: getattr(self.state, key) for key in CHOICES}
        self.controls.say(
            [(held, called.get(held, held)) for held in model.tickers], compare_names.full_names(model.rows)
        )
        self.controls.count = f"{len(model.tickers)} of {link_words.MAX_COMPARED}"
        show(self.nothing, Markup() if model.rows else self._empty())
        self.chart.view.visible = bool(model.rows)
        self.chart.update()
        self._update_table()
        show(self.missing, self._missing())

    def _update_table(self) -> None:
        model = self.model
        self.table.visible = bool(model.rows)
        picture = model.picture
        if not model.rows or picture is None:
            show(self.table_title, Markup())
            return
        width = max(formatting.row_digits(item) for item in model.rows)
        setting = Setting(model.now, width, self.style, self.times)
        self.table.param.update(
            columns=compare_columns.columns(self.style),
            total=len(model.rows),
            rows=[
                row(
                    item["ticker"],
                    self.link("market", ticker=item["ticker"], window=self.state.window),
                    compare_columns.cells(
                        item,
                        picture.moved[item["ticker"]],
                        model.spans[item["ticker"]],
                        self._why(item["ticker"]),
                        setting,
                    ),
                )
                for item in model.rows
            ],
        )
        until = common_until(picture.moved)
        note = [f"{len(picture.lines)} of {len(model.tickers)} drawn"]
        if until is not None:
            note.append(f"latest common time {self.times.moment(until)}")
        show(self.table_title, cards.section_title("Markets", " · ".join(note), info_key="markets"))

    def _why(self, ticker: str) -> str:
        """Return why a market has no line; empty where it has one."""
        model = self.model
        if ticker not in model.without:
            return ""
        if ticker in model.fetching:
            return "being fetched"
        return "fetching failed" if ticker in model.failed else "no candlestick"

    def _empty(self) -> Markup:
        model = self.model
        if not model.tickers:
            return face(
                "empty",
                "Add a market to compare",
                "Type what it is about into “Add”, or its ticker;"
                f" up to {link_words.MAX_COMPARED} stand side by side, and the link has them all."
                " The page of a market and every watchlist lead here as well.",
                action("Markets", self.link("markets")),
                action("Watchlists", self.link("watchlists")),
                tall=True,
            )
        if any(not why for _, why in model.missing):
            return face(
                "loading", "Looking for the markets on Kalshi", "They are not among the stored ones.", tall=True
            )
        return face("empty", "None of these markets is stored", "Kalshi was asked for each; see below.", tall=True)

    def _missing(self) -> Markup:
        missing = self.model.missing
        if not missing:
            return Markup()
        said = "; ".join(f"{ticker} ({why.rstrip('.') or 'being looked for'})" for ticker, why in missing)
        count = "1 market" if len(missing) == 1 else f"{len(missing)} markets"
        return markup('<p class="missing"><b>Not stored: {count}.</b> {said:1500}</p>', count=count, said=said)


_CSS = """
h1.ka-page { font: 500 20px/1.3 var(--ka-font); margin: 2px 0 8px; color: var(--ka-text); }
.missing { font: 13px/1.6 var(--ka-font); color: var(--ka-muted); margin: 0; overflow-wrap: anywhere; }
.missing b { font-weight: 500; color: var(--ka-amber); }
"""
