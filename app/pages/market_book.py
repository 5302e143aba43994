"""The order book and the last trades of a market, beside its chart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import panel as pn

from app import url
from app.book_words import left_out
from app.models.market import MarketModel
from app.models.order_book import Ladder, Level
from app.pages.base import style_of
from app.state import State
from components import formatting, listing
from components.feedback import CSS as FEEDBACK_CSS
from components.feedback import action, face
from components.listing import Head, Shown
from components.markup_pane import markup_pane, show
from components.order_book import CSS as BOOK_CSS
from components.order_book import Rung, order_book
from components.quoting import PriceStyle
from components.section_head import section_head
from components.text import Markup, join, markup

#: Prices shown of each side; what lies beyond is summed up in one line.
LEVELS = 5
#: A book that is older was not refreshed when it should have been.
OLD = timedelta(seconds=45)
#: What stands in the place of a book that could not be had, and what happens next.
INSTEAD = "Best bid and ask above are those of the list of markets; the book is asked for again every ten seconds."


def trade_columns(style: PriceStyle) -> tuple[Head, ...]:
    """Return the columns of the trades in the reader's unit, for his side."""
    priced = "¢" if style.unit == "percent" else style.mark
    return (
        Head("Time"),
        Head("Taker", "What the taker of the trade bought; “block” was negotiated off the book"),
        Head(f"{style.side_word} {priced}", style.about("Price of YES"), kind="number"),
        Head("Contracts", kind="number"),
    )


_SIDES = {"yes": ("▲ YES", "up"), "no": ("▼ NO", "down")}

CSS = (
    listing.CSS
    + FEEDBACK_CSS
    + BOOK_CSS
    + """
.part { padding-bottom: 8px; }
.ka-head h2 { font: 600 13px/1.4 var(--ka-font); color: var(--ka-text); }
.quiet { font: 13px/1.4 var(--ka-font); }
.listing { font: 13px/1.25 var(--ka-font); overflow: visible; border-width: 0 1px 1px; border-radius: 0; }
.listing thead th { position: sticky; top: 0; z-index: 1;
  box-shadow: inset 0 1px var(--ka-line), inset 0 -1px var(--ka-line); }
.listing td, .listing th { height: 25px; }
.listing [data-tone=up] { color: var(--ka-up); }
.listing [data-tone=down] { color: var(--ka-down); }
.old { color: var(--ka-amber); }
.ka-face { padding: 22px 16px; font-size: 13px; }
.ka-face-title { font-size: 14px; }
"""
)


class MarketBook:
    """Show a model's ladder and trades; `update` after an answer, `tick` when only time has passed."""

    def __init__(self, model: MarketModel, state: State, local_zone: Callable[[], str]) -> None:
        self._model, self._state, self._local_zone = model, state, local_zone
        self._book = markup_pane(css=CSS)
        self._trades_title = markup_pane(css=CSS)
        self._trades = markup_pane(css=CSS)
        # The frame around the rows scrolls, and outlives them: a reader's place is kept when a trade arrives.
        scroll = pn.Column(
            self._trades,
            sizing_mode="stretch_width",
            margin=0,
            styles={"max-height": "206px", "overflow-y": "auto", "border-bottom": "1px solid var(--ka-line)"},
        )
        self.view = pn.Column(
            self._book, self._trades_title, scroll, sizing_mode="stretch_width", margin=0, styles={"min-width": "0"}
        )

    def tick(self) -> None:
        """Let the book's age grow."""
        if self._model.market is not None:
            show(self._book, self._ladder(self._model.market))

    def update(self) -> None:
        """Show the model's present book and trades."""
        self.tick()
        market, trades = self._model.market, self._model.trades
        if market is None or trades is None:
            return
        rows = trades.rows()
        body = self._listed(rows, market) if rows else listing.quiet(self._no_trades())
        note = f"newest first, {self._zone_label()}" if rows else ""
        show(self._trades_title, section_head("Last trades", note, info_key="trades"))
        show(self._trades, body)

    def _ladder(self, market: dict[str, Any]) -> Markup:
        model, book, attempt = self._model, self._model.book, self._model.book_attempt
        if model.over:
            return _part("", face("empty", "Trading is over", "The exchange keeps no order book of this market."))
        if book is None:
            return Markup()
        observed = book.observed_time
        failed = attempt.problem if attempt is not None else ""
        emptied = attempt is not None and not failed and not attempt.rows
        if emptied and attempt is not None and (observed is None or attempt.moment > observed):
            reason = f"Nobody bids for YES or NO. Seen {formatting.age(attempt.moment, model.now)}."
            return _part("", face("empty", "The order book is empty", reason))
        if observed is None:
            if failed:
                return _part(
                    "", face("error", "The order book could not be had", f"{failed} {INSTEAD}", self._more())
                )
            return _part("", face("loading", "Fetching the order book", "It appears by itself."))
        age = formatting.age(observed, model.now)
        below = Markup()
        if failed or model.now - observed > OLD:
            note = markup(
                '<b class="old" title="{why:300}">as it was {age}</b>',
                age=age,
                why=failed
                or "It was not refreshed since: several markets are open, or the exchange does not answer.",
            )
            if failed:
                said = f"{failed} What is shown is the last one that came; it is asked for again every ten seconds."
                below = join([listing.quiet(said), self._more()])
        else:
            note = markup('<span title="{when}">seen {age}</span>', age=age, when=self._moment(observed))
            if attempt is not None and (said := left_out(attempt.refused)):
                below = join([listing.quiet(f"{said}: not between 0 and 100¢, or of no contract."), self._more()])
        return _part(note, join([_book(book, market["tick_dollars"], style_of(self._state)), below]))

    def _more(self) -> Markup:
        """Return the way to what the exchange answered, word for word."""
        return action("What it answered: Status", url.link("status", **self._state.shared()))

    def _listed(self, rows: Sequence[dict[str, Any]], market: dict[str, Any]) -> Markup:
        digits = _digits(row["count_contracts"] for row in rows)
        tick = _tick((row["yes_price_dollars"] for row in rows), market["tick_dollars"])
        return listing.listing(
            trade_columns(style_of(self._state)),
            [self._trade(row, tick, digits) for row in rows],
            label="Last trades, newest first",
        )

    def _trade(self, row: dict[str, Any], tick: Decimal | None, digits: int) -> list[Shown | str]:
        side, tone = _SIDES.get(row["taker_outcome_side"] or "", (formatting.ABSENT, "muted"))
        block = " · block" if row["is_block_trade"] else ""
        count, style, price = row["count_contracts"], style_of(self._state), row["yes_price_dollars"]
        return [
            Shown(self._clock(row["created_time"]), self._moment(row["created_time"]), "muted"),
            Shown(side + block, "Negotiated off the book" if block else "", tone),
            Shown(style.price(price, tick), f"{style.other.side_word} {style.other.price(price, marked=True)}"),
            formatting.ABSENT if count is None else formatting.decimals(count, digits),
        ]

    def _no_trades(self) -> str:
        if self._model.fetching:
            return "Fetching trades."
        return "No trade of the last week of trading is stored."

    def _moment(self, value: datetime) -> str:
        return formatting.moment(value, self._state.zone, self._local_zone())

    def _zone_label(self) -> str:
        return formatting.zone_of(self._state.zone, self._local_zone())[1]

    def _clock(self, value: datetime) -> str:
        """Return the time of day, with the date where that is not today."""
        zone, _ = formatting.zone_of(self._state.zone, self._local_zone())
        there, today = value.astimezone(zone), self._model.now.astimezone(zone).date()
        return f"{there:%H:%M:%S}" if there.date() == today else f"{there.day} {there:%b, %H:%M}"


