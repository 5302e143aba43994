"""What the page of an event says beside its chart and table, as Markup: head, sums, overround, terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.models.event_chart import OVER
from app.models.event_sums import Book, Totals
from app.pages import market_terms
from app.pages.market_facts import STATUS_WORDS
from components import cards, formatting
from components.cards import Fact
from components.text import Markup, join
from components.timing import TimeStyle

Row = Mapping[str, Any]


def heading(event: Row, outcomes: Sequence[Row], link: Callable[..., str], *, elsewhere: str) -> Markup:
    """Return the way here, title, short label, status, and whether its outcomes exclude each other."""
    category, series = event["category"] or "", event["series_ticker"] or ""
    way = cards.crumbs(
        [
            ("Markets", link("markets")),
            (category, link("markets", category=category)),
            (event["series_title"] or series, link("series_detail", series_ticker=series) if series else ""),
            (event["event_ticker"], ""),
        ],
        elsewhere=cards.outward_link("Kalshi", elsewhere) if elsewhere else Markup(),
    )
    exclusive = event["mutually_exclusive"]
    kind = {True: "at most one comes true", False: "several can come true", None: "exclusivity unknown"}[exclusive]
    title = event["title"] or event["event_ticker"]
    label = event["sub_title"] if event["sub_title"] != title else ""
    return cards.heading(title, label or "", way=way, tags=[_status(outcomes), (kind, "")])


def _status(outcomes: Sequence[Row]) -> tuple[str, str]:
    """Return what an event's outcomes are together: one word for all of them, or how many trade."""
    words = {row["status"] for row in outcomes}
    if len(words) == 1:
        (word,) = words
        return STATUS_WORDS.get(word, (word, ""))
    trading = sum(1 for row in outcomes if row["status"] == "active")
    if not trading:
        return ("over" if words <= OVER else "not trading", "")
    return (f"{trading} of {len(outcomes)} open", "up")


def facts(outcomes: Sequence[Row], totals: Totals, now: datetime, times: TimeStyle) -> Markup:
    """Return the outcomes summed, and when the event ends."""

    def amount(label: str, value: Decimal | None, meaning: str) -> Fact:
        return Fact(label, formatting.count(value), "contracts", meaning, "" if value is not None else "muted")

    closes = max((row["close_time"] for row in outcomes if row["close_time"] is not None), default=None)
    expected = max((row["expected_time"] for row in outcomes if row["expected_time"] is not None), default=None)
    over = totals.outcomes > 0 and all(row["status"] in OVER for row in outcomes)
    ended = max((row["settlement_time"] for row in outcomes if row["settlement_time"] is not None), default=None)
    end = (
        Fact(
            "Settled", times.age(ended, now) if ended else formatting.ABSENT, times.other(ended, now), "Last payment"
        )
        if over
        else Fact(
            "Ends in", times.until(expected, now), times.other(expected, now), "When the last settlement is expected"
        )
    )
    return cards.facts(
        [
            Fact("Outcomes", f"{totals.outcomes:,}", f"{totals.open:,} open, {totals.settled:,} decided"),
            amount("Volume 24 h", totals.volume_24h, "Contracts of all outcomes traded in the last 24 hours"),
            amount("Volume", totals.volume, "Contracts of all outcomes traded since they opened"),
            amount("Open interest", totals.open_interest, "Contracts outstanding over all outcomes"),
            Fact(
                "Trading closed" if over else "Closes in",
                times.age(closes, now) if over and closes else times.until(closes, now),
                times.other(closes, now),
                "When trading of the last outcome ends",
            ),
            end,
        ],
        label="The event in sum",
    )


def overround(book: Book) -> Markup:
    """Return what the open outcomes' asks, bids and middles sum to over 100¢, or why that says nothing."""
    sums = book.sums
    if sums is None:
        return cards.facts(
            [Fact("Overround", formatting.ABSENT, f"not shown: {book.reason}", tone="muted")], label="Overround"
        )
    every = f"{sums.outcomes:,} open outcomes"

    def side(label: str, value: Decimal | None, missing: int, meaning: str) -> Fact:
        if value is None:
            quoted = f"{sums.outcomes - missing:,} of {sums.outcomes:,} quoted" if sums else ""
            return Fact(label, "incomplete", quoted, f"{meaning} A missing quote is neither 0 nor 50¢.", "amber")
        text = formatting.decimals(value * 100, 1, signed=True)
        return Fact(label, f"{text}¢", every, meaning)

    missing = max(sums.missing_asks, sums.missing_bids)
    items = [
        side("Overround ask", sums.ask_dollars, sums.missing_asks, "Sum of all YES asks less 100¢."),
        side("Overround bid", sums.bid_dollars, sums.missing_bids, "Sum of all YES bids less 100¢."),
        side("Overround mid", sums.mid_dollars, missing, "Sum of the middles of bid and ask less 100¢."),
    ]
    if book.gap is not None:
        gap = f"{formatting.decimals(book.gap * 100, 2)} pp"
        meaning = "Largest difference of an outcome between the two ways to normalise: divided by the sum, or a power"
        items.append(Fact("Methods differ by", gap, "at most, of one outcome", meaning))
    else:
        said = f"{book.unknown:,} without a chance" if book.unknown else "no chance above 0"
        items.append(Fact("Normalised", "incomplete", said, "Needs a chance of every open outcome", "amber"))
    return cards.facts(items, label="Overround")


def foot(event: Row, outcomes: Sequence[Row], times: TimeStyle) -> Markup:
    """Return the rules of the leading outcome with the event's sources, and its terms."""
    lead = outcomes[0]
    rules = cards.rules(lead["rules_primary"] or "", lead["rules_secondary"] or "", market_terms.sources(event))
    exclusive = event["mutually_exclusive"]
    said = {
        True: ("Exclusive", "At most one outcome is YES; that one of them must be is not said by the exchange"),
        False: ("Not exclusive", "Several outcomes can be YES"),
        None: ("Unknown", "The event itself is not stored, only its markets"),
    }[exclusive]
    early = {row["can_close_early"] for row in outcomes}
    known = [
        Fact("Outcomes", said[0], said[1]),
        *market_terms.fee(event),
        *([Fact("Decided", times.moment(event["strike_time"]))] if event["strike_time"] else []),
        *([Fact("Period", event["strike_period"])] if event["strike_period"] else []),
        *([Fact("Competition", event["competition"])] if event["competition"] else []),
        *([Fact("May close early", "yes", lead["early_close_condition"] or "")] if True in early else []),
        *([Fact("Recurs", event["frequency"])] if event["frequency"] else []),
    ]
    title = cards.section_title("Rules of the leading outcome", lead["outcome"] or lead["ticker"])
    return join([title, cards.columns(rules, cards.terms(known))])
