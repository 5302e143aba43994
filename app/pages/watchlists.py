"""Watchlists: the visitor's own lists, which his browser keeps, and lists that came with a link."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from app import link_words, url
from app.models.watchlists import LINE_HOURS, WatchlistsModel
from app.pages import doings, markets_columns
from app.pages.base import PageView
from app.pages.market_facts import chance_text, same_outcome
from app.pages.markets_columns import Setting
from app.pages.movers_columns import trend
from app.watchlists import WatchlistError, write_csv
from components import formatting
from components.doing import CSS as DOING_CSS
from components.doing import doing
from components.feedback import CSS as FEEDBACK_CSS
from components.feedback import band, face
from components.markup_pane import markup_pane, show
from components.quoting import PriceStyle
from components.saved_file import SavedFile
from components.section_head import CSS as HEAD_CSS
from components.section_head import section_head
from components.tables import Cell, PagedTable, cell, column, row
from components.text import Markup, join, markup
from components.watch_bar import WatchBar

#: Rows of one page of the table; a list may have more, and then has pages.
PAGE_SIZE = 100
#: Missing markets that are named and linked; the rest is counted.
MOST_NAMED = 20

COLUMNS = ("title", "trend", "chance", "change", "bid", "ask", "spread", "volume24h", "volume", "ends", "status")
#: Columns of an exported list, as the lake names them.
_EXPORTED = (
    *("ticker", "title", "outcome", "status", "result", "probability", "change_24h_pp"),
    *("yes_bid_dollars", "yes_ask_dollars", "spread_dollars", "volume_24h_contracts", "volume_contracts"),
    *("close_time", "quote_time"),
)
_SPAN = f"{LINE_HOURS} h"
_RESULTS = {"yes": "YES", "no": "NO"}


class WatchlistsPage(PageView):
    """Show one list as a table; every change of the lists is asked of the model, which asks the browser."""

    model: WatchlistsModel

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        return f"{self.model.shown.name} · Watchlists" if self.model.shown.name else "Watchlists"

    def _build(self) -> list[Any]:
        self.head = markup_pane(_head(Markup()), css=f"{HEAD_CSS}{DOING_CSS}{FEEDBACK_CSS}{_CSS}")
        self.bar = WatchBar(self._on_ask)
        self.file = SavedFile()
        self.table = PagedTable(
            self._on_page,
            self.model.sort_by,
            label="Markets of the list",
            columns=_columns(self.style),
            size=PAGE_SIZE,
            starred=True,
            tall=False,
            margin=(0, 0, 10, 0),
        )
        self.nothing = markup_pane(css=FEEDBACK_CSS)
        self.missing = markup_pane(css=f"{FEEDBACK_CSS}{_CSS}", margin=(0, 0, 24, 0))
        self._page = 1
        return [self.head, self.bar, self.file, self.table, self.nothing, self.missing]

    # What the visitor does

    def _on_ask(self, what: str, text: str) -> None:
        model = self.model
        asks: dict[str, Callable[[], str]] = {
            "create": partial(model.create, text),
            "rename": partial(model.rename, text),
            "delete": model.delete,
            "edit": partial(model.fill, text),
            "import": partial(model.add, text),
            "keep": model.keep,
            "export": self._export,
        }
        if what == "move" and text in {"-1", "1"}:
            asks["move"] = partial(model.move, int(text))
        if what not in asks:
            return
        try:
            self.bar.say(asks[what]())
        except WatchlistError as error:
            self.bar.say(error, problem=True)

    def _export(self) -> str:
        """Let the browser save the list with what is known of it; missing markets are rows too."""
        model = self.model
        about = model.answer
        if about is None:
            raise WatchlistError("Nothing is stored yet that could be exported.")
        stored = {item["ticker"]: item for item in model.rows}
        order = [*stored, *model.missing]
        as_of = about.as_of.isoformat() if about.as_of else ""
        rows = [
            [*(_plain(stored.get(ticker, {"ticker": ticker}).get(name)) for name in _EXPORTED), as_of, about.source]
            for ticker in order
        ]
        name = "".join(c if c.isascii() and c.isalnum() else "-" for c in model.shown.name).strip("-") or "list"
        self.file.hand_over(f"kalshi-watchlist-{name}.csv", write_csv([*_EXPORTED, "as_of", "source"], rows))
        return f"{len(order):,} rows saved."

    def _on_page(self, page: int) -> None:
        self._page = page
        self._update_table()

    # What the model says

    def _update(self) -> None:
        model = self.model
        if model.answer is None:
            self.put(self.unanswered())
            return
        self.put(None)
        show(self.head, join([self._heading(), *self._warnings()]))
        shelf, shown = model.watched.shelf, model.shown
        self.bar.offer(
            [(held.name, len(held.tickers), self.link("watchlists", watchlist=held.name)) for held in shelf.lists]
        )
        link = url.link("watchlists", watchlist=shown.name, watchlist_tickers=shown.tickers) if shown.tickers else ""
        fits = model.file_values() is not None
        self.bar.param.update(
            shown=shown.name,
            shared=model.shared,
            body="\n".join(shown.tickers),
            address=link if fits else "",
            unshared="An empty list has no link."
            if not link
            else f"{len(shown.tickers)} markets are too many for a link: export them as CSV instead.",
        )
        self._update_table()
        show(self.nothing, Markup() if shown.tickers else self._empty())
        show(self.missing, self._missing())

    def _heading(self) -> Markup:
        """Return the head, with the ways to a rule on the list and to the comparison of it."""
        shown, shared = self.model.shown, self.model.shared
        done = doings.of_list(shown.name, shown.tickers, self.link, shared=shared)
        return _head(join([doing(*each) for each in done]))

    def _warnings(self) -> list[Markup]:
        watched, said = self.model.watched, []
        if not watched.kept:
            said.append(
                band(
                    "partial",
                    "This browser keeps nothing.",
                    "Storage is off or full here (a private window, perhaps): your lists last until this tab is "
                    "closed. Export them, or copy their link, to have them later.",
                )
            )
        if watched.damaged:
            said.append(
                band(
                    "partial",
                    "The lists of this browser could not be read.",
                    "They were put aside under “kalshi-analytics.watchlists.damaged” in its storage, and a new list "
                    "was begun.",
                )
            )
        if self.model.shared:
            said.append(band("note", "This list came with a link.", "It is not among yours until you keep it."))
        return said

    def _update_table(self) -> None:
        model, state = self.model, self.state
        last = max(1, -(-len(model.rows) // PAGE_SIZE))
        self._page = min(self._page, last)
        items = model.rows[(self._page - 1) * PAGE_SIZE : self._page * PAGE_SIZE]
        width = max((formatting.row_digits(item) for item in items), default=0)
        setting = Setting(model.now, width, self.style, self.times)
        self.table.param.update(
            columns=_columns(self.style),
            sort=state.watchlist_sort if state.watchlist_sort != "own" else "",
            descending=state.watchlist_direction == "desc",
            page=self._page,
            total=len(model.rows),
            paged=len(model.rows) > PAGE_SIZE,
            rows=[
                row(
                    item["ticker"],
                    self.link("market", ticker=item["ticker"]),
                    [_cell(n, item, setting, model.lines) for n in COLUMNS],
                )
                for item in items
            ],
        )
        self.table.visible = bool(items)

    def _empty(self) -> Markup:
        if not self.model.watched.ready:
            return face("loading", "Asking the browser for its lists")
        return face(
            "empty",
            f"“{self.model.shown.name}” is empty",
            "Press the star beside a market anywhere on these pages, or the key w; or import a CSV.",
            markup('<a class="ka-action" href="{href}">Markets</a>', href=self.link("markets")),
        )

    def _missing(self) -> Markup:
        missing = self.model.missing
        if not missing:
            return Markup()
        links = [
            markup('<a href="{href:2048}">{ticker}</a>', href=self.link("market", ticker=ticker), ticker=ticker)
            for ticker in missing[:MOST_NAMED]
        ]
        more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
        return markup(
            '<p class="missing"><b>Nothing is stored of {count}:</b> {links}{more}. '
            "A market that is opened is looked for, also among settled ones.</p>",
            count="1 market" if len(missing) == 1 else f"{len(missing)} markets",
            links=join(links, ", "),
            more=more,
        )


def _head(tools: Markup) -> Markup:
    return section_head("Watchlists", info_key="watchlist", level=1, tools=tools)


def _columns(style: PriceStyle) -> list[dict[str, Any]]:
    return [_shown(name, style) for name in COLUMNS]


def _shown(name: str, style: PriceStyle) -> dict[str, Any]:
    """Return a column of the list of markets, sortable here where this page can sort by it."""
    if name == "trend":
        return column("trend", _SPAN, f"Chance over the last {_SPAN}, stretched to its own range", kind="spark")
    shown = markets_columns.COLUMNS[name].styled(style)
    if name == "status":
        return column("status", "Status", "Whether the market trades, or what it settled as", sort="status")
    return shown if shown["sort"] in link_words.WATCH_SORTS else shown | {"sort": ""}


def _cell(name: str, item: Mapping[str, Any], setting: Setting, lines: Mapping[str, list[int | None]]) -> Cell:
    if name == "trend":
        return trend(lines.get(item["ticker"], ()), _SPAN, setting.style)
    if item["result"]:
        if name == "status":
            result = _RESULTS.get(item["result"], item["result"])
            return cell(f"settled {result}", title=setting.times.moment(item["settlement_time"]), tone="muted")
        if name == "chance":
            value = item["settlement_value_dollars"]
            title = f"What {setting.style.side_word} paid, in percent"
            return cell(chance_text(setting.style.of(value)), title=title, tone="muted")
        if name == "ends":
            return cell("settled", title=setting.times.moment(item["settlement_time"]), tone="muted")
    if name == "title" and same_outcome(item["title"], item["outcome"]):
        return cell(item["title"] or item["ticker"])
    return markets_columns.COLUMNS[name].cell(item, setting)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


_CSS = """
.missing { font: 13px/1.6 var(--ka-font); color: var(--ka-muted); margin: 6px 0 0; max-width: 900px; }
.missing b { font-weight: 500; color: var(--ka-amber); }
.missing a { font: 11.5px/1.6 var(--ka-mono); color: var(--ka-accent); overflow-wrap: anywhere; }
"""
