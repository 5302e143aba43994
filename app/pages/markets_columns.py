"""The columns of the list of markets: what each means, which set it belongs to, and how its cell is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from app.pages.market_facts import STATUS_WORDS, chance_text, same_outcome, tone_of
from components import formatting, quality
from components.quoting import PriceStyle
from components.tables import Cell, cell, column
from components.timing import TimeStyle

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Setting:
    """What cells are written with beside their row: now, decimals of prices, how prices and times are said."""

    now: datetime
    width: int
    style: PriceStyle
    times: TimeStyle


@dataclass(frozen=True)
class Column:
    """One column: how the table shows it, and its cell of a row.

    `said` marks what a reader's unit and side rename: ``chance``, ``price``, or ``side`` where only the side does.
    """

    shown: dict[str, Any]
    cell: Callable[[Row, Setting], Cell]
    said: str = ""

    def styled(self, style: PriceStyle) -> dict[str, Any]:
        """Return how the table shows it in a unit, for a side."""
        if not self.said:
            return self.shown
        about = style.about(self.shown["title"]) + (
            ". Sorted by the chance behind the odds" if style.in_odds and self.said == "chance" else ""
        )
        if self.said == "side":
            return self.shown | {"title": about}
        chance = self.said == "chance"
        short = style.named(style.mark) if chance else self.shown["short"]
        return self.shown | {
            "label": style.heading(self.shown["label"], chance=chance),
            "title": about,
            "short": short,
        }


def _title(item: Row, _s: Setting) -> Cell:
    title, outcome = item["title"] or item["ticker"], item["outcome"]
    return cell(title, sub="" if same_outcome(title, outcome) else outcome)


def _chance(item: Row, s: Setting) -> Cell:
    chance = s.style.of(item["probability"])
    return cell(
        s.style.chance(item["probability"]),
        bar=None if chance is None else float(chance),
        title=quality.about(item["quote_quality"]),
        quality=item["quote_quality"],
        tone="" if chance is not None else "muted",
    )


def _change(item: Row, s: Setting) -> Cell:
    change = s.style.change(item["change_24h_pp"])
    return cell(change, tone=tone_of(change))


def _last(item: Row, s: Setting) -> Cell:
    return _price_cell(s.style.of(item["last_price_dollars"]), None, item, s)


def _quote(item: Row, s: Setting, end: int) -> Cell:
    """Write the bid (`end` 0) or the ask (1) of the side."""
    value = s.style.bid_ask(item["yes_bid_dollars"], item["yes_ask_dollars"])[end]
    return _price_cell(value, s.style.pair(*_sizes(item))[end], item, s)


def _price_cell(value: Decimal | None, size: Decimal | None, item: Row, s: Setting) -> Cell:
    tip = f"{formatting.count(size, exact=True)} contracts" if size is not None and value is not None else ""
    shown = s.style.own_price(value, item["tick_dollars"], s.width)
    return cell(shown, title=tip, tone="" if value is not None else "muted")


def _sizes(item: Row) -> tuple[Decimal | None, Decimal | None]:
    return item["yes_bid_size_contracts"], item["yes_ask_size_contracts"]


def _size(item: Row, s: Setting, end: int) -> Cell:
    return cell(formatting.count(s.style.pair(*_sizes(item))[end]))


def _spread(item: Row, s: Setting) -> Cell:
    shown = formatting.cents(item["spread_dollars"], item["tick_dollars"], s.width)
    return cell(shown, tone="amber" if item["quote_quality"] == "wide" else "")


def _count(item: Row, _s: Setting, name: str) -> Cell:
    return cell(formatting.count(item[name]))


def _recent(item: Row, _s: Setting) -> Cell:
    day, whole = item["volume_24h_contracts"], item["volume_contracts"]
    share = day / whole if day is not None and whole else None
    return cell(chance_text(share), bar=None if share is None else min(1.0, float(share)))


def _turnover(item: Row, _s: Setting) -> Cell:
    day, held = item["volume_24h_contracts"], item["open_interest_contracts"]
    return cell(f"{day / held:,.2f}" if day is not None and held else formatting.ABSENT)


def _ends(item: Row, s: Setting) -> Cell:
    ends = item["expected_time"]
    return cell(s.times.until(ends, s.now), title=s.times.other(ends, s.now))


def _since(item: Row, s: Setting, name: str) -> Cell:
    value = item[name]
    shown = s.times.age(value, s.now) if value is not None else formatting.ABSENT
    return cell(shown, title=s.times.other(value, s.now) if value is not None else "")


def _moment(item: Row, s: Setting, name: str) -> Cell:
    return cell(s.times.moment(item[name]))


def _text(item: Row, _s: Setting, name: str, more: str = "") -> Cell:
    said = item[name] or formatting.ABSENT
    tip = f"{said} — {item[more]}" if more and item[more] else ""
    return cell(said, title=tip)


def _quality(item: Row, _s: Setting) -> Cell:
    said = quality.quality(item["quote_quality"])
    return cell(said.label, tone=said.tone)


def _status(item: Row, _s: Setting) -> Cell:
    said, tone = STATUS_WORDS.get(item["status"], (item["status"], ""))
    return cell(said, tone=tone if tone == "amber" else "")


def _tick(item: Row, _s: Setting) -> Cell:
    tick = item["tick_dollars"]
    return cell(f"{Decimal(tick * 100).normalize():f}" if tick is not None else formatting.ABSENT)


def _number(key: str, label: str, title: str, *, sort: str = "", **more: Any) -> dict[str, Any]:
    return column(key, label, title, kind="number", align="right", sort=sort, **more)


def _price(key: str, label: str, title: str, write: Callable[[Row, Setting], Cell]) -> Column:
    return Column(_number(key, label, title, sort=key, flash=True), write, "price")


COLUMNS: dict[str, Column] = {
    "title": Column(
        column("title", "Market", "Question, and the outcome that YES stands for", kind="link", sort="title"), _title
    ),
    "chance": Column(
        column(
            "probability",
            "Chance",
            "Middle of bid and ask where the spread is at most 20¢, else the last trade; blank without both",
            kind="bar",
            align="right",
            sort="probability",
            narrow="second",
            short="%",
            flash=True,
        ),
        _chance,
        "chance",
    ),
    "change": Column(
        _number(
            "change",
            "24 h pp",
            "Change of the chance of YES over 24 hours in percentage points; blank where it cannot be known",
            sort="change",
            narrow="second",
            short="24 h",
            flash=True,
        ),
        _change,
        "side",
    ),
    "bid": _price("bid", "Bid", "Best price somebody pays for YES", partial(_quote, end=0)),
    "ask": _price("ask", "Ask", "Best price somebody sells YES for", partial(_quote, end=1)),
    "last": _price("last", "Last", "Price of YES in the last trade", _last),
    "spread": Column(_number("spread", "Spread ¢", "Ask less bid", sort="spread", flash=True), _spread),
    "volume24h": Column(
        _number(
            "volume24h",
            "Volume 24 h",
            "Contracts traded in the last 24 hours",
            sort="volume24h",
            narrow="second",
            short="vol",
            flash=True,
        ),
        partial(_count, name="volume_24h_contracts"),
    ),
    "volume": Column(
        _number("volume", "Volume", "Contracts traded since the market opened", sort="volume", flash=True),
        partial(_count, name="volume_contracts"),
    ),
    "interest": Column(
        _number("interest", "Open interest", "Contracts outstanding", sort="interest", flash=True),
        partial(_count, name="open_interest_contracts"),
    ),
    "recent": Column(
        column(
            "recent", "Recent %", "Share of all its volume that was traded in 24 hours", kind="bar", align="right"
        ),
        _recent,
    ),
    "turnover": Column(
        _number("turnover", "Turnover", "Volume of 24 hours divided by open interest"),
        _turnover,
    ),
    "bid_size": Column(
        _number("bid_size", "Bid size", "Contracts wanted at the best bid for YES", flash=True),
        partial(_size, end=0),
        "side",
    ),
    "ask_size": Column(
        _number("ask_size", "Ask size", "Contracts offered at the best ask for YES", flash=True),
        partial(_size, end=1),
        "side",
    ),
    "quality": Column(
        column("quality", "Quote", "Tight: spread up to 2¢; OK: up to 10¢; wide: above; one-sided: a bid or an ask"),
        _quality,
    ),
    "ends": Column(
        column("ends", "Ends", "Until settlement is expected, or trading closes if that is earlier", sort="ends"),
        _ends,
    ),
    "expected": Column(
        column("expected", "Expected end", "When settlement is expected, or trading closes if that is earlier"),
        partial(_moment, name="expected_time"),
    ),
    "closes": Column(
        column("closes", "Closes", "When trading ends at the latest"), partial(_moment, name="close_time")
    ),
    "opened": Column(
        column("opened", "Opened", "When trading began", sort="opened"), partial(_since, name="open_time")
    ),
    "quoted": Column(
        column("quoted", "Quote age", "When this quote was received"), partial(_since, name="quote_time")
    ),
    "category": Column(
        column("category", "Category", "Category of the series", sort="category"), partial(_text, name="category")
    ),
    "series": Column(
        column("series", "Series", "Family of events this one belongs to", kind="mono", sort="series"),
        partial(_text, name="series_ticker", more="series_title"),
    ),
    "event": Column(
        column("event", "Event", "What the market is an outcome of", kind="mono"),
        partial(_text, name="event_ticker", more="event_title"),
    ),
    "ticker": Column(
        column("ticker", "Ticker", "Identity of the market at the exchange", kind="mono", sort="ticker"),
        partial(_text, name="ticker"),
    ),
    "status": Column(column("status", "Status", "Whether the market trades"), _status),
    "tick": Column(_number("tick", "Tick ¢", "Smallest step of a price"), _tick),
}

_FIRST = ("title", "chance", "change")
#: Column sets by the words of links; each begins with what a phone shows.
SETS: dict[str, tuple[str, ...]] = {
    "quote": (*_FIRST, "bid", "ask", "spread", "last", "volume24h", "volume", "interest", "ends", "category"),
    "activity": (*_FIRST, "last", "volume24h", "volume", "recent", "interest", "turnover", "ends"),
    "liquidity": (*_FIRST, "bid_size", "bid", "ask", "ask_size", "spread", "quality", "volume24h", "interest"),
    "time": (*_FIRST, "volume24h", "ends", "expected", "closes", "opened", "quoted"),
    "structure": ("title", "chance", "category", "series", "event", "ticker", "status", "tick"),
}


def chosen(columns: str, own: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of the columns that are shown: those that were picked, or those of a set."""
    return ("title", *own) if own else SETS[columns]


def shown(words: tuple[str, ...], style: PriceStyle) -> list[dict[str, Any]]:
    """Return columns as the table wants them."""
    return [COLUMNS[key].styled(style) for key in words]


def cells(words: tuple[str, ...], item: Row, setting: Setting) -> list[Cell]:
    """Return one row."""
    return [COLUMNS[key].cell(item, setting) for key in words]


def picked(raw: tuple[str, ...], before: tuple[str, ...], columns: str) -> tuple[str, ...]:
    """Return what is to be shown after columns were ticked: new ones at the end, the rest in place.

    Empty where that is the set itself, or nothing.
    """
    kept = tuple(word for word in before if word in raw)
    own = (*kept, *(word for word in raw if word not in kept))
    return () if ("title", *own) == SETS[columns] else own
