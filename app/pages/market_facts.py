"""What the page of a market says at its head, as Markup: title, big price, facts. Pure functions of its row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from components import cards, formatting
from components.cards import Fact
from components.quality import quality
from components.quoting import PriceStyle
from components.text import Markup, join, plain
from components.timing import TimeStyle
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

_TONES = {"▲": "up", "▼": "down"}


def tone_of(change: str) -> str:
    """Return the tone of a change as `formatting.points` says it."""
    return _TONES.get(change[0], "muted")


def chance_text(share: Decimal | None) -> str:
    """Return a share as percent without the unit, one decimal; chances are said by the page's style."""
    return formatting.percent(share, 1).removesuffix("%")


def same_outcome(title: object, outcome: object) -> bool:
    """Return whether an outcome says nothing that the title does not, as both are shown."""
    return not outcome or plain(outcome).casefold() == plain(title).casefold()


def heading(market: Row, link: Callable[..., str], *, elsewhere: str = "", doings: Sequence[Markup] = ()) -> Markup:
    """Return the way here, title, outcome, status and quality of the quote.

    `elsewhere` is its page at Kalshi, `doings` are links to what can be done with it.
    """
    title, outcome, category = market["title"] or market["ticker"], market["yes_sub_title"], market["category"] or ""
    tags = [STATUS_WORDS.get(market["status"], (market["status"], ""))]
    if market["status"] == "active":
        trust = quality(market["quote_quality"])
        tags.append((trust.tag, "amber" if trust.tone else ""))
    way = cards.crumbs(
        [
            ("Markets", link("markets")),
            (category, link("markets", category=category)),
            (market["event_title"] or market["event_ticker"], link("event", event=market["event_ticker"])),
            (market["ticker"], ""),
        ],
        elsewhere=join([*doings, *([cards.outward_link("Kalshi", elsewhere)] if elsewhere else [])]),
    )
    shown = "" if same_outcome(title, outcome) else outcome
    mark = star(market["ticker"], f"{title} — {shown}" if shown else title)
    return cards.heading(title, shown, way=way, tags=tags, mark=mark)


def headline(market: Row, now: datetime, style: PriceStyle, times: TimeStyle) -> Markup:
    """Return the one large number: the chance while it trades, the result once it is decided."""
    if market["result"]:
        return _settled(market, style, times.moment)
    chance, spread = market["probability"], market["spread_dollars"]
    change = style.change(market["change_24h_pp"])
    if chance is None:
        basis = "No quote and no trade that says anything: the chance is unknown"
    elif spread is not None and spread <= Decimal("0.20"):
        basis = "Middle of bid and ask"
    else:
        basis = "Last trade, as the quote has no middle that could be trusted"
    return cards.big_price(
        style.chance(chance),
        "" if chance is None else style.chance_mark or f" {style.mark}",
        side=f"{style.side_word} {style.price(chance, marked=True)}",
        other=f"{style.other.side_word} {style.other.price(chance, marked=True)}",
        change=f"{change} pp in 24 h" if market["change_24h_pp"] is not None else "24 h change n/a",
        tone=tone_of(change),
        note=f"{basis}. Quote received {times.age(market['quote_time'], now)}.",
    )


def _settled(market: Row, style: PriceStyle, moment: Moment) -> Markup:
    tick, value = market["tick_dollars"], market["settlement_value_dollars"]
    observed = f"; observed {market['expiration_value']}" if market["expiration_value"] else ""
    when = f"Settled {moment(market['settlement_time'])}" if market["settlement_time"] else "Decided, not settled yet"
    return cards.big_price(
        market["result"].upper(),
        "" if value is None else f"${formatting.decimals(value, 2)}",
        side="settlement value not sent" if value is None else "paid for each YES contract",
        other=f"{style.named('last trade')} {style.price(market['last_price_dollars'], tick, marked=True)}",
        change="Result",
        tone="muted",
        note=f"{when}{observed}.",
    )


def facts(market: Row, now: datetime, style: PriceStyle, times: TimeStyle, *, over: bool = False) -> Markup:
    """Return quote and activity as a strip; of a market that is `over`, what it came to."""
    label = "What it came to" if over else "Quote and activity"
    return cards.facts(listed_facts(market, now, style, times, over=over), label=label, info_key="market")


def listed_facts(
    market: Row, now: datetime, style: PriceStyle, times: TimeStyle, *, over: bool = False
) -> list[Fact]:
    """Return quote and activity one by one; of a market that is `over`, what it came to."""
    tick = market["tick_dollars"]
    trust = quality(market["quote_quality"])
    quote = style.bid_ask(market["yes_bid_dollars"], market["yes_ask_dollars"])
    sizes = style.pair(market["yes_bid_size_contracts"], market["yes_ask_size_contracts"])

    def side(label: str, end: int, nobody: str, meaning: str) -> Fact:
        label, meaning = style.named(label), style.about(meaning)
        if quote[end] is None:
            return Fact(label, formatting.ABSENT, nobody, meaning, "muted")
        size = f"{formatting.count(sizes[end], exact=True)} contracts"
        return Fact(label, style.own_price(quote[end], tick, marked=True), size, meaning)

    def amount(label: str, name: str, meaning: str) -> Fact:
        return Fact(label, formatting.count(market[f"{name}_contracts"], exact=True), "contracts", meaning)

    paid = style.price(market["last_price_dollars"], tick, marked=True)
    last = Fact(style.named("Last trade"), paid, "", style.about("Price of YES in the last trade"))
    if over:

        def time(label: str, name: str, meaning: str) -> Fact:
            value = market[name]
            said = times.age(value, now) if value else formatting.ABSENT
            return Fact(label, said, times.other(value, now) if value else "", meaning)

        return [
            last,
            amount("Volume", "volume", "Traded since the market opened"),
            amount("Open interest", "open_interest", "Contracts outstanding at the end"),
            time("Opened", "open_time", "When trading began"),
            time("Closed", "close_time", "When trading ended"),
            time("Settled", "settlement_time", "When it was paid"),
        ]
    spread = formatting.price(market["spread_dollars"], tick)
    return [
        side("Bid", 0, "nobody bids", "Best price somebody pays for YES"),
        side("Ask", 1, "nobody asks", "Best price somebody sells YES for"),
        Fact(
            "Spread",
            spread,
            trust.label,
            trust.meaning,
            trust.tone if market["spread_dollars"] is not None else "",
        ),
        last,
        amount("Volume 24 h", "volume_24h", "Traded in the last 24 hours"),
        amount("Volume", "volume", "Traded since the market opened"),
        amount("Open interest", "open_interest", "Contracts outstanding"),
        Fact(
            "Closes" if times.absolute else "Closes in",
            times.until(market["close_time"], now),
            times.other(market["close_time"], now),
            "When trading closes at the latest",
        ),
    ]
