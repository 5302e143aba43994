"""What a market is settled by and what trading it costs, as Markup: rules, sources, terms, times."""

from __future__ import annotations

import json
import re
from datetime import datetime
from decimal import Decimal

from app.pages.market_facts import Moment, Row
from components import cards, formatting
from components.cards import Fact
from components.text import Markup

KALSHI = "https://kalshi.com/markets/"
_SERIES = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

#: What the words for fees mean: C contracts at price P in dollars, times the multiplier, up to a whole cent.
FEES = {
    "quadratic": ("Quadratic, makers free", "Taker 0.07 × C × P × (1 − P); makers pay nothing"),
    "quadratic_with_maker_fees": (
        "Quadratic, makers too",
        "Taker 0.07 × C × P × (1 − P); maker 0.0175 × C × P × (1 − P)",
    ),
    "flat": ("Flat", "A fixed fee; its size is not said by the API"),
}


def kalshi_page(market: Row) -> str:
    """Return the address of the market's series at Kalshi; empty where its ticker is not shaped like one."""
    series = market["series_ticker"] or ""
    return KALSHI + series.lower() if _SERIES.fullmatch(series) else ""


def timeline(market: Row, now: datetime, moment: Moment) -> Markup:
    """Return what happened and will happen to the market, in order."""

    def past(name: str) -> bool:
        return market[name] is not None and market[name] <= now

    steps = [
        ("Created", "created_time"),
        ("Trading opened" if past("open_time") else "Trading opens", "open_time"),
        ("Expected to happen", "occurrence_time"),
        ("Settlement expected", "expected_expiration_time"),
        ("Trading closed" if past("close_time") else "Trading closes at the latest", "close_time"),
        ("Settlement at the latest", "latest_expiration_time"),
        ("Settled", "settlement_time"),
    ]
    known = sorted(((market[name], what) for what, name in steps if market[name] is not None), key=lambda s: s[0])
    return cards.timeline([(what, moment(when), formatting.age(when, now), when <= now) for when, what in known])


def rules(market: Row) -> Markup:
    """Return the rules and what the market is settled by."""
    return cards.rules(market["rules_primary"] or "", market["rules_secondary"] or "", sources(market))


def sources(market: Row) -> list[tuple[str, str]]:
    """Return the settlement sources as (name, address), as they were sent; JSON that cannot be read gives none."""
    try:
        listed = json.loads(market["settlement_sources_json"] or "[]")
    except (ValueError, RecursionError):
        return []
    if not isinstance(listed, list):
        return []
    return [(str(item.get("name") or ""), str(item.get("url") or "")) for item in listed if isinstance(item, dict)]


def terms(market: Row, now: datetime, moment: Moment) -> Markup:
    """Return fee, price grid, payout and early close."""
    return cards.terms([*_fee(market, now, moment), *_grid(market), *_payout(market), *_close(market)])


def fee(terms: Row) -> list[Fact]:
    """Return what trading costs: of a market, an event or a series, as far as its series was fetched."""
    kind, multiplier = terms["fee_type"], terms["fee_multiplier"]
    if not kind:
        return [Fact("Fee", "unknown", "the series was not fetched yet")]
    name, formula = FEES.get(kind, (kind, "This dashboard does not know how it is computed"))
    times = "multiplier not sent" if multiplier is None else f"× {multiplier:g}"
    return [Fact("Fee", f"{name}, {times}", formula)]


def _fee(market: Row, now: datetime, moment: Moment) -> list[Fact]:
    found = fee(market)
    if not market["fee_type"]:
        return found
    waived = market["fee_waiver_expiration_time"]
    if waived is not None and waived > now:
        found.append(Fact("Fee waived", f"until {moment(waived)}"))
    return found


def _grid(market: Row) -> list[Fact]:
    ranges = market["price_ranges"] or []
    if len(ranges) > 1:
        steps = ", ".join(
            f"{_step(r['step'])} from {formatting.price(r['start'])} to {formatting.price(r['end'])}"
            for r in ranges[:6]
        )
        return [Fact("Tick", steps)]
    tick = market["tick_dollars"]
    return [Fact("Tick", formatting.ABSENT if tick is None else _step(tick))]


def _step(dollars: Decimal) -> str:
    return formatting.price(dollars, dollars)


def _payout(market: Row) -> list[Fact]:
    pays, wait = market["notional_value_dollars"], market["settlement_timer_seconds"]
    found = [] if pays is None else [Fact("One contract pays", f"${formatting.decimals(pays, 2)}")]
    if wait:
        found.append(Fact("Settlement after decision", _seconds(wait)))
    return found


def _seconds(wait: int) -> str:
    hours, rest = divmod(wait, 3600)
    minutes = rest // 60
    said = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]
    return " ".join(part for part in said if part) or f"{wait} s"


def _close(market: Row) -> list[Fact]:
    if not market["can_close_early"]:
        return [] if market["can_close_early"] is None else [Fact("May close early", "no")]
    return [Fact("May close early", "yes", market["early_close_condition"] or "")]
