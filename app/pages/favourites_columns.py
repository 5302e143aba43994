"""The columns of the list of favourites, and how a side's figures are written: always those of the row's own side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from app.models.favourites import COMPOUND_CAP
from app.pages.market_facts import same_outcome
from components import formatting
from components.quoting import PriceStyle
from components.tables import Cell, cell, column
from components.timing import TimeStyle

Row = Mapping[str, Any]

#: Net costs are shown with this grid: a fee is a fraction of a cent for each contract.
_COST_GRID = Decimal("0.0001")


@dataclass(frozen=True)
class Setting:
    """What cells are written with beside their row: now, contracts of an order, how prices and times are said."""

    now: datetime
    contracts: int
    style: PriceStyle
    times: TimeStyle


def _unknown(item: Row, what: str) -> Cell:
    """Write a figure that needs what is not known."""
    if item["fee_dollars"] is None:
        return cell(
            "unknown", title=f"The fee of type “{item['fee_type'] or 'not sent'}” is not published", tone="muted"
        )
    return cell(formatting.ABSENT, title=f"Without an expected expiration there is no {what}", tone="muted")


def _title(item: Row, _s: Setting) -> Cell:
    title, outcome = item["title"] or item["ticker"], item["outcome"]
    return cell(title, sub="" if same_outcome(title, outcome) else outcome)


def _side(item: Row, _s: Setting) -> Cell:
    return cell("YES", tone="up") if item["side"] == "yes" else cell("NO", tone="down")


def _price(item: Row, s: Setting, name: str) -> Cell:
    return cell(s.style.own_price(item[name], item["tick_dollars"]))


def _size(item: Row, _s: Setting) -> Cell:
    return cell(formatting.count(item["ask_size_contracts"]))


def _cost(item: Row, s: Setting) -> Cell:
    if item["net_cost_dollars"] is None:
        return _unknown(item, "net cost")
    fee = formatting.decimals(item["fee_dollars"], 2)
    tip = f"Ask and ${fee} of fee for {s.contracts:,} contracts"
    return cell(s.style.own_price(exact_cost(item), _COST_GRID), title=tip)


def exact_cost(item: Row) -> Decimal:
    """Return a row's net cost on the grid it is shown with."""
    return Decimal(item["net_cost_dollars"]).quantize(_COST_GRID)


def _chance(item: Row, s: Setting) -> Cell:
    middle = (item["bid_dollars"] + item["ask_dollars"]) / 2
    return cell(s.style.chance(middle), title="Middle of bid and ask of the side: what the market believes")


def _break_even(item: Row, _s: Setting) -> Cell:
    if item["net_cost_dollars"] is None:
        return _unknown(item, "break-even")
    cost = exact_cost(item)
    return cell(
        formatting.decimals(cost * 100, 1),
        title=f"Nothing is lost on average if it wins {formatting.percent(cost, 2)} of the time; {losses(cost)}",
        tone="" if cost < 1 else "amber",
    )


def losses(cost: Decimal) -> str:
    """Return in words how many wins one loss takes away."""
    if cost >= 1:
        return "it cannot gain: the fee takes all of it"
    wins = cost / (1 - cost)
    return f"one loss takes what {formatting.decimals(wins, int(wins < 10))} wins bring"


def _share(item: Row, name: str, what: str, digits: int) -> Cell:
    value = item[name]
    if value is None:
        return _unknown(item, what)
    return cell(formatting.decimals(100 * value, digits), tone="" if value > 0 else "amber")


def _compound(item: Row, _s: Setting) -> Cell:
    value = item["compound_annual_return"]
    if value is not None and value >= COMPOUND_CAP:
        return cell(f"≥ {100 * COMPOUND_CAP:,.0f}", title="Cut here: above it the number says nothing", tone="muted")
    return _share(item, "compound_annual_return", "annual return", 0)


def _settles(item: Row, s: Setting) -> Cell:
    expected = item["expected_expiration_time"]
    if expected is None:
        return cell("not said", title="The market says no expected expiration", tone="muted")
    settles = expected + timedelta(seconds=item["settlement_timer_seconds"] or 0)
    if settles <= s.now:
        return cell("due", title=f"Expected {s.times.moment(settles)}; counted as an hour away", tone="amber")
    return cell(s.times.until(settles, s.now), title=s.times.other(settles, s.now))


def _spread(item: Row, _s: Setting) -> Cell:
    tone = "amber" if item["quote_quality"] == "wide" else ""
    return cell(
        formatting.cents(item["spread_dollars"], item["tick_dollars"]), title=item["quote_quality"], tone=tone
    )


def _number(key: str, label: str, title: str, **more: Any) -> dict[str, Any]:
    return column(key, label, title, kind="number", align="right", **{"sort": key, **more})


def columns(style: PriceStyle) -> list[dict[str, Any]]:
    """Return the columns in the reader's unit; the side is the row's own."""
    own = PriceStyle(style.unit)

    def price(key: str, label: str, title: str, **more: Any) -> dict[str, Any]:
        return _number(key, own.heading(label), own.about(title), **more)

    return [
        column("title", "Market", "Question, and the outcome that YES stands for", kind="link", sort="title"),
        column("side", "Side", "Side that is bought", sort="side", narrow="second", short=""),
        price("bid", "Bid", "Best price somebody pays for the side; the NO bid is 1 less the YES ask", flash=True),
        price("ask", "Ask", "Best price somebody sells the side for", flash=True),
        price(
            "cost",
            "Net cost",
            "Ask, and the taker’s fee of the order over its contracts",
            narrow="second",
            short="cost",
            flash=True,
        ),
        _number(
            "break_even",
            "Break-even %",
            "How likely the side must be so that nothing is lost on average",
            sort="cost",
        ),
        _number(
            "chance",
            own.heading("Market", chance=True),
            "Middle of bid and ask: what the market believes",
            sort="",
            flash=True,
        ),
        _number("return", "Return %", "Gain over what was paid, if the side wins; lost is all of it if not"),
        _number(
            "simple",
            "Simple %/y",
            "Return × 365 / days to settlement, if it wins; it supposes the same offer again and again",
            narrow="second",
            short="a year",
        ),
        _number("compound", "Compound %/y", "(1 + return)^(365 / days) − 1, if it wins; cut at 1,000 %"),
        column(
            "settles",
            "Settles",
            "Expected expiration and the settlement timer: when the money is back",
            sort="settles",
            narrow="second",
            short="in",
        ),
        _number("size", "At the ask", "Contracts offered at the ask of the side", flash=True),
        _number("spread", "Spread ¢", "Ask less bid", flash=True),
        _number("volume24h", "Volume 24 h", "Contracts traded in the last 24 hours", flash=True),
    ]


_CELLS: tuple[Callable[[Row, Setting], Cell], ...] = (
    _title,
    _side,
    lambda item, s: _price(item, s, "bid_dollars"),
    lambda item, s: _price(item, s, "ask_dollars"),
    _cost,
    _break_even,
    _chance,
    lambda item, s: _share(item, "return_if_right", "return", 2),
    lambda item, s: _share(item, "simple_annual_return", "annual return", 1),
    _compound,
    _settles,
    _size,
    _spread,
    lambda item, s: cell(formatting.count(item["volume_24h_contracts"])),
)


def cells(item: Row, setting: Setting) -> list[Cell]:
    """Return one row, cell by cell in the order of `columns`."""
    return [write(item, setting) for write in _CELLS]
