"""The table of an event's outcomes: its columns, and the cells of a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.models.event_chart import OVER, name_of
from app.models.event_sums import Book, Totals
from app.pages.chance_cell import chance_cell
from app.pages.market_facts import STATUS_WORDS, tone_of
from components import formatting, quality
from components.quoting import PriceStyle
from components.tables import Cell, cell, column

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Setting:
    """What cells are written with beside their row: unit and side, decimals of prices, sums, normalised chances."""

    style: PriceStyle
    width: int
    totals: Totals
    book: Book


def columns(style: PriceStyle) -> list[dict[str, Any]]:
    """Return the columns, headed in a unit and for a side."""

    def number(key: str, label: str, title: str, *, sort: str = "", **more: Any) -> dict[str, Any]:
        return column(key, label, style.about(title), kind="number", align="right", sort=sort or key, **more)

    bid_size, ask_size = style.pair("bidsize", "asksize")
    bid, ask = style.pair("bid", "ask")
    chance = "Middle of bid and ask where the spread is at most 20¢, else the last trade; what it paid once decided"
    share = "Share of the contracts that all outcomes traded in 24 hours"
    return [
        column("outcome", "Outcome", "What YES stands for", kind="link", sort="outcome"),
        column(
            "probability",
            style.heading("Chance", chance=True),
            style.about(chance),
            kind="bar",
            align="right",
            sort="probability",
            narrow="second",
            short="%",
            flash=True,
        ),
        column(
            "normalised",
            "Sum 100 %",
            "Chance of YES normalised so that the open outcomes sum to 100 %, by the method chosen above the chart",
            kind="number",
            align="right",
        ),
        number(
            "change",
            "24 h pp",
            "Change over 24 hours in percentage points",
            narrow="second",
            short="24 h",
            flash=True,
        ),
        number("bid", style.heading("Bid"), "Best price somebody pays for YES", sort=bid, flash=True),
        number("ask", style.heading("Ask"), "Best price somebody sells YES for", sort=ask, flash=True),
        number("spread", "Spread ¢", "Ask less bid", flash=True),
        number("bidsize", "Bid size", "Contracts wanted at the best bid", sort=bid_size, flash=True),
        number("asksize", "Ask size", "Contracts offered at the best ask", sort=ask_size, flash=True),
        number(
            "volume24h",
            "Volume 24 h",
            "Contracts traded in the last 24 hours",
            narrow="second",
            short="vol",
            flash=True,
        ),
        column("share", "Share %", share, kind="bar", align="right", sort="volume24h"),
        number("interest", "Open interest", "Contracts outstanding", flash=True),
        column(
            "quality",
            "Quote",
            "Tight: spread up to 2¢; OK: up to 10¢; wide: above; one-sided: a bid or an ask; or what came of it",
            sort="quality",
        ),
    ]


def cells(item: Row, s: Setting) -> list[Cell]:
    """Return the cells of one outcome, in the order of `columns`."""
    style, tick = s.style, item["tick_dollars"]
    bid, ask = style.bid_ask(item["yes_bid_dollars"], item["yes_ask_dollars"])
    bid_size, ask_size = style.pair(item["yes_bid_size_contracts"], item["yes_ask_size_contracts"])
    change = style.change(item["change_24h_pp"])
    spread = formatting.cents(item["spread_dollars"], tick, s.width)
    return [
        cell(name_of(item), title=f"{item['title'] or ''} · {item['ticker']}"),
        chance_cell(item, style),
        _normalised(item, s.book),
        cell(change, tone=tone_of(change)),
        *(cell(style.own_price(p, tick, s.width), tone="muted" if p is None else "") for p in (bid, ask)),
        cell(spread, tone="amber" if item["quote_quality"] == "wide" else ""),
        *(cell(formatting.count(size)) for size in (bid_size, ask_size)),
        cell(formatting.count(item["volume_24h_contracts"])),
        _share(item["volume_24h_contracts"], s.totals.volume_24h),
        cell(formatting.count(item["open_interest_contracts"])),
        _quality(item, style),
    ]


def _normalised(item: Row, book: Book) -> Cell:
    share = book.shares.get(item["ticker"])
    return cell(formatting.ABSENT, tone="muted") if share is None else cell(formatting.decimals(share * 100, 1))


def _share(part: Decimal | None, whole: Decimal | None) -> Cell:
    share = part / whole if part is not None and whole else None
    text = formatting.ABSENT if share is None else formatting.decimals(share * 100, 1)
    return cell(text, bar=None if share is None else float(share))


def _quality(item: Row, style: PriceStyle) -> Cell:
    """Return what came of an outcome once it is over, else how far its quote can be trusted."""
    if item["result"] is not None:
        paid = item["settlement_value_dollars"]
        dollars = "" if paid is None else f" ${formatting.decimals(style.of(paid) or 0, 2)}"
        own = f"{style.side_word} paid{dollars}" if dollars else "decided"
        return cell(f"{item['result'].upper()}{dollars}", title=f"Result {item['result']}: {own}", tone="muted")
    if item["status"] in OVER or item["status"] != "active":
        said, tone = STATUS_WORDS.get(item["status"], (item["status"], ""))
        return cell(said, tone=tone if tone == "amber" else "muted")
    trust = quality.quality(item["quote_quality"])
    return cell(trust.label, tone=trust.tone)
