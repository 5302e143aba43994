"""What the page of a market says at its head, as Markup: title, big price, facts. Pure functions of its row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from components import cards, formatting
from components.cards import Fact
from components.text import Markup
from components.watch_store import star

Row = Mapping[str, Any]
Moment = Callable[[datetime | None], str]

STATUS_WORDS = {
    "active": ("open", "up"),
    "initialized": ("not open yet", ""),
    "inactive": ("paused", "amber"),
    "closed": ("closed, not decided", "amber"),
    "determined": ("decided", ""),
    "disputed": ("disputed", "amber"),
    "amended": ("amended", "amber"),
    "finalized": ("settled", ""),
    "settled": ("settled", ""),
}

QUALITY_WORDS = {
    "tight": ("tight quote", "Spread of at most 2¢"),
    "ok": ("fair quote", "Spread of at most 10¢"),
    "wide": ("wide quote", "Spread above 10¢: the middle says little"),
    "one-sided": ("one-sided quote", "Only a bid, or only an ask"),
    "none": ("no quote", "Nobody bids or asks, or the market does not trade"),
}

_TONES = {"▲": "up", "▼": "down"}


def tone_of(change: str) -> str:
    """Return the tone of a change as `formatting.points` says it."""
    return _TONES.get(change[0], "muted")


def chance_text(chance: Decimal | None) -> str:
    """Return a chance as percent without the unit, one decimal; its column or card says the unit."""
    return formatting.percent(chance, 1).removesuffix("%")


def same_outcome(title: object, outcome: object) -> bool:
    """Return whether an outcome says nothing that the title does not."""
    return not outcome or str(outcome).strip().casefold() == str(title).strip().casefold()


def heading(market: Row, link: Callable[..., str], *, elsewhere: str = "") -> Markup:
    """Return the way here, title, outcome, status and quality of the quote; `elsewhere` is its page at Kalshi."""
    title, outcome, category = market["title"] or market["ticker"], market["yes_sub_title"], market["category"] or ""
    tags = [STATUS_WORDS.get(market["status"], (market["status"], ""))]
    quality = market["quote_quality"]
    if market["status"] == "active":
        tags.append((QUALITY_WORDS[quality][0], "amber" if quality in {"wide", "one-sided", "none"} else ""))
    way = cards.crumbs(
        [
            ("Markets", link("markets")),
            (category, link("markets", category=category)),
            (market["ticker"], ""),
        ],
        elsewhere=cards.outward_link("Kalshi", elsewhere) if elsewhere else Markup(),
    )
    shown = "" if same_outcome(title, outcome) else outcome
    mark = star(market["ticker"], f"{title} — {shown}" if shown else title)
    return cards.heading(title, shown, way=way, tags=tags, mark=mark)


def headline(market: Row, now: datetime, moment: Moment) -> Markup:
    """Return the one large number: the chance while it trades, the result once it is decided."""
    if market["result"]:
        return _settled(market, moment)
    chance, spread = market["probability"], market["spread_dollars"]
    change = formatting.points(market["change_24h_pp"])
    if chance is None:
        basis = "No quote and no trade that says anything: the chance is unknown"
    elif spread is not None and spread <= Decimal("0.20"):
        basis = "Middle of bid and ask"
    else:
        basis = "Last trade, as the quote has no middle that could be trusted"
    return cards.big_price(
        chance_text(chance),
        "" if chance is None else "%",
        side=f"YES {formatting.price(chance)}",
        other=f"NO {formatting.price(None if chance is None else 1 - chance)}",
        change=f"{change} pp in 24 h" if market["change_24h_pp"] is not None else "24 h change n/a",
        tone=tone_of(change),
        note=f"{basis}. Quote received {formatting.age(market['quote_time'], now)}.",
    )


def _settled(market: Row, moment: Moment) -> Markup:
    tick, value = market["tick_dollars"], market["settlement_value_dollars"]
    observed = f"; observed {market['expiration_value']}" if market["expiration_value"] else ""
    when = f"Settled {moment(market['settlement_time'])}" if market["settlement_time"] else "Decided, not settled yet"
    return cards.big_price(
        market["result"].upper(),
        "" if value is None else f"${formatting.decimals(value, 2)}",
        side="settlement value not sent" if value is None else "paid for each YES contract",
        other=f"last trade {formatting.price(market['last_price_dollars'], tick)}",
        change="Result",
        tone="muted",
        note=f"{when}{observed}.",
    )


def facts(market: Row, now: datetime, moment: Moment, *, over: bool = False) -> Markup:
    """Return quote and activity as a strip; of a market that is `over`, what it came to."""
    tick = market["tick_dollars"]
    quality = market["quote_quality"]

    def side(label: str, name: str, nobody: str, meaning: str) -> Fact:
        value, size = market[f"yes_{name}_dollars"], market[f"yes_{name}_size_contracts"]
        if value is None:
            return Fact(label, formatting.ABSENT, nobody, meaning, "muted")
        return Fact(label, formatting.price(value, tick), f"{formatting.count(size, exact=True)} contracts", meaning)

    def amount(label: str, name: str, meaning: str) -> Fact:
        return Fact(label, formatting.count(market[f"{name}_contracts"], exact=True), "contracts", meaning)

    last = Fact("Last trade", formatting.price(market["last_price_dollars"], tick), "", "Price of the last trade")
    if over:

        def time(label: str, name: str, meaning: str) -> Fact:
            value = market[name]
            return Fact(label, formatting.age(value, now) if value else formatting.ABSENT, moment(value), meaning)

        return cards.facts(
            [
                last,
                amount("Volume", "volume", "Traded since the market opened"),
                amount("Open interest", "open_interest", "Contracts outstanding at the end"),
                time("Opened", "open_time", "When trading began"),
                time("Closed", "close_time", "When trading ended"),
                time("Settled", "settlement_time", "When it was paid"),
            ],
            label="What it came to",
        )
    spread = formatting.price(market["spread_dollars"], tick)
    return cards.facts(
        [
            side("Bid", "bid", "nobody bids", "Best price somebody pays for YES"),
            side("Ask", "ask", "nobody asks", "Best price somebody sells YES for"),
            Fact("Spread", spread, quality, QUALITY_WORDS[quality][1], "amber" if quality == "wide" else ""),
            last,
            amount("Volume 24 h", "volume_24h", "Traded in the last 24 hours"),
            amount("Volume", "volume", "Traded since the market opened"),
            amount("Open interest", "open_interest", "Contracts outstanding"),
            Fact(
                "Closes in",
                formatting.until(market["close_time"], now),
                moment(market["close_time"]),
                "When trading closes at the latest",
            ),
        ],
        label="Quote and activity",
    )