def _part(note: Markup | str, body: Markup) -> Markup:
    return listing.section("Order book", note, body, info_key="book")


def _book(book: Ladder, tick: Decimal | None, style: PriceStyle) -> Markup:
    shown = book.asks[:LEVELS] + book.bids[:LEVELS]
    tick = _tick((level.price_dollars for level in shown), tick)
    digits = _digits(level.contracts for level in shown)
    deepest = max(level.depth_contracts for level in shown)

    def rung(level: Level) -> Rung:
        return Rung(
            style.own_price(level.price_dollars, tick),
            formatting.decimals(level.contracts, digits),
            formatting.decimals(level.depth_contracts, digits),
            formatting.decimals(level.depth_dollars, 0),
            float(level.depth_contracts / deepest),
        )

    spread = book.spread_dollars
    if spread is None:
        said, tone = "One-sided: no spread", "amber"
    elif spread <= 0:
        said, tone = f"Crossed by {formatting.price(-spread)}: bid at or above ask", "amber"
    else:
        middle = (book.asks[0].price_dollars + book.bids[0].price_dollars) / 2
        said, tone = f"Spread {formatting.price(spread, tick)} · middle {style.own_price(middle, marked=True)}", ""
    table = order_book(
        [rung(level) for level in book.asks[:LEVELS]],
        [rung(level) for level in book.bids[:LEVELS]],
        said,
        price=(style.heading("Price"), _price_about(style)),
        side=style.side_word,
        tone=tone,
        more_asks=_beyond(book.asks, "up to", style),
        more_bids=_beyond(book.bids, "down to", style),
    )
    return join([markup('<div class="frame">'), table, markup("</div>")])


def _price_about(style: PriceStyle) -> str:
    own, other = style.side_word, style.other.side_word
    return f"Price of {own}: somebody who bids p for {other} sells {own} at 100¢ − p"


def _beyond(side: Sequence[Level], reaches: str, style: PriceStyle) -> str:
    rest = side[LEVELS:]
    if not rest:
        return ""
    contracts = formatting.count(side[-1].depth_contracts - side[LEVELS - 1].depth_contracts)
    prices = "price" if len(rest) == 1 else "prices"
    last = style.own_price(side[-1].price_dollars, marked=True)
    return f"{len(rest)} more {prices} {reaches} {last}: {contracts} contracts"


def _digits(counts: Iterable[Decimal | None]) -> int:
    """Return the decimals a column of contracts needs: 2 where any is fractional."""
    return 2 if any(count is not None and count != count.to_integral_value() for count in counts) else 0


def _tick(prices: Iterable[Decimal | None], tick: Decimal | None) -> Decimal | None:
    """Return the grid on which all prices of a column have the same decimals."""
    digits = max((formatting.price_digits(price, tick) for price in prices), default=0)
    return Decimal(1).scaleb(-2 - digits)
